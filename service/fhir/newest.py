"""One version of each resource: charts arrive with copies and older versions."""

import json
import re
from collections.abc import Iterable, Iterator

from service.clinical.record import MedicationSource
from service.fhir.bundles import Resource
from service.fhir.elements import READ


_TYPES = frozenset(READ) | {"ProcedureRequest"}
_MEDICATIONS = frozenset(origin.value for origin in MedicationSource)
_VERSION = re.compile(r"[0-9]{1,18}")

Key = tuple[str, str | None, object]


def newest_versions(resources: Iterable[Resource]) -> Iterator[Resource]:
    """Of the resources of types that are read, each once, in the order they came.

    Of several with the same type and id the newest, by ``meta.versionId``, then by
    ``meta.lastUpdated``, then the one in hand, then the first. Resources without an id
    are the same if all they say is the same. A medication order in hand stands beside
    the order of that id on the chart: the one says what is being written, the other
    since when it has been taken.
    """
    newest: dict[Key, Resource] = {}
    for resource in resources:
        if resource.type not in _TYPES:
            continue
        key = _key(resource)
        known = newest.get(key)
        if known is None or _is_newer(resource, known):
            newest[key] = resource
    yield from newest.values()


def _key(resource: Resource) -> Key:
    if resource.id is None:
        return resource.type, None, _said(resource)
    if resource.type in _MEDICATIONS:
        return resource.type, resource.id, resource.in_hand
    return resource.type, resource.id, None


def _said(resource: Resource) -> object:
    try:
        return json.dumps(resource.content, sort_keys=True, default=str)
    except RecursionError:
        # Nested beyond all sense, and so beyond comparison: like no other.
        return id(resource)


def _is_newer(resource: Resource, known: Resource) -> bool:
    version, known_version = _version(resource), _version(known)
    if version == known_version:
        return resource.in_hand and not known.in_hand
    return version > known_version


def _version(resource: Resource) -> tuple[int, str]:
    meta = resource.content.get("meta")
    if not isinstance(meta, dict):
        return 0, ""
    number, updated = meta.get("versionId"), meta.get("lastUpdated")
    match = _VERSION.fullmatch(number) if isinstance(number, str) else None
    return int(match[0]) if match else 0, updated if isinstance(updated, str) else ""
