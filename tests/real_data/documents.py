"""FHIR documents of others, turned into the calls an EHR with that data would make."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


Json = dict[str, Any]

WITH_MEDICINES = frozenset(
    {
        "MedicationRequest",
        "MedicationStatement",
        "MedicationDispense",
        "MedicationAdministration",
    }
)
"""What refers to a Medication; a search brings it along (`_include`)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request: where it comes from, which service it is for, and its body."""

    origin: str
    hook: str
    body: bytes

    @property
    def is_no_json(self) -> bool:
        """Whether RFC 8259 does not know the body."""
        try:
            json.loads(self.body)
        except ValueError:
            return True
        return False


def parsed(path: Path) -> object:
    """The JSON of a file, or None where there is none in it."""
    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"))
    except ValueError:
        return None


def calls_of(
    path: Path, prefetch: dict[str, str], *, with_cramps: bool = False
) -> Iterator[Call]:
    """Every call that a file gives rise to.

    Of FHIR data one call is made for each patient, with all resources of the types that
    the published templates ask for under their keys. ``with_cramps`` adds one Condition
    of ours to each. What is not FHIR data, a CDS Hooks request or anything else, is
    sent as it is.
    """
    document = parsed(path)
    if not isinstance(document, dict) or "resourceType" not in document:
        hook = document.get("hook") if isinstance(document, dict) else None
        yield Call(
            origin=path.name, hook=str(hook or "patient-view"), body=path.read_bytes()
        )
        return
    resources = list(resources_of(document))
    for patient in patients_of(resources):
        patient_id = str(patient.get("id") or "unnamed")
        added = [cramps(patient_id)] if with_cramps else []
        body = request_for(patient_id, patient, [*resources, *added], prefetch)
        yield Call(
            origin=path.name, hook="patient-view", body=json.dumps(body).encode()
        )


def resources_of(document: Json) -> Iterator[Json]:
    """The resource itself, or those of a Bundle."""
    if document["resourceType"] != "Bundle":
        yield document
        return
    for entry in document.get("entry") or []:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            yield resource


def patients_of(resources: list[Json]) -> list[Json]:
    """The Patients; without any, one of whom only the id is known from references."""
    patients = [each for each in resources if each.get("resourceType") == "Patient"]
    if patients:
        return patients
    named = {subject_of(each) for each in resources} - {""}
    return [
        {"resourceType": "Patient", "id": name} for name in sorted(named or {"unnamed"})
    ]


def subject_of(resource: Json) -> str:
    """The id in a resource's reference to its patient, or nothing."""
    for member in ("subject", "patient"):
        subject = resource.get(member)
        reference = subject.get("reference") if isinstance(subject, dict) else None
        if isinstance(reference, str) and "Patient/" in reference:
            return reference.rpartition("Patient/")[2].partition("/")[0]
    return ""


def request_for(
    patient_id: str, patient: Json, resources: list[Json], prefetch: dict[str, str]
) -> Json:
    """The request of an EHR that has exactly these resources and searches by type."""
    sent: Json = {}
    for key, template in prefetch.items():
        kind = template.replace("/", "?").partition("?")[0]
        if kind == "Patient":
            sent[key] = patient
        else:
            sent[key] = searchset(kind, resources)
    return {
        "hook": "patient-view",
        "hookInstance": "8cf0ff3c-9d4b-4e4f-8d3c-0b8d7c3a3f10",
        "context": {"userId": "Practitioner/reader", "patientId": patient_id},
        "prefetch": sent,
    }


def searchset(kind: str, resources: list[Json]) -> Json:
    wanted = {kind, "Medication"} if kind in WITH_MEDICINES else {kind}
    found = [each for each in resources if each.get("resourceType") in wanted]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        **({"entry": [{"resource": each} for each in found]} if found else {}),
    }


def cramps(patient_id: str) -> Json:
    """Muscle cramps, active: the one resource that is ours."""
    return {
        "resourceType": "Condition",
        "id": "added-by-this-test",
        "subject": {"reference": f"Patient/{patient_id}"},
        "clinicalStatus": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                    "code": "active",
                }
            ]
        },
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "55300003"}]},
        "recordedDate": "2025-06-01",
    }
