"""The requests that are measured: one patient's chart at four sizes.

Each is a patient-view call with everything prefetched under the service's own keys:
25, 300, 3,000 or 30,000 resources (about 39 KB, 428 KB, 4.2 MB and 42 MB), of which six
matter: the patient, a cramp, metformin, and three blood results. The rest is what fills
a real chart: vital signs, laboratory results, old prescriptions, vaccinations' orders.
The chart without cramps has a sprain in the place of the cramp.

All is drawn from a seeded generator, so that every machine measures the same bytes.
"""

import json
import random
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any


Json = dict[str, Any]

SIZES = {"small": 25, "medium": 300, "large": 3_000, "huge": 30_000}
"""Resources in each body."""

TODAY = date(2025, 6, 30)
"""The day the charts are evaluated for."""

PATIENT = "f1b0a2f4-6d0c-4a49-9d6e-3a0d5b7c1e21"

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"
_HL7 = "http://terminology.hl7.org/CodeSystem"
_PROFILE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core"

CRAMP = (SNOMED, "449918009", "Cramp in lower leg")
SPRAIN = (SNOMED, "44465007", "Sprain of ankle")
METFORMIN = (RXNORM, "860975", "metformin hydrochloride 500 MG Oral Tablet")
HEMOGLOBIN = (LOINC, "718-7", "Hemoglobin [Mass/volume] in Blood")
MCV = (LOINC, "787-2", "MCV [Entitic volume] by Automated count")
POTASSIUM = (LOINC, "2823-3", "Potassium [Moles/volume] in Serum or Plasma")

_PROBLEMS = (
    ("38341003", "Hypertensive disorder"),
    ("55822004", "Hyperlipidemia"),
    ("195967001", "Asthma"),
    ("444814009", "Viral sinusitis"),
    ("65363002", "Otitis media"),
    ("10509002", "Acute bronchitis"),
    ("36971009", "Sinusitis"),
    ("43878008", "Streptococcal sore throat"),
    ("75498004", "Acute bacterial sinusitis"),
    ("370247008", "Facial laceration"),
)
_MEDICINES = (
    ("314076", "lisinopril 10 MG Oral Tablet"),
    ("197361", "amlodipine 5 MG Oral Tablet"),
    ("308182", "amoxicillin 250 MG Oral Capsule"),
    ("834061", "penicillin V potassium 250 MG Oral Tablet"),
    ("197591", "diazepam 5 MG Oral Tablet"),
    ("198405", "ibuprofen 100 MG Oral Tablet"),
    ("313782", "acetaminophen 325 MG Oral Tablet"),
    ("243670", "aspirin 81 MG Oral Tablet"),
)
_RESULTS = (
    ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "mg/dL", 120, 260),
    ("2571-8", "Triglyceride [Mass/volume] in Serum or Plasma", "mg/dL", 60, 300),
    ("2085-9", "Cholesterol in HDL [Mass/volume] in Serum or Plasma", "mg/dL", 30, 90),
    ("2339-0", "Glucose [Mass/volume] in Blood", "mg/dL", 70, 160),
    ("3094-0", "Urea nitrogen [Mass/volume] in Serum or Plasma", "mg/dL", 7, 25),
    ("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*3/uL", 4, 11),
    ("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", 150, 400),
    ("1742-6", "Alanine aminotransferase [Enzymatic activity/volume]", "U/L", 7, 56),
)
_SIGNS = (
    ("8480-6", "Systolic blood pressure", "mm[Hg]", 100, 150),
    ("8867-4", "Heart rate", "/min", 55, 100),
    ("9279-1", "Respiratory rate", "/min", 12, 18),
    ("29463-7", "Body weight", "kg", 50, 110),
    ("8302-2", "Body height", "cm", 150, 195),
    ("39156-5", "Body mass index (BMI) [Ratio]", "kg/m2", 18, 38),
)
_SURGERY = (
    ("73761001", "Colonoscopy"),
    ("71651007", "Mammography"),
    ("23426006", "Measurement of respiratory function"),
    ("76601001", "Intramuscular injection"),
)
_ORDERS = (
    ("24356-8", "Urinalysis complete panel - Urine"),
    ("57698-3", "Lipid panel with direct LDL - Serum or Plasma"),
    ("24323-8", "Comprehensive metabolic 2000 panel - Serum or Plasma"),
)


@cache
def request_body(size: str, *, cramps: bool = True) -> bytes:
    """The bytes of one request; ``size`` is a key of ``SIZES``."""
    return json.dumps(
        chart_request(SIZES[size], cramps=cramps), separators=(",", ":")
    ).encode()


