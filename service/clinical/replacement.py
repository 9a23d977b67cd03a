"""B12 the patient receives: injections, tablets, how long (2.7, ``onB12``)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from service.clinical import concepts
from service.clinical.answers import Fact
from service.clinical.dates import PartialDate, days_since
from service.clinical.exposures import Exposure, Moment, latest_exposure, taken
from service.clinical.knowledge import Knowledge
from service.clinical.record import Medication, MedicationState, Record, ResourceRef


@dataclass(frozen=True, kw_only=True, slots=True)
class Injections:
    """Parenteral B12: the doses whose days are known, first to last, and the ``first``
    of the last course, if any is known.

    ``is_covering``: the last dose still lasts; or an order or statement is current and
    no dose is recorded, by which the patient is taken to be covered.
    """

    doses: tuple[PartialDate, ...]
    first: PartialDate | None
    is_covering: bool
    sources: tuple[ResourceRef, ...]

    @property
    def last_given(self) -> PartialDate | None:
        """The last recorded dose."""
        return self.doses[-1] if self.doses else None

    def fact(self) -> Fact:
        """The injections as a line of evidence."""
        return Fact(
            name="b12-injections",
            label="vitamin B12 injections",
            date=self.first,
            date_words="since" if self.first else "start date not recorded",
            sources=self.sources,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Replacement:
    """Whether the patient is on B12 replacement.

    ``oral`` is tablets in a replacing dose; ``oral_low_dose`` a supplement below it,
    which replaces nothing but does count as supplementation of a diet.
    """

    injections: Injections | None
    oral: Exposure | None
    oral_low_dose: Exposure | None

    @property
    def is_current(self) -> bool:
        """``onB12``."""
        is_injected = self.injections is not None and self.injections.is_covering
        return is_injected or self.oral is not None

    def started_at_least(self, days: int, today: date) -> bool:
        """On replacement for ``days`` days, or since a day that is not recorded."""
        if self.oral is not None and self.oral.lasted(days):
            return True
        if self.injections is None or not self.injections.is_covering:
            return False
        first = self.injections.first
        return first is None or days_since(first.first, today) >= days

    def facts(self) -> tuple[Fact, ...]:
        """What the patient receives, as lines of evidence."""
        facts = []
        if self.injections is not None and self.injections.is_covering:
            facts.append(self.injections.fact())
        if self.oral is not None:
            facts.append(
                exposure_fact("b12-oral", self.oral.label or "vitamin B12", self.oral)
            )
        return tuple(facts)


def exposure_fact(name: str, label: str, exposure: Exposure) -> Fact:
    """A medicine taken, as a line of evidence."""
    words = "since" if exposure.start is not None else "start date not recorded"
    if exposure.ended is not None:
        words = f"stopped {exposure.ended.isoformat()}, taken {words}"
    return Fact(
        name=name,
        label=label,
        date=exposure.start,
        date_words=words,
        sources=exposure.sources,
    )


def find_replacement(
    record: Record, knowledge: Knowledge, today: date, moment: Moment
) -> Replacement:
    """Injections and tablets of B12 in this record."""
    entries = taken(record, concepts.MED_B12, moment)
    injected = tuple(entry for entry in entries if entry.is_parenteral)
    swallowed = tuple(entry for entry in entries if not entry.is_parenteral)
    oral = latest_exposure(
        swallowed, today, knowledge.thresholds.exposure.merge_gap.days
    )
    if oral is not None and oral.ended is not None:
        oral = None
    replaces = oral is not None and _replaces(oral, knowledge)
    return Replacement(
        injections=_injections(injected, knowledge, today),
        oral=oral if replaces else None,
        oral_low_dose=None if replaces else oral,
    )


def _replaces(oral: Exposure, knowledge: Knowledge) -> bool:
    """Oral B12 of unknown dose counts as replacing (2.7)."""
    dose = oral.daily_dose_ug
    limit = knowledge.thresholds.treatment.oral_replacement_from
    return dose is None or dose >= limit.value


def _injections(
    entries: tuple[Medication, ...], knowledge: Knowledge, today: date
) -> Injections | None:
    if not entries:
        return None
    doses = sorted(
        {dose for entry in entries for dose in _known_doses(entry, today)},
        key=lambda dose: (dose.first, dose.last),
    )
    covers = knowledge.thresholds.treatment.parenteral_covers_for.days
    is_recent = bool(doses) and days_since(doses[-1].first, today) <= covers
    is_ordered = any(entry.state is MedicationState.CURRENT for entry in entries)
    has_given = any(
        entry.state is MedicationState.GIVEN or _has_ended(entry, today)
        for entry in entries
    )
    return Injections(
        doses=tuple(doses),
        first=_start_of_last_course(
            entries, today, knowledge.thresholds.treatment.courses_apart.days
        ),
        # Once doses are on record, they tell; an order alone is taken at its word.
        is_covering=is_recent or (is_ordered and not has_given),
        sources=tuple(sorted({entry.source for entry in entries}, key=str)),
    )


def _start_of_last_course(
    entries: Iterable[Medication], today: date, apart: int
) -> PartialDate | None:
    """The first known dose since the last time without any of more than ``apart``
    days. An order that goes on has no such time in it."""
    spans = [
        (doses[0], today if _goes_on(entry, today) else doses[-1].last)
        for entry in entries
        if (doses := _known_doses(entry, today))
    ]
    start: PartialDate | None = None
    reached = date.min
    for first, last in sorted(spans, key=lambda span: (span[0].first, span[0].last)):
        if start is None or days_since(reached, first.first) > apart:
            start = first
        reached = max(reached, last)
    return start


def _goes_on(entry: Medication, today: date) -> bool:
    return entry.state is MedicationState.CURRENT and not _has_ended(entry, today)


def _has_ended(entry: Medication, today: date) -> bool:
    """Whether a last day is recorded and has come; an order may run on beyond it."""
    return entry.end is not None and entry.end.first <= today


def _known_doses(entry: Medication, today: date) -> tuple[PartialDate, ...]:
    """The days on which a dose is known to have been given: the first of an order or
    course, and its last where an end in the past is recorded."""
    return tuple(
        day
        for day in (entry.start, entry.end)
        if day is not None and day.first <= today
    )
