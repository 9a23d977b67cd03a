"""The `context` of a request: who, whom, in which encounter, about what."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cds_hooks.bundles import Resource, resource_type, unwrap
from cds_hooks.errors import NeededDataAbsent, RequestNotConformant
from cds_hooks.fhir_references import is_fhir_id, is_reference
from cds_hooks.published_hooks import HOOKS, ContextField, FieldKind, Hook


__all__ = ["HOOKS", "ContextField", "FieldKind", "Hook", "HookContext", "read_context"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HookContext:
    """The context of one hook call, every published field generation unified."""

    hook: str
    patient_id: str
    """Bare id."""
    user_id: str | None = None
    """`Type/id`; None where the hook has no user or the client sent none."""
    encounter_id: str | None = None
    """Bare id; None outside an encounter."""
    selections: tuple[str, ...] = ()
    """order-select: `Type/id` of the drafts in focus."""
    dispatched_orders: tuple[str, ...] = ()
    """order-dispatch: `Type/id` of the orders handed out."""
    performer: str | None = None
    """order-dispatch: `Type/id` of who shall carry the orders out."""
    resources: tuple[Resource, ...] = ()
    """All FHIR resources of the hook's own fields, of any type (HK-06)."""
    unreadable: int = 0
    """Entries of those fields that were no FHIR resource."""
    received: Mapping[str, object] = field(default_factory=dict, repr=False)
    """The context as it came, for FHIRPath templates."""

    @property
    def selected(self) -> tuple[Resource, ...]:
        """Those `resources` that `selections` name, by type and id (HK-07)."""
        chosen = frozenset(self.selections)
        return tuple(
            resource
            for resource in self.resources
            if f"{resource.get('resourceType')}/{resource.get('id')}" in chosen
        )


def read_context(
    context: object, hook: Hook, *, default_user: object = None
) -> HookContext:
    """`context` as `hook` defines it.

    `default_user` stands in for an absent `userId`: before 1.0 the user was at
    the root of the request. `null` in an optional field is an absent field.

    Raises `RequestNotConformant` naming the field for a wrong form, and
    `NeededDataAbsent` when the hook's own resources were not supplied, as EHRs do
    when scopes or the registered address do not match (HK-10).
    """
    if not isinstance(context, Mapping):
        raise RequestNotConformant(
            "context must be a JSON object.", expression=("context",)
        )
    form = _Form(context, hook, default_user)
    user_id = form.string("userId")
    patient_id = form.string("patientId")
    encounter_id = form.string("encounterId")
    performer = form.string("performer")
    resources, unreadable = form.resources()
    return HookContext(
        hook=hook.name,
        user_id=user_id,
        patient_id=patient_id or "",
        encounter_id=encounter_id,
        performer=performer,
        resources=resources,
        unreadable=unreadable,
        selections=form.references("selections"),
        dispatched_orders=form.references("dispatchedOrders"),
        received=context,
    )


class _Form:
    """The fields of one context, each checked as it is taken out."""

    def __init__(
        self, context: Mapping[str, object], hook: Hook, default_user: object
    ) -> None:
        self._context = context
        self._hook = hook
        self._default_user = default_user

    def string(self, name: str) -> str | None:
        """The id or reference in the field `name`; None where it may be absent."""
        defined = self._hook.field(name)
        if defined is None:
            return None
        sent_as, value = self._value(defined)
        if value is None:
            _refuse_if_required(defined)
            return None
        if defined.kind is FieldKind.ID:
            return _checked_id(sent_as, value)
        return _checked_reference(sent_as, value)

    def references(self, name: str) -> tuple[str, ...]:
        """The references in the field `name`."""
        defined = self._hook.field(name)
        if defined is None:
            return ()
        sent_as, value = self._value(defined)
        if value is None:
            _refuse_if_required(defined)
            return ()
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list):
            raise _refusal(sent_as, "must be an array of strings of the form Type/id")
        return tuple(
            _checked_reference(f"{sent_as}[{index}]", item)
            for index, item in enumerate(value)
        )

    def resources(self) -> tuple[tuple[Resource, ...], int]:
        """The resources of the hook's own field, and how many were unreadable."""
        for each in self._hook.fields:
            if each.kind is FieldKind.RESOURCES:
                return self._resources_in(each)
        return (), 0

    def _resources_in(self, defined: ContextField) -> tuple[tuple[Resource, ...], int]:
        sent_as, value = self._value(defined)
        if value is None:
            if defined.required:
                raise NeededDataAbsent(
                    f"context.{defined.name} was not supplied. Clients leave it out"
                    " when the granted scopes, or the registered service address, do"
                    " not match; check both.",
                    expression=(f"context.{defined.name}",),
                )
            return (), 0
        if not _holds_resources(value):
            raise _refusal(
                sent_as, "must hold FHIR resources: a Bundle, or one resource"
            )
        found = unwrap(value)
        return (*found.resources, *found.included), found.unreadable

    def _value(self, defined: ContextField) -> tuple[str, object]:
        """The name under which the field was sent, and its value or None."""
        for name in (defined.name, *defined.aliases):
            if self._context.get(name) is not None:
                return name, self._context[name]
        if defined.name == "userId":
            return "userId", self._default_user
        return defined.name, None


def _holds_resources(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, Mapping) for item in value)
    return resource_type(value) is not None or (
        isinstance(value, Mapping) and resource_type(value.get("resource")) is not None
    )


def _refuse_if_required(defined: ContextField) -> None:
    if defined.required:
        raise _refusal(defined.name, "is required")


def _checked_id(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise _refusal(name, "must be a string holding a FHIR id")
    if is_reference(value):
        raise _refusal(
            name, "must be the bare id: leave out the resource type and the slash"
        )
    if not is_fhir_id(value):
        raise _refusal(
            name, "must be a FHIR id: letters, digits, '-', '.', '_', not empty"
        )
    return value


def _checked_reference(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise _refusal(name, "must be a string of the form Type/id")
    if not is_reference(value):
        raise _refusal(
            name, "must have the form Type/id, for example Practitioner/example"
        )
    return value


def _refusal(name: str, what: str) -> RequestNotConformant:
    return RequestNotConformant(
        f"context.{name} {what}.", expression=(f"context.{name}",)
    )
