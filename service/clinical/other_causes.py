"""Other causes of cramps that the chart names (CLINICAL 2.7, card 11)."""

from dataclasses import dataclass
from datetime import date

from service.clinical import concepts
from service.clinical.answers import Fact
from service.clinical.chart import earliest, findings
from service.clinical.companions import lab_fact
from service.clinical.exposures import Moment, latest_exposure, taken
from service.clinical.knowledge import Cause, Knowledge, Threshold
from service.clinical.laboratory import LabResult, Worst, amount, exceeds, newest_in
from service.clinical.record import Record
from service.clinical.replacement import exposure_fact


@dataclass(frozen=True, kw_only=True, slots=True)
class CauseFound:
    """A specific other cause that is present."""

    key: str
    fact: Fact


@dataclass(frozen=True, kw_only=True, slots=True)
class RaisedCk:
    """Creatine kinase above five times the upper limit; urgent above ten times."""

    result: LabResult
    is_urgent: bool

    def fact(self) -> Fact:
        """The result as a line of evidence."""
        return lab_fact("ck", "creatine kinase", self.result)


def find_other_causes(
    record: Record, knowledge: Knowledge, today: date, moment: Moment
) -> tuple[CauseFound, ...]:
    """The causes found, in the order of the knowledge file."""
    found = []
    for key, cause in knowledge.causes.items():
        fact = (
            _medicine(record, key, cause, knowledge, today, moment)
            if cause.is_medicine
            else _condition(record, key, cause, knowledge, today)
        )
        if fact is not None:
            found.append(CauseFound(key=key, fact=fact))
    return tuple(found)


def _medicine(
    record: Record,
    key: str,
    cause: Cause,
    knowledge: Knowledge,
    today: date,
    moment: Moment,
) -> Fact | None:
    for concept in cause.concepts:
        exposure = latest_exposure(
            taken(record, concept, moment),
            today,
            knowledge.thresholds.exposure.merge_gap.days,
        )
        if exposure is not None and exposure.ended is None:
            return exposure_fact(key, exposure.label or cause.phrase, exposure)
    return None


def _condition(
    record: Record, key: str, cause: Cause, knowledge: Knowledge, today: date
) -> Fact | None:
    within = knowledge.thresholds.companion.within.days
    found = earliest(findings(record, cause.concepts, today, within=within))
    if found is None:
        return None
    return found.as_fact(key, found.item.label or cause.phrase)


def find_raised_ck(
    record: Record, knowledge: Knowledge, today: date
) -> RaisedCk | None:
    """The newest creatine kinase, if above five times the laboratory's upper limit."""
    limits = knowledge.thresholds.differential
    ck = newest_in(
        record,
        [concepts.LAB_CK],
        today,
        knowledge,
        within=limits.ck_within.days,
        units=[limits.ck_upper_limit.unit],
        worst=Worst.HIGHEST,
    )
    if ck is None or not _exceeds(ck, limits.ck_raised_times, knowledge):
        return None
    return RaisedCk(
        result=ck, is_urgent=_exceeds(ck, limits.ck_urgent_times, knowledge)
    )


def _exceeds(ck: LabResult, times: Threshold, knowledge: Knowledge) -> bool:
    """Above so many times the laboratory's own upper limit, else the assumed one."""
    assumed = knowledge.thresholds.differential.ck_upper_limit
    reference = ck.observation.reference_range
    if reference is not None and reference.high is not None:
        value, upper = ck.quantity.value, reference.high
    else:
        converted = amount(ck.quantity, assumed.unit, knowledge)
        if converted is None:
            return False
        value, upper = converted, assumed.value
    return exceeds(value, ck.quantity.comparator, upper * times.value) is True
