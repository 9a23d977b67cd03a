"""Prefetch keys that are not ours: which of our reads does their value answer?

Recognised by the search the value says it came from (a Bundle's own `self` link), else
by the resources it holds, else, for an empty one, by words in the key's name. What
cannot be recognised answers nothing: its resources are still read, and the kind of data
still counts as missing.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import SplitResult, parse_qs, urlsplit

from service.clinical.record import DataKind
from service.fhir.bundles import Resource, resources_of
from service.reads import Read


WORDS: Mapping[str, tuple[str, ...]] = {
    "Patient": ("patient", "demographic"),
    "Condition": ("condition", "problem", "diagnos"),
    "Procedure": ("procedure", "surger", "surgical"),
    "MedicationRequest": ("medication", "meds", "prescription", "drug"),
    "MedicationStatement": ("statement",),
    "MedicationDispense": ("dispense",),
    "MedicationAdministration": ("administration",),
    "ServiceRequest": ("servicerequest", "orders"),
    "Observation": ("observation", "lab", "result", "finding", "symptom", "social"),
    "FamilyMemberHistory": ("family",),
    "AllergyIntolerance": ("allerg", "intolerance"),
    "NutritionOrder": ("nutrition", "diet"),
    "Encounter": ("encounter", "visit"),
}
"""Parts of keys' names, in lower case without punctuation, by resource type."""

_KIND_OF_CATEGORY: Mapping[str, DataKind] = {
    "laboratory": DataKind.LABORATORY,
    "survey": DataKind.FINDINGS,
    "exam": DataKind.FINDINGS,
    "social-history": DataKind.FINDINGS,
    "sdoh": DataKind.FINDINGS,
}
_WORDS_OF_KIND: Mapping[DataKind, tuple[str, ...]] = {
    DataKind.LABORATORY: ("lab", "result", "observation"),
    DataKind.FINDINGS: ("finding", "symptom", "social", "observation"),
}
_ONE_BY_NATURE = frozenset({"Patient", "Encounter"})
_NO_LETTER = re.compile(r"[^a-z0-9]")


def reads_answered_by(
    key: str, value: object, reads: Collection[Read]
) -> tuple[Read, ...]:
    """Those of ``reads`` whose data the ``value`` under a foreign ``key`` is."""
    search = own_search(value)
    if search is not None and search.path.endswith("/$everything"):
        return tuple(reads)
    resources = resources_of(value)
    types = _types(key, value, search, resources)
    kinds = _observation_kinds(key, search, resources)
    return tuple(
        read
        for read in reads
        if read.resource in types
        and (read.resource != "Observation" or read.kind in kinds)
    )


def own_search(value: object) -> SplitResult | None:
    """The search a Bundle came from, by its link with relation ``self``."""
    links = value.get("link") if isinstance(value, dict) else None
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "self":
            try:
                return urlsplit(str(link.get("url")))
            except ValueError:
                return None
    return None


def _types(
    key: str,
    value: object,
    search: SplitResult | None,
    resources: Collection[Resource],
) -> frozenset[str]:
    """The resource types of which ``value`` is everything the client has."""
    if search is not None:
        chosen_one_by_one = "_id" in parse_qs(search.query)
        name = search.path.rsplit("/", 1)[-1]
        return frozenset() if chosen_one_by_one else frozenset({name})
    if resources:
        types = frozenset(resource.type for resource in resources)
        return types if _is_bundle(value) else types & _ONE_BY_NATURE
    plain = _plain(key)
    return frozenset(
        name for name, words in WORDS.items() if any(word in plain for word in words)
    )


def _observation_kinds(
    key: str, search: SplitResult | None, resources: Collection[Resource]
) -> frozenset[DataKind]:
    """Which observations these are: by category, else by the words of the key.

    A Bundle of vital signs must not pass for the laboratory's.
    """
    categories = set(_searched_categories(search))
    for resource in resources:
        categories.update(_categories(resource))
    kinds = {
        _KIND_OF_CATEGORY[category]
        for category in categories
        if category in _KIND_OF_CATEGORY
    }
    plain = _plain(key)
    if not categories:
        kinds = {
            kind
            for kind, words in _WORDS_OF_KIND.items()
            if any(word in plain for word in words)
        }
    return frozenset(kinds)


def _searched_categories(search: SplitResult | None) -> Iterator[str]:
    for given in parse_qs(search.query).get("category", ()) if search else ():
        for token in given.split(","):
            yield token.rsplit("|", 1)[-1]


def _categories(resource: Resource) -> Iterator[str]:
    if resource.type != "Observation":
        return
    concepts = resource.content.get("category")
    for concept in concepts if isinstance(concepts, list) else [concepts]:
        codings = concept.get("coding") if isinstance(concept, dict) else None
        for coding in codings if isinstance(codings, list) else ():
            if isinstance(coding, dict) and isinstance(coding.get("code"), str):
                yield coding["code"]


def _is_bundle(value: object) -> bool:
    if isinstance(value, dict) and "resourceType" not in value:
        value = value.get("resource")
    return isinstance(value, list) or (
        isinstance(value, dict) and value.get("resourceType") == "Bundle"
    )


def _plain(key: str) -> str:
    return _NO_LETTER.sub("", key.lower())
