"""Amounts, limits and which result is the newest."""

from dataclasses import replace
from decimal import Decimal

import pytest

from service.clinical.knowledge import Threshold
from service.clinical.laboratory import (
    LabResult,
    Worst,
    amount,
    is_above,
    is_below,
    newest_in,
    results,
)
from service.clinical.record import Comparator, Quantity, Record, ResourceRef
from tests.spec.examples import knowledge
from tests.spec.patients import TODAY, Person, adult, day


KNOWLEDGE = knowledge("us")
LIMIT = Threshold(value=Decimal(180), unit="pg/mL", why="an example")


def quantity(text: str, unit: str | None = "pg/mL") -> Quantity:
    """``<=180`` as a quantity."""
    number = text.lstrip("<>=")
    comparator = text.removesuffix(number)
    return Quantity(
        value=Decimal(number),
        unit=unit,
        unit_text=unit or "",
        comparator=Comparator(comparator) if comparator else None,
    )


class TestAnAmount:
    @pytest.mark.parametrize(
        ("value", "unit", "wanted", "amounts_to"),
        [
            ("180", "pg/mL", "pg/mL", "180"),
            ("0.18", "ng/mL", "pg/mL", "180"),
            ("180", "pg/mL", "ng/mL", "0.18"),
            ("0.2", "nmol/L", "pmol/L", "200"),
            ("12.5", "g/dL", "g/L", "125"),
        ],
    )
    def test_is_exact_in_any_unit_of_its_dimension(
        self, value: str, unit: str, wanted: str, amounts_to: str
    ) -> None:
        assert amount(quantity(value, unit), wanted, KNOWLEDGE) == Decimal(amounts_to)

    @pytest.mark.parametrize("unit", ["pmol/L", "U/L", "an unheard-of unit", None])
    def test_is_never_guessed(self, unit: str | None) -> None:
        assert amount(quantity("180", unit), "pg/mL", KNOWLEDGE) is None


class TestALimit:
    """<x means at most x, and so on: only what is sure is answered (CLINICAL 2.6)."""

    @pytest.mark.parametrize(
        ("value", "below"),
        [
            ("179.9", True),
            ("180", False),
            ("180.1", False),
            ("<179", True),
            ("<180", True),
            ("<180.1", None),
            ("<=179.9", True),
            ("<=180", None),
            (">179.9", None),
            (">180", False),
            (">181", False),
            (">=179.9", None),
            (">=180", False),
        ],
    )
    def test_lies_above_the_value(self, value: str, below: bool | None) -> None:
        assert is_below(quantity(value), LIMIT, KNOWLEDGE) is below

    @pytest.mark.parametrize(
        ("value", "above"),
        [
            ("179.9", False),
            ("180", False),
            ("180.1", True),
            (">179.9", None),
            (">180", True),
            (">181", True),
            (">=180", None),
            (">=180.1", True),
            ("<179", False),
            ("<180", False),
            ("<180.1", None),
            ("<=180", False),
            ("<=180.1", None),
        ],
    )
    def test_lies_below_the_value(self, value: str, above: bool | None) -> None:
        assert is_above(quantity(value), LIMIT, KNOWLEDGE) is above

    def test_says_nothing_of_another_unit(self) -> None:
        assert is_below(quantity("1", "pmol/L"), LIMIT, KNOWLEDGE) is None
        assert is_above(quantity("1", "pmol/L"), LIMIT, KNOWLEDGE) is None


def potassium(*results_of: tuple[str, int]) -> Person:
    """Results, each with the days since its sample."""
    person = adult()
    for value, days in results_of:
        person = person.with_result("lab-potassium", value, "mmol/L", days=days)
    return person


def values(found: tuple[LabResult, ...]) -> list[str]:
    return [str(result.quantity.value) for result in found]


def from_last_to_first(record: Record) -> Record:
    return replace(record, observations=tuple(reversed(record.observations)))


def all_of_one_resource(record: Record) -> Record:
    source = ResourceRef(type="Observation", id="1")
    return replace(
        record,
        observations=tuple(replace(o, source=source) for o in record.observations),
    )


