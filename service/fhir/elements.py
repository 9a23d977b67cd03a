"""The elements that are read: the one table of them, and how they are taken out.

Everything else in a resource is left behind before anything is validated, so that a
fault in an element nobody reads cannot make a resource unreadable. Taking an element
out also puts right what real systems write differently without meaning anything else:
an object where a list is due or a list of one where an object is due, blanks around
codes, ``null`` members, a time that is cut to its day, ``"true"`` for ``true``. All
else stays as it came, for ``typed`` to judge.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.fhir.bundles import Json


Elements = dict[str, Any]
"""The pruned elements of a resource, under their R4 names."""

Take = Callable[[object], object]

DEEPEST_QUESTION = 8
"""How many questions may stand within each other; deeper ones are not looked for."""

_DAY = re.compile(r"^\d{4}(?:-\d{2}(?:-\d{2})?)?(?=$|[T ])")
_BOOLEANS: Mapping[object, bool] = {"true": True, "false": False}


def _word(value: object) -> object:
    """A string without blanks around it; an empty one counts as absent."""
    return value.strip() or None if isinstance(value, str) else value


def _day(value: object) -> object:
    """The day of a date or dateTime, whatever the form of its time of day."""
    if isinstance(value, str):
        match = _DAY.match(value.strip())
        return match[0] if match else value
    return value


def _instant(value: object) -> object:
    """The day of an instant, as an instant; only the day is read."""
    day = _day(value)
    if isinstance(day, str) and len(day) == len("2025-06-30"):
        return f"{day}T00:00:00Z"
    return value


def _flag(value: object) -> object:
    if isinstance(value, str):
        return _BOOLEANS.get(value.strip().lower(), [value])
    return value


def _number(value: object) -> object:
    """A number, also from a string; a boolean is none and stays for the model."""
    return _word(value)


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """An object of which only ``parts`` are read.

    ``stand_ins`` are what R4 requires of it and nobody reads.
    """

    parts: Mapping[str, Take]
    stand_ins: Mapping[str, object] = field(default_factory=dict)

    def __call__(self, value: object) -> object:
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if not isinstance(value, dict):
            return value
        taken = _taken(value, self.parts)
        return {**self.stand_ins, **taken} if taken else None


@dataclass(frozen=True, slots=True)
class Many:
    """A list; an object or word where a list is due is a list of one."""

    part: Take

    def __call__(self, value: object) -> object:
        members = value if isinstance(value, list) else [value]
        kept = [self.part(member) for member in members]
        return [member for member in kept if member is not None] or None


def _group(**parts: Take) -> Group:
    return Group(parts)


def _completed(part: Group, **stand_ins: object) -> Group:
    return Group(part.parts, stand_ins)


def _taken(content: Json, parts: Mapping[str, Take]) -> Elements:
    elements: Elements = {}
    for name, take in parts.items():
        if name in content:
            value = content[name]
            if value is not None and (taken := take(value)) is not None:
                elements[name] = taken
    return elements


_CODING = _group(system=_word, code=_word, display=_word)
_CONCEPT = _group(coding=Many(_CODING), text=_word)
_QUANTITY = _group(
    value=_number, comparator=_word, unit=_word, system=_word, code=_word
)
_PERIOD = _group(start=_day, end=_day)
_RANGE = _group(low=_QUANTITY, high=_QUANTITY)
_RATIO = _group(numerator=_QUANTITY, denominator=_QUANTITY)
_REFERENCE = _group(reference=_word, display=_word, identifier=_group(value=_word))
_TIMING = _group(
    repeat=_group(
        boundsPeriod=_PERIOD,
        boundsDuration=_QUANTITY,
        frequency=_number,
        frequencyMax=_number,
        period=_number,
        periodUnit=_word,
        dayOfWeek=Many(_word),
        timeOfDay=Many(_word),
        when=Many(_word),
    ),
    code=_CONCEPT,
)
_DOSAGE = _group(
    sequence=_number,
    text=_word,
    patientInstruction=_word,
    timing=_TIMING,
    asNeededBoolean=_flag,
    asNeededCodeableConcept=_CONCEPT,
    route=_CONCEPT,
    doseAndRate=Many(_group(doseRange=_RANGE, doseQuantity=_QUANTITY)),
)
_VALUES: Mapping[str, Take] = {
    "valueQuantity": _QUANTITY,
    "valueCodeableConcept": _CONCEPT,
    "valueString": _word,
    "valueBoolean": _flag,
    "valueInteger": _number,
    "valueRange": _RANGE,
    "dataAbsentReason": _CONCEPT,
    "interpretation": Many(_CONCEPT),
    "referenceRange": Many(_group(low=_QUANTITY, high=_QUANTITY, type=_CONCEPT)),
}
_MEDICINE: Mapping[str, Take] = {
    "status": _word,
    "medicationCodeableConcept": _CONCEPT,
}


def _answers(depth: int) -> Take:
    """QuestionnaireResponse items: questions within questions, to a set depth."""
    parts: dict[str, Take] = {
        "linkId": _word,
        "text": _word,
        "answer": Many(
            _group(
                valueCoding=_CODING,
                valueBoolean=_flag,
                valueString=_word,
                valueInteger=_number,
                valueDecimal=_number,
                valueQuantity=_QUANTITY,
            )
        ),
    }
    if depth:
        parts["item"] = _answers(depth - 1)
    return Many(_completed(_group(**parts), linkId="-"))


READ: Mapping[str, Mapping[str, Take]] = {
    "Patient": {
        "birthDate": _day,
        "gender": _word,
        "deceasedBoolean": _flag,
        "deceasedDateTime": _day,
    },
    "Condition": {
        "clinicalStatus": _CONCEPT,
        "verificationStatus": _CONCEPT,
        "category": Many(_CONCEPT),
        "code": _CONCEPT,
        "bodySite": Many(_CONCEPT),
        "onsetDateTime": _day,
        "onsetPeriod": _PERIOD,
        "onsetAge": _QUANTITY,
        "onsetRange": _RANGE,
        "onsetString": _word,
        "abatementDateTime": _day,
        "abatementPeriod": _PERIOD,
        "abatementAge": _QUANTITY,
        "abatementRange": _RANGE,
        "abatementString": _word,
        "recordedDate": _day,
    },
    "Observation": {
        "status": _word,
        "code": _CONCEPT,
        "effectiveDateTime": _day,
        "effectivePeriod": _PERIOD,
        "effectiveInstant": _instant,
        "issued": _instant,
        "bodySite": _CONCEPT,
        **_VALUES,
        "component": Many(_group(code=_CONCEPT, **_VALUES)),
    },
    "Procedure": {
        "status": _word,
        "code": _CONCEPT,
        "bodySite": Many(_CONCEPT),
        "performedDateTime": _day,
        "performedPeriod": _PERIOD,
    },
    "MedicationRequest": {
        **_MEDICINE,
        "intent": _word,
        "doNotPerform": _flag,
        "authoredOn": _day,
        "dosageInstruction": Many(_DOSAGE),
        "dispenseRequest": _group(
            validityPeriod=_PERIOD,
            numberOfRepeatsAllowed=_number,
            expectedSupplyDuration=_QUANTITY,
        ),
    },
    "MedicationStatement": {
        **_MEDICINE,
        "effectiveDateTime": _day,
        "effectivePeriod": _PERIOD,
        "dosage": Many(_DOSAGE),
    },
    "MedicationDispense": {
        **_MEDICINE,
        "whenPrepared": _day,
        "whenHandedOver": _day,
        "daysSupply": _QUANTITY,
        "dosageInstruction": Many(_DOSAGE),
    },
    "MedicationAdministration": {
        **_MEDICINE,
        "effectiveDateTime": _day,
        "effectivePeriod": _PERIOD,
        "dosage": _group(text=_word, route=_CONCEPT, dose=_QUANTITY),
    },
    "Medication": {
        "code": _CONCEPT,
        "form": _CONCEPT,
        "identifier": Many(_group(value=_word)),
        "ingredient": Many(
            _group(
                itemCodeableConcept=_CONCEPT,
                itemReference=_REFERENCE,
                strength=_RATIO,
            )
        ),
    },
    "ServiceRequest": {
        "status": _word,
        "intent": _word,
        "doNotPerform": _flag,
        "code": _CONCEPT,
        "authoredOn": _day,
    },
    "FamilyMemberHistory": {
        "status": _word,
        "relationship": _CONCEPT,
        "condition": Many(_group(code=_CONCEPT)),
    },
    "AllergyIntolerance": {
        "clinicalStatus": _CONCEPT,
        "verificationStatus": _CONCEPT,
        "code": _CONCEPT,
        "reaction": Many(
            _completed(_group(substance=_CONCEPT), manifestation=[{"text": "-"}])
        ),
    },
    "NutritionOrder": {
        "status": _word,
        "intent": _word,
        "dateTime": _day,
        "foodPreferenceModifier": Many(_CONCEPT),
        "oralDiet": _group(type=Many(_CONCEPT), instruction=_word),
    },
    "Encounter": {
        "status": _word,
        "period": _PERIOD,
        "reasonCode": Many(_CONCEPT),
        "reasonReference": Many(_REFERENCE),
    },
    "Appointment": {
        "status": _word,
        "created": _day,
        "description": _word,
        "comment": _word,
        "reasonCode": Many(_CONCEPT),
        "reasonReference": Many(_REFERENCE),
    },
    "QuestionnaireResponse": {
        "status": _word,
        "authored": _day,
        "item": _answers(DEEPEST_QUESTION),
    },
}
"""Of each resource type that is read, the elements that are read.

Besides these, ``resourceType``, ``id``, ``meta.versionId``, ``meta.lastUpdated``,
``contained``, the subject and ``medicationReference`` are looked at before a resource
is pruned, and followed then.
"""


def pruned(resource_type: str, content: Json) -> Elements:
    """The elements of ``content`` that are read; ``resource_type`` must be in READ."""
    return _taken(content, READ[resource_type])
