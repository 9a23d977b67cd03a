"""Procedures, orders, relatives, allergies, diets, visits, the patient."""

import pytest

from service.clinical.dates import PartialDate
from service.clinical.record import ClinicalStatus, Patient, Sex
from tests.fhir.charts import (
    B12_TEST,
    CRAMP,
    ICD10CM,
    SNOMED,
    Json,
    condition,
    read,
    reasons,
)


BYPASS = {"coding": [{"system": ICD10CM, "code": "Z98.84"}], "text": "Gastric bypass"}
PERNICIOUS_ANAEMIA = {"coding": [{"system": ICD10CM, "code": "D51.0"}]}


def procedure(**elements: object) -> Json:
    usual = {"resourceType": "Procedure", "id": "p1", "status": "completed"}
    return {**usual, "code": BYPASS, **elements}


@pytest.mark.parametrize("status", ["completed", "unknown", None])
def test_a_procedure_that_was_done_is_read(status: str | None) -> None:
    (found,) = read(procedure(status=status, performedDateTime="2015")).procedures
    assert "proc-bariatric" in found.concepts
    assert found.performed == PartialDate.parse("2015")


@pytest.mark.parametrize(
    "status", ["not-done", "preparation", "entered-in-error", "stopped"]
)
def test_a_procedure_that_was_not_done_is_left_out(status: str) -> None:
    assert read(procedure(status=status)).procedures == ()


def test_a_procedure_dated_in_the_future_is_said() -> None:
    record = read(procedure(performedPeriod={"start": "2026-01-01"}))
    assert record.procedures == ()
    assert reasons(record) == [
        ("Procedure.performed", "dated after the day of evaluation")
    ]


def order(**elements: object) -> Json:
    usual = {"resourceType": "ServiceRequest", "id": "o1", "status": "active"}
    return {**usual, "intent": "order", "code": B12_TEST, **elements}


def test_an_order_of_a_b12_test_is_read() -> None:
    (found,) = read(order(authoredOn="2025-06-27")).test_orders
    assert "order-b12" in found.concepts
    assert found.authored == PartialDate.parse("2025-06-27")
    assert not found.is_draft


def test_an_uncoded_order_is_known_by_its_words() -> None:
    (found,) = read(order(code={"text": "Vitamin B12 level"})).test_orders
    assert found.concepts == {"order-b12"}


@pytest.mark.parametrize(
    "elements",
    [
        {"status": "completed"},
        {"status": "revoked"},
        {"status": "entered-in-error"},
        {"doNotPerform": True},
        {"intent": "proposal"},
    ],
)
def test_an_order_that_brings_no_result_any_more_is_left_out(elements: Json) -> None:
    assert read(order(**elements)).test_orders == ()


@pytest.mark.parametrize("elements", [{"status": "draft"}, {"intent": "proposal"}])
def test_an_order_in_hand_is_a_draft(elements: Json) -> None:
    (found,) = read(order(**elements), in_hand=True).test_orders
    assert found.is_draft


def relative(relationship: Json, **elements: object) -> Json:
    history = {"code": PERNICIOUS_ANAEMIA}
    return {
        "resourceType": "FamilyMemberHistory",
        "id": "f1",
        "status": "completed",
        "relationship": relationship,
        "condition": [history],
        **elements,
    }


@pytest.mark.parametrize(
    ("relationship", "is_first_degree"),
    [
        ({"text": "Mother"}, True),
        ({"coding": [{"code": "MTH"}]}, True),
        ({"coding": [{"code": "NBRO", "display": "natural brother"}]}, True),
        (
            {"coding": [{"system": SNOMED, "code": "72705000", "display": "Mother"}]},
            True,
        ),
        ({"coding": [{"system": SNOMED, "code": "27733009"}]}, True),
        ({"coding": [{"code": "FTWINBRO"}]}, True),
        ({"text": "daughter"}, True),
        ({"text": "Grandmother"}, False),
        ({"text": "mother-in-law"}, False),
        ({"coding": [{"code": "MTHINLAW"}]}, False),
        ({"text": "maternal aunt"}, False),
        ({}, False),
    ],
)
def test_a_relative_is_of_the_first_degree_or_not(
    relationship: Json, is_first_degree: bool
) -> None:
    (found,) = read(relative(relationship)).family_history
    assert "rf-pernicious-anaemia" in found.concepts
    assert found.is_first_degree is is_first_degree


def test_family_history_entered_in_error_is_left_out() -> None:
    record = read(relative({"text": "Mother"}, status="entered-in-error"))
    assert record.family_history == ()


