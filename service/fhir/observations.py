"""Observations: laboratory results, symptoms, findings, social history."""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from service.clinical import concepts
from service.clinical.dates import PartialDate
from service.clinical.record import (
    Comparator,
    Observation,
    Quantity,
    ReferenceRange,
    ResourceRef,
)
from service.fhir.codings import codings_in, label_of, words_in
from service.fhir.conditions import SITES_TOLD_BY_WORDS
from service.fhir.diets import TOLD_BY_WORDS as DIETS_TOLD_BY_WORDS
from service.fhir.elements import Elements
from service.fhir.reading import FUTURE_DATE, NamedParts, Reading, number
from service.fhir.terminology import NOTHING


TOLD_BY_WORDS = DIETS_TOLD_BY_WORDS | {concepts.CRAMP_TRIGGER}
"""What the words of an uncoded observation may tell."""

_NOT_RESULTS = frozenset({"entered-in-error", "cancelled", "registered"})

# Values that deny what the code asks about. Their system is not looked at: as the value
# of an observation these codes mean nothing else in any system.
_DENIALS = frozenset(
    {
        "2667000",  # SNOMED CT Absent
        "410516002",  # SNOMED CT Known absent
        "410594000",  # SNOMED CT Definitely not present
        "260385009",  # SNOMED CT Negative
        "373067005",  # SNOMED CT No
        "260415000",  # SNOMED CT Not detected
        "LA32-8",  # LOINC No
        "LA137-2",  # LOINC None
        "LA6568-5",  # LOINC Not at all
        "LA6577-6",  # LOINC Negative
        "LA9634-2",  # LOINC Absent
        "LA11883-8",  # LOINC Not detected
        "N",  # HL7 table 0136 No
        "NEG",  # HL7 observation interpretation Negative
        "ND",  # HL7 observation interpretation Not detected
    }
)
_DENYING_WORDS = frozenset(
    {
        "absent",
        "denied",
        "denies",
        "false",
        "n",
        "neg",
        "negative",
        "never",
        "no",
        "none",
        "not detected",
        "not found",
        "not present",
    }
)
# How a sentence begins that says of a symptom that it is not there, or nobody knows.
# "No better" and "no longer only at night" do not.
_BEGINS_WITH_DENIAL = re.compile(
    r"(?:no|none|not|nil|denie[sd]|denying|negative|absent|without|free of"
    r"|never (?:had|has)|unknown|normal|n/a)\b"
    r"(?!\s+(?:better|change\w*|difference|doubt|improve\w*|longer|only|relief|worse"
    r"|resolved|gone)\b)"
)
# A sentence that goes on with one of these may take its denial back.
_TURNS = re.compile(r"\b(?:but|except|however|only|although|though)\b")
_FLAGS_OF_DENIAL = frozenset({"NEG", "ND"})
_COMPARATORS: Mapping[str, Comparator] = {sign.value: sign for sign in Comparator}
_FLAGS_IN_WORDS: Mapping[str, str] = {
    "low": "L",
    "below low normal": "L",
    "critical low": "LL",
    "critically low": "LL",
    "high": "H",
    "above high normal": "H",
    "critical high": "HH",
    "critically high": "HH",
}
_NORMAL_RANGE = frozenset({None, "normal"})


def read_observation(
    elements: Elements, source: ResourceRef, reading: Reading
) -> Iterator[Observation]:
    """The observation, and one item for each component that a concept covers.

    Left out when it is no result (in error, cancelled, registered) or dated to come.
    """
    status = elements.get("status")
    if status in _NOT_RESULTS:
        return
    effective = _effective(elements, source, reading)
    if reading.is_to_come(effective):
        reading.cannot_read(source, "Observation.effective", FUTURE_DATE)
        return
    sites = reading.sites(elements.get("bodySite"), SITES_TOLD_BY_WORDS)
    for part in (elements, *elements.get("component", ())):
        item = read_answer(
            part.get("code", {}),
            part,
            source,
            reading,
            status=status,
            effective=effective,
            effective_is_period="effectivePeriod" in elements,
            site_concepts=sites,
        )
        if part is elements or item.concepts or item.value_concepts:
            yield item


def read_answer(
    code: Elements,
    part: Elements,
    source: ResourceRef,
    reading: Reading,
    *,
    status: str | None = None,
    effective: PartialDate | None = None,
    effective_is_period: bool = False,
    site_concepts: frozenset[str] = NOTHING,
) -> Observation:
    """A question ``code`` and its answer in the value elements of ``part``.

    An answer that says what was found ("Symptom": "leg cramps") is shown in its words.
    """
    named = reading.named(source, code, TOLD_BY_WORDS)
    value, problem = _quantity(part, reading)
    answer = _answer(part, named["has_known_code"], reading)
    if answer is not None:
        named["label"], named["codes"] = answer["label"], answer["codes"]
    return Observation(
        **named,
        status=status,
        effective=effective,
        effective_is_period=effective_is_period,
        site_concepts=site_concepts,
        value=value,
        value_concepts=answer["concepts"] if answer is not None else NOTHING,
        negative=is_denial(part) or (answer is None and _is_denied_in_words(part)),
        flags=_flags_of(part),
        reference_range=_reference_range(part, reading, value),
        problem=problem,
    )


def _effective(
    elements: Elements, source: ResourceRef, reading: Reading
) -> PartialDate | None:
    """The day of the sample or finding; failing that, of the report.

    A period spans from its start to its end, or is its start if it goes on.
    """
    if "effectivePeriod" in elements:
        start, end = reading.period(elements, "effectivePeriod", source)
        if start is None or end is None or reading.is_to_come(end):
            return start or end
        return PartialDate(first=start.first, last=max(start.last, end.last))
    for element in ("effectiveDateTime", "effectiveInstant", "issued"):
        if element in elements:
            return reading.day(elements, element, source)
    return None


