"""Amounts of a medicine: masses, counted units, and strengths in a product's name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from service.fhir.elements import Elements
from service.fhir.medication_names import plain
from service.fhir.reading import number


_MICROGRAMS_IN = {
    "ng": Decimal("0.001"),
    "mcg": Decimal(1),
    "mg": Decimal(1000),
    "g": Decimal(1_000_000),
}
_MASS = r"mcg|ug|microgram(?:me)?s?|micrograms?|mgs?|milligram(?:me)?s?|gm?|grams?|ng"
# Begins where digits begin and is not taken back by digits, so that a text of nothing
# but digits is read once and not once for each of them.
NUMBER = r"(?<![\d.,])(?>\d+(?:[.,]\d+)*|[.]\d+)"

_STRENGTH = re.compile(
    rf"(?P<amount>{NUMBER})\s*(?P<mass>{_MASS})\b"
    rf"(?:\s*/\s*(?P<per>{NUMBER})?\s*(?P<unit>ml|l|actuat\w*|hr|h)\b)?"
)
_COUNTED = re.compile(
    r"^(?:1|ea|each|dos(?:e|es|is)|tab(?:s|let|lets|l|letten?)?|tbl|ftbl"
    r"|cap(?:s|sule|sules)?|kaps(?:el|eln?|ler)?|pills?)\b"
    r"|^\{.*\}$|\bunit of presentation\b"
)
# A bare number is a number of tablets only as long as nobody would swallow more.
_MOST_TABLETS_AT_ONCE = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Strength:
    """Micrograms of the ingredient in one counted unit, or in one millilitre."""

    micrograms: Decimal
    per_millilitre: bool = False


def micrograms(quantity: Elements) -> Decimal | None:
    """The mass of a Quantity in micrograms; None if it is not a mass."""
    value = number(quantity.get("value"))
    if value is None or value < 0:
        return None
    for element in ("code", "unit"):
        factor = mass_factor(str(quantity.get(element, "")))
        if factor is not None:
            return value * factor
    return None


def counted_units(quantity: Elements) -> Decimal | None:
    """The number of tablets or the like; None if it counts something else."""
    value = number(quantity.get("value"))
    if value is None or value < 0:
        return None
    words = [
        plain(str(quantity[element]))
        for element in ("unit", "code")
        if element in quantity
    ]
    if not words:
        return value if value <= _MOST_TABLETS_AT_ONCE else None
    return value if any(_COUNTED.search(word) for word in words) else None


def millilitres(quantity: Elements) -> Decimal | None:
    """The volume of a Quantity in millilitres; None if it is not one."""
    units = {plain(str(quantity.get(element, ""))) for element in ("code", "unit")}
    return number(quantity.get("value")) if "ml" in units else None


def mass_factor(unit: str) -> Decimal | None:
    """How many micrograms one of this unit is; None if it is no unit of mass."""
    word = plain(unit).strip().replace("µ", "u").replace("μ", "u")
    if not re.fullmatch(_MASS, word):
        return None
    if word.startswith(("mcg", "ug", "micro")):
        return _MICROGRAMS_IN["mcg"]
    if word.startswith(("mg", "milli")):
        return _MICROGRAMS_IN["mg"]
    return _MICROGRAMS_IN["ng" if word == "ng" else "g"]


def masses_in(text: str) -> Iterator[tuple[Decimal, int]]:
    """The masses a plain text names, in micrograms, and where each begins."""
    for match in _STRENGTH.finditer(micro_as_u(text)):
        factor = mass_factor(match["mass"])
        if factor is not None and match["unit"] is None:
            yield written_number(match["amount"]) * factor, match.start()


def strength_in(text: str, names_end: tuple[int, ...]) -> Strength | None:
    """The strength a product's name gives for the medicine named in it.

    ``names_end`` are the places where the names of this medicine end in ``text``: of
    several strengths the one right behind the name is meant ("metformin 500 MG /
    sitagliptin 50 MG"). Without a name, a single strength is.
    """
    found = list(_STRENGTH.finditer(micro_as_u(text)))
    for end in names_end:
        behind = [match for match in found if match.start() >= end]
        if behind:
            return _strength(behind[0])
    return _strength(found[0]) if len(found) == 1 else None


def strength_of(ratio: Elements) -> Strength | None:
    """The strength an ingredient's Ratio gives."""
    mass = micrograms(ratio.get("numerator", {}))
    if mass is None:
        return None
    denominator = ratio.get("denominator", {"value": 1})
    volume = millilitres(denominator)
    per = volume if volume is not None else counted_units(denominator)
    if not per:
        return None
    return Strength(micrograms=mass / per, per_millilitre=volume is not None)


def written_number(text: str) -> Decimal:
    """A number as people write it: ``1,000`` is a thousand, ``0,5`` a half."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        return Decimal(text.replace(",", ""))
    return (
        Decimal(text.replace(",", "."))
        if text.count(",") + text.count(".") <= 1
        else Decimal(re.sub(r"[.,]", "", text))
    )


def micro_as_u(text: str) -> str:
    """The two letters that are written for micro as the ``u`` of UCUM."""
    return text.replace("µ", "u").replace("μ", "u")


def _strength(match: re.Match[str]) -> Strength | None:
    factor = mass_factor(match["mass"])
    if factor is None or match["unit"] not in (None, "ml"):
        return None
    per = written_number(match["per"]) if match["per"] else Decimal(1)
    if not per:
        return None
    return Strength(
        micrograms=written_number(match["amount"]) * factor / per,
        per_millilitre=match["unit"] == "ml",
    )
