"""Diets that ended, and answers that contradict each other."""

from dataclasses import replace

from service.clinical.dates import PartialDate
from service.clinical.diet import find_diet, find_foods_eaten
from service.clinical.record import Record
from tests.spec.examples import knowledge
from tests.spec.patients import TODAY, adult, day


person = adult().with_cramps()


def kept(first: int, last: int) -> Record:
    """A vegan diet observed for a time, in days ago."""
    record = person.with_observation("diet-vegan", is_period=True).record
    (observed,) = record.observations
    times = PartialDate(first=day(first).first, last=day(last).last)
    return replace(record, observations=(replace(observed, effective=times),))


def diet(record: Record) -> str | None:
    found = find_diet(record, knowledge("us"), TODAY)
    return found.kind.value if found is not None else None


def test_a_diet_that_was_kept_until_yesterday_is_over() -> None:
    assert diet(kept(3000, 1)) is None
    assert "eats-meat" in find_foods_eaten(kept(3000, 1), TODAY)


def test_a_diet_that_is_kept_until_today_is_not() -> None:
    assert diet(kept(3000, 0)) == "vegan"


def test_a_diet_with_a_known_beginning_gives_way_to_a_newer_answer() -> None:
    vegan = person.with_condition("diet-vegan", days=3000, recorded=2000)
    assert diet(vegan.record) == "vegan"
    assert diet(vegan.with_observation("diet-other", days=5).record) is None


def test_an_older_answer_does_not_take_a_diet_back() -> None:
    asked = person.with_observation("diet-other", days=2001)
    vegan = asked.with_condition("diet-vegan", days=3000, recorded=2000)
    assert diet(vegan.record) == "vegan"


def test_a_diet_nobody_dated_stays_beside_any_answer() -> None:
    vegan = person.with_condition("diet-vegan", days=3000)
    assert diet(vegan.with_observation("diet-other", days=5).record) == "vegan"
