"""Observations: values, units, denials, ranges, dates."""

from decimal import Decimal

import pytest

from service.clinical.dates import PartialDate
from service.clinical.record import Comparator, Observation, ReferenceRange
from tests.fhir.charts import (
    B12_TEST,
    CRAMP,
    LOINC,
    SNOMED,
    UCUM,
    Json,
    observation,
    read,
    reasons,
)


def only(*resources: Json) -> Observation:
    (found,) = read(*resources).observations
    return found


def valued(**quantity: object) -> Observation:
    return only(observation(valueQuantity={"value": 150, **quantity}))


def finding(**elements: object) -> Json:
    return observation(**{"valueQuantity": None, **elements})


def test_a_result_is_read_with_value_unit_and_day() -> None:
    found = only(observation(id="o1"))
    assert str(found.source) == "Observation/o1"
    assert found.concepts >= {"lab-b12-total"}
    assert found.value is not None
    assert (found.value.value, found.value.unit) == (Decimal(150), "pg/mL")
    assert found.effective == PartialDate.parse("2025-06-20")
    assert found.problem is None


@pytest.mark.parametrize(
    ("quantity", "unit"),
    [
        ({"unit": "pg/mL", "system": UCUM, "code": "pg/mL"}, "pg/mL"),
        ({"unit": "pg/mL"}, "pg/mL"),
        ({"unit": "PG/ML"}, "pg/mL"),
        ({"unit": "ng / L"}, "ng/L"),
        ({"code": "pmol/L"}, "pmol/L"),
        ({"unit": "picograms per milliliter", "code": "pg/mL"}, "pg/mL"),
        ({"unit": "pg/mL", "code": "ng/L"}, "ng/L"),
        ({"unit": "strange", "code": "pg/mL"}, "pg/mL"),
        ({"unit": "strange"}, None),
        ({}, None),
    ],
)
def test_a_unit_is_known_by_code_then_by_word(quantity: Json, unit: str | None) -> None:
    found = valued(**quantity)
    assert found.value is not None
    assert found.value.unit == unit


def test_a_unit_coded_and_written_differently_makes_the_value_unusable() -> None:
    found = valued(unit="pmol/L", code="pg/mL")
    assert found.value is None
    assert found.problem == "the unit as coded and as written differ"


@pytest.mark.parametrize("sign", list(Comparator))
def test_a_comparator_is_kept(sign: Comparator) -> None:
    found = valued(unit="pg/mL", comparator=sign.value)
    assert found.value is not None
    assert found.value.comparator is sign


def test_an_unknown_comparator_makes_the_value_unusable() -> None:
    assert valued(unit="pg/mL", comparator="~").value is None


def test_a_number_written_as_a_string_is_a_number() -> None:
    found = only(observation(valueQuantity={"value": "150.50", "unit": "pg/mL"}))
    assert found.value is not None
    assert found.value.value == Decimal("150.50")


def test_a_decimal_keeps_its_digits() -> None:
    found = only(observation(valueQuantity={"value": 0.1, "unit": "pg/mL"}))
    assert found.value is not None
    assert str(found.value.value) == "0.1"


@pytest.mark.parametrize(
    ("elements", "problem"),
    [
        ({"valueString": "Test Not Performed pmol/L"}, "a text instead of a number"),
        ({"valueString": "< 150"}, "a text instead of a number"),
        ({"valueRange": {"low": {"value": 1}}}, "a range instead of a number"),
        (
            {"dataAbsentReason": {"coding": [{"code": "error", "display": "Error"}]}},
            "no value: Error",
        ),
        ({"valueQuantity": {"unit": "pg/mL"}}, "no value"),
    ],
)
def test_a_result_without_a_number_says_why(elements: Json, problem: str) -> None:
    found = only(finding(**elements))
    assert found.value is None
    assert found.problem == problem


def test_a_value_that_is_no_quantity_is_dropped_whole_and_said() -> None:
    record = read(observation(valueQuantity={"value": "n/a", "unit": "pg/mL"}))
    assert record.observations[0].value is None
    assert reasons(record) == [("Observation.valueQuantity", "does not fit FHIR R4")]


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "registered"])
def test_what_is_no_result_is_left_out(status: str) -> None:
    record = read(observation(status=status))
    assert record.observations == ()
    assert record.unread == ()


@pytest.mark.parametrize("status", ["final", "preliminary", "amended", None])
def test_a_result_of_any_other_status_is_read(status: str | None) -> None:
    assert only(observation(status=status)).status == status


