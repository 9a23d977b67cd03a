"""Serum B12 can miss deficiency: recheck when nerve symptoms began after a normal one.

Source: Practical Neurology and AAFP 2025 on the limits of serum B12 (CLINICAL 2.7
card 9).

When  B12 was measured normal, a risk factor is present, and a neurological companion
      symptom began after the sample.
Then  consider methylmalonic acid or a repeat.
"""

from datetime import date

from service.clinical.answers import Answer, Concern, Indicator
from service.clinical.b12_result import B12Class
from service.clinical.case import Case
from service.clinical.companions import CompanionFound
from service.clinical.record import DataKind


KEY = "b12-recheck"


def evaluate(case: Case) -> Answer:
    """New nerve symptoms since a normal B12."""
    result = case.b12.result
    if case.b12.status is not B12Class.UNLIKELY or result is None:
        return case.no_concern(
            "no normal B12 on record", unless=frozenset({DataKind.LABORATORY})
        )
    if not case.is_risk_met:
        return case.no_concern(
            "no sufficient risk factor",
            unless=frozenset(
                {DataKind.CONDITIONS, DataKind.PROCEDURES, DataKind.MEDICATIONS}
            ),
        )
    if "L-6" in case.b12.adjustments and case.b12.mma_result is not None:
        # Borderline by itself: what made it normal was the methylmalonic acid.
        result = case.b12.mma_result
    new = tuple(
        companion
        for companion in case.neurological_companions
        if _began_after(companion, result.sampled)
    )
    if not new:
        return case.no_concern(
            "no nerve symptom known to have begun after the sample",
            unless=frozenset({DataKind.CONDITIONS, DataKind.FINDINGS}),
        )
    # A repeat B12 tells nothing on replacement (2.8); methylmalonic acid still does.
    tests = ("mma",) if case.replacement.is_current else ("mma", case.first_b12_test)
    return Concern(
        indicator=Indicator.INFO,
        text="new-symptoms",
        because=(
            *case.b12.facts(),
            *(companion.fact for companion in new),
            *case.cramp_facts(),
            *case.risk_facts(),
        ),
        values={"date": str(result.effective)},
        notes=case.notes,
        tests=tests,
    )


def _began_after(companion: CompanionFound, sampled: date) -> bool:
    return any(onset is not None and onset.last > sampled for onset in companion.onsets)
