"""One chart told in other ways: none of them says anything else about the patient."""

import copy
from collections.abc import Callable, Collection, Iterator, Mapping
from random import Random
from typing import Any

from cds_hooks.request import HookRequest
from service.fhir.bundles import Resource
from service.fhir_server.answers import Answer, Fetched
from service.reads import Read


Json = Any
Body = dict[str, Json]
Change = Callable[[Body, Random], Body]

_SUBJECT = {"reference": "Patient/p1"}


def _coded(system: str, code: str, display: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": display}]}


IRRELEVANT: tuple[Json, ...] = (
    {
        "resourceType": "Condition",
        "id": "hay-fever",
        "subject": _SUBJECT,
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": _coded("http://snomed.info/sct", "367498001", "Seasonal rhinitis"),
        "onsetDateTime": "2025-05-01",
    },
    {
        "resourceType": "Observation",
        "id": "heart-rate",
        "subject": _SUBJECT,
        "status": "final",
        "code": _coded("http://loinc.org", "8867-4", "Heart rate"),
        "effectiveDateTime": "2025-06-29",
        "valueQuantity": {"value": 72, "unit": "/min", "code": "/min"},
    },
    {
        "resourceType": "MedicationRequest",
        "id": "amoxicillin",
        "subject": _SUBJECT,
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "Amoxicillin 500 mg capsules"},
        "authoredOn": "2025-06-01",
    },
    {
        "resourceType": "Procedure",
        "id": "appendicectomy",
        "subject": _SUBJECT,
        "status": "completed",
        "code": _coded("http://snomed.info/sct", "80146002", "Appendectomy"),
        "performedDateTime": "2001-03-04",
    },
    {
        "resourceType": "AllergyIntolerance",
        "id": "penicillin",
        "patient": _SUBJECT,
        "code": {"text": "Penicillin"},
    },
    {
        "resourceType": "Immunization",
        "id": "tetanus",
        "patient": _SUBJECT,
        "status": "completed",
        "vaccineCode": {"text": "Tetanus"},
        "occurrenceDateTime": "2020-01-01",
    },
    {"resourceType": "DocumentReference", "id": "letter", "status": "current"},
    {"resourceType": "ResourceOfAFutureVersion", "id": "unheard-of", "code": "new"},
)
"""Real resources that no rule has a use for, and one of a type nobody knows yet."""

UNKNOWN_ELEMENTS: Mapping[str, Json] = {
    "elementOfAFutureVersion": {"resourceType": "Bundle", "value": [1, None, "x"]},
    "b12Deficiency": True,
    "_unheardOf": {"extension": [{"url": "http://example.org/e", "valueBoolean": 1}]},
}


def with_an_irrelevant_resource(body: Body, random: Random) -> Body:
    """Somewhere in a Bundle, or under a key of its own."""
    extra = copy.deepcopy(random.choice(IRRELEVANT))
    changed = copy.deepcopy(body)
    if random.random() < 0.25:
        changed["prefetch"]["somethingElse"] = extra
    else:
        entries = random.choice(_filled(changed))["entry"]
        entries.insert(random.randrange(len(entries) + 1), {"resource": extra})
    return changed


def reordered(body: Body, random: Random) -> Body:
    """The keys, and the entries of every Bundle, in another order."""
    changed = copy.deepcopy(body)
    for bundle in _bundles(changed):
        random.shuffle(bundle["entry"])
    keys = list(changed["prefetch"])
    random.shuffle(keys)
    changed["prefetch"] = {key: changed["prefetch"][key] for key in keys}
    return changed


def with_an_entry_twice(body: Body, random: Random) -> Body:
    """In the same Bundle, or in another one as well."""
    changed = copy.deepcopy(body)
    entry = random.choice(random.choice(_filled(changed))["entry"])
    entries = random.choice(_filled(changed))["entry"]
    entries.insert(random.randrange(len(entries) + 1), copy.deepcopy(entry))
    return changed


