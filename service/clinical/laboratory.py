"""Laboratory results: amounts, limits, and the newest result that can be read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from service.clinical.dates import days_since
from service.clinical.knowledge import Knowledge, Threshold
from service.clinical.record import Comparator, Observation, Quantity, Record


LOW_FLAGS = frozenset({"L", "LL"})
"""Observation.interpretation codes by which a laboratory calls its result low."""


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
    if value is None:
        return None
    match quantity.comparator:
        case None:
            return value > limit.value
        case Comparator.GREATER:
            return True if value >= limit.value else None
        case Comparator.GREATER_OR_EQUAL:
            return True if value > limit.value else None
        case Comparator.LESS | Comparator.LESS_OR_EQUAL:
            return False if value <= limit.value else None


@dataclass(frozen=True, kw_only=True, slots=True)
class LabResult:
    """A numeric result with the day of its sample."""

    observation: Observation
    quantity: Quantity
    sampled: date

    @property
    def shown(self) -> str:
        """The value as the chart reports it, e.g. ``<150 pg/mL``."""
        comparator = self.quantity.comparator.value if self.quantity.comparator else ""
        unit = self.quantity.unit_text or self.quantity.unit or ""
        return f"{comparator}{self.quantity.value} {unit}".strip()


def results(
    record: Record, concepts: Iterable[str], today: date, *, within: int
) -> tuple[LabResult, ...]:
    """Numeric results of these tests of the last ``within`` days, newest first.

    A result without a sample date is not used. Among results of one day the order is
    that of their resource ids, so that it does not depend on the order of arrival.
    """
    wanted = frozenset(concepts)
    if wanted.isdisjoint(record.held):
        return ()
    found = [
        LabResult(observation=observation, quantity=observation.value, sampled=sampled)
        for observation in record.observations
        if wanted & observation.concepts
        and observation.value is not None
        and observation.effective is not None
        and days_since(sampled := observation.effective.last, today) <= within
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
) -> LabResult | None:
    """The newest result of these tests that is given in a comparable unit."""
    units = tuple(units)
    for result in results(record, concepts, today, within=within):
        if any(amount(result.quantity, unit, knowledge) is not None for unit in units):
            return result
    return None
