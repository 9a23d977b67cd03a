"""Input made to hurt is read in bounded time, or left, and never raises."""

import time
from typing import Any

import pytest

from tests.fhir.charts import Json, condition, metformin, observation, read


LONG = 200_000


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "resource",
    [
        condition(code={"text": "no " * LONG}),
        condition(code={"text": "leg " * LONG + "cramps"}),
        condition(code=nested(5_000)),
        condition(id=None, extension=nested(5_000)),
        condition(meta={"versionId": "9" * 10_000}),
        metformin(medicationCodeableConcept={"text": "metformin " + "1" * LONG}),
        metformin(medicationCodeableConcept={"text": "metformin " + "1," * LONG}),
        metformin(medicationCodeableConcept={"text": "vitamin" + " " * LONG + "b"}),
        metformin(dosageInstruction=[{"text": "q" + " " * LONG}]),
        metformin(dosageInstruction=[{"text": "every " + "9" * LONG + " hours"}]),
        metformin(dosageInstruction=[{"text": "9" * LONG + " mg daily"}]),
        metformin(
            dosageInstruction=[
                {
                    "doseQuantity": {"value": "1e99999999", "unit": "mg"},
                    "timing": {
                        "repeat": {
                            "frequency": 10**30,
                            "period": "1e-99999999",
                            "periodUnit": "d",
                        }
                    },
                }
            ]
        ),
        observation(valueQuantity={"value": "9" * 10_000, "unit": "pg/mL"}),
        observation(valueQuantity={"value": 1e308, "unit": "pg/mL"}),
        observation(referenceRange=[{"low": {"value": "1e99999999"}}]),
        {
            "resourceType": "MedicationDispense",
            "medicationCodeableConcept": {"text": "metformin"},
            "whenHandedOver": "9999-12-31",
            "daysSupply": {"value": 3000, "code": "d"},
        },
        {"resourceType": "QuestionnaireResponse", "item": nested(5_000)},
    ],
    ids=range(17),
)
def test_it_is_read_in_a_moment(resource: Json) -> None:
    began = time.process_time()
    read(resource)
    assert time.process_time() - began < 2


def test_questions_within_questions_without_end_are_left_after_a_while() -> None:
    item: Json = {"text": "leg cramps?", "answer": [{"valueBoolean": True}]}
    for _ in range(2_000):
        item = {"item": [item]}
    assert (
        read({"resourceType": "QuestionnaireResponse", "item": [item]}).observations
        == ()
    )
