"""When a chart was written does not matter, only how long before the question.

Moving every date of a chart and the day of evaluation by the same number of days leaves
the cards as they are, but for the dates they quote. Two kinds of move, because a chart
also holds months and years, which cannot be moved by a few days:

- any number of days, for charts whose dates are all whole. The age is the one thing
  that does not follow: it counts birthdays, and the leap days between birth and today
  differ by one from span to span (by two over a century whose last year is none). The
  vignettes' patients had their birthday 29 days before the evaluation, so that day
  stays past, and less than a year past, wherever the span is laid.
- 400 years, after which the Gregorian calendar repeats to the day: the same months,
  leap days and birthdays, so a chart with partial dates can be moved as it stands.
"""

import json
import re
from datetime import date, timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.properties.answers import answer_to, request_of
from tests.properties.bounds import examples
from tests.properties.patients import TODAY, Patient, patients


WHOLE_DATE = re.compile(r"\b(\d{4}-\d{2}-\d{2})")
PARTIAL_DATE = re.compile(r'"\d{4}(-\d{2})?"')
YEAR = re.compile(r"\b(2[34]\d{2})\b")
CALENDAR_REPEATS_AFTER_YEARS = 400


def moved_by_days(value: Any, days: int) -> Any:
    """``value`` with every whole date in it moved."""

    def moved(match: re.Match[str]) -> str:
        return (date.fromisoformat(match[1]) + timedelta(days=days)).isoformat()

    return json.loads(WHOLE_DATE.sub(moved, json.dumps(value)))


@examples(50)
@given(
    patient=patients(encodings=("us",)),
    # From 1992, since a birth date before 1900 is not believed, to past the end of
    # 32-bit UNIX time.
    days=st.integers(-12_000, 20_000),
)
def test_moving_every_date_and_today_by_some_days_changes_no_card(
    patient: Patient, days: int
) -> None:
    body = request_of(patient.resources())
    assume(not PARTIAL_DATE.search(json.dumps(body)))
    answer = answer_to(
        moved_by_days(body, days), patient.profile, TODAY + timedelta(days=days)
    )
    assert moved_by_days(answer, -days) == answer_to(body, patient.profile, TODAY)


@examples(40)
@given(patient=patients())
def test_moving_a_chart_by_a_cycle_of_the_calendar_changes_no_card(
    patient: Patient,
) -> None:
    later = TODAY.replace(year=TODAY.year + CALENDAR_REPEATS_AFTER_YEARS)
    answer = answer_to(request_of(patient.resources(later)), patient.profile, later)
    moved_back = YEAR.sub(
        lambda match: str(int(match[1]) - CALENDAR_REPEATS_AFTER_YEARS),
        json.dumps(answer),
    )
    assert json.loads(moved_back) == answer_to(
        request_of(patient.resources()), patient.profile, TODAY
    )