@pytest.mark.parametrize(
    ("elements", "first", "last", "is_period"),
    [
        ({"effectiveDateTime": "2025-06"}, "2025-06-01", "2025-06-30", False),
        (
            {"effectiveInstant": "2025-06-01T10:00:00Z"},
            "2025-06-01",
            "2025-06-01",
            False,
        ),
        (
            {"effectivePeriod": {"start": "2025-06-01", "end": "2025-06-03"}},
            "2025-06-01",
            "2025-06-03",
            True,
        ),
        (
            {"effectivePeriod": {"start": "2024-06-01"}},
            "2024-06-01",
            "2024-06-01",
            True,
        ),
        ({"issued": "2025-06-02T10:00:00Z"}, "2025-06-02", "2025-06-02", False),
    ],
)
def test_the_day_is_that_of_the_sample_else_that_of_the_report(
    elements: Json, first: str, last: str, is_period: bool
) -> None:
    found = only(observation(**{"effectiveDateTime": None, **elements}))
    assert found.effective is not None
    assert found.effective.first.isoformat() == first
    assert found.effective.last.isoformat() == last
    assert found.effective_is_period is is_period


@pytest.mark.parametrize("when", ["2025-07-02", "2180-01-01"])
def test_a_result_dated_in_the_future_is_not_used_but_said(when: str) -> None:
    record = read(observation(effectiveDateTime=when))
    assert record.observations == ()
    assert reasons(record) == [
        ("Observation.effective", "dated after the day of evaluation")
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"low": {"value": 180}, "high": {"value": 900}},
            ReferenceRange(low=Decimal(180), high=Decimal(900)),
        ),
        ({"low": {"value": 180}}, ReferenceRange(low=Decimal(180))),
        ({"low": {"value": 0}, "high": {"value": 0}}, None),
        ({"text": "180-900"}, None),
        ({"low": {"value": 133, "unit": "pmol/L"}}, None),
        ({"low": {"value": 180, "unit": "ng/L"}}, ReferenceRange(low=Decimal(180))),
        ({"low": {"value": 1}, "type": {"coding": [{"code": "critical"}]}}, None),
    ],
)
def test_a_reference_range_is_the_normal_one_in_the_unit_of_the_result(
    given: Json, expected: ReferenceRange | None
) -> None:
    assert only(observation(referenceRange=[given])).reference_range == expected


@pytest.mark.parametrize(
    ("interpretation", "flags"),
    [
        ([{"coding": [{"code": "L"}]}], {"L"}),
        ({"coding": [{"code": "LL"}]}, {"LL"}),
        ([{"text": "Low"}], {"L"}),
        ([{"text": "see report"}], set()),
    ],
)
def test_the_laboratorys_flag_is_read(interpretation: object, flags: set[str]) -> None:
    assert only(observation(interpretation=interpretation)).flags == flags


SYMPTOM = {"coding": [{"system": LOINC, "code": "75325-1"}], "text": "Symptom"}


def test_a_symptom_question_answered_with_a_coded_cramp_is_a_cramp() -> None:
    found = only(finding(code=SYMPTOM, valueCodeableConcept=CRAMP))
    assert "cramp-trigger" in found.value_concepts
    assert not found.negative
    assert found.label == "Cramp"


def test_an_answer_that_names_nothing_leaves_the_question_its_words() -> None:
    found = only(finding(code=CRAMP, valueCodeableConcept={"text": "Present"}))
    assert found.label == "Cramp"


def test_a_cramp_told_in_words_in_answer_to_a_coded_question_is_not_read() -> None:
    """T-4: only if the resource has no coding in a known system."""
    record = read(finding(code=SYMPTOM, valueString="leg cramps at night"))
    assert all(not found.value_concepts for found in record.observations)


def test_a_cramp_told_in_words_in_answer_to_a_worded_question_is_read() -> None:
    found = only(finding(code={"text": "Symptom"}, valueString="leg cramps at night"))
    assert found.value_concepts == {"cramp-trigger"}
    assert found.label == "leg cramps at night"


@pytest.mark.parametrize(
    "answer", [{"valueString": "Vegan"}, {"valueCodeableConcept": {"text": "vegan"}}]
)
def test_a_diet_told_in_words_is_read_also_where_the_question_is_coded(
    answer: Json,
) -> None:
    found = only(finding(code=SYMPTOM, **answer))
    assert found.value_concepts == {"diet-vegan"}


