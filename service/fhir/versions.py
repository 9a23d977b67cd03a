"""STU3 and R5 shapes under their R4 names; DSTU2 recognised, not read.

A request does not say which FHIR version its resources have, so each resource is
recognised by its shape: by an element that only one version has, such as STU3
``MedicationStatement.taken`` or R5 ``medication.concept``. What has no such element
reads the same in all of them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cds_hooks.fhir_versions import ONLY_IN
from service.fhir.bundles import Json


# Elements that only DSTU2 has in types that went on.
_DSTU2_ELEMENTS: Mapping[str, frozenset[str]] = {
    "AllergyIntolerance": frozenset({"substance", "lastOccurence"}),
    "Condition": frozenset({"dateRecorded"}),
    "Medication": frozenset({"product"}),
    "MedicationAdministration": frozenset({"wasNotGiven", "effectiveTimeDateTime"}),
    "MedicationDispense": frozenset({"dispenser"}),
    "MedicationStatement": frozenset({"wasNotTaken"}),
    "Patient": frozenset({"careProvider"}),
    "Procedure": frozenset({"notPerformed", "reasonNotPerformed"}),
    "ProcedureRequest": frozenset({"orderedOn", "orderer"}),
    "QuestionnaireResponse": frozenset({"group"}),
}
# DSTU2 says ``patient`` where every later version says ``subject``.
_SUBJECT_SINCE_STU3 = frozenset({"Condition", "Encounter", "MedicationStatement"})


def unsupported_version(resource: Json) -> bool:
    """Whether a resource has a shape that only DSTU2 had.

    DSTU2 is told apart, not read: its orders and statements mean other things under
    the same names. Types that look alike in DSTU2 and later are not recognised.
    """
    name = resource.get("resourceType")
    if not isinstance(name, str):
        return False
    if name in ONLY_IN:
        return True
    if name in _SUBJECT_SINCE_STU3 and "patient" in resource:
        return "subject" not in resource
    return not _DSTU2_ELEMENTS.get(name, frozenset()).isdisjoint(resource)


def as_r4(resource: Json) -> Json:
    """The resource with the R4 names of the elements that are read.

    Returns the same object when it has R4 shape already; never changes its argument.
    """
    translate = _TRANSLATIONS.get(str(resource.get("resourceType")))
    return resource if translate is None else translate(resource)


def _renamed(resource: Json, names: Mapping[str, str]) -> Json:
    """``resource`` with elements renamed; an element of the new name stays as it is."""
    if names.keys().isdisjoint(resource):
        return resource
    renamed = dict(resource)
    for old, new in names.items():
        if old in renamed:
            renamed.setdefault(new, renamed.pop(old))
    return renamed


def _status_as_concept(resource: Json, *elements: str) -> Json:
    """STU3 codes (``clinicalStatus: "active"``) as R4 CodeableConcepts."""
    changed = {
        element: {"coding": [{"code": resource[element]}]}
        for element in elements
        if isinstance(resource.get(element), str)
    }
    return {**resource, **changed} if changed else resource


def _concepts_and_references(value: object) -> tuple[list[Any], list[Any]]:
    """The two halves of R5 CodeableReferences (or of STU3 CodeableConcepts)."""
    concepts: list[Any] = []
    references: list[Any] = []
    for member in value if isinstance(value, list) else [value]:
        if not isinstance(member, dict):
            continue
        if "concept" in member or "reference" in member:
            if "concept" in member:
                concepts.append(member["concept"])
            if "reference" in member:
                references.append(member["reference"])
        else:
            concepts.append(member)
    return concepts, references


def _condition(resource: Json) -> Json:
    resource = _renamed(resource, {"assertedDate": "recordedDate"})
    return _status_as_concept(resource, "clinicalStatus", "verificationStatus")


def _allergy(resource: Json) -> Json:
    return _status_as_concept(resource, "clinicalStatus", "verificationStatus")


def _medication_choice(resource: Json) -> Json:
    """R5 ``medication: {concept, reference}`` as the two R4 elements."""
    medication = resource.get("medication")
    if not isinstance(medication, dict):
        return resource
    changed = {key: value for key, value in resource.items() if key != "medication"}
    if "concept" in medication:
        changed["medicationCodeableConcept"] = medication["concept"]
    elif "reference" in medication:
        changed["medicationReference"] = medication["reference"]
    return changed


def _dosages(resource: Json, element: str) -> Json:
    """Doses directly in the Dosage (STU3, and Epic's R4) as R4 ``doseAndRate``."""
    dosages = resource.get(element)
    if isinstance(dosages, dict):
        dosages = [dosages]
    if not isinstance(dosages, list):
        return resource
    changed = [_dosage(dosage) for dosage in dosages]
    return {**resource, element: changed}


_STU3_DOSES = ("doseQuantity", "doseSimpleQuantity", "doseRange")


def _dosage(dosage: object) -> object:
    if not isinstance(dosage, dict):
        return dosage
    changed = dict(dosage)
    if isinstance(changed.get("asNeeded"), bool):  # R5
        changed["asNeededBoolean"] = changed.pop("asNeeded")
    if changed.pop("asNeededFor", None):  # R5
        changed.setdefault("asNeededBoolean", True)
    doses = {name: changed.pop(name) for name in _STU3_DOSES if name in changed}
    if "doseSimpleQuantity" in doses:
        doses["doseQuantity"] = doses.pop("doseSimpleQuantity")
    if doses:
        changed.setdefault("doseAndRate", [doses])
    return changed


def _medication_request(resource: Json) -> Json:
    return _dosages(_medication_choice(resource), "dosageInstruction")


def _medication_statement(resource: Json) -> Json:
    resource = _dosages(_medication_choice(resource), "dosage")
    # STU3 "taken" and R5 "adherence" say what R4 puts into the status.
    not_taken = resource.get("taken") == "n"
    adherence = resource.get("adherence")
    if isinstance(adherence, dict):
        code = adherence.get("code")
        codings = code.get("coding") if isinstance(code, dict) else None
        codes = {
            coding.get("code") for coding in codings or () if isinstance(coding, dict)
        }
        not_taken = not_taken or "not-taking" in codes
        if "stopped" in codes:
            return {**resource, "status": "stopped"}
    if not_taken and resource.get("status") != "entered-in-error":
        return {**resource, "status": "not-taken"}
    if resource.get("status") == "recorded":
        return {**resource, "status": "active"}
    return resource


def _medication_dispense(resource: Json) -> Json:
    return _dosages(_medication_choice(resource), "dosageInstruction")


def _medication_administration(resource: Json) -> Json:
    resource = _medication_choice(resource)
    # The missing "r" is R5's own spelling.
    resource = _renamed(
        resource,
        {
            "occurenceDateTime": "effectiveDateTime",
            "occurencePeriod": "effectivePeriod",
        },
    )
    if resource.get("notGiven") is True:
        return {**resource, "status": "not-done"}
    return resource


def _procedure(resource: Json) -> Json:
    resource = _renamed(
        resource,
        {
            "occurrenceDateTime": "performedDateTime",
            "occurrencePeriod": "performedPeriod",
        },
    )
    return {**resource, "status": "not-done"} if resource.get("notDone") else resource


def _service_request(resource: Json) -> Json:
    code = resource.get("code")
    if isinstance(code, dict) and isinstance(code.get("concept"), Mapping):
        return {**resource, "code": code["concept"]}
    return resource


def _procedure_request(resource: Json) -> Json:
    return {**resource, "resourceType": "ServiceRequest"}


def _visit(resource: Json) -> Json:
    """``reason`` of STU3 and R5 Encounters and Appointments as R4's two elements."""
    if "reason" not in resource:
        return resource
    reasons = resource["reason"]
    if isinstance(reasons, list) and any(
        isinstance(reason, dict) and "value" in reason for reason in reasons
    ):  # R5 Encounter.reason.value
        values = [reason.get("value") for reason in reasons if isinstance(reason, dict)]
        reasons = [
            member
            for value in values
            for member in (value if isinstance(value, list) else [value])
        ]
    concepts, references = _concepts_and_references(reasons)
    changed = {key: value for key, value in resource.items() if key != "reason"}
    if concepts:
        changed.setdefault("reasonCode", concepts)
    if references:
        changed.setdefault("reasonReference", references)
    return changed


def _medication(resource: Json) -> Json:
    """Ingredients of R5 (``item: {concept}``) as in R4."""
    ingredients = resource.get("ingredient")
    if not isinstance(ingredients, list):
        return resource
    changed: list[object] = []
    for ingredient in ingredients:
        item = ingredient.get("item") if isinstance(ingredient, dict) else None
        if not isinstance(item, dict):
            changed.append(ingredient)
            continue
        named = {
            {"concept": "itemCodeableConcept", "reference": "itemReference"}[
                half
            ]: item[half]
            for half in ("concept", "reference")
            if half in item
        }
        strength = ingredient.get("strengthRatio")
        if strength is not None:
            named["strength"] = strength
        changed.append({**ingredient, **named})
    return _renamed({**resource, "ingredient": changed}, {"doseForm": "form"})


def _nutrition_order(resource: Json) -> Json:
    return _renamed(resource, {"subject": "patient"})


_TRANSLATIONS: Mapping[str, Callable[[Json], Json]] = {
    "AllergyIntolerance": _allergy,
    "Appointment": _visit,
    "Condition": _condition,
    "Encounter": _visit,
    "Medication": _medication,
    "MedicationAdministration": _medication_administration,
    "MedicationDispense": _medication_dispense,
    "MedicationRequest": _medication_request,
    "MedicationStatement": _medication_statement,
    "NutritionOrder": _nutrition_order,
    "Procedure": _procedure,
    "ProcedureRequest": _procedure_request,
    "ServiceRequest": _service_request,
}
