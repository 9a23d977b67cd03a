"""How long a medicine has been taken: all entries merged into one exposure (2.3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from service.clinical.dates import PartialDate, days_since
from service.clinical.record import (
    Medication,
    MedicationSource,
    MedicationState,
    Record,
    ResourceRef,
)


class Moment(StrEnum):
    """The moment of the clinician's work at which the question is asked."""

    VISIT = "visit"
    ORDERING = "ordering"
    REFILL = "refill"


@dataclass(frozen=True, kw_only=True, slots=True)
class Exposure:
    """One uninterrupted time of taking a medicine.

    ``days`` is None when the start is not recorded: it then satisfies every floor
    (CLINICAL 2.0). ``ended`` is None while it goes on.
    """

    start: PartialDate | None
    ended: date | None
    days: int | None
    entries: tuple[Medication, ...]

    def lasted(self, floor: int) -> bool:
        """At least ``floor`` days, or for a time that is not recorded."""
        return self.days is None or self.days >= floor

    def is_known_to_have_lasted(self, floor: int) -> bool:
        """At least ``floor`` days by recorded dates."""
        return self.days is not None and self.days >= floor

    @property
    def daily_dose_ug(self) -> Decimal | None:
        """The largest known dose a day, in micrograms: of what is still taken, if
        anything is. Not the sum: an order and the statement of its being taken are one
        course, not two."""
        entries = [e for e in self.entries if e.state is not MedicationState.ENDED]
        doses = [
            entry.daily_dose_ug
            for entry in entries or self.entries
            if entry.daily_dose_ug is not None
        ]
        return max(doses, default=None)

    @property
    def label(self) -> str:
        """The medicine in the chart's words."""
        return min((entry.label for entry in self.entries if entry.label), default="")

    @property
    def sources(self) -> tuple[ResourceRef, ...]:
        """The resources this was read from, in a stable order, each once."""
        return tuple(sorted({entry.source for entry in self.entries}, key=str))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Span:
    start: PartialDate
    end: date
    goes_on: bool
    entries: tuple[Medication, ...]


def taken(record: Record, concept: str, moment: Moment) -> tuple[Medication, ...]:
    """Entries of a medicine that count at this moment.

    A draft counts only in hand: as an order being written (it begins today), or as the
    refill of a course that is under way, whose start is then unknown.
    """
    entries = []
    for entry in record.medications:
        if concept not in entry.concepts:
            continue
        if entry.state is not MedicationState.DRAFT:
            entries.append(entry)
        elif entry.source.in_hand and moment is Moment.REFILL:
            entries.append(_as_refill(entry))
    return tuple(entries)


def _as_refill(entry: Medication) -> Medication:
    return Medication(
        source=entry.source,
        concepts=entry.concepts,
        label=entry.label,
        origin=entry.origin,
        state=MedicationState.CURRENT,
        as_needed=entry.as_needed,
        daily_dose_ug=entry.daily_dose_ug,
        is_parenteral=entry.is_parenteral,
    )


def taken_regularly(entries: Iterable[Medication]) -> tuple[Medication, ...]:
    """The entries, unless the medicine is only taken as needed.

    As-needed orders, and the supplies made on them, count once a MedicationStatement
    says that it is taken regularly (RF-PPI).
    """
    entries = tuple(entries)
    as_needed = tuple(entry for entry in entries if entry.as_needed)
    if not as_needed:
        return entries
    regular = tuple(
        entry
        for entry in entries
        if not entry.as_needed and entry.state is not MedicationState.GIVEN
    )
    if any(entry.origin is MedicationSource.STATEMENT for entry in regular):
        return entries
    return regular


