"""Charts for the tests of reading: resources as JSON in, a Record out."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from service.clinical.record import Record
from service.fhir.bundles import Resource, resources_of
from service.fhir.read import Tally, read_chart
from service.fhir.terminology import Terminology
from service.fhir.units import Units
from service.knowledge_files import load_knowledge, load_terminology


TODAY = date(2025, 6, 30)

SNOMED = "http://snomed.info/sct"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
UCUM = "http://unitsofmeasure.org"

CRAMP = {"coding": [{"system": SNOMED, "code": "55300003", "display": "Cramp"}]}
METFORMIN = {"coding": [{"system": RXNORM, "code": "6809", "display": "metformin"}]}
B12_TEST = {"coding": [{"system": LOINC, "code": "2132-9", "display": "Vitamin B12"}]}

Json = dict[str, Any]


@cache
def terminology() -> Terminology:
    """The service's own terminology, loaded once."""
    return Terminology(load_terminology())


@cache
def units() -> Units:
    """The service's own units."""
    return Units(load_knowledge("us").units)


def read(
    *resources: object,
    patient: str | None = None,
    encounter: str | None = None,
    in_hand: bool = False,
    today: date = TODAY,
) -> Record:
    """The record of these resources, Bundles or lists; ``in_hand``: of the hook's."""
    return chart(
        *resources, patient=patient, encounter=encounter, in_hand=in_hand, today=today
    )[0]


def chart(
    *resources: object,
    patient: str | None = None,
    encounter: str | None = None,
    in_hand: bool = False,
    today: date = TODAY,
) -> tuple[Record, Tally]:
    """The record of these resources, and the tally of what became of them."""
    return read_chart(
        resources_of(list(resources), in_hand=in_hand),
        terminology=terminology(),
        units=units(),
        today=today,
        patient_id=patient,
        encounter_id=encounter,
    )


def read_all(*resources: Resource) -> Record:
    """The record of resources that say themselves whether they are in hand."""
    return read_chart(resources, terminology=terminology(), units=units(), today=TODAY)[
        0
    ]


def condition(**elements: object) -> Json:
    """An active muscle cramp, with ``elements`` changed."""
    active = {"coding": [{"code": "active"}]}
    return _resource("Condition", {"code": CRAMP, "clinicalStatus": active}, elements)


def observation(**elements: object) -> Json:
    """A B12 result of 150 pg/mL ten days ago, with ``elements`` changed."""
    usual = {
        "status": "final",
        "code": B12_TEST,
        "effectiveDateTime": "2025-06-20",
        "valueQuantity": {"value": 150, "unit": "pg/mL", "code": "pg/mL"},
    }
    return _resource("Observation", usual, elements)


def metformin(**elements: object) -> Json:
    """An active order of metformin since January 2024, with ``elements`` changed."""
    usual = {
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": METFORMIN,
        "authoredOn": "2024-01-10",
    }
    return _resource("MedicationRequest", usual, elements)


def _resource(name: str, usual: Json, elements: Mapping[str, object]) -> Json:
    """A resource; an element set to None is left out."""
    content = {"resourceType": name, "id": f"{name.lower()}-1", **usual, **elements}
    return {key: value for key, value in content.items() if value is not None}


def reasons(record: Record) -> list[tuple[str, str]]:
    """What could not be read: elements and reasons."""
    return [(unread.element, unread.reason) for unread in record.unread]