def over_several_keys(body: Body, random: Random) -> Body:
    """A Bundle's entries under two keys, the second one not of ours."""
    changed = copy.deepcopy(body)
    key, (first, second) = _cut(changed, random)
    changed["prefetch"][key] = _searchset(first)
    changed["prefetch"][f"{key}Continued"] = _searchset(second)
    return changed


def in_nested_bundles(body: Body, random: Random) -> Body:
    """A Bundle of Bundles, as a batch answers."""
    changed = copy.deepcopy(body)
    key, parts = _cut(changed, random)
    changed["prefetch"][key] = {
        "resourceType": "Bundle",
        "type": "batch-response",
        "entry": [{"resource": _searchset(part)} for part in parts],
    }
    return changed


def with_unknown_elements(body: Body, random: Random) -> Body:
    """Members that no version of FHIR or CDS Hooks knows, at any depth."""
    changed = copy.deepcopy(body)
    objects = list(_objects(changed["prefetch"]))
    for each in random.sample(objects, k=min(6, len(objects))):
        name = random.choice(sorted(UNKNOWN_ELEMENTS))
        each[name] = copy.deepcopy(UNKNOWN_ELEMENTS[name])
    changed["memberOfAFutureVersion"] = {"cards": []}
    changed["context"]["memberOfAFutureVersion"] = "Patient/p2"
    return changed


CHANGES: Mapping[str, Change] = {
    change.__name__: change
    for change in (
        over_several_keys,
        in_nested_bundles,
        with_an_entry_twice,
        with_an_irrelevant_resource,
        with_unknown_elements,
        reordered,
    )
}
"""In an order in which they can follow each other: a Bundle is cut before something
else is put into it, since a part that held nothing but that would be an answer to
another question."""


class Pages:
    """A FHIR server's next pages, already fetched: a reader of nothing else."""

    def __init__(self) -> None:
        self._pages: dict[str, Json] = {}

    def cut(self, body: Body, random: Random) -> Body:
        """``body`` with one Bundle cut off after a page, whose rest is kept here."""
        changed = copy.deepcopy(body)
        key, (first, rest) = _cut(changed, random)
        next_page = f"https://fhir.example.org/{key}?page=2"
        self._pages[next_page] = _searchset(rest)
        changed["prefetch"][key] = {
            **_searchset(first),
            "link": [{"relation": "next", "url": next_page}],
        }
        return changed

    def fetch(
        self,
        reads: Collection[Read],
        request: HookRequest,
        *,
        next_pages: Mapping[str, str],
        known: Collection[Resource],
    ) -> Fetched:
        """The rest of every Bundle that was cut off."""
        return Fetched(
            pages={
                key: Answer(content=self._pages[url]) for key, url in next_pages.items()
            }
        )


def _bundles(body: Body) -> list[Json]:
    return [
        value
        for value in body["prefetch"].values()
        if value["resourceType"] == "Bundle"
    ]


def _filled(body: Body) -> list[Json]:
    """The Bundles with entries. In an empty one a resource of another type would be all
    there is, and the key then answers for that type and no longer for its own."""
    return [
        bundle
        for bundle in _bundles(body)
        if any(entry["resource"].get("entry") != [] for entry in bundle["entry"])
    ]


def _cut(body: Body, random: Random) -> tuple[str, tuple[list[Json], list[Json]]]:
    """The key of a Bundle, the fullest if chance wills it, and its halves."""
    keys = [
        key
        for key, value in body["prefetch"].items()
        if value["resourceType"] == "Bundle"
    ]
    fullest = max(keys, key=lambda key: len(body["prefetch"][key]["entry"]))
    key = random.choice([fullest, *keys])
    entries = body["prefetch"][key]["entry"]
    middle = random.randrange(len(entries) + 1)
    return key, (entries[:middle], entries[middle:])


def _searchset(entries: list[Json]) -> Json:
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


def _objects(value: Json) -> Iterator[dict[str, Json]]:
    """Every object below ``value`` (the prefetch itself names no elements)."""
    members = value.values() if isinstance(value, dict) else value
    for member in members:
        if isinstance(member, dict):
            yield member
        if isinstance(member, dict | list):
            yield from _objects(member)