def latest_exposure(
    entries: Iterable[Medication], today: date, merge_gap: int
) -> Exposure | None:
    """The latest exposure these entries make, gaps up to ``merge_gap`` days closed."""
    entries = tuple(entries)
    if not entries:
        return None
    undated = tuple(
        entry
        for entry in entries
        if entry.start is None
        and entry.state is MedicationState.CURRENT
        and not _ended_before(entry, today)
    )
    spans = _merged(entries, today, merge_gap)
    latest = spans[-1] if spans else None
    if undated:
        # An undated entry says "taken now, nobody knows since when"; a dated renewal
        # beside it does not make the start known.
        dated = latest.entries if latest is not None and latest.goes_on else ()
        return Exposure(start=None, ended=None, days=None, entries=undated + dated)
    if latest is None:
        return _ended_without_start(entries)
    stopped = _stopped_since(latest)
    end = latest.end if stopped is None else stopped
    return Exposure(
        start=latest.start,
        ended=end if stopped is not None or not latest.goes_on else None,
        # A supply may have been renewed, but it is not known for how long.
        days=(end - latest.start.first).days,
        entries=latest.entries,
    )


def _stopped_since(span: _Span) -> date | None:
    """The day on which a medicine was stopped while its last supply lasted; None if it
    goes on by an order or statement, or was begun again since."""
    if not span.goes_on or _is_current(span):
        return None
    begun = [entry.start.first for entry in span.entries if entry.start is not None]
    stopped = [
        entry.end.last
        for entry in span.entries
        if entry.state is MedicationState.ENDED and entry.end is not None
    ]
    if not stopped or not max(begun) <= max(stopped) < span.end:
        return None
    return max(stopped)


def _ended_before(entry: Medication, today: date) -> bool:
    return entry.end is not None and entry.end.last < today


def _ended_without_start(entries: Iterable[Medication]) -> Exposure | None:
    """A course whose end is recorded but not its start: of unknown duration."""
    ended = [
        entry for entry in entries if entry.start is None and entry.end is not None
    ]
    if not ended:
        return None
    last = max(entry.end.last for entry in ended if entry.end is not None)
    return Exposure(start=None, ended=last, days=None, entries=tuple(ended))


def _span(entry: Medication, today: date, merge_gap: int) -> _Span | None:
    if entry.start is None or entry.start.first > today:
        return None
    recorded_end = entry.end.last if entry.end is not None else None
    match entry.state:
        case MedicationState.CURRENT:
            goes_on = recorded_end is None or recorded_end >= today
            end = today if recorded_end is None or goes_on else recorded_end
        case MedicationState.GIVEN:
            end = recorded_end or entry.start.last
            goes_on = days_since(end, today) <= merge_gap
        case _:
            # Stopped on a day nobody recorded: what is known is that it was taken on
            # the day it was ordered.
            end = recorded_end or entry.start.last
            goes_on = False
    return _Span(
        start=entry.start,
        end=max(min(end, today), entry.start.first),
        goes_on=goes_on,
        entries=(entry,),
    )


def _merged(
    entries: Iterable[Medication], today: date, merge_gap: int
) -> tuple[_Span, ...]:
    spans = [
        span
        for entry in entries
        if (span := _span(entry, today, merge_gap)) is not None
    ]
    spans.sort(
        key=lambda span: (span.start.first, span.end, str(span.entries[0].source))
    )
    merged: list[_Span] = []
    for span in spans:
        if merged and (span.start.first - merged[-1].end).days <= merge_gap:
            merged[-1] = _joined(merged[-1], span)
        else:
            merged.append(span)
    return tuple(merged)


def _joined(earlier: _Span, later: _Span) -> _Span:
    """Two spans as one: it goes on if a current entry says so, or if the one that
    reaches furthest is a supply that may still last."""
    furthest = later if later.end >= earlier.end else earlier
    return _Span(
        start=earlier.start,
        end=furthest.end,
        goes_on=_is_current(earlier) or _is_current(later) or furthest.goes_on,
        entries=earlier.entries + later.entries,
    )


def _is_current(span: _Span) -> bool:
    return span.goes_on and any(
        entry.state is MedicationState.CURRENT for entry in span.entries
    )
