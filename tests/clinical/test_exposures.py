"""Courses of a medicine, where their dates are incomplete or touch today."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from service.clinical.exposures import Moment, latest_exposure, taken
from service.clinical.record import (
    Medication,
    MedicationSource,
    MedicationState,
    Record,
    ResourceRef,
)
from tests.spec.patients import TODAY, day


GAP = 90


def entry(
    start: int | None, end: int | None = None, number: int = 1, **changes: Any
) -> Medication:
    """A medicine taken from and to so many days ago, None where not recorded."""
    made = Medication(
        source=ResourceRef(type="MedicationRequest", id=str(number)),
        concepts=frozenset({"med-ppi"}),
        label="omeprazole",
        origin=MedicationSource.REQUEST,
        state=MedicationState.CURRENT,
        start=None if start is None else day(start),
        end=None if end is None else day(end),
    )
    return replace(made, **changes)


def course(*entries: Medication) -> tuple[int | None, int | None] | None:
    """Days taken, and how many days ago it ended; None while it goes on."""
    found = latest_exposure(entries, TODAY, GAP)
    if found is None:
        return None
    ended = None if found.ended is None else (TODAY - found.ended).days
    return found.days, ended


GIVEN = MedicationState.GIVEN
ENDED = MedicationState.ENDED


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([], None),
        ([entry(400)], (400, None)),
        ([entry(0)], (0, None)),
        ([entry(-1)], None),
        ([entry(400, 0)], (400, None)),
        ([entry(400, 1)], (399, 1)),
        ([entry(400, -30)], (400, None)),
        # Without a start nobody knows for how long.
        ([entry(None)], (None, None)),
        ([entry(None, 0)], (None, None)),
        ([entry(None, 1)], (None, 1)),
        ([entry(None, 9), entry(None, 5, 2)], (None, 5)),
        ([entry(None), entry(100, number=2)], (None, None)),
        ([entry(None, 5), entry(-1, 5, 2)], (None, 5)),
        # A course that ended is of the days it lasted.
        ([entry(400, 100, state=ENDED)], (300, 100)),
        ([entry(400, state=ENDED)], (0, 400)),
        # Supplies: the last may be renewed for as long as a gap may be.
        ([entry(200, 90, state=GIVEN)], (110, None)),
        ([entry(200, 91, state=GIVEN)], (109, 91)),
        # Two courses are one across a gap, and the latest where it is longer.
        ([entry(400, 300), entry(210, 100, 2)], (300, 100)),
        ([entry(400, 300), entry(209, 100, 2)], (109, 100)),
        ([entry(400), entry(300, 200, 2)], (400, None)),
        ([entry(400, 100), entry(300, 200, 2)], (300, 100)),
        ([entry(400, 200), entry(300, 200, 2, state=GIVEN)], (200, 200)),
        # A stop while a supply lasts ends it; one before it, or as it ends, does not.
        ([entry(400, 60, state=ENDED), entry(70, 40, 2, state=GIVEN)], (340, 60)),
        ([entry(400, 70, state=ENDED), entry(70, 40, 2, state=GIVEN)], (330, 70)),
        ([entry(400, 71, state=ENDED), entry(70, 40, 2, state=GIVEN)], (360, None)),
        ([entry(400, 40, state=ENDED), entry(70, 40, 2, state=GIVEN)], (360, None)),
        (
            [entry(400), entry(300, 60, 2, state=ENDED), entry(70, 40, 3, state=GIVEN)],
            (400, None),
        ),
        # One begun again after the stop, on which no more is known, may go on.
        (
            [
                entry(400, 60, state=ENDED),
                entry(70, 40, 2, state=GIVEN),
                entry(50, None, 3, state=ENDED),
            ],
            (360, None),
        ),
    ],
)
def test_a_course_is_as_long_as_is_known(
    entries: list[Medication], expected: tuple[int | None, int | None] | None
) -> None:
    assert course(*entries) == expected
    assert course(*reversed(entries)) == expected


def test_an_undated_entry_beside_a_course_that_goes_on_is_one_with_it() -> None:
    found = latest_exposure([entry(None), entry(100, number=2)], TODAY, GAP)
    assert found is not None
    assert len(found.entries) == 2


def test_an_undated_entry_beside_a_course_that_ended_stands_alone() -> None:
    found = latest_exposure([entry(None), entry(400, 300, 2)], TODAY, GAP)
    assert found is not None
    assert len(found.entries) == 1


def test_a_refill_is_the_same_medicine_taken_now_from_an_unknown_day() -> None:
    draft = entry(
        0,
        5,
        source=ResourceRef(type="MedicationRequest", id="draft", in_hand=True),
        state=MedicationState.DRAFT,
        as_needed=True,
        daily_dose_ug=Decimal(20_000),
        is_parenteral=False,
    )
    (refill,) = taken(Record(medications=(draft,)), "med-ppi", Moment.REFILL)
    assert refill == replace(draft, state=MedicationState.CURRENT, start=None, end=None)
    assert taken(Record(medications=(draft,)), "med-ppi", Moment.VISIT) == ()


def test_a_course_is_known_to_have_lasted_as_long_as_it_did() -> None:
    found = latest_exposure([entry(120)], TODAY, GAP)
    unknown = latest_exposure([entry(None)], TODAY, GAP)
    assert found is not None and unknown is not None
    assert [found.is_known_to_have_lasted(n) for n in (119, 120, 121)] == [
        True,
        True,
        False,
    ]
    assert not unknown.is_known_to_have_lasted(0)
    assert unknown.lasted(10_000)


def test_a_course_of_nameless_entries_has_no_name() -> None:
    found = latest_exposure([entry(120, label="")], TODAY, GAP)
    assert found is not None
    assert found.label == ""
