"""Resources as they arrive, and how they are found in what a client sends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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

    @property
    def type(self) -> str:
        """The resource type, or an empty string where none is given."""
        name = self.content.get("resourceType")
        return name if isinstance(name, str) else ""

    @property
    def id(self) -> str | None:
        """The logical id, or None where there is none to be read."""
        value = self.content.get("id")
        return value if isinstance(value, str) and value else None


def resources_of(payload: object, *, in_hand: bool = False) -> tuple[Resource, ...]:
    """All resources in a Bundle, a Parameters, a list of either, or a single resource.

    Bundles within Bundles are walked. Entries may lack ``fullUrl`` and Bundles their
    ``type``; a pre-1.0 wrapper ``{"response": …, "resource": …}`` is opened. What holds
    no resource (a deletion, an OperationOutcome of the search) yields nothing.
    """
    return tuple(_walk(payload, None, in_hand, _DEEPEST_NESTING))


def _walk(
    payload: object, full_url: str | None, in_hand: bool, depth: int
) -> Iterator[Resource]:
    if depth == 0:
        return
    if isinstance(payload, list):
        for member in payload:
            yield from _walk(member, None, in_hand, depth - 1)
        return
    if not isinstance(payload, dict):
        return
    match payload.get("resourceType"):
        case "Bundle":
            for entry in _members(payload.get("entry")):
                yield from _entry(entry, in_hand, depth - 1)
        case "Parameters":
            for parameter in _members(payload.get("parameter")):
                yield from _walk(parameter.get("resource"), None, in_hand, depth - 1)
        case "OperationOutcome":
            return
        case None if "resource" in payload:
            yield from _walk(payload["resource"], None, in_hand, depth - 1)
        case _:
            if payload:
                yield Resource(content=payload, full_url=full_url, in_hand=in_hand)


def _entry(entry: Json, in_hand: bool, depth: int) -> Iterator[Resource]:
    if "resource" not in entry:
        if "resourceType" in entry:  # an entry that is itself the resource
            yield from _walk(entry, None, in_hand, depth)
        return
    full_url = entry.get("fullUrl")
    yield from _walk(
        entry["resource"],
        full_url if isinstance(full_url, str) else None,
        in_hand,
        depth,
    )


def _members(value: object) -> Iterator[Json]:
    """The objects of a list; an object where a list was due stands for itself."""
    members = value if isinstance(value, list) else [value]
    for member in members:
        if isinstance(member, dict):
            yield member
