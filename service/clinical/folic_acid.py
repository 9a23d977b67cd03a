"""Folic acid taken or being ordered, and in which dose (CLINICAL 2.7 card 8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from service.clinical import concepts
from service.clinical.answers import Fact
from service.clinical.exposures import Moment, latest_exposure, taken
from service.clinical.knowledge import Knowledge
from service.clinical.record import Medication, MedicationState, Record
from service.clinical.replacement import exposure_fact


@dataclass(frozen=True, kw_only=True, slots=True)
class FolicAcid:
    """What is known of folic acid now.

    ``treating`` is the order or course of 1 mg a day or more, the one in hand before
    one under way. ``has_unknown_dose``: some is taken or being ordered, and nobody can
    tell how much.
    """

    treating: Fact | None
    has_unknown_dose: bool


def find_folic_acid(
    record: Record, knowledge: Knowledge, today: date, moment: Moment
) -> FolicAcid:
    """The folic acid of this record."""
    limit = knowledge.thresholds.treatment.folic_acid_from.value * 1000
    drafts = tuple(
        entry
        for entry in record.medications
        if concepts.MED_FOLIC_ACID in entry.concepts
        and entry.state is MedicationState.DRAFT
    )
    entries = taken(record, concepts.MED_FOLIC_ACID, moment)
    gap = knowledge.thresholds.exposure.merge_gap.days

    def under_way(some: Iterable[Medication]) -> Fact | None:
        course = latest_exposure(some, today, gap)
        if course is None or course.ended is not None:
            return None
        return exposure_fact("folic-acid", course.label or "folic acid", course)

    def is_treating(entry: Medication) -> bool:
        return entry.daily_dose_ug is not None and entry.daily_dose_ug >= limit

    in_hand = next((_ordered(entry) for entry in drafts if is_treating(entry)), None)
    of_unknown_dose = [entry for entry in entries if entry.daily_dose_ug is None]
    return FolicAcid(
        treating=in_hand or under_way(entry for entry in entries if is_treating(entry)),
        has_unknown_dose=under_way(of_unknown_dose) is not None
        or any(entry.daily_dose_ug is None for entry in drafts),
    )


def _ordered(entry: Medication) -> Fact:
    return Fact(
        name="folic-acid",
        label=entry.label or "folic acid",
        date=entry.start,
        date_words="being ordered",
        sources=(entry.source,),
    )
