"""What a risk factor may ask of the chart, and how it answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from service.clinical.answers import Fact
from service.clinical.chart import (
    Finding,
    concepts_found,
    deficiency_label,
    is_established,
    is_present,
    is_within,
)
from service.clinical.exposures import Moment
from service.clinical.knowledge import Knowledge, Strength
from service.clinical.record import Condition, Record
from service.clinical.replacement import Replacement


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskFactorFound:
    """A risk factor that is present. ``is_higher`` for the "higher risk" of 2.3."""

    key: str
    strength: Strength
    fact: Fact
    is_higher: bool = False


@dataclass(frozen=True, kw_only=True)
class Question:
    """All that a risk factor may ask of the chart."""

    record: Record
    knowledge: Knowledge
    today: date
    moment: Moment
    replacement: Replacement
    pregnancy: Fact | None

    def concepts_of(self, key: str) -> frozenset[str]:
        return frozenset(self.knowledge.risk_factors[key].concepts)

    def phrase(self, key: str) -> str:
        return self.knowledge.risk_factors[key].phrase

    def found(
        self, key: str, fact: Fact, *, is_higher: bool = False
    ) -> RiskFactorFound:
        return RiskFactorFound(
            key=key,
            strength=self.knowledge.risk_factors[key].strength,
            fact=fact,
            is_higher=is_higher,
        )


def established(question: Question, key: str) -> Iterator[Condition]:
    wanted = question.concepts_of(key)
    if wanted.isdisjoint(question.record.held):
        return iter(())
    return (
        condition
        for condition in question.record.conditions
        if wanted & condition.concepts and is_established(condition)
    )


def ongoing(question: Question, key: str) -> Iterator[Finding]:
    """Established conditions that are active, or recent where no status is recorded;
    and recent observations that say so."""
    wanted = question.concepts_of(key)
    if wanted.isdisjoint(question.record.held):
        return
    within = question.knowledge.thresholds.companion.within.days
    for condition in established(question, key):
        if is_present(condition, question.today, within):
            yield Finding(item=condition, began=condition.began)
    for observation in question.record.observations:
        if wanted & concepts_found(observation) and is_within(
            observation.effective, within, question.today
        ):
            yield Finding(item=observation, began=observation.effective)


def condition_fact(question: Question, key: str, found: Finding) -> Fact:
    """The chart's own words, else the factor's name; unspecific codes as what they
    are."""
    label = deficiency_label(found.item, question.phrase(key))
    if key == "nitrous-oxide" and _is_unspecified_inhalant(found):
        label = f"{label}: inhalant use (possible nitrous oxide)"
    return found.as_fact(key, label)


def _is_unspecified_inhalant(found: Finding) -> bool:
    """ICD-10-CM F18 is inhalant disorder in general (CLINICAL 4)."""
    codes = found.item.codes
    return bool(codes) and all(code.startswith("icd10cm|F18") for code in codes)
