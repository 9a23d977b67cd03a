"""What the patient eats, as far as it bears on B12 (RF-DIET, 2.11)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from service.clinical import concepts
from service.clinical.answers import Fact
from service.clinical.chart import concepts_found, may_be_active
from service.clinical.dates import PartialDate, days_since
from service.clinical.knowledge import Knowledge
from service.clinical.record import Observation, Record, ResourceRef


class DietKind(StrEnum):
    """The diets that are risk factors."""

    VEGAN = "vegan"
    VEGETARIAN = "vegetarian"


@dataclass(frozen=True, kw_only=True, slots=True)
class Diet:
    """A vegan or vegetarian diet. ``is_long_enough``: a year, or for a time that is
    not recorded. ``is_fortified``: fortified foods are documented."""

    kind: DietKind
    fact: Fact
    is_long_enough: bool
    is_fortified: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Statement:
    """One entry of the chart about diet. ``asked`` is the day of an answer or record;
    ``began`` the day the diet is known to have begun."""

    concepts: frozenset[str]
    source: ResourceRef
    asked: PartialDate | None
    began: PartialDate | None


_DIETS = frozenset(
    {
        concepts.DIET_VEGAN,
        concepts.DIET_VEGETARIAN,
        concepts.DIET_PESCATARIAN,
        concepts.DIET_OTHER,
    }
)


def find_diet(record: Record, knowledge: Knowledge, today: date) -> Diet | None:
    """The vegan or vegetarian diet of this record, or None.

    The newest answer holds: who was vegan and now eats fish is no longer vegan.
    """
    limits = knowledge.thresholds.history
    statements = tuple(_statements(record, today))
    current = _current(statements)
    for kind, concept in (
        (DietKind.VEGAN, concepts.DIET_VEGAN),
        (DietKind.VEGETARIAN, concepts.DIET_VEGETARIAN),
    ):
        holding = [s for s in current if concept in s.concepts]
        if not holding:
            continue
        same = [s for s in statements if concept in s.concepts]
        start = _start(same, today, limits.diet_just_asked_within.days)
        return Diet(
            kind=kind,
            fact=Fact(
                name=kind.value,
                label=f"{kind.value} diet",
                date=start,
                date_words="since" if start else "start date not recorded",
                sources=tuple(sorted({s.source for s in same}, key=str)),
            ),
            is_long_enough=start is None
            or days_since(start.first, today) >= limits.diet_for.days,
            is_fortified=any(concepts.DIET_FORTIFIED in s.concepts for s in statements),
        )
    return None


def find_foods_eaten(record: Record, today: date) -> frozenset[str]:
    """Which foods of animal origin suit this person, as notes: ``eats-dairy-eggs``,
    ``eats-fish``, ``eats-meat`` (2.11).

    By the newest answer, however long the diet has been kept and whatever is taken
    with it; where none is recorded, the person is taken to eat everything.
    """
    eaten = {
        concept
        for statement in _current(tuple(_statements(record, today)))
        for concept in statement.concepts
    }
    for diet, foods in _FOODS:
        if diet in eaten:
            return foods
    return _ALL_FOODS


_ALL_FOODS = frozenset({"eats-dairy-eggs", "eats-fish", "eats-meat"})
_FOODS = (
    (concepts.DIET_VEGAN, frozenset[str]()),
    (concepts.DIET_VEGETARIAN, _ALL_FOODS - {"eats-fish", "eats-meat"}),
    (concepts.DIET_PESCATARIAN, _ALL_FOODS - {"eats-meat"}),
)
"""The strictest diet first: of two answers of one day the stricter holds."""


def _statements(record: Record, today: date) -> Iterator[_Statement]:
    wanted = _DIETS | {concepts.DIET_FORTIFIED}
    for condition in record.conditions:
        if wanted & condition.concepts and may_be_active(condition, today):
            yield _Statement(
                concepts=condition.concepts,
                source=condition.source,
                asked=condition.recorded,
                began=condition.onset,
            )
    for observation in record.observations:
        found = concepts_found(observation)
        if wanted & found and not _is_over(observation, today):
            is_period = observation.effective_is_period
            yield _Statement(
                concepts=found,
                source=observation.source,
                asked=observation.effective,
                began=observation.effective if is_period else None,
            )
    for order in record.diet_orders:
        if wanted & order.concepts:
            yield _Statement(
                concepts=order.concepts,
                source=order.source,
                asked=order.ordered,
                began=None,
            )


def _is_over(observation: Observation, today: date) -> bool:
    """Whether a diet was kept for a time that has ended."""
    kept = observation.effective
    return (
        observation.effective_is_period
        and kept is not None
        and not kept.is_whole
        and kept.last < today
    )


def _current(statements: tuple[_Statement, ...]) -> tuple[_Statement, ...]:
    """Statements of the newest day, and those without one."""
    days = [s.asked.last for s in statements if s.asked and _DIETS & s.concepts]
    newest = max(days, default=None)
    return tuple(s for s in statements if s.asked is None or s.asked.last == newest)


def _start(
    same: list[_Statement], today: date, asked_within: int
) -> PartialDate | None:
    """When the diet began: as recorded, else the day it was first documented.

    A diet first documented in the last weeks has only just been asked about; when it
    began is then not known.
    """
    began = [s.began for s in same if s.began is not None]
    if began:
        return min(began, key=lambda day: (day.first, day.last))
    asked = [s.asked for s in same]
    if not asked or any(day is None for day in asked):
        return None
    first = min(
        (day for day in asked if day is not None),
        key=lambda day: (day.first, day.last),
    )
    return None if days_since(first.first, today) <= asked_within else first


_STAPLES = {
    "milk": concepts.ALLERGY_MILK,
    "egg": concepts.ALLERGY_EGG,
    "fish": concepts.ALLERGY_FISH,
}


def find_food_allergies(record: Record, today: date) -> Mapping[str, ResourceRef]:
    """Which of milk, egg and fish the patient must avoid, and where it is recorded."""
    found: dict[str, ResourceRef] = {}
    for name, concept in _STAPLES.items():
        sources = [
            *(a.source for a in record.allergies if concept in a.concepts),
            *(
                c.source
                for c in record.conditions
                if concept in c.concepts and may_be_active(c, today)
            ),
        ]
        if sources:
            found[name] = min(sources, key=str)
    return found