def chart_request(resources: int, *, cramps: bool = True) -> Json:
    """A patient-view request with that many resources, 25 at least."""
    return {
        "hook": "patient-view",
        "hookInstance": "3d1b6a2e-5f0c-4c1d-9b7e-2a9f1c0e7d55",
        "context": {"userId": "Practitioner/example", "patientId": PATIENT},
        "prefetch": _prefetch(_Chart(seed=resources), resources, cramps),
    }


def _prefetch(chart: "_Chart", resources: int, cramps: bool) -> Json:
    """Every key of the service, those of which there is nothing as ``null``."""
    parts: dict[str, list[Json]] = {
        "conditions": [chart.condition(CRAMP if cramps else SPRAIN, days_ago=60)],
        "procedures": [],
        "medicationRequests": [chart.prescription(METFORMIN, days_ago=1400)],
        "laboratory": [
            chart.result(HEMOGLOBIN, 14.1, "g/dL", days_ago=40),
            chart.result(MCV, 91.0, "fL", days_ago=40),
            chart.result(POTASSIUM, 4.3, "mmol/L", days_ago=40),
        ],
        "findings": [],
        "serviceRequests": [],
    }
    # How often each kind occurs among twenty resources of a chart.
    kinds: dict[str, tuple[int, Callable[[], Json]]] = {
        "laboratory": (6, chart.any_result),
        "findings": (5, chart.any_sign),
        "medicationRequests": (3, chart.any_prescription),
        "conditions": (2, chart.any_condition),
        "procedures": (2, chart.any_procedure),
        "serviceRequests": (2, chart.any_order),
    }
    turns = [key for key, (times, _) in kinds.items() for _ in range(times)]
    that_matter = 6
    for number in range(resources - that_matter):
        key = turns[number % len(turns)]
        parts[key].append(kinds[key][1]())
    for entries in parts.values():
        chart.shuffle(entries)
    absent = (
        "medicationStatements",
        "medicationDispenses",
        "medicationAdministrations",
        "symptoms",
        "familyHistory",
        "allergies",
        "nutritionOrders",
    )
    return {
        "patient": chart.patient(),
        **{key: _searchset(entries) for key, entries in parts.items()},
        **dict.fromkeys(absent),
    }


def _searchset(resources: list[Json]) -> Json:
    base = "https://fhir.example.org/r4"
    return {
        "resourceType": "Bundle",
        "id": str(uuid.UUID(int=len(resources))),
        "type": "searchset",
        "total": len(resources),
        "entry": [
            {
                "fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}",
                "resource": resource,
                "search": {"mode": "match"},
            }
            for resource in resources
        ],
    }


