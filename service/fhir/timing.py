"""How often a dose is taken: from a Timing, or from words and abbreviations."""

import re
from collections.abc import Mapping
from fractions import Fraction

from service.fhir.codings import codings_in, words_in
from service.fhir.elements import Elements
from service.fhir.medication_names import plain
from service.fhir.reading import number


_DAYS_IN: Mapping[str, Fraction] = {
    "s": Fraction(1, 86_400),
    "min": Fraction(1, 1440),
    "h": Fraction(1, 24),
    "d": Fraction(1),
    "wk": Fraction(7),
    "mo": Fraction(30),
    "a": Fraction(365),
}
_UNIT_WORDS: Mapping[str, str] = {
    "hour": "h",
    "hr": "h",
    "h": "h",
    "day": "d",
    "d": "d",
    "week": "wk",
    "wk": "wk",
    "month": "mo",
    "mo": "mo",
    "mth": "mo",
    "year": "a",
    "yr": "a",
}
_NUMBER_WORDS: Mapping[str, int] = {
    "a": 1,
    "an": 1,
    "one": 1,
    "once": 1,
    "two": 2,
    "twice": 2,
    "three": 3,
    "thrice": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "twelve": 12,
}
_COUNT = r"\d+|one|two|three|four|five|six|twelve"
_UNIT = r"hours?|hrs?|h|days?|d|weeks?|wks?|months?|mths?|mo|years?|yrs?"

# 1-0-1 and 1-0-1-0: doses in the morning, at noon, in the evening, at night.
SCHEME = re.compile(r"(?<![\d-])(\d(?:-\d){2,3})(?![\d-])")
_TIMES_PER = re.compile(
    rf"\b(?:(?P<word>once|twice|thrice)|(?P<times>{_COUNT})\s*(?:x|times?))\s*"
    rf"(?:/|a|an|per|each|every|in)?\s*(?P<unit>day|daily|d|week|weekly|month|monthly)\b"
)
_EVERY = re.compile(
    rf"\b(?:every|each|q)\s*(?P<count>{_COUNT}|other|second|third)?\s*"
    rf"(?:-\s*\d+\s*)?(?P<unit>{_UNIT})\b"
)
_HOURLY = re.compile(r"\b(?P<count>\d+)[\s-]*hourly\b")
_PER_UNIT = re.compile(r"(?:\bper|\ba|/)\s*(?P<unit>day|d|week|wk|month)\b")
_ABBREVIATIONS: tuple[tuple[re.Pattern[str], Fraction], ...] = tuple(
    (re.compile(rf"\b(?:{words})\b"), per_day)
    for words, per_day in (
        (r"qod|eod|alternate days?|on alternate days?", Fraction(1, 2)),
        (r"bd|b\.?i\.?d|bds", Fraction(2)),
        (r"td|tds|t\.?i\.?d", Fraction(3)),
        (r"qds|q\.?i\.?d", Fraction(4)),
        (r"morning and (?:evening|night)|mane et nocte", Fraction(2)),
        (r"qweek|qwk|q1w|wk|weekly", Fraction(1, 7)),
        (r"fortnightly", Fraction(1, 14)),
        (r"mo|monthly", Fraction(1, 30)),
        (r"quarterly", Fraction(1, 91)),
        (r"yearly|annually", Fraction(1, 365)),
        (
            r"od|o\.d|qd|q\.d|qday|daily|mane|nocte|qhs|qam|qpm|hs|am|pm|bed",
            Fraction(1),
        ),
        (r"bedtime|(?:in the|each|every|at) (?:morning|evening|night)", Fraction(1)),
    )
)

AS_NEEDED = re.compile(
    r"\bp\.?r\.?n\b|\b(?:as|if|when) (?:needed|required|necessary)\b|\bbei bedarf\b"
)
"""Words for a medicine that is only taken when wanted, in ``plain`` text."""


def doses_per_day(timing: Elements) -> Fraction | None:
    """How many doses a day a Timing means; None if it does not say."""
    repeated = _of_repeat(timing.get("repeat", {}))
    if repeated is not None:
        return repeated
    code = timing.get("code")
    lines = [words_in(code), *(coding.code or "" for coding in codings_in(code))]
    for line in lines:
        if (per_day := doses_per_day_in(line)) is not None:
            return per_day
    return None


def doses_per_day_in(text: str) -> Fraction | None:
    """How many doses a day the words mean; None if they do not say."""
    words = plain(text)
    if match := SCHEME.search(words):
        return Fraction(sum(map(int, match[1].split("-")))) or None
    if match := _TIMES_PER.search(words):
        times = _count(match["word"] or match["times"])
        return times / _DAYS_IN[_unit(match["unit"].removesuffix("ly"))]
    if match := _EVERY.search(words):
        return 1 / (_count(match["count"]) * _DAYS_IN[_unit(match["unit"])])
    if match := _HOURLY.search(words):
        hours = int(match["count"])
        return Fraction(24, hours) if hours else None
    for pattern, per_day in _ABBREVIATIONS:
        if pattern.search(words):
            return per_day
    if match := _PER_UNIT.search(words):
        return 1 / _DAYS_IN[_unit(match["unit"])]
    return None


def _of_repeat(repeat: Elements) -> Fraction | None:
    moments = max(len(repeat.get("when", ())), len(repeat.get("timeOfDay", ())))
    frequency = _fraction(repeat.get("frequency")) or _fraction(
        repeat.get("frequencyMax")
    )
    period = _fraction(repeat.get("period"))
    unit = _DAYS_IN.get(str(repeat.get("periodUnit", "")).lower())
    if period is None or unit is None:
        per_day = Fraction(moments) if moments and period is None else None
    else:
        per_day = (frequency or Fraction(max(moments, 1))) / (period * unit)
        # "Once a day, mornings and nights" is written with frequency 1 by some.
        if period * unit == 1:
            per_day = max(per_day, Fraction(moments))
    days = set(repeat.get("dayOfWeek", ()))
    if days:
        return (per_day or Fraction(1)) * Fraction(len(days), 7)
    return per_day


def _fraction(value: object) -> Fraction | None:
    decimal = number(value)
    return Fraction(decimal) if decimal is not None and decimal > 0 else None


def _count(word: str | None) -> Fraction:
    if word in ("other", "second"):
        return Fraction(2)
    if word == "third":
        return Fraction(3)
    if word is None:
        return Fraction(1)
    if word in _NUMBER_WORDS:
        return Fraction(_NUMBER_WORDS[word])
    return Fraction(max(int(word), 1))


def _unit(word: str) -> str:
    if word in ("dai", "day"):
        return "d"
    return _UNIT_WORDS.get(word) or _UNIT_WORDS[word.removesuffix("s")]
