"""QuestionnaireResponses: each answered question as an observation."""

from collections.abc import Iterator

from service.clinical.record import Observation, ResourceRef
from service.fhir.elements import DEEPEST_QUESTION, Elements
from service.fhir.observations import read_answer
from service.fhir.reading import FUTURE_DATE, Reading


_ANSWERED = frozenset({None, "completed", "amended", "in-progress", "stopped"})


def read_questionnaire(
    elements: Elements, source: ResourceRef, reading: Reading
) -> Iterator[Observation]:
    """The answers that mean something: coded ones, and questions known by their words.

    A question without a code is read by T-4: "Do you have leg cramps?" answered yes.
    """
    if elements.get("status") not in _ANSWERED:
        return
    authored = reading.day(elements, "authored", source)
    if reading.is_to_come(authored):
        reading.cannot_read(source, "QuestionnaireResponse.authored", FUTURE_DATE)
        return
    for question, answer in questions_in(elements):
        item = read_answer(
            question,
            answer,
            source,
            reading,
            status=elements.get("status"),
            effective=authored,
        )
        if item.concepts or item.value_concepts:
            yield item


def questions_in(
    elements: Elements, deepest: int = DEEPEST_QUESTION
) -> Iterator[tuple[Elements, Elements]]:
    """Every answered question, at any depth, with the value elements of its answer."""
    for item in _objects(elements.get("item")):
        text = item.get("text")
        question: Elements = {"text": text} if isinstance(text, str) else {}
        for answer in _objects(item.get("answer")):
            yield question, _value(answer)
        if deepest:
            yield from questions_in(item, deepest - 1)


def _objects(value: object) -> Iterator[Elements]:
    for member in value if isinstance(value, list) else [value]:
        if isinstance(member, dict):
            yield member


def _value(answer: Elements) -> Elements:
    """A value[x] of an answer under the names it has in an Observation."""
    if "valueCoding" in answer:
        return {"valueCodeableConcept": {"coding": [answer["valueCoding"]]}}
    if "valueDecimal" in answer:
        return {"valueQuantity": {"value": answer["valueDecimal"]}}
    return answer
