"""Advice on B12 intake for a diet that holds little of it.

Source: Vegan Society and BDA intake rule, NIH ODS fact sheet, AAFP 2017 (CLINICAL 2.7
card 12, 2.11).

When  a vegan or vegetarian diet or a dietary inadequacy counts as a risk factor by
      itself, and the patient is not on replacement.
Then  advise on fortified food and supplements that suit the diet; name no food that
      the person does not eat, is allergic to or should avoid.
"""

from service.clinical.answers import Answer, Concern, Indicator
from service.clinical.case import Case
from service.clinical.diet import find_food_allergies, find_foods_eaten
from service.clinical.record import DataKind


KEY = "b12-diet-advice"
_DIETS = {
    "vegan": "vegan",
    "vegetarian": "vegetarian",
    "dietary-inadequacy": "restricted",
}


def evaluate(case: Case) -> Answer:
    """A diet that counts; a vegan who takes B12 needs no lesson."""
    diets = tuple(factor for factor in case.risk_factors if factor.key in _DIETS)
    if not diets:
        return case.no_concern(
            "no diet that lacks B12 on record",
            unless=frozenset({DataKind.CONDITIONS, DataKind.FINDINGS}),
        )
    if case.replacement.is_current:
        return case.no_concern("on B12 replacement", unless=frozenset())
    allergies = find_food_allergies(case.record, case.today)
    return Concern(
        indicator=Indicator.INFO,
        text="advice",
        because=(*(diet.fact for diet in diets), *case.cramp_facts()),
        values={"diet": _DIETS[diets[0].key]},
        notes=case.notes
        | {f"diet-{_DIETS[diet.key]}" for diet in diets}
        | {f"allergy-{food}" for food in allergies}
        | find_foods_eaten(case.record, case.today),
    )
