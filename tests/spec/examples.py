"""Examples: a sentence, a patient, the cards. What the rules promise, one by one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from service.clinical.evaluate import Evaluation, Shown, evaluate
from service.clinical.exposures import Moment
from service.clinical.knowledge import Knowledge, ProfileName
from service.knowledge_files import load_knowledge
from service.texts import Text, summary_line
from tests.spec.patients import TODAY, Person


@dataclass(frozen=True)
class Example:
    """One line of the specification.

    ``cards`` are written ``key:indicator``, in the order of the answer; ``None`` means
    that the service must say it cannot tell.
    """

    sentence: str
    patient: Person
    cards: tuple[str, ...] | None
    profile: ProfileName = "us"
    moment: Moment = Moment.VISIT


@cache
def knowledge(profile: ProfileName) -> Knowledge:
    """The knowledge of a profile, read once."""
    return load_knowledge(profile)


def evaluation_of(example: Example) -> Evaluation:
    """What the rules make of the example's patient."""
    return evaluate(
        example.patient.record,
        knowledge(example.profile),
        TODAY,
        moment=example.moment,
    )


def cards_of(evaluation: Evaluation) -> tuple[str, ...] | None:
    """The cards of an evaluation as ``key:indicator``; None when it cannot tell."""
    if evaluation.undecided is not None:
        return None
    return tuple(
        f"{shown.key}:{shown.concern.indicator.value}" for shown in evaluation.shown
    )


def cards_told(evaluation: Evaluation) -> tuple[str, ...]:
    """Each card with its summary, the tests it suggests, and what it takes note of.

    Only notes that add a line to the card, or take one away, count.
    """
    return tuple(_told(shown, evaluation.case.knowledge) for shown in evaluation.shown)


def _told(shown: Shown, known: Knowledge) -> str:
    concern, rule = shown.concern, known.rules[shown.key]
    summary = summary_line(Text.parse(rule.summaries[concern.text]), concern.values)
    lines = (*rule.actions, *rule.more)
    heard = {line.when for line in lines} | {line.unless for line in lines}
    parts = [f"`{shown.key}:{concern.indicator.value}` {summary}"]
    if concern.tests:
        parts.append(f"suggests {', '.join(concern.tests)} ({concern.urgency})")
    if notes := sorted(concern.notes & heard):
        parts.append(f"notes {', '.join(notes)}")
    return "; ".join(parts)


def specified(examples: Iterable[Example]) -> Callable[..., Any]:
    """Run the decorated test once for each example, named by its sentence."""
    return pytest.mark.parametrize(
        "example", [pytest.param(e, id=e.sentence) for e in examples]
    )
