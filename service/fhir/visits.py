"""Reasons for the visit: the encounter in context, the appointment in hand."""

from collections.abc import Iterator

from service.clinical.dates import PartialDate
from service.clinical.record import ClinicalStatus, Condition, ResourceRef
from service.fhir.conditions import SITES_TOLD_BY_WORDS, TOLD_BY_WORDS, is_not_so
from service.fhir.elements import Elements, pruned
from service.fhir.observations import is_denial
from service.fhir.reading import Reading
from service.fhir.references import reference_of
from service.fhir.terminology import NOTHING
from service.fhir.typed import validated
from service.fhir.versions import as_r4


_NOT_HELD = frozenset({"cancelled", "entered-in-error", "noshow"})


def read_encounter(
    elements: Elements, source: ResourceRef, reading: Reading
) -> Iterator[Condition]:
    """The reasons of the encounter in context, as conditions that are active now."""
    if elements.get("status") in _NOT_HELD:
        return
    began, _ = reading.period(elements, "period", source)
    yield from _reasons(elements, source, began, reading)


def read_appointment(
    elements: Elements, source: ResourceRef, reading: Reading
) -> Iterator[Condition]:
    """The reasons an appointment is booked for, coded or in words."""
    if elements.get("status") in _NOT_HELD:
        return
    created = reading.day(elements, "created", source)
    yield from _reasons(elements, source, created, reading)
    for element in ("description", "comment"):
        if element in elements:
            yield from _reason({"text": elements[element]}, source, created, reading)


def _reasons(
    elements: Elements,
    source: ResourceRef,
    recorded: PartialDate | None,
    reading: Reading,
) -> Iterator[Condition]:
    for concept in elements.get("reasonCode", ()):
        yield from _reason(concept, source, recorded, reading)
    for reference in elements.get("reasonReference", ()):
        yield from _referenced(reference, elements, source, recorded, reading)


def _reason(
    concept: Elements,
    source: ResourceRef,
    recorded: PartialDate | None,
    reading: Reading,
    onset: PartialDate | None = None,
    site_concepts: frozenset[str] = NOTHING,
) -> Iterator[Condition]:
    named = reading.named(source, concept, TOLD_BY_WORDS)
    if named["concepts"]:
        yield Condition(
            **named,
            clinical_status=ClinicalStatus.ACTIVE,
            onset=onset,
            recorded=None if reading.is_to_come(recorded) else recorded,
            site_concepts=site_concepts,
            from_text=not named["has_known_code"],
        )


def _referenced(
    reference: Elements,
    within: Elements,
    source: ResourceRef,
    recorded: PartialDate | None,
    reading: Reading,
) -> Iterator[Condition]:
    """The Condition or Observation a visit gives as its reason.

    Where it was not supplied, the reference's display is read like an uncoded reason.
    """
    found = reading.references.find(reference_of(reference), within)
    if found is None:
        yield from _reason(
            {"text": reference.get("display", "")}, source, recorded, reading
        )
        return
    found = as_r4(found)
    kind = found.get("resourceType")
    if kind not in ("Condition", "Observation"):
        return
    elements = validated(kind, pruned(kind, found)).elements or {}
    if is_not_so(elements):
        return
    if elements.get("status") == "entered-in-error":
        return
    if any(element.startswith("abatement") for element in elements):
        return
    if kind == "Observation" and is_denial(elements):
        return
    onset = (
        reading.day(elements, "onsetDateTime", source) if kind == "Condition" else None
    )
    yield from _reason(
        elements.get("code", {}),
        source,
        reading.day(elements, "recordedDate", source) or recorded,
        reading,
        onset=onset,
        site_concepts=reading.sites(elements.get("bodySite"), SITES_TOLD_BY_WORDS),
    )