class TestResults:
    def test_come_newest_first_and_up_to_the_last_day_of_the_window(self) -> None:
        record = potassium(("3.1", 31), ("3.2", 30), ("3.3", 2), ("3.4", 29)).record
        found = results(record, ["lab-potassium"], TODAY, within=30)
        assert values(found) == ["3.3", "3.4", "3.2"]
        assert found[0].sampled == day(2).first

    def test_of_one_day_come_by_their_resources(self) -> None:
        record = potassium(("3.1", 2), ("3.2", 2)).record
        for each in (record, from_last_to_first(record)):
            found = results(each, ["lab-potassium"], TODAY, within=30)
            assert values(found) == ["3.1", "3.2"]

    def test_of_one_resource_come_by_what_is_shown(self) -> None:
        record = all_of_one_resource(potassium(("3.2", 2), ("3.1", 2)).record)
        for each in (record, from_last_to_first(record)):
            assert values(results(each, ["lab-potassium"], TODAY, within=30)) == [
                "3.1",
                "3.2",
            ]

    def test_need_a_date_a_value_and_the_test_asked_for(self) -> None:
        person = (
            adult()
            .with_result("lab-potassium", "3", "mmol/L", days=None)
            .with_result("lab-magnesium", "3", "mmol/L")
            .with_observation("lab-potassium")
        )
        assert results(person.record, ["lab-potassium"], TODAY, within=30) == ()

    def test_of_several_tests_are_found_together(self) -> None:
        person = potassium(("3", 1)).with_result("lab-magnesium", "0.8", "mmol/L")
        found = results(
            person.record, ["lab-potassium", "lab-magnesium"], TODAY, within=30
        )
        assert values(found) == ["3", "0.8"]

    def test_the_newest_in_a_comparable_unit_is_used(self) -> None:
        person = potassium(("3.1", 5), ("3.2", 4)).with_result(
            "lab-potassium", "9", "U/L", days=1
        )
        newest = newest_in(
            person.record,
            ["lab-potassium"],
            TODAY,
            KNOWLEDGE,
            within=30,
            units=["pg/mL", "mmol/L"],
            worst=Worst.LOWEST,
        )
        assert newest is not None
        assert newest.shown == "3.2 mmol/L"

    def test_those_of_one_day_are_in_the_order_of_their_ids(self) -> None:
        record = potassium(("4.2", 3), ("3.1", 3)).record
        turned = replace(record, observations=record.observations[::-1])
        for each in (record, turned):
            found = results(each, ["lab-potassium"], TODAY, within=30)
            assert [result.shown for result in found] == ["4.2 mmol/L", "3.1 mmol/L"]

    def test_of_equal_results_of_one_day_the_first_by_its_id_is_used(self) -> None:
        newest = newest_in(
            potassium(("3.1", 5), ("3.1", 5)).record,
            ["lab-potassium"],
            TODAY,
            KNOWLEDGE,
            within=30,
            units=["mmol/L"],
            worst=Worst.HIGHEST,
        )
        assert newest is not None
        assert str(newest.observation.source) == "Observation/1"

    def test_none_of_the_window_is_none(self) -> None:
        record = potassium(("3.1", 31)).record
        newest = newest_in(
            record,
            ["lab-potassium"],
            TODAY,
            KNOWLEDGE,
            within=30,
            units=["mmol/L"],
            worst=Worst.LOWEST,
        )
        assert newest is None

    @pytest.mark.parametrize(
        ("value", "unit", "unit_text", "shown"),
        [
            ("<150", "pg/mL", "ng/L", "<150 ng/L"),
            ("150", "pg/mL", "", "150 pg/mL"),
            ("150", None, "", "150"),
        ],
    )
    def test_are_shown_as_the_chart_reports_them(
        self, value: str, unit: str | None, unit_text: str, shown: str
    ) -> None:
        (result,) = results(
            adult().with_result("lab-b12-total", "1", "pg/mL").record,
            ["lab-b12-total"],
            TODAY,
            within=30,
        )
        reported = replace(quantity(value, unit), unit_text=unit_text)
        assert replace(result, quantity=reported).shown == shown