@pytest.mark.parametrize(
    "answer",
    [
        {"valueBoolean": False},
        {"valueBoolean": "false"},
        {"valueString": "No"},
        {"valueString": "denied."},
        {"valueCodeableConcept": {"text": "Absent"}},
        {"valueCodeableConcept": {"coding": [{"system": SNOMED, "code": "2667000"}]}},
        {"valueCodeableConcept": {"coding": [{"system": SNOMED, "code": "260385009"}]}},
        {"valueCodeableConcept": {"coding": [{"system": SNOMED, "code": "373067005"}]}},
        {"valueCodeableConcept": {"coding": [{"system": SNOMED, "code": "260415000"}]}},
        {"valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA32-8"}]}},
        {"valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA137-2"}]}},
        {"valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA6568-5"}]}},
        {"valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA6577-6"}]}},
        {"valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA9634-2"}]}},
        {"valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA11883-8"}]}},
        {"valueCodeableConcept": {"coding": [{"system": SNOMED, "code": "410516002"}]}},
        {"valueCodeableConcept": {"coding": [{"system": SNOMED, "code": "410594000"}]}},
        {"valueCodeableConcept": {"text": "No leg cramps"}},
        {"valueString": "Denies leg cramps"},
        {"valueString": "Negative for cramps."},
        {"valueString": "Not at all"},
        {"valueString": "No, I do not"},
        {"valueString": "None seen"},
        {"valueString": "unknown"},
        {"valueString": "Normal"},
        {"valueInteger": 0},
        {"valueQuantity": {"value": 0, "unit": "{score}"}},
        {"interpretation": [{"coding": [{"code": "NEG"}]}]},
        {"dataAbsentReason": {"coding": [{"code": "not-asked"}]}},
    ],
)
def test_a_cramp_that_is_denied_is_negative(answer: Json) -> None:
    assert only(finding(code=CRAMP, **answer)).negative


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"valueBoolean": True},
        {"valueString": "no change, still there"},
        {"valueString": "No better"},
        {"valueString": "No longer only at night"},
        {"valueString": "Not by day, but every night"},
        {"valueString": "Never stops"},
        {"valueString": "Normally at night"},
        {"valueInteger": 3},
        {"valueQuantity": {"value": 2, "unit": "{score}"}},
        {"interpretation": [{"coding": [{"code": "A"}]}]},
        {"valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA9633-4"}]}},
    ],
)
def test_a_cramp_that_is_not_denied_is_not_negative(answer: Json) -> None:
    assert not only(finding(code=CRAMP, **answer)).negative


def test_an_answer_that_names_a_diet_is_none_that_denies_one() -> None:
    found = only(finding(code=SYMPTOM, valueString="No longer vegan"))
    assert found.value_concepts == {"diet-other"}
    assert not found.negative


def test_each_component_that_means_something_is_a_result_of_its_own() -> None:
    components = [
        {"code": B12_TEST, "valueQuantity": {"value": 150, "unit": "ng/L"}},
        {"code": {"text": "Comment"}, "valueString": "haemolysed"},
    ]
    panel = {"coding": [{"system": LOINC, "code": "24323-8"}], "text": "Panel"}
    record = read(finding(code=panel, component=components))
    (found,) = record.observations
    assert "lab-b12-total" in found.concepts
    assert found.effective == PartialDate.parse("2025-06-20")


def test_an_integer_is_a_value_without_a_unit() -> None:
    code = {"coding": [{"system": LOINC, "code": "75626-2"}]}
    found = only(finding(code=code, valueInteger=6))
    assert "lab-audit-c" in found.concepts
    assert found.value is not None
    assert (found.value.value, found.value.unit) == (Decimal(6), None)


ANSWERS = {
    "resourceType": "QuestionnaireResponse",
    "id": "q1",
    "status": "completed",
    "authored": "2025-06-15",
}


def test_a_question_known_by_its_words_is_read_with_its_answer() -> None:
    item = {"text": "Do you have leg cramps?", "answer": [{"valueBoolean": True}]}
    found = only({**ANSWERS, "item": [{"linkId": "1", "item": [item]}]})
    assert found.concepts == {"cramp-trigger"}
    assert found.effective == PartialDate.parse("2025-06-15")
    assert not found.negative


def test_a_question_answered_with_no_is_negative() -> None:
    item = {"text": "Do you have leg cramps?", "answer": [{"valueBoolean": False}]}
    assert only({**ANSWERS, "item": [item]}).negative


def test_a_coded_answer_is_read() -> None:
    coding = {"system": SNOMED, "code": "55300003"}
    item = {"text": "Symptoms", "answer": [{"valueCoding": coding}]}
    assert "cramp-trigger" in only({**ANSWERS, "item": item}).value_concepts


@pytest.mark.parametrize("status", ["entered-in-error"])
def test_answers_entered_in_error_are_left_out(status: str) -> None:
    item = {"text": "Do you have leg cramps?", "answer": [{"valueBoolean": True}]}
    record = read({**ANSWERS, "status": status, "item": [item]})
    assert record.observations == ()


@pytest.mark.parametrize(
    ("site", "is_kept"),
    [
        ({"coding": [{"system": SNOMED, "code": "69695003"}]}, {"body-site-not-limb"}),
        ({"text": "stomach"}, {"body-site-not-limb"}),
        ({"text": "left calf"}, set()),
        (None, set()),
    ],
    ids=["stomach by code", "stomach by word", "calf", "none"],
)
def test_the_body_site_of_a_finding(site: Json | None, is_kept: set[str]) -> None:
    (found,) = read(
        observation(code=CRAMP, valueQuantity=None, bodySite=site)
    ).observations
    assert found.site_concepts & {"body-site-not-limb"} == is_kept
