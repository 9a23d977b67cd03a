"""What the service can say about its own knowledge, for people to judge it by."""

from dataclasses import dataclass
from importlib.metadata import version

from service.clinical.knowledge import Knowledge, RuleKnowledge
from service.knowledge_files import (
    TerminologySource,
    awaiting_signature,
    unverified_facts,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CountedValueSet:
    """A code list and how many codes of each system it has."""

    id: str
    title: str
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """The knowledge of one profile, counted and listed."""

    version: str
    knowledge: Knowledge
    rules: tuple[RuleKnowledge, ...]
    value_sets: tuple[CountedValueSet, ...]
    unverified: tuple[str, ...]
    awaiting_signature: tuple[str, ...]


def about_knowledge(knowledge: Knowledge, terminology: TerminologySource) -> About:
    """The account of ``knowledge`` and of the code lists it uses."""
    return About(
        version=version("b12-cds"),
        knowledge=knowledge,
        rules=tuple(sorted(knowledge.rules.values(), key=lambda rule: rule.priority)),
        value_sets=tuple(
            CountedValueSet(
                id=value_set.id,
                title=value_set.title,
                counts=tuple(
                    (system, len(codes)) for system, codes in value_set.codes.items()
                ),
            )
            for value_set in terminology.value_sets.values()
        ),
        unverified=tuple(unverified_facts(knowledge)),
        awaiting_signature=tuple(awaiting_signature(knowledge)),
    )
