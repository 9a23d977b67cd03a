"""Conditions: problems, diagnoses and symptoms."""

from collections.abc import Iterator

from service.clinical import concepts
from service.clinical.dates import PartialDate
from service.clinical.record import ClinicalStatus, Condition, ResourceRef
from service.fhir.codings import codings_in, label_of, words_in
from service.fhir.elements import Elements
from service.fhir.reading import FUTURE_DATE, NamedParts, Reading, code_of
from service.fhir.terminology import NOTHING


TOLD_BY_WORDS = frozenset(
    {
        concepts.CRAMP_TRIGGER,
        concepts.DIET_VEGAN,
        concepts.DIET_VEGETARIAN,
        concepts.DIET_PESCATARIAN,
        concepts.DIET_FORTIFIED,
        concepts.DIET_OTHER,
        concepts.LEBER_OPTIC_NEUROPATHY,
    }
)
"""What the words of an uncoded condition may tell."""

SITES_TOLD_BY_WORDS = frozenset(
    {concepts.BODY_SITE_NOT_LIMB, concepts.BODY_SITE_ABDOMEN_OR_PELVIS}
)

NOT_SO = frozenset({"refuted", "entered-in-error"})

_VERIFICATIONS = NOT_SO | {"unconfirmed", "provisional", "differential", "confirmed"}
_STATUSES = {status.value: status for status in ClinicalStatus}


def read_condition(
    elements: Elements, source: ResourceRef, reading: Reading
) -> Iterator[Condition]:
    """The condition, unless it is refuted, in error or dated after today."""
    if is_not_so(elements):
        return
    onset = _onset(elements, source, reading)
    recorded = reading.day(elements, "recordedDate", source)
    if reading.is_to_come(onset or recorded):
        element = "onset" if onset else "recordedDate"
        reading.cannot_read(source, f"Condition.{element}", FUTURE_DATE)
        return
    named = reading.named(source, elements.get("code"), TOLD_BY_WORDS)
    categories = {coding.code for coding in codings_in(elements.get("category"))}
    abated, abated_on = _abatement(elements, source, reading)
    yield Condition(
        **named,
        clinical_status=_STATUSES.get(
            code_of(elements.get("clinicalStatus"), _STATUSES) or ""
        ),
        verification=code_of(elements.get("verificationStatus"), _VERIFICATIONS),
        is_encounter_diagnosis="encounter-diagnosis" in categories,
        is_problem_list_item="problem-list-item" in categories,
        onset=onset,
        recorded=None if reading.is_to_come(recorded) else recorded,
        abated=abated,
        abated_on=abated_on,
        site_concepts=reading.sites(elements.get("bodySite"), SITES_TOLD_BY_WORDS)
        | _irradiated_site(named, elements, reading),
        site_label=", ".join(map(label_of, elements.get("bodySite", ()))),
        from_text=not named["has_known_code"],
    )


def _irradiated_site(
    named: NamedParts, elements: Elements, reading: Reading
) -> frozenset[str]:
    """Where a history of irradiation says in its words what was irradiated: its code
    has no site (RF-RADIO)."""
    if concepts.HISTORY_OF_IRRADIATION not in named["concepts"]:
        return NOTHING
    return reading.terminology.text_concepts(
        words_in(elements.get("code")), {concepts.BODY_SITE_ABDOMEN_OR_PELVIS}
    )


def is_not_so(elements: Elements) -> bool:
    """Whether what is recorded was refuted or entered in error."""
    return code_of(elements.get("verificationStatus"), NOT_SO) is not None


def _onset(
    elements: Elements, source: ResourceRef, reading: Reading
) -> PartialDate | None:
    if "onsetDateTime" in elements:
        return reading.day(elements, "onsetDateTime", source)
    if "onsetPeriod" in elements:
        start, _ = reading.period(elements, "onsetPeriod", source)
        return start
    if "onsetAge" in elements:
        return _at_age(elements, "onsetAge", source, reading)
    if "onsetRange" in elements:
        low = elements["onsetRange"].get("low")
        return reading.at_age(low)
    if "onsetString" in elements:
        reading.cannot_read(source, "Condition.onsetString", "a text, not a date")
    return None


def _abatement(
    elements: Elements, source: ResourceRef, reading: Reading
) -> tuple[bool, PartialDate | None]:
    """Whether any abatement is recorded, and the day it was, if one can be told."""
    if "abatementDateTime" in elements:
        return True, reading.day(elements, "abatementDateTime", source)
    if "abatementPeriod" in elements:
        start, end = reading.period(elements, "abatementPeriod", source)
        return True, end or start
    if "abatementAge" in elements:
        return True, _at_age(elements, "abatementAge", source, reading)
    return "abatementRange" in elements or "abatementString" in elements, None


def _at_age(
    elements: Elements, element: str, source: ResourceRef, reading: Reading
) -> PartialDate | None:
    day = reading.at_age(elements[element])
    if day is None:
        reading.cannot_read(
            source, f"Condition.{element}", "the age cannot be turned into a date"
        )
    return day
