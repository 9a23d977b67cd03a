"""Companion symptoms: what accompanies the cramps and points to B12 (CLINICAL 2.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from service.clinical import concepts
from service.clinical.answers import Fact
from service.clinical.chart import Finding, earliest, findings
from service.clinical.dates import PartialDate
from service.clinical.knowledge import CompanionThresholds, Knowledge, Threshold
from service.clinical.laboratory import LabResult, Worst, is_above, is_below, newest_in
from service.clinical.record import Record, Sex


ANAEMIA_MACROCYTOSIS = "anaemia-macrocytosis"


@dataclass(frozen=True, kw_only=True, slots=True)
class CompanionFound:
    """One companion symptom that is present.

    ``onsets`` are the days on which its findings began, None where unknown.
    """

    fact: Fact
    onsets: tuple[PartialDate | None, ...]


def find_companions(
    record: Record, knowledge: Knowledge, today: date, *, is_pregnant: bool
) -> Mapping[str, CompanionFound]:
    """The companion symptoms of this record by key, in the order of the knowledge file.

    A normal blood count removes nothing (F-27).
    """
    within = knowledge.thresholds.companion.within.days
    found: dict[str, CompanionFound] = {}
    for key, companion in knowledge.companions.items():
        present = tuple(findings(record, companion.concepts, today, within=within))
        first = earliest(present)
        if first is not None:
            found[key] = CompanionFound(
                fact=first.as_fact(key, _label(companion.phrase, first)),
                onsets=tuple(finding.began for finding in present),
            )
        elif key == ANAEMIA_MACROCYTOSIS:
            fact = _blood_count(
                record, knowledge, today, companion.phrase, is_pregnant=is_pregnant
            )
            if fact is not None:
                found[key] = CompanionFound(fact=fact, onsets=(fact.date,))
    return found


def _label(phrase: str, finding: Finding) -> str:
    """The clinician's word, with the chart's own beside it where it says more."""
    own = finding.item.label.strip()
    if not own or own.casefold() == phrase.casefold():
        return phrase
    return f"{phrase} ({own})"


def _blood_count(
    record: Record,
    knowledge: Knowledge,
    today: date,
    phrase: str,
    *,
    is_pregnant: bool,
) -> Fact | None:
    """Macrocytosis or anaemia in the newest blood count of the window."""
    limits = knowledge.thresholds.companion
    haemoglobin_limit = _haemoglobin_limit(record, limits, is_pregnant=is_pregnant)
    mcv = _newest(
        record, concepts.LAB_MCV, limits.mcv_above, knowledge, today, Worst.HIGHEST
    )
    if mcv is not None and is_above(mcv.quantity, limits.mcv_above, knowledge):
        return lab_fact(ANAEMIA_MACROCYTOSIS, f"{phrase}: MCV", mcv)
    haemoglobin = _newest(
        record,
        concepts.LAB_HAEMOGLOBIN,
        haemoglobin_limit,
        knowledge,
        today,
        Worst.LOWEST,
    )
    if haemoglobin is not None and is_below(
        haemoglobin.quantity, haemoglobin_limit, knowledge
    ):
        return lab_fact(ANAEMIA_MACROCYTOSIS, f"{phrase}: Hb", haemoglobin)
    return None


def _newest(
    record: Record,
    concept: str,
    limit: Threshold,
    knowledge: Knowledge,
    today: date,
    worst: Worst,
) -> LabResult | None:
    return newest_in(
        record,
        [concept],
        today,
        knowledge,
        within=knowledge.thresholds.companion.within.days,
        units=[limit.unit],
        worst=worst,
    )


def _haemoglobin_limit(
    record: Record, limits: CompanionThresholds, *, is_pregnant: bool
) -> Threshold:
    """The limit by sex and pregnancy; women's where the sex is not recorded, since the
    men's would call half of the unknown anaemic who are not."""
    if is_pregnant:
        return limits.haemoglobin_below_pregnant
    if record.patient is not None and record.patient.sex is Sex.MALE:
        return limits.haemoglobin_below_men
    return limits.haemoglobin_below_women


def lab_fact(name: str, label: str, result: LabResult) -> Fact:
    """A laboratory result as a line of evidence."""
    return Fact(
        name=name,
        label=f"{label} {result.shown}",
        date=result.observation.effective,
        date_words="sampled",
        sources=(result.observation.source,),
    )
