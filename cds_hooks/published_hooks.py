"""The hooks of the CDS Hooks library, as data.

Fields, versions and user types are those of the metadata tables of the hook
pages (HL7/cds-hooks-library at 5d04c4d); `aliases` are the names the same field
had in other published generations (HK-02 to HK-05).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType


class FieldKind(Enum):
    """What the value of a context field is."""

    ID = auto()
    """A bare FHIR id."""
    REFERENCE = auto()
    """`Type/id`."""
    REFERENCES = auto()
    """An array of `Type/id`; one string is taken for an array of one."""
    RESOURCES = auto()
    """FHIR resources: a Bundle, an array, one resource, or `{"resource": …}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextField:
    """One field of a hook's context."""

    name: str
    kind: FieldKind
    required: bool = True
    token: bool = True
    """Whether prefetch templates may use it (`{{context.name}}`)."""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One hook: its published versions and the form of its context."""

    name: str
    specification_version: str
    hook_version: str
    maturity: int
    fields: tuple[ContextField, ...]
    user_types: tuple[str, ...] = ("Practitioner", "PractitionerRole")
    """Types that `userId` has by the hook's page; others are noted, not refused."""
    deprecated: bool = False

    def field(self, name: str) -> ContextField | None:
        """The field called `name` today, if the hook has it."""
        return next((field for field in self.fields if field.name == name), None)


USER = ContextField(name="userId", kind=FieldKind.REFERENCE)
OPTIONAL_USER = ContextField(name="userId", kind=FieldKind.REFERENCE, required=False)
PATIENT = ContextField(name="patientId", kind=FieldKind.ID)
ENCOUNTER = ContextField(name="encounterId", kind=FieldKind.ID)
OPTIONAL_ENCOUNTER = ContextField(name="encounterId", kind=FieldKind.ID, required=False)

CLINICIANS = ("Practitioner", "PractitionerRole")
ANY_USER = (*CLINICIANS, "Patient", "RelatedPerson")


def _resources(name: str, *aliases: str, required: bool = True) -> ContextField:
    return ContextField(
        name=name,
        kind=FieldKind.RESOURCES,
        token=False,
        aliases=aliases,
        required=required,
    )


_PUBLISHED = (
    Hook(
        name="patient-view",
        specification_version="1.0",
        hook_version="1.0",
        maturity=5,
        fields=(USER, PATIENT, OPTIONAL_ENCOUNTER),
        user_types=ANY_USER,
    ),
    Hook(
        name="order-select",
        specification_version="1.0",
        hook_version="1.0",
        maturity=4,
        fields=(
            USER,
            PATIENT,
            OPTIONAL_ENCOUNTER,
            ContextField(name="selections", kind=FieldKind.REFERENCES, token=False),
            _resources("draftOrders"),
        ),
    ),
    Hook(
        name="order-sign",
        specification_version="1.0",
        hook_version="1.0",
        maturity=5,
        fields=(USER, PATIENT, OPTIONAL_ENCOUNTER, _resources("draftOrders")),
    ),
    Hook(
        name="order-dispatch",
        specification_version="2.0",
        hook_version="1.1",
        maturity=0,
        fields=(
            PATIENT,
            ContextField(
                name="dispatchedOrders",
                kind=FieldKind.REFERENCES,
                aliases=("dispatched-orders", "order"),
            ),
            ContextField(name="performer", kind=FieldKind.REFERENCE),
            _resources("fulfillmentTasks", "fulfillment-tasks", "task", required=False),
        ),
        user_types=(),
    ),
    Hook(
        name="encounter-start",
        specification_version="1.0",
        hook_version="1.0",
        maturity=1,
        fields=(USER, PATIENT, ENCOUNTER),
    ),
    Hook(
        name="encounter-discharge",
        specification_version="1.0",
        hook_version="1.0",
        maturity=1,
        fields=(USER, PATIENT, ENCOUNTER),
    ),
    Hook(
        name="appointment-book",
        specification_version="1.0",
        hook_version="1.0",
        maturity=1,
        fields=(USER, PATIENT, OPTIONAL_ENCOUNTER, _resources("appointments")),
        user_types=ANY_USER,
    ),
    Hook(
        name="problem-list-item-create",
        specification_version="1.0",
        hook_version="0.1.0",
        maturity=1,
        fields=(USER, PATIENT, OPTIONAL_ENCOUNTER, _resources("conditions")),
    ),
    Hook(
        name="medication-refill",
        specification_version="2.0",
        hook_version="0.1.0",
        maturity=1,
        fields=(OPTIONAL_USER, PATIENT, OPTIONAL_ENCOUNTER, _resources("medications")),
    ),
    Hook(
        name="allergyintolerance-create",
        specification_version="1.0",
        hook_version="0.1.0",
        maturity=1,
        fields=(
            USER,
            PATIENT,
            OPTIONAL_ENCOUNTER,
            _resources("allergyIntolerance", "allergyIntolerances"),
        ),
        user_types=("Practitioner",),
    ),
    Hook(
        name="medication-verify",
        specification_version="1.0",
        hook_version="0.1.0",
        maturity=1,
        fields=(USER, PATIENT, OPTIONAL_ENCOUNTER, _resources("medication", "order")),
    ),
    Hook(
        name="medication-prescribe",
        specification_version="1.0",
        hook_version="1.0",
        maturity=2,
        fields=(USER, PATIENT, OPTIONAL_ENCOUNTER, _resources("medications")),
        user_types=("Practitioner",),
        deprecated=True,
    ),
    Hook(
        name="order-review",
        specification_version="1.0",
        hook_version="1.0",
        maturity=3,
        fields=(USER, PATIENT, OPTIONAL_ENCOUNTER, _resources("orders")),
        user_types=("Practitioner",),
        deprecated=True,
    ),
)

HOOKS: Mapping[str, Hook] = MappingProxyType({hook.name: hook for hook in _PUBLISHED})
"""The published hooks by name."""
