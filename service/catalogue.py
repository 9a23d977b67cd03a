"""The CDS services offered: one visible list, one service for each hook.

A service's id is `b12-` and the name of its hook. What it does is the same at every
hook: look at the record, together with what the hook's own context adds to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cds_hooks.discovery import ServiceDescription
from cds_hooks.published_hooks import HOOKS, Hook
from service.clinical.exposures import Moment
from service.reads import Read


SPECIFICATION_VERSION = "2.0.1"
"""Of CDS Hooks, as discovery states it (D-10)."""

USAGE_REQUIREMENTS = (
    "Decision support for clinicians, not a medical device until the operator has"
    " validated and signed it off locally. Reads FHIR R4, and STU3 and R5 where the"
    " call has them; works from prefetch, with any key the prefetch templates name, in"
    " any order, or from the FHIR server. Answers 412 where data is missing that could"
    " have led to a card."
)


LOOKS_FOR = (
    "Looks for muscle cramps together with risk factors for vitamin B12 deficiency,"
    " reads B12 results and advises"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferedService:
    """One CDS service: its hook, its words for discovery, its clinical moment.

    ``occasion`` completes the sentence "it advises …".
    """

    hook: Hook
    title: str
    occasion: str
    moment: Moment = Moment.VISIT

    @property
    def id(self) -> str:
        """Path segment under ``/cds-services/``."""
        return f"b12-{self.hook.name}"

    @property
    def description(self) -> str:
        """What discovery says of it."""
        return f"{LOOKS_FOR} {self.occasion}."


SERVICES: tuple[OfferedService, ...] = (
    OfferedService(
        hook=HOOKS["patient-view"],
        title="Vitamin B12 and muscle cramps",
        occasion="when a chart is opened",
    ),
    OfferedService(
        hook=HOOKS["order-select"],
        title="Vitamin B12 and muscle cramps: order in hand",
        occasion="on the order being written",
        moment=Moment.ORDERING,
    ),
    OfferedService(
        hook=HOOKS["order-sign"],
        title="Vitamin B12 and muscle cramps: orders to sign",
        occasion="on the orders about to be signed",
        moment=Moment.ORDERING,
    ),
    OfferedService(
        hook=HOOKS["encounter-start"],
        title="Vitamin B12 and muscle cramps: start of a visit",
        occasion="when a visit begins",
    ),
    OfferedService(
        hook=HOOKS["encounter-discharge"],
        title="Vitamin B12 and muscle cramps: discharge",
        occasion="before a patient is discharged",
    ),
    OfferedService(
        hook=HOOKS["appointment-book"],
        title="Vitamin B12 and muscle cramps: booking",
        occasion="on tests to have done by the appointment",
    ),
    OfferedService(
        hook=HOOKS["problem-list-item-create"],
        title="Vitamin B12 and muscle cramps: new problem",
        occasion="when a problem such as cramps is added",
    ),
    OfferedService(
        hook=HOOKS["medication-refill"],
        title="Vitamin B12 and muscle cramps: refill",
        occasion="when a medicine that lowers B12 is refilled",
        moment=Moment.REFILL,
    ),
)

SERVICE_BY_ID = {service.id: service for service in SERVICES}


def describe_services(reads: Iterable[Read]) -> tuple[ServiceDescription, ...]:
    """The entries of the discovery answer, asking for the data of ``reads``.

    Raises ValueError for a template that a hook's clients could not fill.
    """
    templates = {read.key: read.template for read in reads}
    return tuple(
        ServiceDescription(
            id=service.id,
            hook=service.hook.name,
            title=service.title,
            description=service.description,
            usage_requirements=USAGE_REQUIREMENTS,
            prefetch=templates,
            version=SPECIFICATION_VERSION,
            hook_version=service.hook.hook_version,
        )
        for service in SERVICES
    )
