"""A borderline B12 is resolved by methylmalonic acid before deficiency is excluded.

Source: NICE NG239 (via summaries: 180-350 ng/L), AAFP 2025 abstract; CLINICAL 2.6, 2.7
card 6.

When  the B12 result is indeterminate and the patient is not on replacement.
Then  measure methylmalonic acid (or active B12); warning with any companion symptom.
"""

from service.clinical.answers import Answer, Concern, Indicator
from service.clinical.b12_result import B12Class
from service.clinical.case import Case
from service.clinical.record import DataKind


KEY = "b12-indeterminate"


def evaluate(case: Case) -> Answer:
    """An indeterminate result that nothing has resolved yet."""
    result = case.b12.result
    if case.b12.status is not B12Class.INDETERMINATE or result is None:
        return case.no_concern(
            "no indeterminate B12 result", unless=frozenset({DataKind.LABORATORY})
        )
    if case.replacement.is_current:
        return case.no_concern("on B12 replacement", unless=frozenset())
    # In pregnancy methylmalonic acid is less use than active B12 (2.9b).
    next_tests = ("mma", "creatinine") if case.pregnancy is None else ("b12-active",)
    markers = ("homocysteine",) if case.uses_nitrous_oxide else ()
    return Concern(
        indicator=Indicator.WARNING if case.companions else Indicator.INFO,
        text="result",
        because=(
            *case.b12.facts(),
            *case.cramp_facts(),
            *case.risk_facts(),
            *case.companion_facts(),
        ),
        values={"value": result.shown, "date": result.sampled.isoformat()},
        notes=case.notes,
        tests=(*next_tests, *markers),
    )
