"""Pruned elements validated with the models of ``fhir.resources.R4B``.

What does not fit its model is taken out and said; the rest of the resource is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from service.fhir.elements import Elements
from service.fhir.models import MODELS
from service.fhir.shapes import fits


NOT_R4 = "does not fit FHIR R4"

_SOMEONE = {"display": "-"}
_SOMETHING = {"text": "-"}

# Elements R4 requires and we do not: they are given to the model so that their absence
# does not hide other faults, and are never read. A tuple names a choice of elements.
_REQUIRED: Mapping[str, Mapping[tuple[str, ...], Any]] = {
    "AllergyIntolerance": {("patient",): _SOMEONE},
    "Appointment": {
        ("status",): "-",
        ("participant",): [{"status": "-", "actor": _SOMEONE}],
    },
    "Condition": {("subject",): _SOMEONE},
    "Encounter": {("status",): "-", ("class",): {"code": "-"}},
    "FamilyMemberHistory": {
        ("status",): "-",
        ("patient",): _SOMEONE,
        ("relationship",): _SOMETHING,
    },
    "MedicationAdministration": {
        ("status",): "-",
        ("subject",): _SOMEONE,
        ("medicationCodeableConcept",): _SOMETHING,
        ("effectiveDateTime", "effectivePeriod"): "2000-01-01",
    },
    "MedicationDispense": {
        ("status",): "-",
        ("medicationCodeableConcept",): _SOMETHING,
    },
    "MedicationRequest": {
        ("status",): "-",
        ("intent",): "-",
        ("subject",): _SOMEONE,
        ("medicationCodeableConcept",): _SOMETHING,
    },
    "MedicationStatement": {
        ("status",): "-",
        ("subject",): _SOMEONE,
        ("medicationCodeableConcept",): _SOMETHING,
    },
    "NutritionOrder": {
        ("status",): "-",
        ("intent",): "-",
        ("patient",): _SOMEONE,
        ("dateTime",): "2000-01-01",
    },
    "Observation": {("status",): "-", ("code",): _SOMETHING},
    "Procedure": {("status",): "-", ("subject",): _SOMEONE},
    "QuestionnaireResponse": {("status",): "-"},
    "ServiceRequest": {("status",): "-", ("intent",): "-", ("subject",): _SOMEONE},
}

# Without these the rest of a resource may mean the opposite.
_MODIFIERS = frozenset(
    {
        "status",
        "clinicalStatus",
        "verificationStatus",
        "doNotPerform",
        "intent",
        "deceasedBoolean",
    }
)
# Read whole or not at all: "< 150" without its comparator would be 150, twice a week
# without its unit twice something else.
_WHOLE = frozenset(
    {
        "valueQuantity",
        "doseQuantity",
        "doseRange",
        "dose",
        "low",
        "high",
        "onsetAge",
        "abatementAge",
        "daysSupply",
        "expectedSupplyDuration",
        "strength",
        "repeat",
    }
)
_MORE_FAULTS_THAN_SENSE = 20

Path = tuple[int | str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """An element that is not what R4 says it is; ``element`` is its path."""

    element: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Validated:
    """The elements that fit their models, and what was taken out of them.

    ``elements`` is None when so much is wrong, or so much depends on it, that nothing
    of the resource can be used.
    """

    elements: Elements | None
    faults: tuple[Fault, ...] = ()


def validated(resource_type: str, elements: Elements) -> Validated:
    """``elements`` of one resource, without those that do not fit R4. Never raises."""
    if fits(resource_type, elements):
        return Validated(elements=elements)
    faults: dict[str, Fault] = {}
    for _ in range(_MORE_FAULTS_THAN_SENSE):
        try:
            MODELS[resource_type].model_validate(complete(resource_type, elements))
        except ValidationError as error:
            paths = [_path_of(problem["loc"]) for problem in error.errors()]
        else:
            return Validated(elements=elements, faults=tuple(faults.values()))
        kept, removed = _without(elements, paths)
        for path in removed:
            if not _has_other_codings(kept, path):
                name = _name(resource_type, path)
                faults[name] = Fault(element=name, reason=NOT_R4)
        if not removed or any(path[0] in _MODIFIERS for path in removed):
            break
        elements = kept
    if not faults:
        faults[resource_type] = Fault(element=resource_type, reason=NOT_R4)
    return Validated(elements=None, faults=tuple(faults.values()))


def complete(resource_type: str, elements: Elements) -> Elements:
    """``elements`` with a stand-in for each that R4 requires and nobody reads."""
    completed = dict(elements)
    for names, stand_in in _REQUIRED.get(resource_type, {}).items():
        if not any(name in completed for name in names):
            completed[names[0]] = stand_in
    return completed


def _path_of(location: Sequence[int | str]) -> Path:
    """The path of what to take out for a fault that was found at ``location``."""
    # fhir.resources ends the location of an object of the wrong kind with "root".
    steps = [step for step in location if step != "root"]
    for depth, step in enumerate(steps, start=1):
        if step in _WHOLE:
            return tuple(steps[:depth])
        if step == "coding" and depth < len(steps):
            return tuple(steps[: depth + 1])
    return tuple(steps)


def _without(elements: Elements, paths: Sequence[Path]) -> tuple[Elements, list[Path]]:
    """A copy of ``elements`` without ``paths``, and what was really taken out."""
    removed: list[Path] = []
    kept: Any = elements
    # From the back, so that the places of a list's earlier members do not change.
    for path in sorted(set(paths), key=_from_the_back, reverse=True):
        while path:
            changed = _remove(kept, path)
            if changed is not None:
                kept = changed
                removed.append(path)
                break
            path = path[:-1]  # what is missing in an object makes the object unfit
    return kept, removed


def _from_the_back(path: Path) -> tuple[tuple[int, str], ...]:
    return tuple((step, "") if isinstance(step, int) else (-1, step) for step in path)


def _remove(value: Any, path: Path) -> Any:
    """``value`` without what is at ``path``; None where nothing is there."""
    step, rest = path[0], path[1:]
    if isinstance(value, dict) and step in value:
        inner = _remove(value[step], rest) if rest else None
        if rest and inner is None:
            return None
        changed = {name: part for name, part in value.items() if name != step}
        return {**changed, step: inner} if inner else changed
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        inner = _remove(value[step], rest) if rest else None
        if rest and inner is None:
            return None
        return [*value[:step], *([inner] if inner else []), *value[step + 1 :]]
    return None


def _has_other_codings(elements: Elements, removed: Path) -> bool:
    """Whether a coding was taken out of a concept that still has another.

    Local codings of odd shape beside a good one are too common to be worth a word.
    """
    if len(removed) < 2 or removed[-2] != "coding":
        return False
    value: Any = elements
    for step in removed[:-1]:
        try:
            value = value[step]
        except (KeyError, IndexError):
            return False
    return bool(value)


def _name(resource_type: str, path: Path) -> str:
    return ".".join([resource_type, *(step for step in path if isinstance(step, str))])
