"""Medicines: orders, statements, supplies and doses as entries of one kind."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from service.clinical import concepts
from service.clinical.dates import PartialDate
from service.clinical.record import (
    Medication,
    MedicationSource,
    MedicationState,
    ResourceRef,
)
from service.fhir.bundles import Json
from service.fhir.dose import daily_dose_ug, frequencies
from service.fhir.elements import Elements
from service.fhir.medication_names import plain
from service.fhir.products import Product
from service.fhir.reading import FUTURE_DATE, Reading, days_of, later, number
from service.fhir.routes import is_parenteral
from service.fhir.timing import AS_NEEDED


# What each status means for exposure (CLINICAL 2.3). A status that is not listed means
# that nothing was taken: cancelled, entered in error, not taken, not done, declined,
# or not handed over yet. Without a status, what is on the chart is taken at its word.
_STATES: Mapping[MedicationSource, Mapping[str | None, MedicationState]] = {
    MedicationSource.REQUEST: {
        None: MedicationState.CURRENT,
        "active": MedicationState.CURRENT,
        "on-hold": MedicationState.CURRENT,
        "unknown": MedicationState.CURRENT,
        "completed": MedicationState.ENDED,
        "stopped": MedicationState.ENDED,
        "ended": MedicationState.ENDED,
        "draft": MedicationState.DRAFT,
    },
    MedicationSource.STATEMENT: {
        None: MedicationState.CURRENT,
        "active": MedicationState.CURRENT,
        "on-hold": MedicationState.CURRENT,
        "unknown": MedicationState.CURRENT,
        "completed": MedicationState.ENDED,
        "stopped": MedicationState.ENDED,
        "intended": MedicationState.DRAFT,
    },
    MedicationSource.DISPENSE: {
        None: MedicationState.GIVEN,
        "completed": MedicationState.GIVEN,
        "in-progress": MedicationState.GIVEN,
        "unknown": MedicationState.GIVEN,
    },
    MedicationSource.ADMINISTRATION: {
        None: MedicationState.GIVEN,
        "completed": MedicationState.GIVEN,
        "in-progress": MedicationState.GIVEN,
        "on-hold": MedicationState.GIVEN,
        "stopped": MedicationState.GIVEN,
        "unknown": MedicationState.GIVEN,
    },
}
# A proposal is somebody's advice, an option one of several possible orders.
_NOT_ORDERS = frozenset({"proposal", "option"})
_WEEKLY = Fraction(1, 7)

UNDATED = "the day is not recorded, so it counts for no time"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Times:
    """When it was taken, as far as recorded."""

    start: PartialDate | None = None
    end: PartialDate | None = None


def counts(content: Json) -> bool:
    """Whether an entry can count in any context, by status, intent and prohibition."""
    states = _STATES[MedicationSource(content["resourceType"])]
    status = content.get("status")
    return (
        (status is None or isinstance(status, str))
        and status in states
        and content.get("doNotPerform") is not True
        and str(content.get("intent")) not in _NOT_ORDERS
    )


def read_medication(
    elements: Elements, source: ResourceRef, product: Product, reading: Reading
) -> Iterator[Medication]:
    """The entry, if it counts in any context; see ``Medication``."""
    origin = MedicationSource(source.type)
    if not counts({"resourceType": source.type, **elements}):
        return
    state = _STATES[origin][elements.get("status")]
    if source.in_hand and state is MedicationState.CURRENT:
        state = MedicationState.DRAFT
    times = _TIMES[origin](elements, source, reading)
    if reading.is_to_come(times.start) and state is not MedicationState.DRAFT:
        reading.cannot_read(source, f"{source.type}.{_DATED_BY[origin]}", FUTURE_DATE)
        return
    if state is MedicationState.GIVEN and times.start is None:
        reading.cannot_read(source, f"{source.type}.{_DATED_BY[origin]}", UNDATED)
    dosages = _dosages(elements, origin)
    text = "\n".join(str(dosage["text"]) for dosage in dosages if "text" in dosage)
    yield Medication(
        source=source,
        concepts=product.concepts,
        label=product.label,
        has_known_code=product.has_known_code,
        codes=product.codes,
        origin=origin,
        state=state,
        start=times.start,
        end=_end_after_start(times),
        as_needed=bool(dosages) and all(map(_is_as_needed, dosages)),
        daily_dose_ug=(
            None
            if origin is MedicationSource.ADMINISTRATION
            else daily_dose_ug(dosages, product)
        ),
        is_parenteral=_is_parenteral(dosages, text, product),
        dose_text=text,
    )


def _dosages(elements: Elements, origin: MedicationSource) -> list[Elements]:
    if origin is MedicationSource.ADMINISTRATION:
        return [elements["dosage"]] if "dosage" in elements else []
    element = "dosage" if origin is MedicationSource.STATEMENT else "dosageInstruction"
    return list(elements.get(element, ()))


def _is_parenteral(dosages: list[Elements], text: str, product: Product) -> bool | None:
    routes = [dosage["route"] for dosage in dosages if "route" in dosage]
    told = is_parenteral(routes, text, product)
    if told is None and concepts.MED_B12 in product.concepts:
        # Nobody takes B12 tablets every three months: that is an injection.
        if any(per_day < _WEEKLY for per_day in frequencies(dosages)):
            return True
    return told


def _is_as_needed(dosage: Elements) -> bool:
    return (
        dosage.get("asNeededBoolean") is True
        or "asNeededCodeableConcept" in dosage
        or AS_NEEDED.search(plain(str(dosage.get("text", "")))) is not None
    )


def _end_after_start(times: _Times) -> PartialDate | None:
    """The end, unless it lies before the start: then one of the two is wrong."""
    if times.start is None or times.end is None:
        return times.end
    return times.end if times.end.last >= times.start.first else None


def _of_request(elements: Elements, source: ResourceRef, reading: Reading) -> _Times:
    """Start: the dosage's bounds, else the dispensing period's, else the order's day.

    An end is the dosage's; for an order that is over without one, the last day of the
    time it was written for, or that its supplies lasted.
    """
    start, end = _bounds(elements.get("dosageInstruction", ()), source, reading)
    dispense = elements.get("dispenseRequest", {})
    valid_from, valid_to = reading.period(dispense, "validityPeriod", source)
    start = start or valid_from or reading.day(elements, "authoredOn", source)
    is_over = elements.get("status") in ("completed", "stopped", "ended")
    if end is None and is_over:
        end = (
            _end_of_bounds(start, elements.get("dosageInstruction", ()))
            or _end_of_supplies(start, dispense)
            or valid_to
        )
    return _Times(start=start, end=end)


def _end_of_bounds(
    start: PartialDate | None, dosages: Iterable[Elements]
) -> PartialDate | None:
    """The end of the longest time that a dosage is for."""
    lasting = [
        days
        for dosage in dosages
        if (
            days := days_of(
                dosage.get("timing", {}).get("repeat", {}).get("boundsDuration")
            )
        )
        is not None
    ]
    return later(start, max(lasting)) if start is not None and lasting else None


def _end_of_supplies(
    start: PartialDate | None, dispense: Elements
) -> PartialDate | None:
    days = days_of(dispense.get("expectedSupplyDuration"))
    if start is None or days is None:
        return None
    repeats = number(dispense.get("numberOfRepeatsAllowed")) or 0
    return later(start, days * (1 + int(repeats)))


def _of_statement(elements: Elements, source: ResourceRef, reading: Reading) -> _Times:
    if "effectivePeriod" in elements:
        start, end = reading.period(elements, "effectivePeriod", source)
        return _Times(start=start, end=end)
    start, end = _bounds(elements.get("dosage", ()), source, reading)
    return _Times(
        start=reading.day(elements, "effectiveDateTime", source) or start, end=end
    )


def _of_dispense(elements: Elements, source: ResourceRef, reading: Reading) -> _Times:
    start = reading.day(elements, "whenHandedOver", source) or reading.day(
        elements, "whenPrepared", source
    )
    days = days_of(elements.get("daysSupply"))
    end = later(start, days) if start is not None and days is not None else None
    return _Times(start=start, end=end)


def _of_administration(
    elements: Elements, source: ResourceRef, reading: Reading
) -> _Times:
    if "effectivePeriod" in elements:
        start, end = reading.period(elements, "effectivePeriod", source)
        return _Times(start=start, end=end or start)
    day = reading.day(elements, "effectiveDateTime", source)
    return _Times(start=day, end=day)


def _bounds(
    dosages: list[Elements], source: ResourceRef, reading: Reading
) -> tuple[PartialDate | None, PartialDate | None]:
    """The earliest start and the latest end that the dosages' timings give.

    No end when any dosage goes on without one.
    """
    starts: list[PartialDate] = []
    ends: list[PartialDate | None] = []
    for dosage in dosages:
        repeat = dosage.get("timing", {}).get("repeat", {})
        start, end = reading.period(repeat, "boundsPeriod", source)
        if start is not None:
            starts.append(start)
        ends.append(end)
    known_ends = [end for end in ends if end is not None]
    return (
        min(starts, key=lambda day: day.first, default=None),
        max(known_ends, key=lambda day: day.last)
        if known_ends and len(known_ends) == len(ends)
        else None,
    )


_TIMES: Mapping[
    MedicationSource, Callable[[Elements, ResourceRef, Reading], _Times]
] = {
    MedicationSource.REQUEST: _of_request,
    MedicationSource.STATEMENT: _of_statement,
    MedicationSource.DISPENSE: _of_dispense,
    MedicationSource.ADMINISTRATION: _of_administration,
}
_DATED_BY: Mapping[MedicationSource, str] = {
    MedicationSource.REQUEST: "authoredOn",
    MedicationSource.STATEMENT: "effective",
    MedicationSource.DISPENSE: "whenHandedOver",
    MedicationSource.ADMINISTRATION: "effective",
}
