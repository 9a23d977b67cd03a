"""What the B12 results say: deficient, indeterminate, unlikely, or nothing (2.6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from service.clinical import concepts
from service.clinical.answers import Fact
from service.clinical.chart import is_present
from service.clinical.companions import lab_fact
from service.clinical.dates import days_since
from service.clinical.knowledge import B12Thresholds, Knowledge, Threshold
from service.clinical.laboratory import (
    LOW_FLAGS,
    LabResult,
    amount,
    is_above,
    is_below,
    newest_in,
)
from service.clinical.record import Comparator, Observation, Record, ResourceRef
from service.clinical.replacement import Injections, Replacement


class B12Class(StrEnum):
    """The classes of a B12 result (2.6), from worst to best."""

    DEFICIENT = "deficient"
    INDETERMINATE = "indeterminate"
    UNLIKELY = "unlikely"


_WORST_FIRST = (B12Class.DEFICIENT, B12Class.INDETERMINATE, B12Class.UNLIKELY)


class MmaReading(StrEnum):
    """Methylmalonic acid, read with the kidneys in mind."""

    RAISED = "raised"
    NORMAL = "normal"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, kw_only=True, slots=True)
class NotInterpretable:
    """A result that was looked at and cannot be used, and why."""

    source: ResourceRef
    shown: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class B12Status:
    """The state of B12 as far as results tell.

    ``status`` is None when no result speaks. ``result`` is the deciding B12 result,
    ``mma`` and ``mma_result`` the newest methylmalonic acid and its reading,
    ``adjustments`` the ids of the rules (L-1 to L-6) that changed the class.
    """

    status: B12Class | None
    result: LabResult | None
    mma: MmaReading | None
    mma_result: LabResult | None
    adjustments: tuple[str, ...]
    not_interpretable: tuple[NotInterpretable, ...]

    def facts(self) -> tuple[Fact, ...]:
        """The results as lines of evidence."""
        facts = []
        if self.result is not None:
            name = (
                "active B12"
                if concepts.LAB_HOLOTC in self.result.observation.concepts
                else "vitamin B12"
            )
            facts.append(lab_fact("b12-result", name, self.result))
        if self.mma_result is not None:
            facts.append(lab_fact("mma-result", "methylmalonic acid", self.mma_result))
        return tuple(facts)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Classed:
    result: LabResult
    is_active_b12: bool
    value: B12Class
    adjustments: tuple[str, ...] = ()


def find_b12_status(
    record: Record,
    knowledge: Knowledge,
    today: date,
    *,
    replacement: Replacement,
    is_pregnant: bool,
) -> B12Status:
    """Classify the B12 results by L-1 to L-6; L-7 (nitrous oxide) is the rules' own."""
    limits = knowledge.thresholds.b12
    classed: list[_Classed] = []
    unusable: list[NotInterpretable] = []
    for observation in record.observations:
        if not observation.concepts & {concepts.LAB_B12_TOTAL, concepts.LAB_HOLOTC}:
            continue
        read = _read(observation, limits, knowledge, replacement.injections)
        if isinstance(read, NotInterpretable):
            unusable.append(read)
        else:
            classed.append(_adjusted(read, is_pregnant=is_pregnant))
    newest = _of_newest_day(classed, is_pregnant=is_pregnant)
    if newest is not None and not _is_valid(newest, limits, today, replacement):
        newest = None
    mma_result = newest_in(
        record,
        [concepts.LAB_MMA],
        today,
        knowledge,
        within=knowledge.thresholds.marker.mma_within.days,
        units=[knowledge.thresholds.marker.mma_raised_above.unit],
    )
    mma = _read_mma(mma_result, record, knowledge, today) if mma_result else None
    status, adjustments = _resolved(newest, mma)
    return B12Status(
        status=status,
        result=newest.result if newest is not None else None,
        mma=mma,
        mma_result=mma_result,
        adjustments=adjustments,
        not_interpretable=tuple(unusable),
    )


