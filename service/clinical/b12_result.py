"""One B12 result: its class, or why it has none (CLINICAL 2.6, L-1 to L-3)."""

from dataclasses import dataclass
from enum import StrEnum

from service.clinical import concepts
from service.clinical.dates import days_since
from service.clinical.knowledge import B12Thresholds, Knowledge, Threshold
from service.clinical.laboratory import (
    LOW_FLAGS,
    LabResult,
    amount,
    is_above,
    is_below,
    read_result,
)
from service.clinical.record import Comparator, Observation, ResourceRef
from service.clinical.replacement import Injections


class B12Class(StrEnum):
    """The classes of a B12 result (2.6), from worst to best."""

    DEFICIENT = "deficient"
    INDETERMINATE = "indeterminate"
    UNLIKELY = "unlikely"


@dataclass(frozen=True, kw_only=True, slots=True)
class NotInterpretable:
    """A result that was looked at and cannot be used, and why."""

    source: ResourceRef
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassedResult:
    result: LabResult
    is_active_b12: bool
    value: B12Class
    adjustments: tuple[str, ...] = ()


def classify(
    observation: Observation,
    limits: B12Thresholds,
    knowledge: Knowledge,
    injections: Injections | None,
) -> ClassedResult | NotInterpretable:
    """One result: its class, or why it has none (unit rules, plausibility, L-1)."""

    def unusable(reason: str) -> NotInterpretable:
        return NotInterpretable(source=observation.source, reason=reason)

    result = read_result(observation)
    if isinstance(result, str):
        return unusable(result)
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
    return ClassedResult(result=result, is_active_b12=is_active_b12, value=value)


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


def adjusted(classed: ClassedResult, *, is_pregnant: bool) -> ClassedResult:
    """L-2: pregnancy lowers the total. L-3: the laboratory's flag can only worsen."""
    if (
        is_pregnant
        and not classed.is_active_b12
        and classed.value is B12Class.DEFICIENT
    ):
        return reclassified(classed, B12Class.INDETERMINATE, "L-2")
    if classed.value is B12Class.UNLIKELY and _laboratory_calls_low(classed.result):
        return reclassified(classed, B12Class.INDETERMINATE, "L-3")
    return classed


def reclassified(classed: ClassedResult, value: B12Class, rule: str) -> ClassedResult:
    return ClassedResult(
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