class _Chart:
    """Makes the resources of one patient; the same ones from the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._ids = self._all_ids()

    def shuffle(self, entries: list[Json]) -> None:
        self._random.shuffle(entries)

    def patient(self) -> Json:
        return {
            "resourceType": "Patient",
            "id": PATIENT,
            "meta": self._meta("patient"),
            "text": _narrative("Generated chart of an invented patient"),
            "identifier": [{"system": "https://hospital.example.org", "value": "1"}],
            "name": [{"use": "official", "family": "Example", "given": ["Robin"]}],
            "telecom": [{"system": "phone", "value": "555-0100", "use": "home"}],
            "gender": "male",
            "birthDate": "1961-04-16",
            "address": [{"city": "Springfield", "state": "MA", "country": "US"}],
            "communication": [{"language": {"text": "English"}}],
        }

    def condition(self, code: tuple[str, str, str], days_ago: int) -> Json:
        return {
            **self._head("Condition", "condition", code),
            "clinicalStatus": _concept((f"{_HL7}/condition-clinical", "active", None)),
            "verificationStatus": _concept(
                (f"{_HL7}/condition-ver-status", "confirmed", None)
            ),
            "category": [
                _concept(
                    (
                        f"{_HL7}/condition-category",
                        "problem-list-item",
                        "Problem List Item",
                    )
                )
            ],
            "code": _concept(code, text=code[2]),
            **self._about(),
            "onsetDateTime": _moment(days_ago),
            "recordedDate": _moment(days_ago),
        }

    def prescription(self, code: tuple[str, str, str], days_ago: int) -> Json:
        return {
            **self._head("MedicationRequest", "medicationrequest", code),
            "status": "active",
            "intent": "order",
            "category": [
                _concept((f"{_HL7}/medicationrequest-category", "community", None))
            ],
            "medicationCodeableConcept": _concept(code, text=code[2]),
            **self._about(),
            "authoredOn": _moment(days_ago),
            "requester": {"reference": "Practitioner/example", "display": "Dr Example"},
            "dosageInstruction": [
                {
                    "sequence": 1,
                    "text": "1 tablet twice a day with meals",
                    "timing": {
                        "repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}
                    },
                    "asNeededBoolean": False,
                    "route": _concept((SNOMED, "26643006", "Oral route")),
                    "doseAndRate": [
                        {
                            "type": _concept(
                                (f"{_HL7}/dose-rate-type", "ordered", "Ordered")
                            ),
                            "doseQuantity": {"value": 1, "unit": "tablet"},
                        }
                    ],
                }
            ],
            "dispenseRequest": {
                "numberOfRepeatsAllowed": 3,
                "quantity": {"value": 180, "unit": "tablet"},
            },
        }

    def result(
        self, code: tuple[str, str, str], value: float, unit: str, days_ago: int
    ) -> Json:
        return self._observation("laboratory", code, value, unit, days_ago)

    def any_condition(self) -> Json:
        return self.condition((SNOMED, *self._random.choice(_PROBLEMS)), self._days())

    def any_prescription(self) -> Json:
        medicine = self._random.choice(_MEDICINES)
        return self.prescription((RXNORM, *medicine), self._days())

    def any_result(self) -> Json:
        code, display, unit, low, high = self._random.choice(_RESULTS)
        value = round(self._random.uniform(low, high), 1)
        return self.result((LOINC, code, display), value, unit, self._days())

    def any_sign(self) -> Json:
        code, display, unit, low, high = self._random.choice(_SIGNS)
        value = round(self._random.uniform(low, high), 1)
        return self._observation(
            "vital-signs", (LOINC, code, display), value, unit, self._days()
        )

    def any_procedure(self) -> Json:
        code = (SNOMED, *self._random.choice(_SURGERY))
        day = self._days()
        return {
            **self._head("Procedure", "procedure", code),
            "status": "completed",
            "code": _concept(code, text=code[2]),
            **self._about(),
            "performedPeriod": {"start": _moment(day), "end": _moment(day)},
            "performer": [{"actor": {"reference": "Practitioner/example"}}],
            "location": {"reference": "Location/example", "display": "Example Clinic"},
        }

    def any_order(self) -> Json:
        code = (LOINC, *self._random.choice(_ORDERS))
        return {
            **self._head("ServiceRequest", "servicerequest", code),
            "status": "active",
            "intent": "order",
            "priority": "routine",
            "code": _concept(code, text=code[2]),
            **self._about(),
            "authoredOn": _moment(self._days()),
            "requester": {"reference": "Practitioner/example", "display": "Dr Example"},
        }

    def _observation(
        self,
        category: str,
        code: tuple[str, str, str],
        value: float,
        unit: str,
        days_ago: int,
    ) -> Json:
        return {
            **self._head("Observation", f"observation-{category}", code),
            "status": "final",
            "category": [
                _concept((f"{_HL7}/observation-category", category, category.title()))
            ],
            "code": _concept(code, text=code[2]),
            **self._about(),
            "effectiveDateTime": _moment(days_ago),
            "issued": _moment(days_ago),
            "performer": [{"reference": "Organization/example-laboratory"}],
            "valueQuantity": {
                "value": value,
                "unit": unit,
                "system": UCUM,
                "code": unit,
            },
        }

    def _head(self, name: str, profile: str, code: tuple[str, str, str]) -> Json:
        identity = next(self._ids)
        return {
            "resourceType": name,
            "id": identity,
            "meta": self._meta(profile),
            "text": _narrative(f"{name} {identity}: {code[2]} ({code[1]})"),
            "identifier": [
                {"system": "https://hospital.example.org/records", "value": identity}
            ],
        }

    def _about(self) -> Json:
        return {
            "subject": {"reference": f"Patient/{PATIENT}", "display": "Robin Example"},
            "encounter": {"reference": f"Encounter/{next(self._ids)}"},
        }

    def _meta(self, profile: str) -> Json:
        return {
            "versionId": "1",
            "lastUpdated": "2025-06-01T08:30:00.000Z",
            "source": "https://hospital.example.org/source",
            "profile": [f"{_PROFILE}-{profile}"],
        }

    def _days(self) -> int:
        return self._random.randrange(1, 9_000)

    def _all_ids(self) -> Iterator[str]:
        while True:
            yield str(uuid.UUID(int=self._random.getrandbits(128), version=4))


def _concept(coding: tuple[str, str, str | None], text: str | None = None) -> Json:
    system, code, display = coding
    members = {"system": system, "code": code, "display": display}
    concept: Json = {"coding": [{name: v for name, v in members.items() if v}]}
    return {**concept, "text": text} if text else concept


def _narrative(text: str) -> Json:
    return {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{text}</p></div>',
    }


def _moment(days_ago: int) -> str:
    return f"{TODAY - timedelta(days=days_ago)}T09:30:00-05:00"
