"""A known B12 deficiency is to be treated.

Source: NICE NG239 (via summaries), AAFP 2025; raised homocysteine counts after nitrous
oxide (CLINICAL 2.6 L-6, L-7; 2.7 card 4).

When  a result says deficient, or deficiency or pernicious anaemia is on the problem
      list and no trusted result says otherwise, or homocysteine is raised after nitrous
      oxide; and no replacement is found.
Then  treat, by cause.
"""

from collections.abc import Mapping

from service.clinical.answers import Answer, Concern, Fact, Indicator
from service.clinical.b12_result import B12Class
from service.clinical.case import Case
from service.clinical.companions import lab_fact
from service.clinical.laboratory import LabResult
from service.clinical.record import DataKind


KEY = "b12-treatment-gap"


def evaluate(case: Case) -> Answer:
    """Deficient, diagnosed, or functionally deficient; and not on replacement."""
    if case.replacement.is_current:
        return case.no_concern("on B12 replacement", unless=frozenset())
    if case.b12.status is B12Class.DEFICIENT:
        return _deficient_by_result(case)
    if case.diagnosis is not None and not case.is_reassured:
        return _concern(case, "diagnosed", {}, (case.diagnosis, *case.b12.facts()))
    homocysteine = case.homocysteine
    if (
        case.uses_nitrous_oxide
        and case.is_homocysteine_raised
        and homocysteine is not None
    ):
        return _concern(
            case,
            "marker",
            _shown("Homocysteine", homocysteine),
            (lab_fact("homocysteine", "homocysteine", homocysteine), *case.b12.facts()),
        )
    return case.no_concern(
        "no known B12 deficiency",
        unless=frozenset({DataKind.LABORATORY, DataKind.CONDITIONS}),
    )


def _deficient_by_result(case: Case) -> Concern:
    """By B12 itself, or by methylmalonic acid where B12 would not say so (L-6)."""
    diagnosis = (case.diagnosis,) if case.diagnosis is not None else ()
    facts = (*case.b12.facts(), *diagnosis)
    if "L-6" in case.b12.adjustments and case.b12.mma_result is not None:
        return _concern(
            case, "marker", _shown("Methylmalonic acid", case.b12.mma_result), facts
        )
    values = _shown("B12", case.b12.result) if case.b12.result is not None else {}
    return _concern(case, "result", values, facts)


def _shown(marker: str, result: LabResult) -> Mapping[str, str]:
    return {
        "marker": marker,
        "value": result.shown,
        "date": str(result.effective),
    }


def _concern(
    case: Case, text: str, values: Mapping[str, str], facts: tuple[Fact, ...]
) -> Concern:
    return Concern(
        indicator=Indicator.WARNING,
        text=text,
        because=(
            *facts,
            *case.cramp_facts(),
            *case.risk_facts(),
            *case.companion_facts(),
        ),
        values=values,
        notes=case.notes,
        tests=("cbc", "potassium"),
        urgency="urgent" if case.neurological_companions else "routine",
    )