def allergy(**elements: object) -> Json:
    usual = {"resourceType": "AllergyIntolerance", "id": "a1"}
    return {**usual, "code": {"text": "Cow's milk"}, **elements}


@pytest.mark.parametrize(
    ("text", "concept"),
    [("Cow's milk", "allergy-milk"), ("Egg", "allergy-egg"), ("Fish", "allergy-fish")],
)
def test_an_allergy_to_a_food_that_holds_b12_is_read(text: str, concept: str) -> None:
    (found,) = read(allergy(code={"text": text})).allergies
    assert found.concepts == {concept}


@pytest.mark.parametrize(
    ("code", "display", "concept"),
    [
        ("782555009", "Cow's milk allergy", "allergy-milk"),
        ("91930004", "Allergy to egg", "allergy-egg"),
        ("417532002", "Allergy to fish", "allergy-fish"),
    ],
)
def test_a_coded_allergy_is_known_by_its_display(
    code: str, display: str, concept: str
) -> None:
    coding = {"system": SNOMED, "code": code, "display": display}
    (found,) = read(allergy(code={"coding": [coding]})).allergies
    assert found.concepts == {concept}


@pytest.mark.parametrize(
    "text", ["Fish oil", "Cod liver oil", "Salmon calcitonin", "Milk of Magnesia"]
)
def test_a_medicine_named_after_a_food_is_no_food(text: str) -> None:
    assert read(allergy(code={"text": text})).allergies == ()


def test_the_substance_of_a_reaction_counts() -> None:
    reaction = {"substance": {"text": "egg white"}}
    record = read(allergy(code={"text": "Food"}, reaction=[reaction]))
    (found,) = record.allergies
    assert found.concepts == {"allergy-egg"}
    assert record.unread == ()


@pytest.mark.parametrize(
    "elements",
    [
        {"verificationStatus": {"coding": [{"code": "refuted"}]}},
        {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}},
        {"clinicalStatus": {"coding": [{"code": "resolved"}]}},
        {"clinicalStatus": {"coding": [{"code": "inactive"}]}},
    ],
)
def test_an_allergy_that_is_not_or_no_more_is_left_out(elements: Json) -> None:
    assert read(allergy(**elements)).allergies == ()


def diet(**elements: object) -> Json:
    usual = {"resourceType": "NutritionOrder", "id": "n1", "status": "active"}
    return {**usual, "dateTime": "2024-01-05", **elements}


@pytest.mark.parametrize(
    ("elements", "concept"),
    [
        ({"oralDiet": {"type": [{"text": "Vegan diet"}]}}, "diet-vegan"),
        (
            {
                "oralDiet": {
                    "type": [{"coding": [{"system": SNOMED, "code": "1255165006"}]}]
                }
            },
            "diet-vegan",
        ),
        ({"foodPreferenceModifier": [{"text": "vegetarian"}]}, "diet-vegetarian"),
        ({"oralDiet": {"instruction": "Vegetarian, low salt"}}, "diet-vegetarian"),
    ],
)
def test_a_diet_that_is_ordered_is_read(elements: Json, concept: str) -> None:
    (found,) = read(diet(**elements)).diet_orders
    assert found.concepts == {concept}
    assert found.ordered == PartialDate.parse("2024-01-05")


@pytest.mark.parametrize("status", ["completed", "revoked", "draft"])
def test_a_diet_that_is_not_followed_now_is_left_out(status: str) -> None:
    vegan = {"type": [{"text": "vegan"}]}
    assert read(diet(status=status, oralDiet=vegan)).diet_orders == ()


def encounter(**elements: object) -> Json:
    usual = {"resourceType": "Encounter", "id": "e1", "status": "in-progress"}
    return {**usual, "period": {"start": "2025-06-30T08:00:00Z"}, **elements}


def test_the_reason_of_the_encounter_in_context_is_a_condition_of_now() -> None:
    record = read(encounter(reasonCode=[CRAMP]), encounter="Encounter/e1")
    (found,) = record.conditions
    assert "cramp-trigger" in found.concepts
    assert found.source.type == "Encounter"
    assert found.clinical_status is ClinicalStatus.ACTIVE
    assert found.recorded == PartialDate.parse("2025-06-30")


@pytest.mark.parametrize("context", [None, "e2"])
def test_the_reason_of_any_other_encounter_is_not_read(context: str | None) -> None:
    record = read(encounter(reasonCode=[CRAMP]), encounter=context)
    assert record.conditions == ()


