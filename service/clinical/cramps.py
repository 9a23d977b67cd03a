"""The trigger: muscle cramps (CLINICAL 2.2, rules T-1 to T-5)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from service.clinical import concepts
from service.clinical.answers import Fact
from service.clinical.chart import (
    ACTIVE,
    Finding,
    concepts_found,
    is_over,
    is_within,
)
from service.clinical.dates import PartialDate
from service.clinical.knowledge import CrampThresholds, Knowledge
from service.clinical.record import Condition, Observation, Record


@dataclass(frozen=True, kw_only=True, slots=True)
class Cramps:
    """The cramps that trigger everything else; ``is_weak`` for twitching and the like
    that count only through a neurological companion (F-09)."""

    findings: tuple[Finding, ...]
    is_weak: bool

    @property
    def onsets(self) -> tuple[PartialDate | None, ...]:
        """When each began (T-5): onset, else first recorded; None where unknown."""
        return tuple(finding.began for finding in self.findings)

    def facts(self) -> tuple[Fact, ...]:
        """One line of evidence for each resource that triggers."""
        name = "twitching" if self.is_weak else "cramps"
        return tuple(
            finding.as_fact(name, finding.item.label or "muscle cramps")
            for finding in self.findings
        )


def find_cramps(
    record: Record, knowledge: Knowledge, today: date, companions: Collection[str]
) -> Cramps | None:
    """The cramps of this record, or None.

    ``companions`` are the keys of the companion symptoms found; one that is marked
    ``lets_weak_trigger_count`` makes a weak trigger count.
    """
    limits = knowledge.thresholds.cramp
    strong = tuple(
        _triggering(record, concepts.CRAMP_TRIGGER, limits, today),
    )
    if strong:
        return Cramps(findings=strong, is_weak=False)
    if not any(knowledge.companions[key].lets_weak_trigger_count for key in companions):
        return None
    weak = tuple(_triggering(record, concepts.CRAMP_TRIGGER_WEAK, limits, today))
    return Cramps(findings=weak, is_weak=True) if weak else None


def _triggering(
    record: Record, concept: str, limits: CrampThresholds, today: date
) -> Iterator[Finding]:
    for condition in record.conditions:
        if concept in condition.concepts and _condition_counts(
            condition, limits, today
        ):
            yield Finding(item=condition, began=condition.began)
    for observation in record.observations:
        if concept in concepts_found(observation) and _observation_counts(
            observation, limits, today
        ):
            yield Finding(item=observation, began=observation.effective)


def _condition_counts(
    condition: Condition, limits: CrampThresholds, today: date
) -> bool:
    """T-1 and T-2 (specific wins), then T-3 (status and window)."""
    if concepts.CRAMP_EXCLUDED in condition.concepts:
        return False
    if (
        concepts.CRAMP_TRIGGER_GENERIC in condition.concepts
        and concepts.BODY_SITE_NOT_LIMB in condition.site_concepts
    ):
        return False
    if is_over(condition, today):
        return False
    recent = limits.undated_status_within.days
    is_recent = is_within(condition.onset, recent, today) or is_within(
        condition.recorded, recent, today
    )
    if condition.clinical_status is None:
        return is_recent
    if condition.clinical_status not in ACTIVE:
        return False
    if condition.is_encounter_diagnosis and not condition.is_problem_list_item:
        return is_recent
    return True


def _observation_counts(
    observation: Observation, limits: CrampThresholds, today: date
) -> bool:
    """T-1 and T-2, then the window for observations of T-3."""
    named = observation.concepts | observation.value_concepts
    if concepts.CRAMP_EXCLUDED in named:
        return False
    if (
        concepts.CRAMP_TRIGGER_GENERIC in named
        and concepts.BODY_SITE_NOT_LIMB in observation.site_concepts
    ):
        return False
    return is_within(observation.effective, limits.observation_within.days, today)
