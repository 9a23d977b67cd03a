"""Examples: a sentence, a patient, the cards. What the rules promise, one by one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from service.clinical.evaluate import Evaluation, evaluate
from service.clinical.exposures import Moment
from service.clinical.knowledge import Knowledge, ProfileName
from service.knowledge_files import load_knowledge
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


def specified(examples: Iterable[Example]) -> Callable[..., Any]:
    """Run the decorated test once for each example, named by its sentence."""
    return pytest.mark.parametrize(
        "example", [pytest.param(e, id=e.sentence) for e in examples]
    )
