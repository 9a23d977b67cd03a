"""A patient in a request: small parts that tests put together."""

import uuid
from typing import Any

import requests


Json = dict[str, Any]


def patient(**changes: Any) -> Json:
    return {
        "resourceType": "Patient",
        "id": "p1",
        "gender": "male",
        "birthDate": "1967-03-05",
        **changes,
    }


def cramps(**changes: Any) -> Json:
    return {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/p1"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {
            "coding": [
                {
                    "system": "http://snomed.info/sct",
                    "code": "55300003",
                    "display": "Cramp",
                }
            ]
        },
        "onsetDateTime": "2025-05-01",
        **changes,
    }


def metformin(**changes: Any) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "authoredOn": "2022-11-01",
        "medicationCodeableConcept": {
            "coding": [
                {
                    "system": "http://www.nlm.nih.gov/research/umls/rxnorm",
                    "code": "861004",
                    "display": "metformin hydrochloride 1000 MG Oral Tablet",
                }
            ]
        },
        **changes,
    }


def bundle(*resources: Json) -> Json:
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(resources),
        "entry": [{"resource": resource} for resource in resources],
    }


def prefetch(**changes: Any) -> Json:
    """All our keys: cramps and metformin; everything else looked for and not there."""
    return {
        "patient": patient(),
        "conditions": bundle(cramps()),
        "medicationRequests": bundle(metformin()),
        "medicationStatements": None,
        "procedures": None,
        "laboratory": None,
        "findings": None,
        **changes,
    }


def request(hook: str = "patient-view", **changes: Any) -> Json:
    return {
        "hook": hook,
        "hookInstance": str(uuid.uuid4()),
        "context": {"userId": "Practitioner/u1", "patientId": "p1"},
        "prefetch": prefetch(),
        **changes,
    }


def without(members: Json, *names: str) -> Json:
    return {name: value for name, value in members.items() if name not in names}


def omeprazole(**changes: Any) -> Json:
    return metformin(
        id="o1",
        medicationCodeableConcept={
            "coding": [
                {
                    "system": "http://www.whocc.no/atc",
                    "code": "A02BC01",
                    "display": "omeprazole",
                }
            ]
        },
        **changes,
    )


def folic_acid(mg: float, **changes: Any) -> Json:
    """Folic acid once a day in a dose of `mg` milligrams."""
    return metformin(
        **{
            "id": "f1",
            "medicationCodeableConcept": {
                "coding": [
                    {
                        "system": "http://www.whocc.no/atc",
                        "code": "B03BB01",
                        "display": "folic acid",
                    }
                ]
            },
            "dosageInstruction": [
                {
                    "timing": {
                        "repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}
                    },
                    "doseAndRate": [
                        {
                            "doseQuantity": {
                                "value": mg,
                                "unit": "mg",
                                "system": "http://unitsofmeasure.org",
                                "code": "mg",
                            }
                        }
                    ],
                }
            ],
            **changes,
        }
    )


def b12_test(**changes: Any) -> Json:
    """An order of total vitamin B12."""
    return {
        "resourceType": "ServiceRequest",
        "id": "t1",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "2132-9"}]},
        **changes,
    }


def context(**changes: Any) -> Json:
    """The context of a hook call, with the hook's own fields in `changes`."""
    members = {"userId": "Practitioner/u1", "patientId": "p1", **changes}
    return {name: value for name, value in members.items() if value is not None}


def keys_shown(answer: requests.Response) -> list[str]:
    """`key:indicator` of each card, in the order of the answer."""
    assert answer.status_code == 200, answer.text
    return [
        f"{card['source']['topic']['code']}:{card['indicator']}"
        for card in answer.json()["cards"]
    ]
