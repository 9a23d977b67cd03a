"""Results that matter and cannot be used, and why: no unit, a text, no date (2.6).

Such a result counts as none, and that has to be said: potassium of 2.1 without a unit
is no normal potassium. Results of B12 itself are told by ``b12_status``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from service.clinical import concepts
from service.clinical.chart import is_within
from service.clinical.knowledge import Knowledge
from service.clinical.laboratory import amount, read_result
from service.clinical.record import Observation, Record, Unread


@dataclass(frozen=True, kw_only=True, slots=True)
class _Test:
    """A test by its words, the days in which a result counts, and its units."""

    words: str
    within: int
    units: frozenset[str]


def find_unusable_results(
    record: Record, knowledge: Knowledge, today: date
) -> Iterator[Unread]:
    """Those of the electrolytes and of the markers of B12, if of days that count."""
    if record.held.isdisjoint(_CONCEPTS):
        return
    tests = _tests(knowledge)
    for observation in record.observations:
        for concept in sorted(observation.concepts & _CONCEPTS):
            reason = _reason(observation, tests[concept], knowledge, today)
            if reason is not None:
                yield Unread(
                    source=observation.source,
                    element="Observation.value",
                    reason=f"{tests[concept].words} not interpretable: {reason}",
                )


def _reason(
    observation: Observation, test: _Test, knowledge: Knowledge, today: date
) -> str | None:
    effective = observation.effective
    if effective is not None and not is_within(effective, test.within, today):
        return None
    result = read_result(observation)
    if isinstance(result, str):
        return result
    if any(amount(result.quantity, unit, knowledge) is not None for unit in test.units):
        return None
    return "the unit does not fit this test"


_CONCEPTS = frozenset(
    {
        concepts.LAB_POTASSIUM,
        concepts.LAB_MAGNESIUM,
        concepts.LAB_CALCIUM,
        concepts.LAB_MMA,
        concepts.LAB_HOMOCYSTEINE,
    }
)
_OF_ELECTROLYTES = frozenset({"mmol/L", "mg/dL", "meq/L"})


def _tests(knowledge: Knowledge) -> dict[str, _Test]:
    electrolytes = knowledge.thresholds.electrolyte.within.days
    markers = knowledge.thresholds.marker
    return {
        concept: _Test(words=words, within=within, units=units)
        for concept, words, within, units in (
            (
                concepts.LAB_POTASSIUM,
                "potassium",
                electrolytes,
                _OF_ELECTROLYTES - {"mg/dL"},
            ),
            (concepts.LAB_MAGNESIUM, "magnesium", electrolytes, _OF_ELECTROLYTES),
            (concepts.LAB_CALCIUM, "calcium", electrolytes, _OF_ELECTROLYTES),
            (
                concepts.LAB_MMA,
                "methylmalonic acid",
                markers.mma_within.days,
                frozenset({markers.mma_raised_above.unit}),
            ),
            (
                concepts.LAB_HOMOCYSTEINE,
                "homocysteine",
                markers.homocysteine_within.days,
                frozenset({markers.homocysteine_raised_above.unit}),
            ),
        )
    }