def _read(
    observation: Observation,
    limits: B12Thresholds,
    knowledge: Knowledge,
    injections: Injections | None,
) -> _Classed | NotInterpretable:
    """One result: its class, or why it has none (unit rules, plausibility, L-1)."""

    def unusable(reason: str) -> NotInterpretable:
        return NotInterpretable(
            source=observation.source, shown=observation.value_label, reason=reason
        )

    if observation.value is None:
        return unusable(observation.problem or "the value is not a number with a unit")
    if observation.value.unit is None:
        return unusable("the unit is missing or unknown")
    if observation.effective is None:
        return unusable("the sample date is not recorded")
    result = LabResult(
        observation=observation,
        quantity=observation.value,
        sampled=observation.effective.last,
    )
    if _is_after_injection(result, injections, limits):
        return unusable("sampled too soon after a vitamin B12 injection (L-1)")
    is_active_b12 = concepts.LAB_HOLOTC in observation.concepts
    cut_offs = _cut_offs(result, limits, knowledge, is_active_b12=is_active_b12)
    if cut_offs is None:
        return unusable("the unit does not fit this test")
    if not is_active_b12 and _is_implausible(result, limits, knowledge):
        return unusable("the value is implausible")
    value = _class_of(result, *cut_offs, knowledge)
    if value is None:
        return unusable("the comparator leaves the class open")
    return _Classed(result=result, is_active_b12=is_active_b12, value=value)


def _cut_offs(
    result: LabResult,
    limits: B12Thresholds,
    knowledge: Knowledge,
    *,
    is_active_b12: bool,
) -> tuple[Threshold, Threshold] | None:
    """The pair (deficient below, indeterminate up to) in the unit reported."""
    pairs = (
        [(limits.active_deficient_below, limits.active_indeterminate_to)]
        if is_active_b12
        else [
            (limits.total_mass_deficient_below, limits.total_mass_indeterminate_to),
            (limits.total_moles_deficient_below, limits.total_moles_indeterminate_to),
        ]
    )
    for low, high in pairs:
        if amount(result.quantity, low.unit, knowledge) is not None:
            return low, high
    return None


def _class_of(
    result: LabResult, low: Threshold, high: Threshold, knowledge: Knowledge
) -> B12Class | None:
    """Compared in the unit reported, without conversion and rounding (2.6).

    ``<x`` means deficient only if x is at most the lower cut-off; ``>x`` unlikely only
    if x is at least the upper one; all else that has a comparator stays open.
    """
    if is_below(result.quantity, low, knowledge):
        return B12Class.DEFICIENT
    if is_above(result.quantity, high, knowledge):
        return B12Class.UNLIKELY
    return None if result.quantity.comparator else B12Class.INDETERMINATE


def _is_implausible(
    result: LabResult, limits: B12Thresholds, knowledge: Knowledge
) -> bool:
    """Outside what a patient can have. ``<x`` and ``>x`` name the end of the
    analyser's range, not a value, so they are taken as they are."""
    if result.quantity.comparator in (Comparator.LESS, Comparator.GREATER):
        return False
    picograms = amount(result.quantity, limits.implausible_below.unit, knowledge)
    if picograms is None:
        picomoles = amount(
            result.quantity, limits.total_moles_deficient_below.unit, knowledge
        )
        if picomoles is None:
            return True
        picograms = picomoles / limits.picomoles_per_picogram.value
    return (
        picograms < limits.implausible_below.value
        or picograms > limits.implausible_above.value
    )


def _is_after_injection(
    result: LabResult, injections: Injections | None, limits: B12Thresholds
) -> bool:
    """L-1: sampled within 14 days after a parenteral dose."""
    if injections is None:
        return False
    return any(
        0
        <= days_since(dose.last, result.sampled)
        <= limits.not_after_injection_for.days
        for dose in injections.doses
    )


def _adjusted(classed: _Classed, *, is_pregnant: bool) -> _Classed:
    """L-2: pregnancy lowers the total. L-3: the laboratory's flag can only worsen."""
    if (
        is_pregnant
        and not classed.is_active_b12
        and classed.value is B12Class.DEFICIENT
    ):
        return _as(classed, B12Class.INDETERMINATE, "L-2")
    if classed.value is B12Class.UNLIKELY and _laboratory_calls_low(classed.result):
        return _as(classed, B12Class.INDETERMINATE, "L-3")
    return classed


def _as(classed: _Classed, value: B12Class, rule: str) -> _Classed:
    return _Classed(
        result=classed.result,
        is_active_b12=classed.is_active_b12,
        value=value,
        adjustments=(*classed.adjustments, rule),
    )


def _laboratory_calls_low(result: LabResult) -> bool:
    observation = result.observation
    if observation.flags & LOW_FLAGS:
        return True
    limits = observation.reference_range
    return (
        limits is not None
        and limits.low is not None
        and result.quantity.value < limits.low
    )


