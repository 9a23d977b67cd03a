"""Potassium, magnesium and calcium out of range (CLINICAL 2.6, card 3)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from service.clinical import concepts
from service.clinical.knowledge import ElectrolyteThresholds, Knowledge, Threshold
from service.clinical.laboratory import (
    LabResult,
    Worst,
    is_below,
    newest_in,
    results,
)
from service.clinical.record import Quantity, Record


@dataclass(frozen=True, kw_only=True, slots=True)
class OutOfRange:
    """An electrolyte outside its limits; ``is_critical`` where it endangers life."""

    analyte: str
    is_low: bool
    is_critical: bool
    result: LabResult


@dataclass(frozen=True, kw_only=True, slots=True)
class _Limits:
    """Limits in one unit: low, severely low, and for potassium high and very high."""

    low: Threshold
    severe: Threshold
    high: Threshold | None = None
    very_high: Threshold | None = None


def find_out_of_range(
    record: Record, knowledge: Knowledge, today: date
) -> tuple[OutOfRange, ...]:
    """The newest results of the window that are out of range, critical ones first."""
    limits = knowledge.thresholds.electrolyte
    found = [
        out
        for analyte, wanted in _ANALYTES.items()
        if (
            out := _newest_out_of_range(
                record, analyte, wanted, _limits_of(analyte, limits), knowledge, today
            )
        )
        is not None
    ]
    return tuple(sorted(found, key=lambda out: not out.is_critical))


_ANALYTES = {
    "potassium": concepts.LAB_POTASSIUM,
    "magnesium": concepts.LAB_MAGNESIUM,
    "calcium": concepts.LAB_CALCIUM,
}
_VALENCES = {"potassium": 1, "magnesium": 2, "calcium": 2}
_EQUIVALENTS, _MOLES = "meq/L", "mmol/L"


def _in_moles(quantity: Quantity, analyte: str) -> Quantity:
    """Milliequivalents as millimoles, by the charge of the ion; all else as it is."""
    if quantity.unit != _EQUIVALENTS:
        return quantity
    return replace(quantity, value=quantity.value / _VALENCES[analyte], unit=_MOLES)


def _limits_of(analyte: str, limits: ElectrolyteThresholds) -> tuple[_Limits, ...]:
    match analyte:
        case "potassium":
            return (
                _Limits(
                    low=limits.potassium_low_below,
                    severe=limits.potassium_severe_below,
                    high=limits.potassium_high_from,
                    very_high=limits.potassium_critical_from,
                ),
            )
        case "magnesium":
            return (
                _Limits(
                    low=limits.magnesium_moles_low_below,
                    severe=limits.magnesium_moles_severe_below,
                ),
                _Limits(
                    low=limits.magnesium_mass_low_below,
                    severe=limits.magnesium_mass_severe_below,
                ),
            )
        case _:
            return (
                _Limits(
                    low=limits.calcium_moles_low_below,
                    severe=limits.calcium_moles_severe_below,
                ),
                _Limits(
                    low=limits.calcium_mass_low_below,
                    severe=limits.calcium_mass_severe_below,
                ),
            )


def _newest_out_of_range(
    record: Record,
    analyte: str,
    concept: str,
    limits: tuple[_Limits, ...],
    knowledge: Knowledge,
    today: date,
) -> OutOfRange | None:
    within = knowledge.thresholds.electrolyte.within.days
    worst: OutOfRange | None = None
    of_newest: tuple[date, bool] | None = None
    for result in _preferred(results(record, [concept], today, within=within)):
        of_this = (result.sampled, _is_adjusted(result))
        if of_newest is not None and of_this != of_newest:
            break
        quantity = _in_moles(result.quantity, analyte)
        for pair in limits:
            is_low = is_below(quantity, pair.low, knowledge)
            if is_low is None:
                continue
            of_newest = of_this
            out = (
                _low(analyte, result, pair, knowledge)
                if is_low
                else _high(analyte, result, pair, knowledge)
            )
            # Of several of one day the worst: no more than the day is read.
            if worst is None or (out is not None and out.is_critical):
                worst = out or worst
            break
    return worst


def _low(
    analyte: str, result: LabResult, limits: _Limits, knowledge: Knowledge
) -> OutOfRange:
    quantity = _in_moles(result.quantity, analyte)
    return OutOfRange(
        analyte=analyte,
        is_low=True,
        is_critical=bool(is_below(quantity, limits.severe, knowledge)),
        result=result,
    )


def _high(
    analyte: str, result: LabResult, limits: _Limits, knowledge: Knowledge
) -> OutOfRange | None:
    if limits.high is None or limits.very_high is None:
        return None
    quantity = _in_moles(result.quantity, analyte)
    if is_below(quantity, limits.high, knowledge) is not False:
        return None
    is_critical = is_below(quantity, limits.very_high, knowledge) is False
    return OutOfRange(
        analyte=analyte, is_low=False, is_critical=is_critical, result=result
    )


def _preferred(found: tuple[LabResult, ...]) -> Iterator[LabResult]:
    """Newest day first; of one day, calcium adjusted for albumin before total."""
    return iter(
        sorted(
            found,
            key=lambda result: (
                -result.sampled.toordinal(),
                not _is_adjusted(result),
            ),
        )
    )


def _is_adjusted(result: LabResult) -> bool:
    return concepts.LAB_CALCIUM_ADJUSTED in result.observation.concepts


@dataclass(frozen=True, kw_only=True, slots=True)
class Potassium:
    """The newest potassium: the result, and its value in moles to compare."""

    result: LabResult
    moles: Quantity


def newest_potassium(
    record: Record, knowledge: Knowledge, today: date, *, within: int
) -> Potassium | None:
    """The newest potassium of the last ``within`` days in a comparable unit; of several
    of one day the lowest."""
    result = newest_in(
        record,
        [concepts.LAB_POTASSIUM],
        today,
        knowledge,
        within=within,
        units=[_MOLES, _EQUIVALENTS],
        worst=Worst.LOWEST,
    )
    if result is None:
        return None
    return Potassium(result=result, moles=_in_moles(result.quantity, "potassium"))
