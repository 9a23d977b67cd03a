"""The part of FHIRPath that prefetch tokens of CDS Hooks 3 may use (T-10 to T-16).

    context.draftOrders.entry.resource.ofType(MedicationRequest).medication
    %patient.generalPractitioner.resolve().ofType(Practitioner).id
    today() - 90 days

That is: paths from the context, from an earlier prefetch result or from the current
user; `ofType()`, `resolve()`, `|` between paths; and days from today. For trial use:
services advertise such templates only to clients known to support them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta


USER_TOKENS: Mapping[str, str] = {
    "userPractitionerId": "Practitioner",
    "userPractitionerRoleId": "PractitionerRole",
    "userPatientId": "Patient",
    "userRelatedPersonId": "RelatedPerson",
}
"""Name of the token → type that the current user must have (T-05)."""

_TODAY = re.compile(r"today\(\)(?:\s*([+-])\s*(\d{1,6})\s+days)?")
_PATH = re.compile(
    r"(context|%[A-Za-z0-9_-]+|user[A-Za-z]+Id)"
    r"((?:\.(?:[a-z][A-Za-z0-9]*|ofType\([A-Za-z]+\)|resolve\(\)))*)"
)
_STEP = re.compile(r"\.([a-z][A-Za-z0-9]*)(?:\(([A-Za-z]*)\))?")
_RELATIVE_REFERENCE = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9._-]+)(?:/_history/.*)?")

_DATA_TYPES = (
    "Age|Annotation|Attachment|Boolean|Canonical|Code|CodeableConcept"
    "|CodeableReference|Coding|Date|DateTime|Decimal|Duration|Expression|Identifier"
    "|Instant|Integer|Money|Period|Quantity|Range|Ratio|Reference|SampledData|String"
    "|Time|Timing|Uri|Url"
)
_DATA_TYPE = re.compile(_DATA_TYPES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """One token's content, parsed."""

    days_from_today: int | None = None
    """Set for `today()` with or without an offset; then there are no paths."""
    paths: tuple["SelectorPath", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectorPath:
    """One selector: where it starts, and the steps from there."""

    root: str
    """`context`, `%key` or a user token."""
    steps: tuple[tuple[str, str | None], ...]
    """Element names, and the functions ofType and resolve with their argument."""


def parse_expression(text: str) -> Expression:
    """`text`, the content of a token, as an expression.

    Raises `ValueError` saying what is outside the permitted part of FHIRPath.
    """
    today = _TODAY.fullmatch(text.strip())
    if today is not None:
        days = int(today[2] or 0)
        return Expression(days_from_today=-days if today[1] == "-" else days)
    return Expression(
        paths=tuple(_selector_path(part.strip()) for part in text.split("|"))
    )


def _selector_path(text: str) -> SelectorPath:
    match = _PATH.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{text!r} is not a path of names, ofType() and resolve() from context,"
            " from %key or from a user token"
        )
    root, steps = match[1], tuple(_steps(match[2]))
    if root.startswith("user") and (root not in USER_TOKENS or steps):
        raise ValueError(f"{text!r} is none of {', '.join(USER_TOKENS)}")
    if root == "context" and not steps:
        raise ValueError("context is not a value; name one of its fields")
    return SelectorPath(root=root, steps=steps)


def _steps(text: str) -> Iterator[tuple[str, str | None]]:
    for match in _STEP.finditer(text):
        if match[1] == "ofType" and (
            not match[2][:1].isupper() or _DATA_TYPE.fullmatch(match[2])
        ):
            raise ValueError("ofType() takes the name of a FHIR resource type")
        yield match[1], match[2]


def evaluate(
    expression: Expression,
    *,
    context: Mapping[str, object],
    users: Mapping[str, str],
    prefetched: Mapping[str, object],
    today: date,
) -> list[str]:
    """The distinct values of `expression` as text, in the order of their finding.

    `users` maps user tokens to ids, `prefetched` earlier keys to their results.
    Values that are no text, number or truth value are not values of a token.
    """
    if expression.days_from_today is not None:
        return [str(today + timedelta(days=expression.days_from_today))]
    roots: dict[str, object] = {"context": context, **users}
    roots |= {f"%{key}": value for key, value in prefetched.items()}
    found: dict[str, None] = {}
    for path in expression.paths:
        items: Iterable[object] = _flat(roots.get(path.root))
        for name, argument in path.steps:
            items = _step(list(items), name, argument)
        found |= dict.fromkeys(text for item in items for text in _texts(item))
    return list(found)


def _step(items: list[object], name: str, argument: str | None) -> Iterator[object]:
    if name == "ofType" and argument:
        for item in items:
            if isinstance(item, Mapping) and item.get("resourceType") == argument:
                yield item
    elif name == "resolve" and argument is not None:
        for item in items:
            yield from _resolved(item)
    else:
        for item in items:
            if isinstance(item, Mapping):
                yield from _flat(_element(item, name))


def _element(item: Mapping[str, object], name: str) -> object:
    """The element `name`, also where JSON appends its type (T-15)."""
    if name in item:
        return item[name]
    for key, value in item.items():
        if key.startswith(name) and _DATA_TYPE.fullmatch(key[len(name) :]):
            return value
    return None


def _resolved(item: object) -> Iterator[object]:
    """Type and id of what a relative reference points to, without fetching (T-16)."""
    text = item.get("reference") if isinstance(item, Mapping) else item
    match = _RELATIVE_REFERENCE.fullmatch(text) if isinstance(text, str) else None
    if match is not None:
        yield {"resourceType": match[1], "id": match[2]}


def _flat(value: object) -> Iterator[object]:
    if isinstance(value, list | tuple):
        yield from value
    elif value is not None:
        yield value


def _texts(item: object) -> Iterator[str]:
    if isinstance(item, bool):
        yield "true" if item else "false"
    elif isinstance(item, str | int | float) and str(item):
        yield str(item)
