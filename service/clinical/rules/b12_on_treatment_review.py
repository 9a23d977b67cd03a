"""Cramps that persist on B12 replacement: review dose, adherence and other causes.

Source: NICE NG239 via NASGP (review), Remedy BNSSG (testing on replacement tells
nothing); CLINICAL 2.7 card 10, 2.8.

When  the patient has been on B12 replacement for 90 days or more.
Then  review; do not repeat serum B12.
"""

from service.clinical.answers import Answer, Concern, Indicator
from service.clinical.case import Case
from service.clinical.missing_tests import ferritin_for_restless_legs, missing_tests
from service.clinical.record import DataKind


KEY = "b12-on-treatment-review"


def evaluate(case: Case) -> Answer:
    """On replacement long enough for symptoms to have improved."""
    after = case.knowledge.thresholds.treatment.review_after.days
    if not case.replacement.is_current:
        return case.no_concern(
            "not on B12 replacement", unless=frozenset({DataKind.MEDICATIONS})
        )
    if not case.replacement.started_at_least(after, case.today):
        return case.no_concern(
            f"on B12 replacement for less than {after} days", unless=frozenset()
        )
    diagnosis = (case.diagnosis,) if case.diagnosis is not None else ()
    return Concern(
        indicator=Indicator.INFO,
        text="review",
        because=(
            *case.replacement.facts(),
            *case.cramp_facts(),
            *diagnosis,
            *case.companion_facts(),
            *case.b12.facts(),
        ),
        notes=case.notes,
        tests=(
            *missing_tests(case, among=("potassium", "magnesium", "tsh", "ck")),
            *ferritin_for_restless_legs(case),
        ),
    )
