"""Cramps that may follow the start of B12 injections (CLINICAL 2.7 card 2, 2.9)."""

from dataclasses import dataclass
from datetime import date

from service.clinical import concepts
from service.clinical.answers import Fact, Indicator
from service.clinical.cramps import Cramps
from service.clinical.dates import PartialDate, days_since
from service.clinical.electrolytes import Potassium, newest_potassium
from service.clinical.knowledge import Knowledge
from service.clinical.laboratory import LabResult, is_below
from service.clinical.record import Record
from service.clinical.replacement import Injections
from service.clinical.states import find_state


@dataclass(frozen=True, kw_only=True, slots=True)
class PostInjectionCramps:
    """Cramps within the window after an injection, and how urgent potassium is."""

    injections: Injections
    indicator: Indicator
    potassium: LabResult | None
    palpitations: Fact | None


def find_post_injection_cramps(
    record: Record,
    knowledge: Knowledge,
    today: date,
    *,
    injections: Injections | None,
    cramps: Cramps | None,
) -> PostInjectionCramps | None:
    """Cramps that began on or after the first dose, or at an unknown time, while the
    first dose is at most 28 days old or the last at most 14."""
    if injections is None or cramps is None:
        return None
    first, last = injections.first, injections.last_given
    if first is None or last is None:
        return None
    limits = knowledge.thresholds.treatment
    if (
        days_since(first.last, today) > limits.first_injection_within.days
        and days_since(last.last, today) > limits.last_injection_within.days
    ):
        return None
    if all(onset is not None and onset.last < first.first for onset in cramps.onsets):
        return None
    potassium = newest_potassium(
        record,
        knowledge,
        today,
        within=knowledge.thresholds.electrolyte.within.days,
    )
    palpitations = find_state(
        record,
        concepts.PALPITATIONS,
        "palpitations",
        today,
        within=knowledge.thresholds.electrolyte.within.days,
    )
    return PostInjectionCramps(
        injections=injections,
        indicator=_indicator(potassium, palpitations, first, knowledge, today),
        potassium=potassium.result if potassium is not None else None,
        palpitations=palpitations,
    )


def _indicator(
    potassium: Potassium | None,
    palpitations: Fact | None,
    first_dose: PartialDate,
    knowledge: Knowledge,
    today: date,
) -> Indicator:
    """Critical below 3.0 mmol/L within a week or with palpitations; info once a normal
    potassium, neither low nor high, was measured after the first dose; else warning."""
    limits = knowledge.thresholds.treatment
    if palpitations is not None:
        return Indicator.CRITICAL
    if potassium is None:
        return Indicator.WARNING
    age = days_since(potassium.result.sampled_at_latest, today)
    if age <= limits.post_injection_potassium_within.days and is_below(
        potassium.moles, limits.post_injection_potassium_critical_below, knowledge
    ):
        return Indicator.CRITICAL
    normal = knowledge.thresholds.electrolyte
    is_normal = (
        is_below(potassium.moles, normal.potassium_low_below, knowledge) is False
        and is_below(potassium.moles, normal.potassium_high_from, knowledge) is True
    )
    # A sample of the day of the first dose may have been taken before it.
    if is_normal and potassium.result.sampled > first_dose.last:
        return Indicator.INFO
    return Indicator.WARNING
