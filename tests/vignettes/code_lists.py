"""Codes for the patients of the vignettes, drawn from the service's own ValueSets."""

import json
from collections import defaultdict
from functools import cache
from pathlib import Path


VALUE_SETS = Path(__file__).resolve().parents[2] / "service" / "knowledge" / "valuesets"

URIS = {
    "snomed": "http://snomed.info/sct",
    "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "dmd": "https://dmd.nhs.uk",
    "atc": "http://www.whocc.no/atc",
    "loinc": "http://loinc.org",
    "ctv3": "http://read.info/ctv3",
}
Coding = dict[str, str]


@cache
def _lists() -> dict[str, tuple[tuple[str, str, str], ...]]:
    lists = {}
    for file in sorted(VALUE_SETS.glob("*.json")):
        value_set = json.loads(file.read_text("utf-8"))
        lists[value_set["id"]] = tuple(
            (include["system"], concept["code"], concept["display"])
            for include in value_set["compose"]["include"]
            for concept in include["concept"]
        )
    return lists


@cache
def _lists_of_code() -> dict[tuple[str, str], frozenset[str]]:
    found = defaultdict(set)
    for name, codes in _lists().items():
        for system, code, _ in codes:
            found[system, code].add(name)
    return {key: frozenset(names) for key, names in found.items()}


@cache
def codings(
    value_set: str, system: str, also_in: frozenset[str] = frozenset()
) -> tuple[Coding, ...]:
    """Codings of one list in one system that mean nothing else to the service.

    A code that stands in further lists makes further facts true (a diabetic neuropathy
    is not only diabetes), so it would be another patient; ``also_in`` names the lists
    for which that is intended.
    """
    allowed = {value_set} | also_in
    return tuple(
        {"system": uri, "code": code, "display": display}
        for uri, code, display in _lists()[value_set]
        if uri == URIS[system] and _lists_of_code()[uri, code] <= allowed
    )


def pick(
    value_set: str,
    systems: tuple[str, ...],
    variant: int,
    also_in: frozenset[str] = frozenset(),
) -> Coding:
    """The ``variant``-th code of the list, counted round, over the systems in turn."""
    found = [
        coding for system in systems for coding in codings(value_set, system, also_in)
    ]
    assert found, f"{value_set} has no code of its own in {systems}"
    return found[variant % len(found)]
