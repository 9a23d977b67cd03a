"""Offer a B12 test when muscle cramps meet a risk factor for B12 deficiency.

Source: NICE NG239 1.2 (offer a test to people with a common symptom and a risk factor),
AAFP 2017 and 2025 (CLINICAL 2.7 card 7). Cramps are not among NG239's common symptoms:
alone with a risk factor they give "consider" (info), with a companion "test" (warning).

When  the risk criterion is met, no B12 result speaks, no test is pending, and the
      patient is neither diagnosed with B12 deficiency nor on replacement.
Then  test B12 and the blood count.
"""

from service.clinical.answers import Answer, Concern, Indicator
from service.clinical.case import Case
from service.clinical.missing_tests import ferritin_for_restless_legs
from service.clinical.record import DataKind
from service.clinical.wording import factors_in_words


KEY = "b12-screen"
COULD_SHOW_A_RISK = frozenset(
    {
        DataKind.CONDITIONS,
        DataKind.PROCEDURES,
        DataKind.MEDICATIONS,
        DataKind.FINDINGS,
        DataKind.FAMILY_HISTORY,
        DataKind.ALLERGIES,
        DataKind.NUTRITION_ORDERS,
    }
)


def evaluate(case: Case) -> Answer:
    """Cramps and a risk factor, and nobody has looked yet."""
    if case.b12.status is not None:
        return case.no_concern(
            f"B12 was measured: deficiency {case.b12.status.value}", unless=frozenset()
        )
    if case.diagnosis is not None:
        return case.no_concern("B12 deficiency is diagnosed", unless=frozenset())
    if case.replacement.is_current:
        return case.no_concern("on B12 replacement", unless=frozenset())
    if case.pending_test is not None:
        return case.no_concern("a B12 test is pending", unless=frozenset())
    if not case.is_risk_met:
        return case.no_concern("no sufficient risk factor", unless=COULD_SHOW_A_RISK)
    text = "test" if case.companions else "consider"
    template = case.knowledge.rules[KEY].summaries[text]
    return Concern(
        indicator=Indicator.WARNING if case.companions else Indicator.INFO,
        text=text,
        because=(
            *case.cramp_facts(),
            *case.risk_facts(),
            *case.companion_facts(),
        ),
        values={
            "factors": factors_in_words(case.risk_factors, case.knowledge, template)
        },
        notes=case.notes,
        tests=(
            case.first_b12_test,
            "cbc",
            "folate",
            *ferritin_for_restless_legs(case),
        ),
    )
