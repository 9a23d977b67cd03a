"""Risk factors of food: a vegan or vegetarian diet, dietary inadequacy (2.3)."""

from collections.abc import Iterator

from service.clinical import concepts
from service.clinical.answers import Fact
from service.clinical.chart import earliest
from service.clinical.diet import DietKind, find_diet, find_food_allergies
from service.clinical.risk_factors.medicines import exposure_to
from service.clinical.risk_factors.question import (
    Question,
    RiskFactorFound,
    condition_fact,
    ongoing,
)


def diet(question: Question) -> Iterator[RiskFactorFound]:
    """RF-DIET: vegan or vegetarian for a year or for a time that is not recorded."""
    diet = find_diet(question.record, question.knowledge, question.today)
    if diet is None or not diet.is_long_enough:
        return
    is_supplemented = diet.is_fortified or _takes_a_supplement(question)
    if diet.kind is DietKind.VEGAN:
        key = "vegan-supplemented" if is_supplemented else "vegan"
    elif is_supplemented:
        return
    else:
        key = "vegetarian"
    yield question.found(key, diet.fact)


def _takes_a_supplement(question: Question) -> bool:
    if question.replacement.is_current or question.replacement.oral_low_dose:
        return True
    exposure = exposure_to(question, concepts.MED_MULTIVITAMIN)
    return exposure is not None and exposure.ended is None


def dietary_inadequacy(question: Question) -> Iterator[RiskFactorFound]:
    """RF-DIETINADEQ: a coded inadequacy, or two of three staple foods avoided."""
    key = "dietary-inadequacy"
    found = earliest(ongoing(question, key))
    if found is not None:
        yield question.found(key, condition_fact(question, key, found))
        return
    allergies = find_food_allergies(question.record, question.today)
    if len(allergies) >= 2:
        names = " and ".join(sorted(allergies))
        yield question.found(
            key,
            Fact(
                name=key,
                label=f"allergy to {names}",
                sources=tuple(sorted(allergies.values(), key=str)),
            ),
        )
