"""STU3 and R5 shapes are read; DSTU2 is told apart."""

import pytest

from service.clinical.record import ClinicalStatus, MedicationState
from service.fhir.versions import as_r4, unsupported_version
from tests.fhir.charts import (
    B12_TEST,
    CRAMP,
    METFORMIN,
    Json,
    condition,
    metformin,
    read,
)


class TestStu3:
    def test_a_condition_with_plain_codes(self) -> None:
        (found,) = read(
            condition(
                clinicalStatus="recurrence",
                verificationStatus="confirmed",
                assertedDate="2025-01-02",
            )
        ).conditions
        assert found.clinical_status is ClinicalStatus.RECURRENCE
        assert found.verification == "confirmed"
        assert str(found.recorded) == "2025-01-02"

    def test_a_refuted_condition(self) -> None:
        assert read(condition(verificationStatus="refuted")).conditions == ()

    @pytest.mark.parametrize(
        ("taken", "state"), [("y", MedicationState.CURRENT), ("n", None), ("unk", None)]
    )
    def test_a_statement_says_whether_it_is_taken(
        self, taken: str, state: MedicationState | None
    ) -> None:
        statement = {
            "resourceType": "MedicationStatement",
            "status": "active",
            "taken": taken,
            "medicationCodeableConcept": METFORMIN,
        }
        states = [found.state for found in read(statement).medications]
        # Unknown is not "no": the statement is taken at its word.
        assert states == ([] if taken == "n" else [MedicationState.CURRENT])

    def test_a_dose_that_was_not_given(self) -> None:
        dose = {
            "resourceType": "MedicationAdministration",
            "notGiven": True,
            "medicationCodeableConcept": METFORMIN,
        }
        assert read(dose).medications == ()

    def test_a_procedure_that_was_not_done(self) -> None:
        bypass = {
            "coding": [{"system": "urn:oid:2.16.840.1.113883.6.90", "code": "Z9884"}]
        }
        done = {"resourceType": "Procedure", "status": "completed", "code": bypass}
        assert len(read(done).procedures) == 1
        assert read({**done, "notDone": True}).procedures == ()

    def test_an_order_of_a_test(self) -> None:
        order = {
            "resourceType": "ProcedureRequest",
            "status": "active",
            "code": B12_TEST,
        }
        (found,) = read(order).test_orders
        assert found.source.type == "ServiceRequest"

    def test_the_reason_of_a_visit(self) -> None:
        visit = {"resourceType": "Encounter", "id": "e1", "reason": [CRAMP]}
        (found,) = read(visit, encounter="e1").conditions
        assert "cramp-trigger" in found.concepts


class TestR5:
    def test_a_medicine_as_a_codeable_reference(self) -> None:
        order = metformin(
            medicationCodeableConcept=None, medication={"concept": METFORMIN}
        )
        (found,) = read(order).medications
        assert found.concepts == {"med-metformin"}

    def test_a_medicine_referred_to(self) -> None:
        medication = {"resourceType": "Medication", "id": "m1", "code": METFORMIN}
        order = metformin(
            medicationCodeableConcept=None,
            medication={"reference": {"reference": "Medication/m1"}},
        )
        (found,) = read(order, medication).medications
        assert found.concepts == {"med-metformin"}

    @pytest.mark.parametrize(
        ("adherence", "state"),
        [
            ("taking", MedicationState.CURRENT),
            ("stopped", MedicationState.ENDED),
            ("not-taking", None),
        ],
    )
    def test_a_statement_with_its_adherence(
        self, adherence: str, state: MedicationState | None
    ) -> None:
        statement = {
            "resourceType": "MedicationStatement",
            "status": "recorded",
            "adherence": {"code": {"coding": [{"code": adherence}]}},
            "medication": {"concept": METFORMIN},
        }
        states = [found.state for found in read(statement).medications]
        assert states == ([state] if state else [])

    def test_as_needed(self) -> None:
        for dosage in ({"asNeeded": True}, {"asNeededFor": [{"text": "pain"}]}):
            (found,) = read(metformin(dosageInstruction=[dosage])).medications
            assert found.as_needed

    def test_the_reason_of_a_visit(self) -> None:
        reason = [{"value": [{"concept": CRAMP}]}]
        visit = {"resourceType": "Encounter", "id": "e1", "reason": reason}
        (found,) = read(visit, encounter="e1").conditions
        assert "cramp-trigger" in found.concepts

    def test_the_reason_of_an_appointment(self) -> None:
        appointment = {"resourceType": "Appointment", "reason": [{"concept": CRAMP}]}
        (found,) = read(appointment, in_hand=True).conditions
        assert "cramp-trigger" in found.concepts

    def test_a_dose_with_its_own_spelling_of_occurrence(self) -> None:
        dose = {
            "resourceType": "MedicationAdministration",
            "status": "completed",
            "medication": {"concept": METFORMIN},
            "occurenceDateTime": "2025-05-01",
        }
        (found,) = read(dose).medications
        assert str(found.start) == "2025-05-01"

    def test_an_order_of_a_test(self) -> None:
        order = {"resourceType": "ServiceRequest", "code": {"concept": B12_TEST}}
        assert len(read(order).test_orders) == 1


class TestR4:
    @pytest.mark.parametrize(
        "resource",
        [condition(), {"resourceType": "Procedure"}, {"resourceType": "X"}, {}],
    )
    def test_is_left_as_it_is(self, resource: Json) -> None:
        assert as_r4(resource) is resource

    def test_no_argument_is_ever_changed(self) -> None:
        stu3 = condition(clinicalStatus="active", assertedDate="2025-01-01")
        before = str(stu3)
        as_r4(stu3)
        assert str(stu3) == before


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "MedicationOrder"},
        {"resourceType": "DiagnosticOrder"},
        {"resourceType": "Condition", "patient": {"reference": "Patient/1"}},
        {"resourceType": "Condition", "dateRecorded": "2015-01-01"},
        {"resourceType": "MedicationStatement", "wasNotTaken": False},
        {"resourceType": "Encounter", "patient": {"reference": "Patient/1"}},
        {"resourceType": "Patient", "careProvider": []},
        {"resourceType": "ProcedureRequest", "orderedOn": "2015-01-01"},
    ],
)
def test_dstu2_is_told_apart(resource: Json) -> None:
    assert unsupported_version(resource)


@pytest.mark.parametrize(
    "resource",
    [
        condition(),
        condition(clinicalStatus="active"),
        metformin(),
        {"resourceType": "AllergyIntolerance", "patient": {"reference": "Patient/1"}},
        {"resourceType": "Observation", "category": {"text": "lab"}},
        {"resourceType": ["Condition"]},
        {},
    ],
)
def test_later_versions_are_not_taken_for_dstu2(resource: Json) -> None:
    assert not unsupported_version(resource)
