"""When a condition or an observation of the chart counts as present (2.0, 2.4)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from service.clinical.answers import Fact
from service.clinical.dates import PartialDate, days_since
from service.clinical.record import ClinicalStatus, Condition, Observation, Record


ACTIVE = frozenset(
    {ClinicalStatus.ACTIVE, ClinicalStatus.RECURRENCE, ClinicalStatus.RELAPSE}
)
UNCONFIRMED = frozenset({"unconfirmed", "provisional", "differential"})


def is_within(when: PartialDate | None, days: int, today: date) -> bool:
    """Whether ``when`` can lie at most ``days`` days back; False when not recorded."""
    return when is not None and days_since(when.last, today) <= days


def is_over(condition: Condition, today: date) -> bool:
    """Whether an abatement in the past is recorded."""
    if not condition.abated:
        return False
    return condition.abated_on is None or condition.abated_on.first <= today


def is_active(condition: Condition, today: date) -> bool:
    """Clinical status active, recurrence or relapse, and no abatement in the past."""
    return condition.clinical_status in ACTIVE and not is_over(condition, today)


def may_be_active(condition: Condition, today: date) -> bool:
    """Active, or without a status; and no abatement in the past."""
    status = condition.clinical_status
    return (status is None or status in ACTIVE) and not is_over(condition, today)


def is_present(condition: Condition, today: date, within: int) -> bool:
    """Active; or without a status, and begun or recorded within ``within`` days."""
    if condition.clinical_status is None:
        return not is_over(condition, today) and (
            is_within(condition.onset, within, today)
            or is_within(condition.recorded, within, today)
        )
    return is_active(condition, today)


def is_established(condition: Condition) -> bool:
    """A diagnosis rather than a suspicion (2.0: verificationStatus)."""
    return condition.verification not in UNCONFIRMED


_UNSPECIFIC_B12_CODES = frozenset({"icd10cm|E53.8", "icd10|E53.8"})
"""ICD-10 E53.8 covers several B vitamins; B12 deficiency without anaemia is indexed
there, so it counts, and the card says how it was recorded (CLINICAL 4)."""


def deficiency_label(item: Condition | Observation, otherwise: str) -> str:
    """A B12 deficiency in the chart's words, with its code where that is unspecific."""
    label = item.label.strip() or otherwise
    if item.codes and item.codes <= _UNSPECIFIC_B12_CODES:
        return f"{label} (recorded as E53.8)"
    return label


def concepts_found(observation: Observation) -> frozenset[str]:
    """What an observation says is there: nothing, when its value denies it."""
    if observation.negative:
        return frozenset()
    return observation.concepts | observation.value_concepts


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A condition or observation that counts, and when it began."""

    item: Condition | Observation
    began: PartialDate | None

    def as_fact(self, name: str, label: str, date_words: str = "since") -> Fact:
        """This finding as a line of evidence."""
        return Fact(
            name=name,
            label=label,
            date=self.began,
            date_words=date_words if self.began else "date not recorded",
            sources=(self.item.source,),
        )


def findings(
    record: Record, concepts: Iterable[str], today: date, *, within: int
) -> Iterator[Finding]:
    """Conditions present, and observations of the last ``within`` days."""
    wanted = frozenset(concepts)
    if wanted.isdisjoint(record.held):
        return
    for condition in record.conditions:
        if wanted & condition.concepts and is_present(condition, today, within):
            yield Finding(item=condition, began=condition.began)
    for observation in record.observations:
        if wanted & concepts_found(observation) and is_within(
            observation.effective, within, today
        ):
            yield Finding(item=observation, began=observation.effective)


def earliest(found: Iterable[Finding]) -> Finding | None:
    """The finding that began first; one without a date only when none has one."""
    return min(
        found,
        key=lambda finding: (
            finding.began.first if finding.began else date.max,
            str(finding.item.source),
            finding.item.label,
        ),
        default=None,
    )
