"""Check potassium when cramps follow the start of B12 injections.

Source: cyanocobalamin label (potassium in the first 48 hours; hypokalaemia and sudden
death described); window of 28 and 14 days is a choice (CLINICAL 2.7 card 2, 2.9).

When  the first B12 injection is at most 28 days ago or the last at most 14, and the
      cramps began on or after the first, or nobody knows when.
Then  check potassium today; critical below 3.0 mmol/L within a week or with
      palpitations; info once potassium was normal after the first dose.
"""

from service.clinical.answers import Answer, Concern
from service.clinical.case import Case
from service.clinical.companions import lab_fact
from service.clinical.record import DataKind


KEY = "b12-post-injection-potassium"


def evaluate(case: Case) -> Answer:
    """Cramps in the window after an injection."""
    found = case.post_injection_cramps
    if found is None:
        return case.no_concern(
            "no B12 injection in the weeks before the cramps",
            unless=frozenset({DataKind.MEDICATIONS}),
        )
    potassium = (
        (lab_fact("potassium", "potassium", found.potassium),)
        if found.potassium is not None
        else ()
    )
    palpitations = (found.palpitations,) if found.palpitations is not None else ()
    return Concern(
        indicator=found.indicator,
        text="check",
        because=(
            found.injections.fact(),
            *case.cramp_facts(),
            *potassium,
            *palpitations,
        ),
        notes=case.notes | {found.indicator.value},
        tests=("potassium", "magnesium"),
        urgency="routine" if found.indicator.value == "info" else "urgent",
    )
