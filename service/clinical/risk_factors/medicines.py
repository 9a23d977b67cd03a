"""Risk factors that are medicines: how long each must have been taken (2.3)."""

from collections.abc import Iterator

from service.clinical import concepts
from service.clinical.exposures import (
    Exposure,
    latest_exposure,
    taken,
    taken_regularly,
)
from service.clinical.replacement import exposure_fact
from service.clinical.risk_factors.question import Question, RiskFactorFound


def metformin(question: Question) -> Iterator[RiskFactorFound]:
    """RF-METFORMIN: 120 days or more, now or stopped at most 180 days ago."""
    limits = question.knowledge.thresholds.exposure
    exposure = exposure_to(question, concepts.MED_METFORMIN)
    if exposure is None or not exposure.lasted(limits.metformin.days):
        return
    if exposure.ended is not None:
        since_stop = (question.today - exposure.ended).days
        if since_stop > limits.metformin_stopped_within.days:
            return
    dose = exposure.daily_dose_ug
    is_high_dose = dose is not None and dose >= limits.metformin_high_dose.value * 1000
    is_higher = exposure.is_known_to_have_lasted(limits.metformin_long.days) or (
        is_high_dose
        and exposure.is_known_to_have_lasted(limits.metformin_high_dose_for.days)
    )
    yield question.found(
        "metformin",
        exposure_fact("metformin", exposure.label or "metformin", exposure),
        is_higher=is_higher,
    )


def acid_suppressants(question: Question) -> Iterator[RiskFactorFound]:
    """RF-PPI and RF-H2RA: taken regularly, now, for a year or more."""
    limits = question.knowledge.thresholds.exposure
    for key, concept in (("ppi", concepts.MED_PPI), ("h2ra", concepts.MED_H2RA)):
        exposure = exposure_to(question, concept, regularly=True)
        if exposure is None or exposure.ended is not None:
            continue
        if exposure.lasted(limits.acid_suppressant.days):
            yield question.found(
                key,
                exposure_fact(key, exposure.label or question.phrase(key), exposure),
                is_higher=exposure.is_known_to_have_lasted(
                    limits.acid_suppressant_long.days
                ),
            )


def other_medicines(question: Question) -> Iterator[RiskFactorFound]:
    """RF-COLCHICINE (bursts excluded) and RF-ANTICONV: 90 days or more, now."""
    limits = question.knowledge.thresholds.exposure
    for key, concept, floor in (
        ("colchicine", concepts.MED_COLCHICINE, limits.colchicine),
        ("anticonvulsant", concepts.MED_ANTICONVULSANT, limits.anticonvulsant),
        (
            "anticonvulsant-other",
            concepts.MED_ANTICONVULSANT_OTHER,
            limits.anticonvulsant,
        ),
    ):
        # As needed, colchicine is taken in bursts.
        exposure = exposure_to(question, concept, regularly=key == "colchicine")
        if exposure is None or exposure.ended is not None:
            continue
        if exposure.lasted(floor.days):
            yield question.found(
                key,
                exposure_fact(key, exposure.label or question.phrase(key), exposure),
            )


def exposure_to(
    question: Question, concept: str, *, regularly: bool = False
) -> Exposure | None:
    entries = taken(question.record, concept, question.moment)
    if regularly:
        entries = taken_regularly(entries)
    return latest_exposure(
        entries,
        question.today,
        question.knowledge.thresholds.exposure.merge_gap.days,
    )
