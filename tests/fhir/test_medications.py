"""Medicines: which there are, what their status means, when they were taken."""

import pytest

from service.clinical.dates import PartialDate
from service.clinical.record import Medication, MedicationState
from tests.fhir.charts import (
    ATC,
    METFORMIN,
    RXNORM,
    SNOMED,
    Json,
    metformin,
    read,
    reasons,
)


BOUNDS = {"repeat": {"boundsPeriod": {"start": "2024-02-01", "end": "2024-08-01"}}}
VALIDITY = {"validityPeriod": {"start": "2024-01-15", "end": "2024-12-31"}}
LOCAL = "urn:oid:1.2.840.114350.1.13.0.1.7.2.698288"


def only(*resources: object, in_hand: bool = False) -> Medication:
    (found,) = read(*resources, in_hand=in_hand).medications
    return found


def statement(**elements: object) -> Json:
    usual = {"resourceType": "MedicationStatement", "id": "s1", "status": "active"}
    return {**usual, "medicationCodeableConcept": METFORMIN, **elements}


def dispense(**elements: object) -> Json:
    usual = {"resourceType": "MedicationDispense", "id": "d1", "status": "completed"}
    return {**usual, "medicationCodeableConcept": METFORMIN, **elements}


def administration(**elements: object) -> Json:
    usual = {"resourceType": "MedicationAdministration", "id": "a1"}
    injected = {"text": "hydroxocobalamin 1 mg/mL injection"}
    return {**usual, "medicationCodeableConcept": injected, **elements}


def day(text: str | None) -> PartialDate | None:
    return PartialDate.parse(text) if text else None


class TestWhichMedicine:
    """Codes first, then names, wherever either is written."""

    @pytest.mark.parametrize(
        "concept",
        [
            METFORMIN,
            {"coding": [{"system": ATC, "code": "A10BA02"}]},
            {"coding": [{"system": LOCAL, "code": "8"}], "text": "METFORMIN 500 MG"},
            {"coding": [{"system": RXNORM, "code": "0"}], "text": "Metformin HEX"},
            {"text": "Metforminhydrochlorid 1000 mg"},
        ],
    )
    def test_known_by_code_else_by_name(self, concept: Json) -> None:
        found = only(metformin(medicationCodeableConcept=concept))
        assert found.concepts == {"med-metformin"}

    def test_a_contained_medication_is_followed(self) -> None:
        medication = {"resourceType": "Medication", "id": "m", "code": METFORMIN}
        found = only(
            metformin(
                medicationCodeableConcept=None,
                medicationReference={"reference": "#m"},
                contained=[medication],
            )
        )
        assert found.concepts == {"med-metformin"}
        assert found.label == "metformin"

    @pytest.mark.parametrize(
        ("full_url", "reference"),
        [
            (None, "Medication/m1"),
            (None, "https://ehr.example/fhir/Medication/m1"),
            ("https://ehr.example/fhir/Medication/m1", "Medication/m1/_history/2"),
            ("urn:uuid:0c3", "urn:uuid:0c3"),
        ],
    )
    def test_a_separate_medication_is_followed(
        self, full_url: str | None, reference: str
    ) -> None:
        medication = {"resourceType": "Medication", "id": "m1", "code": METFORMIN}
        order = metformin(
            medicationCodeableConcept=None, medicationReference={"reference": reference}
        )
        entries = [{"fullUrl": full_url, "resource": medication}, {"resource": order}]
        found = only({"resourceType": "Bundle", "entry": entries})
        assert found.concepts == {"med-metformin"}

    def test_ingredients_of_a_medication_count(self) -> None:
        medication = {
            "resourceType": "Medication",
            "id": "m",
            "code": {"text": "Janumet"},
            "ingredient": [
                {"itemCodeableConcept": {"text": "sitagliptin"}},
                {"itemCodeableConcept": METFORMIN},
            ],
        }
        order = metformin(
            medicationCodeableConcept=None,
            medicationReference={"reference": "#m"},
            contained=[medication],
        )
        assert only(order).concepts == {"med-metformin"}
        assert only(order).label == "Janumet"

    @pytest.mark.parametrize(
        "reference",
        [
            {"reference": "Medication/gone", "display": "METFORMIN 500 MG PO TABS"},
            {"display": "METFORMIN 500 MG PO TABS"},
            {"identifier": {"value": "metformin 500 mg"}},
        ],
    )
    def test_a_reference_that_only_says_the_name_is_read(self, reference: Json) -> None:
        order = metformin(medicationCodeableConcept=None, medicationReference=reference)
        assert only(order).concepts == {"med-metformin"}
        assert read(order).unread == ()

    def test_a_medicine_nobody_supplied_may_be_any_and_is_said(self) -> None:
        order = metformin(
            medicationCodeableConcept=None,
            medicationReference={"reference": "Medication/gone"},
        )
        assert read(order).medications == ()
        assert reasons(read(order)) == [
            (
                "MedicationRequest.medicationReference",
                "the medicine it refers to was not supplied",
            )
        ]

    def test_a_medicine_of_a_cancelled_order_is_not_missed(self) -> None:
        order = metformin(
            medicationCodeableConcept=None,
            medicationReference={"reference": "Medication/gone"},
            status="cancelled",
        )
        assert read(order).unread == ()

    def test_a_medicine_that_is_no_concept_is_said(self) -> None:
        record = read(metformin(medicationCodeableConcept="metformin"))
        assert reasons(record) == [
            ("MedicationRequest.medicationCodeableConcept", "does not fit FHIR R4")
        ]

    def test_other_medicines_are_left_alone(self) -> None:
        record = read(metformin(medicationCodeableConcept={"text": "aspirin 81 mg"}))
        assert record.medications == ()
        assert record.unread == ()


