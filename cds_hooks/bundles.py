"""FHIR resources out of whatever a client wrapped them in.

A value may be a resource, a Bundle (with or without `type`, `fullUrl`, nested
Bundles), an array of either, or `{"resource": …}`. Entries are read one by one:
one bad entry never costs the others (R-18). Nothing inside a resource is looked
at except `resourceType`, `entry`, `link`, `total` and an OperationOutcome's
issues.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


MAX_NESTED_BUNDLES = 8

Resource = Mapping[str, object]


@dataclass(slots=True, kw_only=True)
class Unwrapped:
    """What was found in one value, filled while it is read."""

    resources: list[Resource] = field(default_factory=list)
    """In the order of the entries; contained resources stay where they are."""
    included: list[Resource] = field(default_factory=list)
    """Entries with `search.mode` include: they came along, they did not match."""
    outcomes: list[Resource] = field(default_factory=list)
    """OperationOutcome entries."""
    next_links: list[str] = field(default_factory=list)
    unreadable: int = 0
    """Entries that are no resource: not an object, or without `resourceType`."""
    understated: bool = False
    """Whether a searchset counts more matches in `total` than it carries."""


def unwrap(value: object) -> Unwrapped:
    """All resources in `value`; never raises, counts what it cannot read."""
    found = Unwrapped()
    _read(value, found, depth=0)
    return found


def resource_type(value: object) -> str | None:
    """The `resourceType` of `value` where it is a resource."""
    if not isinstance(value, dict):
        return None
    name = value.get("resourceType")
    return name if isinstance(name, str) and name.strip() else None


def _read(value: object, found: Unwrapped, depth: int, mode: object = None) -> None:
    if isinstance(value, list):
        for item in value:
            _read(item, found, depth)
        return
    name = resource_type(value)
    if not isinstance(value, dict) or depth > MAX_NESTED_BUNDLES:
        found.unreadable += 1
    elif name == "Bundle":
        _read_bundle(value, found, depth)
    elif name == "OperationOutcome" or mode == "outcome":
        found.outcomes.append(value)
    elif name is None:
        _read_wrapped(value, found, depth)
    elif mode == "include":
        found.included.append(value)
    else:
        found.resources.append(value)


def _read_wrapped(value: Mapping[str, object], found: Unwrapped, depth: int) -> None:
    if isinstance(value.get("resource"), dict):
        _read(value["resource"], found, depth + 1)
    else:
        found.unreadable += 1


def _read_bundle(bundle: Mapping[str, object], found: Unwrapped, depth: int) -> None:
    found.next_links.extend(next_links(bundle))
    entries = bundle.get("entry")
    if entries is None:
        entries = []
    if not isinstance(entries, list):
        found.unreadable += 1
        entries = []
    before = len(found.resources) + found.unreadable
    for entry in entries:
        _read_entry(entry, found, depth)
    matches = len(found.resources) + found.unreadable - before
    total = bundle.get("total")
    if isinstance(total, int) and total > matches:
        found.understated = True


def _read_entry(entry: object, found: Unwrapped, depth: int) -> None:
    if not isinstance(entry, dict):
        found.unreadable += 1
        return
    search = entry.get("search")
    mode = search.get("mode") if isinstance(search, dict) else None
    resource = entry.get("resource")
    if isinstance(resource, dict):
        _read(resource, found, depth + 1, mode)
    elif resource_type(entry):
        _read(entry, found, depth + 1, mode)
    else:
        found.unreadable += 1


def next_links(bundle: Mapping[str, object]) -> list[str]:
    """The urls of a Bundle's links with relation `next`."""
    links = bundle.get("link")
    return [
        link["url"]
        for link in (links if isinstance(links, list) else ())
        if isinstance(link, dict)
        and link.get("relation") == "next"
        and isinstance(link.get("url"), str)
    ]