def _quantity(part: Elements, reading: Reading) -> tuple[Quantity | None, str | None]:
    """The number measured, and why there is none that can be used."""
    if "dataAbsentReason" in part:
        words = label_of(part["dataAbsentReason"]) or "no reason given"
        return None, f"no value: {words}"
    if "valueQuantity" in part:
        return quantity(part["valueQuantity"], reading)
    if "valueInteger" in part:
        return quantity({"value": part["valueInteger"]}, reading)
    if "valueString" in part:
        return None, "a text instead of a number"
    if "valueRange" in part:
        return None, "a range instead of a number"
    return None, None


def quantity(content: Elements, reading: Reading) -> tuple[Quantity | None, str | None]:
    """A Quantity with its canonical unit; None and the reason if it cannot be used.

    The unit is that of the code, else of the words. Where both are known and differ
    ("pg/mL" coded, "pmol/L" written) nobody can tell which is meant.
    """
    value = number(content.get("value"))
    if value is None:
        return None, "no value"
    comparator = content.get("comparator")
    if comparator is not None and comparator not in _COMPARATORS:
        return None, "an unknown comparator"
    coded = reading.units.canonical(content.get("code"))
    written = reading.units.canonical(content.get("unit"))
    if coded and written and not reading.units.agree(coded, written):
        return None, "the unit as coded and as written differ"
    return Quantity(
        value=value,
        unit=coded or written,
        unit_text=str(content.get("unit") or content.get("code") or ""),
        comparator=_COMPARATORS[comparator] if comparator else None,
    ), None


def _answer(part: Elements, is_coded: bool, reading: Reading) -> NamedParts | None:
    """What a coded or worded answer names, or None where it names nothing known.

    By T-4 a cramp is told by words only where no coding in a known system is present,
    so the words of an answer to a coded question may tell a diet, never a cramp.
    """
    told = DIETS_TOLD_BY_WORDS if is_coded else TOLD_BY_WORDS
    if "valueCodeableConcept" in part:
        concept = part["valueCodeableConcept"]
    elif "valueString" in part:
        concept = {"text": part["valueString"]}
    else:
        return None
    answer = reading.named(ResourceRef(type=""), concept, told)
    return answer if answer["concepts"] else None


def is_denial(part: Elements) -> bool:
    """Whether the value says that what was asked about is not there, or that nobody
    looked: no answer is no symptom."""
    if part.get("valueBoolean") is False or "dataAbsentReason" in part:
        return True
    if _is_zero(part) or not _FLAGS_OF_DENIAL.isdisjoint(_flags_of(part)):
        return True
    concept = part.get("valueCodeableConcept")
    if any(coding.code in _DENIALS for coding in codings_in(concept)):
        return True
    return any(line in _DENYING_WORDS for line in _lines_of(part))


def _is_denied_in_words(part: Elements) -> bool:
    """Whether an answer begins by denying ("denies numbness") and leaves it at that.

    Only for answers that name nothing themselves: "no longer vegan" names a diet.
    """
    return any(
        _BEGINS_WITH_DENIAL.match(line) and not _TURNS.search(line)
        for line in _lines_of(part)
    )


def _is_zero(part: Elements) -> bool:
    """A count or a score of none at all: how many cramps, how severe."""
    value = part.get("valueInteger", part.get("valueQuantity", {}).get("value"))
    return number(value) == 0


def _lines_of(part: Elements) -> Iterator[str]:
    """The words of an answer, line by line, as they are compared."""
    concept, words = part.get("valueCodeableConcept"), part.get("valueString")
    if concept is None and words is None:
        return
    for line in (*words_in(concept).split("\n"), words or ""):
        if folded := line.strip(" .").casefold():
            yield folded


def _flags_of(part: Elements) -> frozenset[str]:
    interpretations = part.get("interpretation", ())
    return _flags(interpretations) if interpretations else NOTHING


def _flags(interpretations: Iterable[Elements]) -> frozenset[str]:
    """Codes of the interpretations; of an uncoded one, the code its words stand for."""
    flags: set[str] = set()
    for interpretation in interpretations:
        codes = {coding.code for coding in codings_in(interpretation) if coding.code}
        words = _FLAGS_IN_WORDS.get(label_of(interpretation).strip().casefold())
        flags |= codes or ({words} if words else set())
    return frozenset(flags)


def _reference_range(
    part: Elements, reading: Reading, value: Quantity | None
) -> ReferenceRange | None:
    """The normal range, in the unit of the result; None if not given or no range."""
    for given in part.get("referenceRange", ()):
        codes = {coding.code for coding in codings_in(given.get("type"))} or {None}
        if codes.isdisjoint(_NORMAL_RANGE):
            continue
        low = _limit(given.get("low"), reading, value)
        high = _limit(given.get("high"), reading, value)
        if (low is None and high is None) or low == high == 0:
            continue
        return ReferenceRange(low=low, high=high)
    return None


def _limit(
    content: Elements | None, reading: Reading, value: Quantity | None
) -> Decimal | None:
    """One end of a range; None when it is in another unit than the result."""
    if content is None:
        return None
    unit = reading.units.canonical(content.get("code") or content.get("unit"))
    if unit is not None and value is not None and value.unit not in (unit, None):
        if not reading.units.agree(unit, str(value.unit)):
            return None
    return number(content.get("value"))
