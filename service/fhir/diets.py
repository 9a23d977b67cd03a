"""NutritionOrders: the diet a patient is on."""

from collections.abc import Iterator

from service.clinical import concepts
from service.clinical.record import DietOrder, ResourceRef
from service.fhir.elements import Elements
from service.fhir.reading import FUTURE_DATE, Reading


TOLD_BY_WORDS = frozenset(
    {
        concepts.DIET_VEGAN,
        concepts.DIET_VEGETARIAN,
        concepts.DIET_PESCATARIAN,
        concepts.DIET_FORTIFIED,
        concepts.DIET_OTHER,
    }
)
"""What the words of an uncoded diet may tell."""

_CURRENT = frozenset({None, "active", "on-hold", "unknown"})
_NOT_ORDERS = frozenset({"proposal", "option"})


def diets_in(elements: Elements) -> list[Elements]:
    """The concepts that name a diet: its types, food preferences, instruction."""
    diet = elements.get("oralDiet", {})
    named = [*diet.get("type", ()), *elements.get("foodPreferenceModifier", ())]
    if "instruction" in diet:
        named.append({"text": diet["instruction"]})
    return named


def read_diet_order(
    elements: Elements, source: ResourceRef, reading: Reading
) -> Iterator[DietOrder]:
    """One item for each diet named in an active order."""
    if elements.get("status") not in _CURRENT:
        return
    if elements.get("intent") in _NOT_ORDERS:
        return
    ordered = reading.day(elements, "dateTime", source)
    if reading.is_to_come(ordered):
        reading.cannot_read(source, "NutritionOrder.dateTime", FUTURE_DATE)
        return
    for diet in diets_in(elements):
        named = reading.named(source, diet, TOLD_BY_WORDS)
        if named["concepts"]:
            yield DietOrder(**named, ordered=ordered)
