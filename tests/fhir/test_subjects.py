"""One patient's chart is read; another patient's resources are left out and said."""

import pytest

from tests.fhir.charts import Json, condition, read, reasons


ABOUT_ANOTHER = [("Condition.subject", "about another patient")]


def cramp_of(reference: object) -> Json:
    return condition(subject={"reference": reference})


@pytest.mark.parametrize(
    "subject",
    [
        None,
        {"reference": "Patient/p1"},
        {"reference": "https://ehr.example/fhir/Patient/p1"},
        {"reference": "https://ehr.example/fhir/Patient/p1/_history/3"},
        {"reference": "urn:uuid:p1"},
        {"reference": "#patient"},
        {"reference": "Patient?identifier=http://hospital.example|12"},
        {"display": "somebody"},
        {"identifier": {"value": "12"}},
    ],
)
@pytest.mark.parametrize("patient", ["p1", "Patient/p1"])
def test_a_resource_of_the_patient_in_context_is_read(
    subject: Json | None, patient: str
) -> None:
    record = read(condition(subject=subject), patient=patient)
    assert len(record.conditions) == 1
    assert record.unread == ()


@pytest.mark.parametrize(
    "reference",
    ["Patient/p2", "https://ehr.example/fhir/Patient/p2", "Group/p1", "Device/p1"],
)
def test_a_resource_that_names_somebody_else_is_not_read_but_said(
    reference: str,
) -> None:
    record = read(cramp_of(reference), patient="p1")
    assert record.conditions == ()
    assert reasons(record) == ABOUT_ANOTHER


def test_an_irrelevant_resource_of_another_patient_is_not_worth_a_word() -> None:
    record = read(
        condition(code={"text": "Cough"}, subject={"reference": "Patient/p2"}),
        patient="p1",
    )
    assert record.unread == ()


def test_of_several_patients_the_one_in_context_is_read() -> None:
    patients = [
        {"resourceType": "Patient", "id": name, "birthDate": birth}
        for name, birth in (("p1", "1950-01-01"), ("p2", "1990-01-01"))
    ]
    record = read(patients, cramp_of("Patient/p1"), patient="p2")
    assert record.patient is not None
    assert record.patient.source.id == "p2"
    assert record.conditions == ()
    assert reasons(record) == ABOUT_ANOTHER


def test_without_a_context_the_first_patient_is_read() -> None:
    patients = [{"resourceType": "Patient", "id": name} for name in ("p1", "p2")]
    record = read(patients, cramp_of("Patient/p2"))
    assert record.patient is not None
    assert record.patient.source.id == "p1"
    assert reasons(record) == ABOUT_ANOTHER


def test_full_urls_of_a_transaction_name_the_patient() -> None:
    """Synthea writes Bundles in which everything refers by urn:uuid."""
    entries = [
        {"fullUrl": "urn:uuid:a1", "resource": {"resourceType": "Patient", "id": "a"}},
        {"fullUrl": "urn:uuid:b1", "resource": {"resourceType": "Patient", "id": "b"}},
        {"resource": {**cramp_of("urn:uuid:a1"), "id": "cramp-of-a"}},
        {"resource": {**cramp_of("urn:uuid:b1"), "id": "cramp-of-b"}},
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    for patient in ("a", "b"):
        record = read(bundle, patient=patient)
        (cramp,) = record.conditions
        assert cramp.source.id == f"cramp-of-{patient}"
        assert reasons(record) == ABOUT_ANOTHER


def test_a_patient_who_is_not_the_one_in_context_is_not_read_but_said() -> None:
    record = read({"resourceType": "Patient", "id": "p2"}, patient="p1")
    assert record.patient is None
    assert reasons(record) == [("Patient.id", "about another patient")]
