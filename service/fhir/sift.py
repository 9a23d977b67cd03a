"""Which resources matter, decided cheaply on raw JSON before anything is typed.

A resource matters when a code or, where text may tell, the words of it belong to any
concept; or when its code has a shape that hides what it is, so that it must be looked
at closely to be reported. Medicines are told by their product (``products``).
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from service.fhir import allergies, conditions, diets, observations, orders
from service.fhir.bundles import Json
from service.fhir.codings import hides_what_it_is, words_in
from service.fhir.questionnaires import questions_in
from service.fhir.terminology import NOTHING, Terminology


class Sift:
    """Decides what matters. ``uncoded_conditions`` counts the conditions whose words
    no pattern knows: they may hold anything, and nobody can tell what."""

    def __init__(self, terminology: Terminology) -> None:
        self._terminology = terminology
        self.uncoded_conditions = 0

    def matters(self, content: Json) -> bool:
        """Whether a resource, with its R4 names, needs to be read."""
        check = _CHECKS.get(str(content.get("resourceType")))
        return check is not None and check(self, content)

    def _means_something(
        self, concept: object, told_by_words: Collection[str] = NOTHING
    ) -> bool:
        if self._terminology.is_surely_nothing(concept):
            return False
        concepts, is_coded = self._terminology.recognised(concept)
        if concepts:
            return True
        if is_coded or concept is None:
            return False
        words = words_in(concept)
        if not words:
            return hides_what_it_is(concept)
        return bool(self._terminology.text_concepts(words, told_by_words))

    def _condition(self, content: Json) -> bool:
        code = content.get("code")
        if self._means_something(code, conditions.TOLD_BY_WORDS):
            return True
        if not self._terminology.recognised(code).is_coded and words_in(code):
            self.uncoded_conditions += 1
        return False

    def _observation(self, content: Json) -> bool:
        if self._answers(content.get("code"), content):
            return True
        components = content.get("component")
        return isinstance(components, list) and any(
            self._answers(component.get("code"), component)
            for component in components
            if isinstance(component, dict)
        )

    def _answers(self, code: object, part: Json) -> bool:
        told = observations.TOLD_BY_WORDS
        if self._means_something(code, told):
            return True
        value = part.get("valueCodeableConcept")
        if value is None and "valueString" in part:
            value = {"text": part["valueString"]}
        return value is not None and self._means_something(value, told)

    def _procedure(self, content: Json) -> bool:
        return self._means_something(content.get("code"))

    def _order(self, content: Json) -> bool:
        return self._means_something(content.get("code"), orders.TOLD_BY_WORDS)

    def _family_history(self, content: Json) -> bool:
        return any(
            self._means_something(condition.get("code"))
            for condition in _objects(content.get("condition"))
        )

    def _allergy(self, content: Json) -> bool:
        substances = [
            reaction.get("substance") for reaction in _objects(content.get("reaction"))
        ]
        told = allergies.TOLD_BY_WORDS
        return any(
            self._means_something(substance, told)
            or self._terminology.text_concepts(words_in(substance), told)
            for substance in (content.get("code"), *substances)
        )

    def _diet_order(self, content: Json) -> bool:
        diet = content.get("oralDiet")
        diet = diet if isinstance(diet, dict) else {}
        return any(
            self._means_something(concept, diets.TOLD_BY_WORDS)
            for concept in (
                diet.get("type"),
                content.get("foodPreferenceModifier"),
                {"text": diet.get("instruction")},
            )
        )

    def _visit(self, content: Json) -> bool:
        return bool(
            content.get("reasonCode")
            or content.get("reasonReference")
            or content.get("description")
            or content.get("comment")
        )

    def _questionnaire(self, content: Json) -> bool:
        return any(
            self._answers(question, answer)
            for question, answer in questions_in(dict(content))
        )


_CHECKS: Mapping[str, Callable[[Sift, Json], bool]] = {
    "AllergyIntolerance": Sift._allergy,
    "Appointment": Sift._visit,
    "Condition": Sift._condition,
    "Encounter": Sift._visit,
    "FamilyMemberHistory": Sift._family_history,
    "NutritionOrder": Sift._diet_order,
    "Observation": Sift._observation,
    "Procedure": Sift._procedure,
    "QuestionnaireResponse": Sift._questionnaire,
    "ServiceRequest": Sift._order,
}


def _objects(value: Any) -> Iterator[Json]:
    for member in value if isinstance(value, list) else [value]:
        if isinstance(member, dict):
            yield member
