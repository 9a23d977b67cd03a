"""What does not fit FHIR is taken out and said; the rest of the resource is read."""

from typing import Any

import pytest

from service.fhir.elements import READ, pruned
from service.fhir.typed import MODELS, validated
from tests.fhir.charts import (
    CRAMP,
    LOINC,
    SNOMED,
    Json,
    condition,
    metformin,
    observation,
    read,
    reasons,
)


def kept(resource: Json) -> tuple[Any, list[str]]:
    name = resource["resourceType"]
    result = validated(name, pruned(name, resource))
    return result.elements, [fault.element for fault in result.faults]


def test_every_type_that_is_read_has_its_model() -> None:
    assert READ.keys() == MODELS.keys()


@pytest.mark.parametrize("name", sorted(READ))
def test_a_resource_with_nothing_in_it_fits(name: str) -> None:
    """What R4 requires and nobody reads is not missed."""
    assert kept({"resourceType": name}) == ({}, [])


def test_elements_nobody_reads_cannot_make_a_resource_unreadable() -> None:
    record = read(condition(asserter="x", stage=7, meta=[], text={"div": "<p"}))
    assert len(record.conditions) == 1
    assert record.unread == ()


def test_exactly_the_offending_element_is_dropped() -> None:
    elements, faults = kept(
        condition(recordedDate="yesterday", onsetDateTime="2025-01-01")
    )
    assert faults == ["Condition.recordedDate"]
    assert elements["onsetDateTime"] == "2025-01-01"
    assert elements["code"] == CRAMP


def test_several_faults_are_all_said() -> None:
    _, faults = kept(
        condition(recordedDate="yesterday", onsetPeriod={"start": "x"}, bodySite=[3])
    )
    assert sorted(faults) == [
        "Condition.bodySite",
        "Condition.onsetPeriod.start",
        "Condition.recordedDate",
    ]


def test_of_a_list_only_the_offending_member_is_dropped() -> None:
    elements, faults = kept(condition(bodySite=[3, {"text": "calf"}, "thigh"]))
    assert elements["bodySite"] == [{"text": "calf"}]
    assert faults == ["Condition.bodySite"]


def test_a_quantity_is_dropped_whole() -> None:
    """Without its comparator, less than 150 would be 150."""
    elements, faults = kept(
        observation(valueQuantity={"value": 150, "comparator": ["<"]})
    )
    assert "valueQuantity" not in elements
    assert faults == ["Observation.valueQuantity"]


def test_a_timing_is_dropped_whole_and_its_words_are_read() -> None:
    timing = {"repeat": {"frequency": "often", "period": 1, "periodUnit": "d"}}
    dosage = {"timing": timing, "text": "500 mg twice daily"}
    record = read(metformin(dosageInstruction=[dosage]))
    assert record.medications[0].daily_dose_ug == 1_000_000
    assert reasons(record) == [
        ("MedicationRequest.dosageInstruction.timing.repeat", "does not fit FHIR R4")
    ]


def test_an_odd_coding_beside_a_good_one_is_not_worth_a_word() -> None:
    odd = {"system": "not a uri at all", "code": "1"}
    good = {"system": SNOMED, "code": "55300003"}
    record = read(condition(code={"coding": [odd, good]}))
    assert len(record.conditions) == 1
    assert record.unread == ()


@pytest.mark.parametrize(
    "code",
    ["R25.2", 55300003, ["55300003"], {"coding": "R25.2"}, {"coding": ["R25.2"]}],
)
def test_a_code_whose_shape_hides_it_is_said(code: object) -> None:
    record = read(condition(code=code))
    assert record.conditions == ()
    ((element, reason),) = reasons(record)
    assert element.startswith("Condition.code")
    assert reason == "does not fit FHIR R4"


def test_a_status_that_cannot_be_read_makes_the_resource_unread() -> None:
    record = read(condition(verificationStatus={"coding": 7}))
    assert record.conditions == ()
    assert reasons(record) == [
        ("Condition.verificationStatus.coding", "does not fit FHIR R4")
    ]


def test_a_reason_never_holds_a_value_of_the_chart() -> None:
    record = read(condition(id="c1", recordedDate="SECRET", bodySite=["SECRET"]))
    assert record.unread
    assert "SECRET" not in str(record.unread)


@pytest.mark.parametrize(
    "code",
    [
        {"coding": {"system": LOINC, "code": "2132-9"}},
        {"coding": [{"system": f" {LOINC} ", "code": " 2132-9 "}]},
        [{"coding": [{"system": LOINC, "code": "2132-9"}]}],
        {"coding": [None, {"system": LOINC, "code": "2132-9", "display": ""}]},
    ],
)
def test_shapes_that_mean_the_same_are_read_as_such(code: object) -> None:
    record = read(observation(code=code))
    assert len(record.observations) == 1
    assert record.unread == ()


@pytest.mark.parametrize("value", [0, 20250101, 1.5])
def test_a_number_is_no_date(value: float) -> None:
    """The models let it pass, as seconds since 1970."""
    record = read(
        condition(onsetDateTime=value),
        {"resourceType": "Patient", "id": "p1", "birthDate": value},
    )
    assert [found.onset for found in record.conditions] == [None]
    assert {unread.element for unread in record.unread} == {
        "Condition.onsetDateTime",
        "Patient.birthDate",
    }
