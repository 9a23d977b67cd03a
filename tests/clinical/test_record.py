"""The record as an index of itself, and limits in days."""

from decimal import Decimal

import pytest

from service.clinical.knowledge import Threshold
from service.clinical.record import Record
from tests.spec.patients import adult


def test_a_record_knows_the_concepts_that_its_conditions_and_observations_hold() -> (
    None
):
    record = (
        adult()
        .with_cramps()
        .with_result("lab-potassium", "4.2", "mmol/L")
        .with_observation((), value_concept="diet-vegan")
        .record
    )
    made_anew = Record(conditions=record.conditions, observations=record.observations)
    assert made_anew.held == {"cramp-trigger", "lab-potassium", "diet-vegan"}


def threshold(value: str, unit: str) -> Threshold:
    return Threshold(value=Decimal(value), unit=unit, why="A test.")


def test_a_limit_in_days_is_a_whole_number_of_them() -> None:
    assert threshold("90", "d").days == 90


def test_a_limit_in_another_unit_is_no_number_of_days() -> None:
    message = r"^a threshold in mmol/L is not a number of days$"
    with pytest.raises(ValueError, match=message):
        threshold("3.5", "mmol/L").days  # noqa: B018  # asking is what fails
