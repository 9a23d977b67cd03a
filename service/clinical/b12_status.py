"""What the B12 results say: deficient, indeterminate, unlikely, or nothing (2.6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from service.clinical import concepts
from service.clinical.answers import Fact
from service.clinical.b12_result import (
    B12Class,
    ClassedResult,
    NotInterpretable,
    adjusted,
    classify,
    reclassified,
)
from service.clinical.companions import lab_fact
from service.clinical.dates import days_since
from service.clinical.knowledge import B12Thresholds, Knowledge
from service.clinical.laboratory import LabResult, Worst, newest_in
from service.clinical.mma import MmaReading, read_mma
from service.clinical.record import Record
from service.clinical.replacement import Replacement


_WORST_FIRST = (B12Class.DEFICIENT, B12Class.INDETERMINATE, B12Class.UNLIKELY)


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


def find_b12_status(
    record: Record,
    knowledge: Knowledge,
    today: date,
    *,
    replacement: Replacement,
    pregnancy: Fact | None,
) -> B12Status:
    """Classify the B12 results by L-1 to L-6; L-7 (nitrous oxide) is the rules' own."""
    limits = knowledge.thresholds.b12
    classed: list[ClassedResult] = []
    unusable: list[NotInterpretable] = []
    for observation in record.observations:
        if not observation.concepts & {concepts.LAB_B12_TOTAL, concepts.LAB_HOLOTC}:
            continue
        read = classify(observation, limits, knowledge, replacement.injections)
        if isinstance(read, NotInterpretable):
            unusable.append(read)
        else:
            classed.append(
                adjusted(read, is_pregnant=_is_of_pregnancy(read.result, pregnancy))
            )
    newest = _of_newest_day(classed, is_pregnant=pregnancy is not None)
    if newest is not None and not _is_valid(newest, limits, today, replacement):
        newest = None
    mma_result = newest_in(
        record,
        [concepts.LAB_MMA],
        today,
        knowledge,
        within=knowledge.thresholds.marker.mma_within.days,
        units=[knowledge.thresholds.marker.mma_raised_above.unit],
        worst=Worst.HIGHEST,
    )
    mma = read_mma(mma_result, record, knowledge, today) if mma_result else None
    status, adjustments = _resolved(newest, mma)
    return B12Status(
        status=status,
        result=newest.result if newest is not None else None,
        mma=mma,
        mma_result=mma_result,
        adjustments=adjustments,
        not_interpretable=tuple(unusable),
    )


def _is_of_pregnancy(result: LabResult, pregnancy: Fact | None) -> bool:
    """Whether a sample can be of this pregnancy: the total falls in it, not before."""
    if pregnancy is None:
        return False
    return pregnancy.date is None or result.sampled_at_latest >= pregnancy.date.first


def _of_newest_day(
    classed: Iterable[ClassedResult], *, is_pregnant: bool
) -> ClassedResult | None:
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
        return reclassified(total, B12Class.INDETERMINATE, "L-4")
    return _worst([total, active])


def _worst(items: Iterable[ClassedResult]) -> ClassedResult:
    return min(
        items,
        key=lambda item: (
            _WORST_FIRST.index(item.value),
            str(item.result.observation.source),
            item.result.shown,
        ),
    )


def _is_valid(
    newest: ClassedResult, limits: B12Thresholds, today: date, replacement: Replacement
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


def _resolved(
    newest: ClassedResult | None, mma: MmaReading | None
) -> tuple[B12Class | None, tuple[str, ...]]:
    """L-6: methylmalonic acid resolves what B12 leaves open."""
    status = newest.value if newest is not None else None
    adjustments = newest.adjustments if newest is not None else ()
    if mma is MmaReading.RAISED and status is not B12Class.DEFICIENT:
        return B12Class.DEFICIENT, (*adjustments, "L-6")
    if mma is MmaReading.NORMAL and status is B12Class.INDETERMINATE:
        return B12Class.UNLIKELY, (*adjustments, "L-6")
    return status, adjustments