def _of_newest_day(
    classed: Iterable[_Classed], *, is_pregnant: bool
) -> _Classed | None:
    """L-5 (the newest sample wins) and L-4 (total and active B12 of one day)."""
    classed = tuple(classed)
    if not classed:
        return None
    newest_day = max(item.result.sampled for item in classed)
    same_day = [item for item in classed if item.result.sampled == newest_day]
    totals = [item for item in same_day if not item.is_active_b12]
    actives = [item for item in same_day if item.is_active_b12]
    if not totals or not actives:
        return _worst(same_day)
    active, total = _worst(actives), _worst(totals)
    if is_pregnant:
        return active
    if {active.value, total.value} == {B12Class.DEFICIENT, B12Class.UNLIKELY}:
        return _as(total, B12Class.INDETERMINATE, "L-4")
    return _worst([total, active])


def _worst(items: Iterable[_Classed]) -> _Classed:
    return min(
        items,
        key=lambda item: (
            _WORST_FIRST.index(item.value),
            str(item.result.observation.source),
            item.result.shown,
        ),
    )


def _is_valid(
    newest: _Classed, limits: B12Thresholds, today: date, replacement: Replacement
) -> bool:
    """L-5: a year; two for a deficient result that nobody has treated or repeated."""
    age = days_since(newest.result.sampled, today)
    if age <= limits.result_within.days:
        return True
    return (
        newest.value is B12Class.DEFICIENT
        and age <= limits.deficient_result_within.days
        and not replacement.is_current
    )


def _read_mma(
    result: LabResult, record: Record, knowledge: Knowledge, today: date
) -> MmaReading:
    """Raised, normal, or inconclusive where the kidneys may be the cause (2.6)."""
    limits = knowledge.thresholds.marker
    if _has_severe_renal_impairment(record, knowledge, today):
        return MmaReading.INCONCLUSIVE
    if has_renal_impairment(record, knowledge, today):
        is_raised = is_above(
            result.quantity, limits.mma_raised_above_in_renal_impairment, knowledge
        )
        return MmaReading.RAISED if is_raised else MmaReading.INCONCLUSIVE
    reference = result.observation.reference_range
    if reference is not None and reference.high is not None:
        if result.quantity.comparator is None:
            is_raised = result.quantity.value > reference.high
        else:
            is_raised = _bounded_above(result, reference.high)
    else:
        is_raised = is_above(result.quantity, limits.mma_raised_above, knowledge)
    if is_raised is None:
        return MmaReading.INCONCLUSIVE
    return MmaReading.RAISED if is_raised else MmaReading.NORMAL


def _bounded_above(result: LabResult, limit: Decimal) -> bool | None:
    """``is_above`` for a limit in the unit of the result itself."""
    value = result.quantity.value
    match result.quantity.comparator:
        case Comparator.GREATER:
            return True if value >= limit else None
        case Comparator.GREATER_OR_EQUAL:
            return True if value > limit else None
        case _:
            return False if value <= limit else None


def has_renal_impairment(record: Record, knowledge: Knowledge, today: date) -> bool:
    """Chronic kidney disease on the chart, or the newest eGFR below 60."""
    within = knowledge.thresholds.companion.within.days
    if any(
        concepts.CKD in condition.concepts and is_present(condition, today, within)
        for condition in record.conditions
    ):
        return True
    return _egfr_is_below(
        record, knowledge.thresholds.marker.egfr_impaired_below, knowledge, today
    )


def _has_severe_renal_impairment(
    record: Record, knowledge: Knowledge, today: date
) -> bool:
    """Dialysis, or the newest eGFR below 30: methylmalonic acid cannot be read."""
    within = knowledge.thresholds.companion.within.days
    if any(
        concepts.DIALYSIS in condition.concepts and is_present(condition, today, within)
        for condition in record.conditions
    ):
        return True
    return _egfr_is_below(
        record, knowledge.thresholds.marker.egfr_severe_below, knowledge, today
    )


def _egfr_is_below(
    record: Record, limit: Threshold, knowledge: Knowledge, today: date
) -> bool:
    egfr = newest_in(
        record,
        [concepts.LAB_EGFR],
        today,
        knowledge,
        within=knowledge.thresholds.marker.egfr_within.days,
        units=[limit.unit],
    )
    return egfr is not None and bool(is_below(egfr.quantity, limit, knowledge))


def _resolved(
    newest: _Classed | None, mma: MmaReading | None
) -> tuple[B12Class | None, tuple[str, ...]]:
    """L-6: methylmalonic acid resolves what B12 leaves open."""
    status = newest.value if newest is not None else None
    adjustments = newest.adjustments if newest is not None else ()
    if mma is MmaReading.RAISED and status is not B12Class.DEFICIENT:
        return B12Class.DEFICIENT, (*adjustments, "L-6")
    if mma is MmaReading.NORMAL and status is B12Class.INDETERMINATE:
        return B12Class.UNLIKELY, (*adjustments, "L-6")
    return status, adjustments
