"""Resources as they arrive, and how they are found in what a client sends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


Json = Mapping[str, Any]
"""A JSON object as decoded, of any shape: nothing in it has been checked yet."""

# Real documents nest two levels (a Bundle in a Parameters or in a batch response).
_DEEPEST_NESTING = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """One FHIR resource as it arrived.

    ``full_url`` is the Bundle entry's, by which other entries may refer to it.
    ``in_hand`` marks a resource of the hook's own context: a draft order, an
    appointment, a problem just added.
    """

    content: Json
    full_url: str | None = None
    in_hand: bool = False
    type: str = field(init=False, repr=False, compare=False)
    """The resource type, or an empty string where none is given."""
    id: str | None = field(init=False, repr=False, compare=False)
    """The logical id, or None where there is none to be read."""

    def __post_init__(self) -> None:
        name, value = self.content.get("resourceType"), self.content.get("id")
        object.__setattr__(self, "type", name if isinstance(name, str) else "")
        has_id = isinstance(value, str) and value
        object.__setattr__(self, "id", value if has_id else None)


def resources_of(payload: object, *, in_hand: bool = False) -> tuple[Resource, ...]:
    """All resources in a Bundle, a Parameters, a list of either, or a single resource.

    Bundles within Bundles are walked. Entries may lack ``fullUrl`` and Bundles their
    ``type``; a pre-1.0 wrapper ``{"response": …, "resource": …}`` is opened. What holds
    no resource (a deletion, an OperationOutcome of the search) yields nothing.
    """
    found: list[Resource] = []
    _collect(payload, found, None, in_hand, _DEEPEST_NESTING)
    return tuple(found)


def _collect(
    payload: object,
    found: list[Resource],
    full_url: str | None,
    in_hand: bool,
    depth: int,
) -> None:
    if depth == 0:
        return
    if isinstance(payload, list):
        for member in payload:
            _collect(member, found, None, in_hand, depth - 1)
        return
    if not isinstance(payload, dict):
        return
    match payload.get("resourceType"):
        case "Bundle":
            for entry in _members(payload.get("entry")):
                _collect_entry(entry, found, in_hand, depth - 1)
        case "Parameters":
            for parameter in _members(payload.get("parameter")):
                _collect(parameter.get("resource"), found, None, in_hand, depth - 1)
        case "OperationOutcome":
            return
        case None if "resource" in payload:
            _collect(payload["resource"], found, None, in_hand, depth - 1)
        case _:
            if payload:
                found.append(
                    Resource(content=payload, full_url=full_url, in_hand=in_hand)
                )


def _collect_entry(
    entry: Json, found: list[Resource], in_hand: bool, depth: int
) -> None:
    if "resource" not in entry:
        if "resourceType" in entry:  # an entry that is itself the resource
            _collect(entry, found, None, in_hand, depth)
        return
    full_url = entry.get("fullUrl")
    if not isinstance(full_url, str):
        full_url = None
    _collect(entry["resource"], found, full_url, in_hand, depth)


def _members(value: object) -> Iterator[Json]:
    """The objects of a list; an object where a list was due stands for itself."""
    members = value if isinstance(value, list) else [value]
    for member in members:
        if isinstance(member, dict):
            yield member
