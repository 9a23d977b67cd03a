"""Prefetch templates: what a service asks for, and the same query made by itself.

A template is a relative FHIR read or type-level search with tokens in `{{` and
`}}` (T-01, T-02). The plain kind, safe for every client since 1.0, uses only
first-level string fields of the context and, since 2.0, four names for the
current user (T-03 to T-06).
"""

import re
from collections.abc import Mapping
from urllib.parse import quote

from cds_hooks.fhir_references import is_fhir_id, is_reference, split_reference
from cds_hooks.hooks import HookContext
from cds_hooks.published_hooks import Hook


TOKEN = re.compile(r"\{\{(.*?)\}\}")

USER_TOKENS: Mapping[str, str] = {
    "userPractitionerId": "Practitioner",
    "userPractitionerRoleId": "PractitionerRole",
    "userPatientId": "Patient",
    "userRelatedPersonId": "RelatedPerson",
}
"""Name of the token → type that the current user must have (T-05)."""

_QUERY = re.compile(r"(?:[A-Z][A-Za-z]*|\{\{[^{}]+\}\})(?:/\{\{[^{}]+\}\}|\?\S+)?")


def expand(template: str, context: HookContext) -> str | None:
    """`template` as a relative URL for the patient and user of `context`.

    None if any token has no value: a query without its filter would return
    everything (T-14). Values are checked against the FHIR id character set and
    percent-encoded, so none can add a parameter or a path segment (T-18).
    """
    values = token_values(context)
    parts: list[str] = []
    end = 0
    for match in TOKEN.finditer(template):
        value = values.get(match[1].strip())
        if not value:
            return None
        parts += [template[end : match.start()], value]
        end = match.end()
    return "".join([*parts, template[end:]])


def token_values(context: HookContext) -> dict[str, str]:
    """Every plain token that `context` can fill, with its value ready for a URL."""
    values = {
        "context.patientId": _encoded_id(context.patient_id),
        "context.encounterId": _encoded_id(context.encounter_id),
        "context.userId": _encoded_reference(context.user_id),
        "context.performer": _encoded_reference(context.performer),
        "context.dispatchedOrders": ",".join(
            _encoded_reference(order) for order in context.dispatched_orders
        ),
    }
    user = split_reference(context.user_id or "")
    if user is not None:
        values |= {
            token: _encoded_id(user[1])
            for token, user_type in USER_TOKENS.items()
            if user_type == user[0]
        }
    return {token: value for token, value in values.items() if value}


def template_faults(template: str, hook: Hook) -> list[str]:
    """What keeps `template` from being a plain template of `hook`, in words."""
    faults = []
    if not _QUERY.fullmatch(template):
        faults.append(
            "is neither a read such as Patient/{{context.patientId}} nor a search"
            " such as Condition?patient={{context.patientId}}"
        )
    allowed = {
        f"context.{field.name}" for field in hook.fields if field.token
    } | USER_TOKENS.keys()
    faults += [
        f"uses the token {{{{{match[1]}}}}}, which {hook.name} does not offer"
        for match in TOKEN.finditer(template)
        if match[1] not in allowed
    ]
    return faults


def _encoded_id(value: str | None) -> str:
    return quote(value, safe="") if value and is_fhir_id(value) else ""


def _encoded_reference(value: str | None) -> str:
    return quote(value, safe="/") if value and is_reference(value) else ""