class TestStatus:
    """What each status means for exposure (CLINICAL 2.3)."""

    @pytest.mark.parametrize(
        ("status", "state"),
        [
            ("active", MedicationState.CURRENT),
            ("on-hold", MedicationState.CURRENT),
            ("unknown", MedicationState.CURRENT),
            (None, MedicationState.CURRENT),
            ("completed", MedicationState.ENDED),
            ("stopped", MedicationState.ENDED),
            ("draft", MedicationState.DRAFT),
        ],
    )
    def test_of_an_order(self, status: str | None, state: MedicationState) -> None:
        assert only(metformin(status=status)).state is state

    @pytest.mark.parametrize("status", ["cancelled", "entered-in-error", "odd"])
    def test_orders_that_do_not_count(self, status: str) -> None:
        assert read(metformin(status=status)).medications == ()

    @pytest.mark.parametrize("intent", ["proposal", "option"])
    def test_a_proposal_is_no_order(self, intent: str) -> None:
        assert read(metformin(intent=intent)).medications == ()

    @pytest.mark.parametrize("intent", ["order", "plan", "original-order", None])
    def test_any_other_intent_is(self, intent: str | None) -> None:
        assert only(metformin(intent=intent)).state is MedicationState.CURRENT

    @pytest.mark.parametrize("prohibited", [True, "true"])
    def test_an_order_not_to_give_it_does_not_count(self, prohibited: object) -> None:
        assert read(metformin(doNotPerform=prohibited)).medications == ()

    def test_a_prohibition_that_cannot_be_read_makes_the_order_unread(self) -> None:
        record = read(metformin(doNotPerform="maybe"))
        assert record.medications == ()
        assert reasons(record) == [
            ("MedicationRequest.doNotPerform", "does not fit FHIR R4")
        ]

    def test_an_order_in_hand_is_a_draft(self) -> None:
        assert only(metformin(), in_hand=True).state is MedicationState.DRAFT

    @pytest.mark.parametrize(
        ("status", "state"),
        [
            ("active", MedicationState.CURRENT),
            ("completed", MedicationState.ENDED),
            ("stopped", MedicationState.ENDED),
            ("intended", MedicationState.DRAFT),
        ],
    )
    def test_of_a_statement(self, status: str, state: MedicationState) -> None:
        assert only(statement(status=status)).state is state

    @pytest.mark.parametrize("status", ["not-taken", "entered-in-error"])
    def test_statements_that_do_not_count(self, status: str) -> None:
        assert read(statement(status=status)).medications == ()

    @pytest.mark.parametrize(
        "status", ["cancelled", "declined", "preparation", "entered-in-error"]
    )
    def test_supplies_nobody_received_do_not_count(self, status: str) -> None:
        assert read(dispense(status=status)).medications == ()

    @pytest.mark.parametrize("status", ["not-done", "entered-in-error"])
    def test_doses_nobody_received_do_not_count(self, status: str) -> None:
        assert read(administration(status=status)).medications == ()


