"""Who and what a Reference means, within what the client sent."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from service.fhir.bundles import Json, Resource


_TYPE_AND_ID = re.compile(
    r"(?:^|/)(?P<type>[A-Z][A-Za-z]+)/(?P<id>[^/?#\s]+)(?:/_history/[^/]+)?$"
)


def reference_of(value: object) -> str | None:
    """The literal text of a Reference, or None if it has none (display, identifier)."""
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, dict):
        return None
    text = value.get("reference")
    return text.strip() or None if isinstance(text, str) else None


def type_and_id(reference: str) -> tuple[str, str] | None:
    """``("Patient", "1")`` of ``Patient/1`` and of ``https://…/Patient/1/_history/2``.

    None for what names no id: ``urn:uuid:…``, ``#contained`` and conditional
    references such as ``Patient?identifier=…``.
    """
    match = _TYPE_AND_ID.search(reference)
    return (match["type"], match["id"]) if match else None


class References:
    """The resources of a collection, by every name others may call them."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._resources = tuple(resources)

    def find(self, reference: str | None, within: Json) -> Json | None:
        """What a reference found in the resource ``within`` leads to, or None.

        Looks in ``within.contained`` for ``#id``, then for the exact fullUrl, then for
        the type and id that the reference ends with.
        """
        if reference is None:
            return None
        if reference.startswith("#"):
            return _contained(within, reference.removeprefix("#"))
        found = self._by_name.get(reference)
        if found is None and (named := type_and_id(reference)):
            found = self._by_name.get("/".join(named))
        return found.content if found else None

    @cached_property
    def _by_name(self) -> Mapping[str, Resource]:
        """Made when first asked for: most charts need no look at it."""
        by_name: dict[str, Resource] = {}
        for resource in self._resources:
            if resource.id is not None:
                by_name.setdefault(f"{resource.type}/{resource.id}", resource)
            if resource.full_url is not None:
                by_name.setdefault(resource.full_url, resource)
        return by_name


def _contained(within: Json, local_id: str) -> Json | None:
    contained = within.get("contained")
    if isinstance(contained, dict):
        contained = [contained]
    if not isinstance(contained, list):
        return None
    for resource in contained:
        # Some systems write the id of a contained resource with its "#".
        if (
            isinstance(resource, dict)
            and str(resource.get("id", "")).removeprefix("#") == local_id
        ):
            return resource
    return None