def test_a_condition_given_as_the_reason_is_followed() -> None:
    old = condition(
        id="c1", clinicalStatus=None, code=CRAMP, onsetDateTime="2019-01-01"
    )
    visit = encounter(reasonReference=[{"reference": "Condition/c1"}])
    of_visit = [
        found
        for found in read(old, visit, encounter="e1").conditions
        if found.source.type == "Encounter"
    ]
    assert len(of_visit) == 1
    assert of_visit[0].onset == PartialDate.parse("2019-01-01")
    assert of_visit[0].clinical_status is ClinicalStatus.ACTIVE


@pytest.mark.parametrize(
    "elements",
    [
        {"verificationStatus": {"coding": [{"code": "refuted"}]}},
        {"abatementDateTime": "2020"},
    ],
)
def test_a_condition_that_is_not_or_no_more_is_no_reason(elements: Json) -> None:
    visit = encounter(reasonReference=[{"reference": "Condition/c1"}])
    record = read(condition(id="c1", **elements), visit, encounter="e1")
    assert all(found.source.type == "Condition" for found in record.conditions)


@pytest.mark.parametrize(
    "elements",
    [
        {"valueBoolean": False},
        {"valueString": "No"},
        {"status": "entered-in-error"},
    ],
)
def test_a_cramp_that_was_denied_is_no_reason(elements: Json) -> None:
    asked = {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "code": CRAMP,
        **elements,
    }
    visit = encounter(reasonReference=[{"reference": "Observation/o1"}])
    assert read(asked, visit, encounter="e1").conditions == ()


def test_the_body_site_of_a_reason_is_kept() -> None:
    stomach = condition(id="c1", code=CRAMP, bodySite=[{"text": "stomach"}])
    visit = encounter(reasonReference=[{"reference": "Condition/c1"}])
    for found in read(stomach, visit, encounter="e1").conditions:
        assert "body-site-not-limb" in found.site_concepts


def test_a_reason_that_only_has_a_display_is_read_by_its_words() -> None:
    reference = {"reference": "Condition/gone", "display": "Leg cramps"}
    (found,) = read(encounter(reasonReference=[reference]), encounter="e1").conditions
    assert found.concepts == {"cramp-trigger"}
    assert found.from_text


def test_an_appointment_in_hand_is_read_by_its_reason_and_description() -> None:
    appointment = {
        "resourceType": "Appointment",
        "id": "ap1",
        "status": "proposed",
        "created": "2025-06-29",
        "description": "leg cramps at night",
    }
    (found,) = read(appointment, in_hand=True).conditions
    assert found.concepts == {"cramp-trigger"}
    assert found.from_text
    assert found.source.in_hand
    assert found.recorded == PartialDate.parse("2025-06-29")
    assert read(appointment).conditions == ()


def test_a_bare_cramp_in_an_appointment_is_not_enough_for_t_4() -> None:
    appointment = {"resourceType": "Appointment", "description": "I have a cramp"}
    assert read(appointment, in_hand=True).conditions == ()


def person(**elements: object) -> Patient:
    patient = read({"resourceType": "Patient", "id": "p1", **elements}).patient
    assert patient is not None
    return patient


def test_a_patient_is_read() -> None:
    found = person(birthDate="1960-05-17", gender="female")
    assert found.birth == PartialDate.parse("1960-05-17")
    assert found.sex is Sex.FEMALE
    assert not found.deceased


@pytest.mark.parametrize("gender", [None, "", "F", 7])
def test_an_unknown_sex_is_unknown(gender: object) -> None:
    assert person(gender=gender).sex is Sex.UNKNOWN


@pytest.mark.parametrize(
    "elements",
    [{"deceasedBoolean": True}, {"deceasedDateTime": "2024-01"}],
)
def test_a_death_in_any_form_is_one(elements: Json) -> None:
    assert person(**elements).deceased


def test_a_patient_who_is_said_not_to_have_died_has_not() -> None:
    assert not person(deceasedBoolean=False).deceased


@pytest.mark.parametrize("birth", ["2031-01-01", "1890-01-01", "0001-01-01"])
def test_an_implausible_birth_is_none_and_said(birth: str) -> None:
    record = read({"resourceType": "Patient", "id": "p1", "birthDate": birth})
    assert record.patient is not None
    assert record.patient.birth is None
    assert reasons(record) == [("Patient.birthDate", "the date is implausible")]


def test_a_birth_that_cannot_be_read_is_said_and_the_rest_kept() -> None:
    patient = {"resourceType": "Patient", "birthDate": "17.5.1960", "gender": "male"}
    record = read(patient)
    assert record.patient is not None
    assert (record.patient.birth, record.patient.sex) == (None, Sex.MALE)
    assert reasons(record) == [("Patient.birthDate", "does not fit FHIR R4")]