class TestDates:
    """Start and end of taking, as far as recorded."""

    @pytest.mark.parametrize(
        ("elements", "start", "end"),
        [
            ({}, "2024-01-10", None),
            ({"authoredOn": "2024"}, "2024", None),
            ({"authoredOn": None}, None, None),
            ({"dispenseRequest": VALIDITY}, "2024-01-15", None),
            (
                {
                    "dosageInstruction": [{"timing": BOUNDS}],
                    "dispenseRequest": VALIDITY,
                },
                "2024-02-01",
                "2024-08-01",
            ),
            (
                {"dosageInstruction": [{"timing": BOUNDS}, {"text": "then as before"}]},
                "2024-02-01",
                None,
            ),
        ],
    )
    def test_of_an_order_bounds_then_validity_then_the_day_it_was_written(
        self, elements: Json, start: str | None, end: str | None
    ) -> None:
        found = only(metformin(**elements))
        assert (found.start, found.end) == (day(start), day(end))

    def test_an_end_in_the_year_9999_is_none(self) -> None:
        period = {"start": "2024-02-01", "end": "9999-12-31"}
        timing = {"repeat": {"boundsPeriod": period}}
        assert only(metformin(dosageInstruction=[{"timing": timing}])).end is None

    def test_an_order_that_is_over_ends_when_its_supplies_do(self) -> None:
        supply = {
            "expectedSupplyDuration": {"value": 30, "unit": "days", "code": "d"},
            "numberOfRepeatsAllowed": 2,
        }
        found = only(metformin(status="completed", dispenseRequest=supply))
        assert found.end == day("2024-04-09")

    def test_an_order_that_is_over_ends_with_the_time_it_was_written_for(self) -> None:
        timing = {"repeat": {"boundsDuration": {"value": 200, "code": "d"}}}
        order = metformin(
            status="completed",
            authoredOn="2024-01-01",
            dosageInstruction=[{"timing": timing}, {"text": "with food"}],
        )
        assert only(order).end == day("2024-07-19")

    @pytest.mark.parametrize("given", [dispense(), administration()])
    def test_a_supply_or_dose_without_a_day_is_said(self, given: Json) -> None:
        ((element, _),) = reasons(read(given))
        assert element in (
            "MedicationDispense.whenHandedOver",
            "MedicationAdministration.effective",
        )

    def test_an_order_that_is_over_without_more_has_no_end(self) -> None:
        assert only(metformin(status="stopped")).end is None

    @pytest.mark.parametrize(
        ("elements", "start", "end"),
        [
            ({"effectivePeriod": {"start": "2023-05"}}, "2023-05", None),
            (
                {"effectivePeriod": {"start": "2023-05-01", "end": "2024-01-01"}},
                "2023-05-01",
                "2024-01-01",
            ),
            ({"effectiveDateTime": "2023-05-01"}, "2023-05-01", None),
            ({"dateAsserted": "2025-06-01"}, None, None),
        ],
    )
    def test_of_a_statement_the_day_it_was_asserted_is_no_start(
        self, elements: Json, start: str | None, end: str | None
    ) -> None:
        found = only(statement(**elements))
        assert (found.start, found.end) == (day(start), day(end))

    @pytest.mark.parametrize(
        ("supply", "end"),
        [
            ({"value": 28, "unit": "days"}, "2025-03-29"),
            ({"value": 4, "code": "wk"}, "2025-03-29"),
            ({"value": 28}, "2025-03-29"),
            ({"value": 28, "unit": "tablets"}, None),
            ({"value": 99_999_999, "code": "d"}, None),
            (None, None),
        ],
    )
    def test_a_supply_lasts_its_days(
        self, supply: Json | None, end: str | None
    ) -> None:
        found = only(dispense(whenHandedOver="2025-03-01", daysSupply=supply))
        assert found.state is MedicationState.GIVEN
        assert (found.start, found.end) == (day("2025-03-01"), day(end))

    def test_a_dose_is_one_day(self) -> None:
        found = only(administration(effectiveDateTime="2025-05-01T09:30:00Z"))
        assert found.state is MedicationState.GIVEN
        assert found.start == found.end == day("2025-05-01")

    def test_a_start_to_come_is_not_used_but_said(self) -> None:
        record = read(metformin(authoredOn="2180-01-01"))
        assert record.medications == ()
        assert reasons(record) == [
            ("MedicationRequest.authoredOn", "dated after the day of evaluation")
        ]

    def test_an_end_before_the_start_is_none(self) -> None:
        period = {"start": "2024-05-01", "end": "2020-01-01"}
        assert only(statement(effectivePeriod=period)).end is None


