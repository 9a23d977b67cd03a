"""Days as a chart records them: whole, to the month, to the year."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self


_FHIR_DATE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T.*)?)?)?$")


@dataclass(frozen=True, kw_only=True, slots=True)
class PartialDate:
    """A date of the chart, known to the day, the month or the year.

    ``first`` and ``last`` are the first and the last day it can mean; they are equal
    when the day is known. Rules choose the end that is safer for the question asked
    (a duration is measured from ``first``, the recency of a symptom from ``last``).
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError("a date cannot end before it begins")

    @classmethod
    def on(cls, day: date) -> Self:
        """The day itself."""
        return cls(first=day, last=day)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a FHIR ``date``, ``dateTime`` or ``instant``.

        The day is taken as written, in the time zone of whoever wrote it: that is the
        day the clinician saw. Raises ValueError for anything else.
        """
        match = _FHIR_DATE.match(text.strip())
        if match is None:
            raise ValueError("not a FHIR date")
        year = int(match[1])
        month, day = (int(part) if part else None for part in match.groups()[1:])
        if month is None:
            return cls(first=date(year, 1, 1), last=date(year, 12, 31))
        if day is None:
            _, days_in_month = calendar.monthrange(year, month)
            return cls(
                first=date(year, month, 1), last=date(year, month, days_in_month)
            )
        return cls.on(date(year, month, day))

    @property
    def is_whole(self) -> bool:
        """Whether the day itself is known."""
        return self.first == self.last

    def __str__(self) -> str:
        """As a clinician writes it: ``2025-06-30``, ``2025-06`` or ``2025``."""
        if self.is_whole:
            return self.first.isoformat()
        if (self.first.year, self.first.month) == (self.last.year, self.last.month):
            return f"{self.first:%Y-%m}"
        return f"{self.first:%Y}"


def age_on(birth: PartialDate, day: date) -> int:
    """Completed years on ``day``; of an inexact birth date, the greater age.

    The greater age is the safer one here: an age-based risk factor is offered rather
    than withheld, and the age gate lets the patient in.
    """
    born = birth.first
    had_birthday = (day.month, day.day) >= (born.month, born.day)
    return day.year - born.year - (0 if had_birthday else 1)


def days_since(day: date, today: date) -> int:
    """Whole days from ``day`` to ``today``; negative when ``day`` is to come."""
    return (today - day).days


def days_before(today: date, days: int) -> date:
    """The day ``days`` days before ``today``."""
    return today - timedelta(days=days)
