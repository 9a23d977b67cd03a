"""Laboratory results: amounts, limits, and the newest result that can be read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from service.clinical.dates import PartialDate, days_since
from service.clinical.knowledge import Knowledge, Threshold
from service.clinical.record import Comparator, Observation, Quantity, Record


LOW_FLAGS = frozenset({"L", "LL", "LU", "62482003"})
"""Observation.interpretation codes by which a laboratory calls its result low: HL7's
for low, critically and significantly low, and SNOMED CT's for low."""


class Worst(StrEnum):
    """Which of several results of one day is the worst."""

    LOWEST = "lowest"
    HIGHEST = "highest"


_CHOOSE: Mapping[Worst, Callable[..., tuple[Decimal, "LabResult"]]] = {
    Worst.LOWEST: min,
    Worst.HIGHEST: max,
}


def amount(quantity: Quantity, unit: str, knowledge: Knowledge) -> Decimal | None:
    """The value in ``unit``, or None where the units cannot be compared.

    Exact: decimal factors between units of one dimension, never a molar conversion.
    """
    if quantity.unit is None:
        return None
    reported = knowledge.units.get(quantity.unit)
    wanted = knowledge.units[unit]
    if reported is None or reported.dimension != wanted.dimension:
        return None
    return quantity.value * reported.factor / wanted.factor


def is_below(quantity: Quantity, limit: Threshold, knowledge: Knowledge) -> bool | None:
    """Whether the true value lies below ``limit``; None when that cannot be known.

    A comparator bounds the true value: ``<x`` is surely below only if x is at most the
    limit, ``>x`` is surely not below only if x is at least the limit (CLINICAL 2.6).
    """
    value = amount(quantity, limit.unit, knowledge)
    if value is None:
        return None
    match quantity.comparator:
        case None:
            return value < limit.value
        case Comparator.LESS:
            return True if value <= limit.value else None
        case Comparator.LESS_OR_EQUAL:
            return True if value < limit.value else None
        case Comparator.GREATER | Comparator.GREATER_OR_EQUAL:
            return False if value >= limit.value else None


def is_above(quantity: Quantity, limit: Threshold, knowledge: Knowledge) -> bool | None:
    """Whether the true value lies above ``limit``; None when that cannot be known."""
    value = amount(quantity, limit.unit, knowledge)
    return None if value is None else exceeds(value, quantity.comparator, limit.value)


def exceeds(
    value: Decimal, comparator: Comparator | None, limit: Decimal
) -> bool | None:
    """``is_above`` for a value and a limit that are in one unit already."""
    match comparator:
        case None:
            return value > limit
        case Comparator.GREATER:
            return True if value >= limit else None
        case Comparator.GREATER_OR_EQUAL:
            return True if value > limit else None
        case Comparator.LESS | Comparator.LESS_OR_EQUAL:
            return False if value <= limit else None


@dataclass(frozen=True, kw_only=True, slots=True)
class LabResult:
    """A numeric result with the day of its sample.

    ``sampled`` is the earliest day it can mean: a result known only to the month or the
    year is no newer than one whose day is known, and reassures no longer.
    """

    observation: Observation
    quantity: Quantity
    effective: PartialDate

    @property
    def sampled(self) -> date:
        """The first day the sample can be of."""
        return self.effective.first

    @property
    def sampled_at_latest(self) -> date:
        """The last day the sample can be of."""
        return self.effective.last

    @property
    def shown(self) -> str:
        """The value as the chart reports it, e.g. ``<150 pg/mL``."""
        comparator = self.quantity.comparator.value if self.quantity.comparator else ""
        unit = self.quantity.unit_text or self.quantity.unit or ""
        return f"{comparator}{self.quantity.value} {unit}".strip()


def read_result(observation: Observation) -> LabResult | str:
    """The result, or why it says nothing whatever the test (2.6)."""
    if observation.value is None:
        return observation.problem or "the value is not a number with a unit"
    if observation.value.unit is None:
        return "the unit is missing or unknown"
    if observation.effective is None:
        return "the sample date is not recorded"
    return LabResult(
        observation=observation,
        quantity=observation.value,
        effective=observation.effective,
    )


def results(
    record: Record, concepts: Iterable[str], today: date, *, within: int
) -> tuple[LabResult, ...]:
    """Numeric results of these tests of the last ``within`` days, newest first.

    A result without a sample date is not used; one known to the month or the year is,
    where it can be of those days. Among results of one day the order is
    that of their resource ids, so that it does not depend on the order of arrival.
    """
    wanted = frozenset(concepts)
    if wanted.isdisjoint(record.held):
        return ()
    found = [
        LabResult(
            observation=observation,
            quantity=observation.value,
            effective=observation.effective,
        )
        for observation in record.observations
        if wanted & observation.concepts
        and observation.value is not None
        and observation.effective is not None
        and days_since(observation.effective.last, today) <= within
    ]
    found.sort(key=lambda result: (str(result.observation.source), result.shown))
    found.sort(key=lambda result: result.sampled, reverse=True)
    return tuple(found)


def newest_in(
    record: Record,
    concepts: Iterable[str],
    today: date,
    knowledge: Knowledge,
    *,
    within: int,
    units: Iterable[str],
    worst: Worst,
) -> LabResult | None:
    """The newest result of these tests that is given in a comparable unit.

    Of several of one day the ``worst``, since of a sample no more than its day is read.
    """
    units = tuple(units)
    of_newest_day: list[tuple[Decimal, LabResult]] = []
    for result in results(record, concepts, today, within=within):
        if of_newest_day and result.sampled != of_newest_day[0][1].sampled:
            break
        amounts = (amount(result.quantity, unit, knowledge) for unit in units)
        value = next((value for value in amounts if value is not None), None)
        if value is not None:
            of_newest_day.append((value, result))
    if not of_newest_day:
        return None
    return _CHOOSE[worst](of_newest_day, key=lambda each: each[0])[1]