class TestAsNeeded:
    """Regular or only when wanted."""

    @pytest.mark.parametrize(
        "dosage",
        [
            {"asNeededBoolean": True},
            {"asNeededCodeableConcept": {"text": "heartburn"}},
            {"text": "20 mg once daily PRN"},
            {"text": "one capsule when required"},
        ],
    )
    def test_as_needed(self, dosage: Json) -> None:
        assert only(metformin(dosageInstruction=[dosage])).as_needed

    def test_regular_with_more_as_needed_is_regular(self) -> None:
        regular, more = {"text": "20 mg once daily"}, {"text": "20 mg more if needed"}
        assert not only(metformin(dosageInstruction=[regular, more])).as_needed
        assert only(metformin(dosageInstruction=[more, more])).as_needed

    @pytest.mark.parametrize(
        "dosage", [{}, {"asNeededBoolean": False}, {"text": "20 mg once daily"}]
    )
    def test_regular(self, dosage: Json) -> None:
        assert not only(metformin(dosageInstruction=[dosage])).as_needed


class TestRoute:
    """Whether a medicine is injected."""

    @pytest.mark.parametrize(
        ("text", "dosage", "is_parenteral"),
        [
            ("cyanocobalamin", {"route": {"text": "Intramuscular"}}, True),
            ("cyanocobalamin", {"route": {"text": "IM"}}, True),
            ("cyanocobalamin", {"route": {"text": "subcutaneous"}}, True),
            (
                "cyanocobalamin",
                {"route": {"coding": [{"system": SNOMED, "code": "78421000"}]}},
                True,
            ),
            (
                "cyanocobalamin",
                {"route": {"coding": [{"system": SNOMED, "code": "26643006"}]}},
                False,
            ),
            ("cyanocobalamin", {"route": {"text": "Oral"}}, False),
            ("cyanocobalamin", {"route": {"coding": [{"code": "IM"}]}}, True),
            ("cyanocobalamin", {"route": {"coding": [{"code": "SQ"}]}}, True),
            ("cyanocobalamin 1 mg/mL injection", {}, True),
            ("cyanocobalamin 1 MG/ML Injectable Solution", {}, True),
            ("Vitamin-B12-ratiopharm N Ampullen", {}, True),
            ("cyanocobalamin 1000 mcg tablet", {}, False),
            ("cyanocobalamin", {}, None),
            ("hydroxocobalamin 1 mg", {}, True),
            ("hydroxocobalamin 1 mg tablets", {}, False),
            ("vitamin B12", {"text": "1 mg IM every 3 months"}, True),
            ("vitamin B12", {"text": "1 mg every 3 months"}, True),
            ("vitamin B12", {"text": "1 mg every 8 days"}, True),
            ("vitamin B12", {"text": "1 mg weekly"}, None),
            ("vitamin B12", {"text": "1 mg daily"}, None),
            (
                "vitamin B12",
                {"timing": {"repeat": {"period": 12, "periodUnit": "wk"}}},
                True,
            ),
            ("metformin", {"text": "500 mg every 3 months"}, None),
        ],
    )
    def test_told_by_route_words_product_and_frequency(
        self, text: str, dosage: Json, is_parenteral: bool | None
    ) -> None:
        order = metformin(
            medicationCodeableConcept={"text": text}, dosageInstruction=[dosage]
        )
        assert only(order).is_parenteral is is_parenteral

    def test_the_dose_form_of_a_medication_tells(self) -> None:
        medication = {
            "resourceType": "Medication",
            "id": "m",
            "code": {"text": "vitamin B12"},
            "form": {"text": "Solution for injection"},
        }
        order = metformin(
            medicationCodeableConcept=None,
            medicationReference={"reference": "#m"},
            contained=[medication],
        )
        assert only(order).is_parenteral is True
