"""Prefetch templates: what a service asks for, and the same query made by itself.

A template is a relative FHIR read or type-level search with tokens in `{{` and
`}}` (T-01, T-02). The plain kind, safe for every client since 1.0, uses only
first-level string fields of the context and, since 2.0, four names for the
current user (T-03 to T-06). The extended kind of CDS Hooks 3 has the tokens of
`expressions`.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from urllib.parse import quote

from cds_hooks.expressions import USER_TOKENS, evaluate, parse_expression
from cds_hooks.fhir_references import is_fhir_id, is_reference, split_reference
from cds_hooks.hooks import HookContext


TOKEN = re.compile(r"\{\{(.*?)\}\}")

_SAFE_VALUE = re.compile(r"[A-Za-z0-9._:+-]{1,512}")


def expand(template: str, context: HookContext) -> str | None:
    """The plain `template` as a relative URL for the patient and user of `context`.

    None if any token has no value: a query without its filter would return
    everything (T-14). Values are checked against the FHIR id character set and
    percent-encoded, so none can add a parameter or a path segment (T-18).
    """
    return _filled(template, _of_plain_tokens(context))


def fillable(templates: Iterable[str], context: HookContext) -> frozenset[str]:
    """Those of the plain `templates` that `expand` can fill; sooner told than done."""
    values = _of_plain_tokens(context)
    return frozenset(
        template
        for template in templates
        if _values_of_tokens(template, values) is not None
    )


def expand_extended(
    template: str,
    context: HookContext,
    *,
    today: date,
    prefetched: Mapping[str, object] | None = None,
) -> str | None:
    """As `expand`, for a template of the extended kind.

    `prefetched` holds the results of earlier keys. Several values become a comma
    list, which FHIR reads as "or"; none at all gives None (T-14). Values that could
    mean more than themselves in a URL are left out.
    """
    users = user_tokens(context.user_id)
    values: dict[str, list[str]] = {}
    for token in TOKEN.findall(template):
        found = evaluate(
            parse_expression(token),
            context=context.received,
            users=users,
            prefetched=prefetched or {},
            today=today,
        )
        values[token] = [value for value in map(_encoded, found) if value]
        if len(values[token]) > 1 and "?" not in template:
            return None  # a read names one resource
    return _filled(template, values)


def token_values(context: HookContext) -> dict[str, str]:
    """Every plain token that `context` can fill, with its value ready for a URL."""
    values = {
        "context.patientId": context.patient_id,
        "context.encounterId": context.encounter_id,
        "context.userId": context.user_id,
        "context.performer": context.performer,
    }
    values |= user_tokens(context.user_id)
    encoded = {token: _encoded(value) for token, value in values.items()}
    encoded["context.dispatchedOrders"] = ",".join(
        _encoded(order) for order in context.dispatched_orders
    )
    return {token: value for token, value in encoded.items() if value}


def user_tokens(user_id: str | None) -> dict[str, str]:
    """The one user token that fits the type of `user_id`, with the bare id (T-05)."""
    user = split_reference(user_id or "")
    return {
        token: user[1]
        for token, user_type in USER_TOKENS.items()
        if user is not None and user_type == user[0]
    }


def _of_plain_tokens(context: HookContext) -> dict[str, list[str]]:
    return {token: [value] for token, value in token_values(context).items()}


def _filled(template: str, values: Mapping[str, Iterable[str]]) -> str | None:
    filled = _values_of_tokens(template, values)
    if filled is None:
        return None
    texts = _taken_apart(template)
    return "".join(
        part
        for (before, _, _), value in zip(texts, [*filled, ""], strict=True)
        for part in (before, value)
    )


def _values_of_tokens(
    template: str, values: Mapping[str, Iterable[str]]
) -> list[str] | None:
    """The value of each token in turn; None if one has none that may stand there."""
    filled = []
    for _, token, is_segment in _taken_apart(template)[:-1]:
        value = ",".join(values.get(token.strip(), values.get(token, ())))
        if not value or (is_segment and "/" in value):
            return None
        filled.append(value)
    return filled


@lru_cache(maxsize=256)
def _taken_apart(template: str) -> tuple[tuple[str, str, bool], ...]:
    """Text, token and whether the token is a segment of the path, in turn.

    What follows on the last token comes last, with no token. Kept, since a service's
    templates are few and may be many kilobytes of codes.
    """
    parts: list[tuple[str, str, bool]] = []
    end = 0
    for match in TOKEN.finditer(template):
        before = template[end : match.start()]
        is_segment = template[: match.start()].endswith("/")
        parts.append((before, match[1], is_segment))
        end = match.end()
    return (*parts, (template[end:], "", False))


def _encoded(value: str | None) -> str:
    """`value` for a URL; empty if it is neither a reference, an id nor a date."""
    if not value:
        return ""
    if is_reference(value):
        return quote(value, safe="/")
    if is_fhir_id(value) or _SAFE_VALUE.fullmatch(value):
        return quote(value, safe="") if value.strip(".") else ""
    return ""
