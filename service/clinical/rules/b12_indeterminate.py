"""A borderline B12 is resolved by methylmalonic acid before deficiency is excluded.

Source: NICE NG239 (via summaries: 180-350 ng/L), AAFP 2025 abstract; CLINICAL 2.6, 2.7
card 6.

When  the B12 result is indeterminate and the patient is not on replacement.
Then  measure methylmalonic acid (or active B12); warning with any companion symptom.
"""

from service.clinical import concepts
from service.clinical.answers import Answer, Concern, Indicator
from service.clinical.b12_result import B12Class
from service.clinical.case import Case
from service.clinical.laboratory import LabResult
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
    return Concern(
        indicator=Indicator.WARNING if case.companions else Indicator.INFO,
        text="result",
        because=(
            *case.b12.facts(),
            *case.cramp_facts(),
            *case.risk_facts(),
            *case.companion_facts(),
        ),
        values={"value": result.shown, "date": str(result.effective)},
        notes=case.notes,
        tests=_next_tests(case, result),
    )


def _next_tests(case: Case, result: LabResult) -> tuple[str, ...]:
    """Methylmalonic acid with creatinine, or active B12, which in pregnancy says more
    (2.9b); active B12 is not asked for again where it was the borderline result."""
    is_active_b12 = concepts.LAB_HOLOTC in result.observation.concepts
    active = () if is_active_b12 else ("b12-active",)
    if case.pregnancy is not None and active:
        return active
    markers = ("homocysteine",) if case.uses_nitrous_oxide else ()
    return ("mma", *active, "creatinine", *markers)
