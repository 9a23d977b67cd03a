"""The dose a day in micrograms, from a structured dosage or from its words."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import islice

from service.fhir.elements import Elements
from service.fhir.medication_names import plain
from service.fhir.products import Product
from service.fhir.strengths import (
    NUMBER,
    counted_units,
    masses_in,
    micrograms,
    millilitres,
    written_number,
)
from service.fhir.timing import SCHEME, doses_per_day, doses_per_day_in


_UNITS_IN_WORDS = {"one": 1, "a": 1, "two": 2, "three": 3, "four": 4}
_HALF = {"half": Decimal("0.5"), "½": Decimal("0.5"), "1/2": Decimal("0.5")}
_TABLETS = re.compile(
    rf"\b(?P<count>1/2|{NUMBER}|one|two|three|four|half|a)\s*(?:x\s*)?"
    r"(?:\(\w+\)\s*)?(?:(?:of|an?)\s+)?"
    r"(?:tab(?:s|let|lets|l|letten?)?|tbl|cap(?:s|sule|sules)?|kaps\w*|pills?)\b"
)
# "1 bid", "2 daily": a small number right before the frequency counts tablets.
_BARE_COUNT = re.compile(
    r"^\s*(?:take\s+)?(?P<count>1/2|[1-4]|one|two|three|four)\s+"
    r"(?:to be (?:taken|swallowed|chewed)\s+|po\s+|orally\s+|by mouth\s+)?"
    r"(?:once|twice|thrice|daily|od|bd|bid|tds|tid|qds|qid|qd|qhs|every|each|in the|at"
    r"|q\d)"
)
_AND = re.compile(r"\band\b|[,;+&]")
_TIMES_MASS = re.compile(
    rf"\b(?P<count>[1-9])\s*(?:x\s*|\s)(?={NUMBER}\s*(?:mg|mcg|g)\b)"
)

# Any number of tablets, drops or puffs, or a dose that is to be looked up.
_COUNTS = re.compile(
    r"\d\s*(?:-\d\s*)?(?:tab|cap|pill|drop|puff|spray|ml|unit|mg|mcg|ug|g\b)"
    r"|\b(?:as directed|half|several|alternat\w*|every other)\b"
)

# No instruction is longer; what is, is a leaflet.
_LONGEST_INSTRUCTION = 1000
# No order has more; what has is not worked out.
_MOST_DOSAGES = 100
# A kilogram a day of any medicine is a slip of the pen.
_MOST_MICROGRAMS = Decimal(1_000_000_000)


def daily_dose_ug(dosages: Iterable[Elements], product: Product) -> Decimal | None:
    """Micrograms of the ingredient a day; None if it cannot be known.

    Dosages that go together are added (500 mg in the morning, 1 g at night); of
    dosages that follow each other by ``sequence`` the greatest counts. Without any
    dosage, the product's own words are read ("Metformin 500 mg twice daily").
    """
    dosages = tuple(dosages)
    if len(dosages) > _MOST_DOSAGES:
        return None
    if not dosages:
        return _exact(_of_words(product.words[:_LONGEST_INSTRUCTION], product))
    in_turn = _follow_each_other(dosages)
    by_sequence: dict[object, Fraction] = {}
    for dosage in dosages:
        dose = _of_dosage(dosage, product)
        if dose is None:
            return None
        step = dosage.get("sequence") if in_turn else None
        by_sequence[step] = by_sequence.get(step, Fraction(0)) + dose
    return _exact(max(by_sequence.values()))


def frequencies(dosages: Iterable[Elements]) -> Iterator[Fraction]:
    """How often a day, for each dosage that says so."""
    for dosage in islice(dosages, _MOST_DOSAGES):
        per_day = _frequency(dosage)
        if per_day is not None:
            yield per_day


def _follow_each_other(dosages: tuple[Elements, ...]) -> bool:
    return len({dosage.get("sequence") for dosage in dosages}) == len(dosages) > 1


def _frequency(dosage: Elements) -> Fraction | None:
    return doses_per_day(dosage.get("timing", {})) or doses_per_day_in(_words(dosage))


def _words(dosage: Elements) -> str:
    words = str(dosage.get("text") or dosage.get("patientInstruction") or "")
    return words[:_LONGEST_INSTRUCTION]


def _of_dosage(dosage: Elements, product: Product) -> Fraction | None:
    timed = doses_per_day(dosage.get("timing", {}))
    per_day = timed or doses_per_day_in(_words(dosage))
    for part in dosage.get("doseAndRate", ()):
        each = _amount(_quantity(part), product)
        if each is not None and per_day is not None:
            return each * per_day
    told = _of_words(_words(dosage), product, timed)
    return told if told is not None else _one_each_time(dosage, product, per_day)


def _one_each_time(
    dosage: Elements, product: Product, per_day: Fraction | None
) -> Fraction | None:
    """One tablet at each time, where nothing is said of how many."""
    strength = product.strength
    if per_day is None or strength is None or strength.per_millilitre:
        return None
    if "doseAndRate" in dosage or _COUNTS.search(plain(_words(dosage))):
        return None
    return per_day * Fraction(strength.micrograms)


def _quantity(part: Elements) -> Elements:
    """The dose; of a range its low end, the dose that is surely taken."""
    if "doseQuantity" in part:
        return dict(part["doseQuantity"])
    ends = part.get("doseRange", {})
    return dict(ends.get("low") or ends.get("high") or {})


def _amount(quantity: Elements, product: Product) -> Fraction | None:
    mass = micrograms(quantity)
    if mass is not None:
        return Fraction(mass)
    strength = product.strength
    if strength is None:
        return None
    count = (
        millilitres(quantity) if strength.per_millilitre else counted_units(quantity)
    )
    return Fraction(count * strength.micrograms) if count is not None else None


def _of_words(
    text: str, product: Product, per_day: Fraction | None = None
) -> Fraction | None:
    """The daily dose that words give, each line for itself."""
    for line in plain(text).split("\n"):
        if per_day is None and (together := _of_parts(line, product)) is not None:
            return together
        often = per_day or doses_per_day_in(line)
        each = _amount_in(line, product)
        if often is not None and each is not None:
            return each * often
    return None


def _of_parts(line: str, product: Product) -> Fraction | None:
    """The sum of "two tablets in the morning and one at night"; None if not so said."""
    parts = _AND.split(line)
    doses = [
        each * often
        for part in parts
        if (each := _amount_in(part, product)) is not None
        and (often := doses_per_day_in(part)) is not None
    ]
    return sum(doses, Fraction(0)) if len(doses) == len(parts) > 1 else None


def _amount_in(line: str, product: Product) -> Fraction | None:
    """One dose in words: tablets of a known strength, else a mass.

    A scheme such as 1-0-1 counts tablets: one at each of the doses it stands for.
    """
    count = Fraction(1) if SCHEME.search(line) else _count_in(line)
    strength = product.strength
    if count is not None and strength is not None and not strength.per_millilitre:
        return count * Fraction(strength.micrograms)
    for mass, start in masses_in(line):
        times = 1
        for match in _TIMES_MASS.finditer(line):
            if match.end() == start:
                times = int(match["count"])
        return Fraction(mass) * (times if count is None else count)
    return None


def _count_in(line: str) -> Fraction | None:
    match = _TABLETS.search(line) or _BARE_COUNT.search(line)
    if match is None:
        return None
    word = match["count"]
    if word in _HALF:
        return Fraction(_HALF[word])
    if word in _UNITS_IN_WORDS:
        return Fraction(_UNITS_IN_WORDS[word])
    return Fraction(written_number(word))


def _exact(dose: Fraction | None) -> Decimal | None:
    """As a decimal, to a hundredth of a microgram."""
    if dose is None:
        return None
    value = Decimal(dose.numerator) / Decimal(dose.denominator)
    return value.quantize(Decimal("0.01")) if value < _MOST_MICROGRAMS else None
