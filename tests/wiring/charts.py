"""Charts of one fact: a code in a FHIR resource, and what the service makes of it."""

from datetime import date
from functools import cache
from typing import Any

from service.clinical.case import Case
from service.clinical.knowledge import Knowledge
from service.clinical.missing_tests import missing_tests
from service.fhir.bundles import resources_of
from service.fhir.read import read_record
from service.fhir.terminology import Terminology
from service.fhir.units import Units
from service.knowledge_files import TerminologySource, load_knowledge, load_terminology


TODAY = date(2025, 6, 30)
RECENTLY = "2025-05-01"
LONG_AGO = "2020-05-01"

Json = dict[str, Any]


@cache
def knowledge() -> Knowledge:
    return load_knowledge("us", terminology=source())


@cache
def source() -> TerminologySource:
    return load_terminology()


@cache
def terminology() -> Terminology:
    return Terminology(source())


def coded(system: str, code: str) -> Json:
    """A CodeableConcept without words, so that nothing but the code can count."""
    return {"coding": [{"system": source().systems[system][0], "code": code}]}


CRAMP = coded("snomed", "55300003")
PARESTHESIA = coded("snomed", "62507009")
STOMACH = coded("snomed", "69695003")
IRRADIATED = coded("icd10cm", "Z92.3")


def patient(**elements: Any) -> Json:
    """A man of 50: no age and no sex that says anything."""
    usual = {"resourceType": "Patient", "id": "p1", "gender": "male"}
    return {**usual, "birthDate": "1975-01-01", **elements}


def condition(*concepts: Json, **elements: Any) -> Json:
    """An active problem that began two months ago, with the codings of all concepts."""
    codings = [coding for concept in concepts for coding in concept["coding"]]
    return {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": codings},
        "onsetDateTime": RECENTLY,
        **elements,
    }


def undated(concept: Json) -> Json:
    """An active problem of which nobody knows when it began."""
    return {k: v for k, v in condition(concept).items() if k != "onsetDateTime"}


def procedure(concept: Json) -> Json:
    return {
        "resourceType": "Procedure",
        "status": "completed",
        "code": concept,
        "performedDateTime": LONG_AGO,
    }


def medicine(concept: Json, **elements: Any) -> Json:
    """An order of five years, 5 mg once a day."""
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": concept,
        "authoredOn": LONG_AGO,
        "dosageInstruction": [
            {
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mg"}}],
            }
        ],
        **elements,
    }


def result(concept: Json, value: float, unit: str) -> Json:
    """A laboratory result of ten days ago."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": concept,
        "effectiveDateTime": "2025-06-20",
        "valueQuantity": {"value": value, "unit": unit},
    }


def answer(concept: Json, day: str = "2025-06-20") -> Json:
    """An answer to a question that no code tells."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "Diet"},
        "effectiveDateTime": day,
        "valueCodeableConcept": concept,
    }


def ordered(concept: Json) -> Json:
    return {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "code": concept,
        "authoredOn": "2025-06-20",
    }


def injected(day: str = "2025-06-25") -> Json:
    """A B12 injection that was given."""
    return {
        "resourceType": "MedicationAdministration",
        "status": "completed",
        "medicationCodeableConcept": coded("atc", "B03BA03"),
        "effectiveDateTime": day,
    }


_TESTS = ("potassium", "magnesium", "calcium", "creatinine", "tsh", "hba1c", "ck")
_NOTES = {
    *("restless-legs", "diabetes", "leber", "renal-impairment", "folate-low"),
    *("hypersegmented", "high-b12", "tsh-abnormal", "hba1c-high"),
    "folic-acid-dose-unknown",
}


def case_of(*resources: Json) -> Case:
    """The case of these resources, all of patient p1, read as the service reads."""
    own = [
        resource
        if resource["resourceType"] == "Patient"
        else {
            "id": f"r{position}",
            "subject": {"reference": "Patient/p1"},
            "patient": {"reference": "Patient/p1"},
            **resource,
        }
        for position, resource in enumerate(resources)
    ]
    record = read_record(
        resources_of(own),
        terminology=terminology(),
        units=Units(knowledge().units),
        today=TODAY,
        patient_id="p1",
    )
    return Case(record=record, knowledge=knowledge(), today=TODAY)


def facts_in(*resources: Json) -> frozenset[str]:
    """Every fact that is true of a man of 50 with these resources, by its name."""
    case = case_of(patient(), *resources)
    b12, replacement = case.b12, case.replacement
    after_injection = case.post_injection_cramps
    missing = missing_tests(case, among=(*_TESTS, "ferritin"))
    states = {
        "pregnancy": case.pregnancy is not None,
        "palliative": case.palliative_care is not None,
        "diagnosed": case.diagnosis is not None,
        "pending": case.pending_test is not None,
        "on-b12": replacement.is_current,
        "injections": replacement.injections is not None,
        "homocysteine:raised": case.is_homocysteine_raised,
        "ck:raised": case.raised_ck is not None,
        "folic-acid": case.folic_acid.treating is not None,
        f"b12:{b12.status}": b12.status is not None,
        f"mma:{b12.mma}": b12.mma is not None,
    }
    return frozenset(
        {
            *(fact.name for fact in case.cramp_facts()),
            *(f"risk:{factor.key}" for factor in case.risk_factors),
            *(f"companion:{key}" for key in case.companions),
            *(f"red-flag-1:{fact.name}" for fact in case.red_flags.grade_1),
            *(f"red-flag-2:{fact.name}" for fact in case.red_flags.grade_2),
            *(f"cause:{cause.key}" for cause in case.other_causes),
            *(
                f"{out.analyte}:{'low' if out.is_low else 'high'}"
                for out in case.electrolytes_out_of_range
            ),
            *(name for name, holds in states.items() if holds),
            *(f"note:{note}" for note in case.notes & _NOTES),
            *(f"measured:{test}" for test in _TESTS if test not in missing),
            *(["measured:ferritin"] if "ferritin" not in missing else []),
            *(
                [f"post-injection:{after_injection.indicator}"]
                if after_injection
                else []
            ),
        }
    )
