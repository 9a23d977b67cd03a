"""Methylmalonic acid, read with the kidneys in mind (CLINICAL 2.6)."""

from datetime import date
from enum import StrEnum

from service.clinical import concepts
from service.clinical.chart import is_present
from service.clinical.knowledge import Knowledge, Threshold
from service.clinical.laboratory import (
    LabResult,
    Worst,
    exceeds,
    is_above,
    is_below,
    newest_in,
)
from service.clinical.record import Record


class MmaReading(StrEnum):
    """Methylmalonic acid, read with the kidneys in mind."""

    RAISED = "raised"
    NORMAL = "normal"
    INCONCLUSIVE = "inconclusive"


def read_mma(
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
        # In the unit of the result itself.
        is_raised = exceeds(
            result.quantity.value, result.quantity.comparator, reference.high
        )
    else:
        is_raised = is_above(result.quantity, limits.mma_raised_above, knowledge)
    if is_raised is None:
        return MmaReading.INCONCLUSIVE
    return MmaReading.RAISED if is_raised else MmaReading.NORMAL


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
        worst=Worst.LOWEST,
    )
    return egfr is not None and bool(is_below(egfr.quantity, limit, knowledge))
