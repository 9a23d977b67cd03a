"""The reading of one chart in progress, and the values every item is made of."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypedDict

from service.clinical.dates import PartialDate
from service.clinical.record import ResourceRef, Unread
from service.fhir.codings import codings_in, label_of, words_in
from service.fhir.elements import Elements
from service.fhir.references import References
from service.fhir.terminology import NOTHING, Terminology
from service.fhir.units import Units


IMPLAUSIBLE_DATE = "the date is implausible"
FUTURE_DATE = "dated after the day of evaluation"

# Before this, a date is a system's way to write "unknown" (0001-01-01, 1800-12-28).
_FIRST_PLAUSIBLE_YEAR = 1900
# From here on, the end of a period is a system's way to write "no end" (9999-12-31).
_YEAR_WITHOUT_END = 2150
# The date line may be between the clock of the chart and the one of the service.
_CLOCK_DIFFERENCE = timedelta(days=1)
_LONGEST_SUPPLY_IN_DAYS = 3660
_LONGEST_LIFE_IN_DAYS = 130 * 366
_LONGEST_NUMBER = 64
_GREATEST_EXPONENT = 30


class NamedParts(TypedDict):
    """What every item of the record has, from the concept that names it."""

    source: ResourceRef
    concepts: frozenset[str]
    label: str
    has_known_code: bool
    codes: frozenset[str]


@dataclass(kw_only=True, slots=True)
class Reading:
    """What the readers of single resources look things up in, and write down.

    ``birth`` is the patient's, for ages of onset. ``unread`` collects what mattered
    and could not be read, in the order it was met.
    """

    terminology: Terminology
    units: Units
    references: References
    today: date
    birth: PartialDate | None = None
    unread: dict[Unread, None] = field(default_factory=dict)

    def cannot_read(self, source: ResourceRef, element: str, reason: str) -> None:
        """Note an element that matters and could not be used; once each."""
        self.unread[Unread(source=source, element=element, reason=reason)] = None

    def day(
        self, elements: Elements, element: str, source: ResourceRef
    ) -> PartialDate | None:
        """The date in ``element``; None if absent, unreadable or implausible."""
        return self.day_of(elements.get(element), f"{source.type}.{element}", source)

    def day_of(
        self, text: object, element: str, source: ResourceRef
    ) -> PartialDate | None:
        """The date a text gives; ``element`` is the path to name if it is no date.

        The models of ``fhir.resources`` let numbers pass as dates, as seconds since
        1970: that is no date of FHIR, and nobody meant it.
        """
        if text is None:
            return None
        try:
            if not isinstance(text, str):
                raise ValueError("not a text")
            day = PartialDate.parse(text)
        except ValueError:
            self.cannot_read(source, element, "not a date")
            return None
        if day.first.year < _FIRST_PLAUSIBLE_YEAR:
            self.cannot_read(source, element, IMPLAUSIBLE_DATE)
            return None
        return day

    def period(
        self, elements: Elements, element: str, source: ResourceRef
    ) -> tuple[PartialDate | None, PartialDate | None]:
        """Start and end of a Period; an end that stands for "no end" is None."""
        period = elements.get(element, {})
        path = f"{source.type}.{element}"
        start = self.day_of(period.get("start"), f"{path}.start", source)
        end = self.day_of(period.get("end"), f"{path}.end", source)
        if end is not None and end.first.year >= _YEAR_WITHOUT_END:
            end = None
        return start, end

    def is_to_come(self, day: PartialDate | None) -> bool:
        """Whether a date is after today, in whatever time zone today is."""
        return day is not None and day.first > self.today + _CLOCK_DIFFERENCE

    def at_age(self, age: Elements | None) -> PartialDate | None:
        """The day of an age (``onsetAge``), as exact as its unit; None if unknown."""
        if age is None or self.birth is None:
            return None
        value = number(age.get("value"))
        unit = _UNITS_OF_AGE.get(str(age.get("code") or age.get("unit")).lower())
        if value is None or unit is None:
            return None
        days_each, span = unit
        if not 0 <= value * days_each <= _LONGEST_LIFE_IN_DAYS:
            return None
        try:
            first = self.birth.first + timedelta(days=int(value * days_each))
            last = self.birth.last + timedelta(days=int((value + span) * days_each))
        except OverflowError:
            return None
        # What has happened cannot have happened after today.
        return PartialDate(first=min(first, self.today), last=min(last, self.today))

    def named(
        self,
        source: ResourceRef,
        concept: Elements | None,
        among: frozenset[str] = NOTHING,
    ) -> NamedParts:
        """The common parts of an item that ``concept`` names.

        ``among`` are the concepts that words may tell where no code in a known system
        does (T-4).
        """
        codings = codings_in(concept)
        concepts, is_coded = self.terminology.meaning_of(codings)
        if not is_coded:
            concepts = self.terminology.text_concepts(words_in(concept), among)
        return NamedParts(
            source=source,
            concepts=concepts,
            label=label_of(concept),
            has_known_code=is_coded,
            codes=self.terminology.known_codes(codings),
        )

    def sites(self, concepts: object, among: frozenset[str]) -> frozenset[str]:
        """The concepts of body sites, by code and, as each site is uncoded, by word."""
        found = NOTHING
        if isinstance(concepts, dict):
            concepts = [concepts]
        for concept in concepts if isinstance(concepts, list) else ():
            found |= self.named(ResourceRef(type=""), concept, among)["concepts"]
        return found


# By UCUM code or word: the days of one, and how many of them the age leaves open.
_UNITS_OF_AGE: Mapping[str, tuple[Decimal, int]] = {
    **dict.fromkeys(("a", "year", "years", "yr"), (Decimal("365.25"), 1)),
    **dict.fromkeys(("mo", "month", "months"), (Decimal("30.4375"), 1)),
    **dict.fromkeys(("wk", "week", "weeks"), (Decimal(7), 1)),
    **dict.fromkeys(("d", "day", "days"), (Decimal(1), 0)),
}

_DAYS_IN: Mapping[str, Decimal] = {
    "h": Decimal(1) / 24,
    "d": Decimal(1),
    "wk": Decimal(7),
    "mo": Decimal("30.4375"),
    "a": Decimal("365.25"),
    **dict.fromkeys(("day", "days"), Decimal(1)),
    **dict.fromkeys(("week", "weeks"), Decimal(7)),
    **dict.fromkeys(("month", "months"), Decimal("30.4375")),
    **dict.fromkeys(("year", "years"), Decimal("365.25")),
}


def number(value: Any) -> Decimal | None:
    """A decimal as written, or None; never a float's rounding error.

    None also for numbers that no chart means: a thousand digits, 1e999999.
    """
    if value is None or isinstance(value, bool):
        return None
    text = str(value)
    if len(text) > _LONGEST_NUMBER:
        return None
    try:
        decimal = Decimal(text)
    except InvalidOperation:
        return None
    if not decimal.is_finite() or abs(decimal.adjusted()) > _GREATEST_EXPONENT:
        return None
    return decimal


def days_of(duration: Elements | None) -> int | None:
    """A Duration in whole days; None if unknown or longer than any supply lasts.

    A bare number counts as days, which is what daysSupply means.
    """
    if duration is None:
        return None
    value = number(duration.get("value"))
    unit = str(duration.get("code") or duration.get("unit") or "d").strip().lower()
    if value is None or unit not in _DAYS_IN:
        return None
    days = value * _DAYS_IN[unit]
    return int(days) if 0 <= days <= _LONGEST_SUPPLY_IN_DAYS else None


def later(day: PartialDate, days: int) -> PartialDate | None:
    """The date ``days`` after ``day``; None beyond the calendar's end."""
    try:
        return PartialDate(
            first=day.first + timedelta(days=days), last=day.last + timedelta(days=days)
        )
    except OverflowError:
        return None


def code_of(concept: Elements | None, known: Collection[str]) -> str | None:
    """The code of a concept whose code system R4 fixes, e.g. a status: the first of
    ``known``, whatever local codes stand beside it. Without any code, its words."""
    if concept is None:
        return None
    codes = [str(each["code"]) for each in concept.get("coding", ()) if "code" in each]
    words = () if codes else (str(concept.get("text", "")).strip().casefold(),)
    return next((code for code in (*codes, *words) if code in known), None)
