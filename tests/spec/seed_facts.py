"""Where each claim that the service began with is now.

The table ``docs/seed-facts.md``, printed with the manual from ``seed_facts.toml`` and
the knowledge files.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from service.clinical.knowledge import Knowledge, ProfileName
from service.knowledge_files import DIRECTORY, SHARED_TEXTS


DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "seed-facts.md"
EVERY_CARD = "cards"


@dataclass(frozen=True, kw_only=True)
class Said:
    """Words that a card says; ``card`` is its key, or ``EVERY_CARD``."""

    card: str
    words: Mapping[ProfileName, str]


@dataclass(frozen=True, kw_only=True)
class SeedFact:
    """One claim, what acts on it and what says it."""

    id: str
    claim: str
    logic: tuple[str, ...]
    said: tuple[Said, ...]


@cache
def seed_facts() -> tuple[SeedFact, ...]:
    """The claims in their order."""
    file = Path(__file__).with_suffix(".toml")
    rows = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(
        SeedFact(
            id=name,
            claim=row["claim"],
            logic=tuple(row.get("logic", ())),
            said=tuple(
                Said(
                    card=card,
                    words=words
                    if isinstance(words, dict)
                    else {"us": words, "uk": words},
                )
                for card, words in row.get("text", {}).items()
            ),
        )
        for name, row in rows.items()
    )


def words_of(card: str, known: Knowledge) -> Iterator[str]:
    """Every text that this kind of card, or every card, can show."""
    if card == EVERY_CARD:
        yield from known.card_texts.limits
        return
    rule = known.rules[card]
    yield rule.title
    yield rule.rationale
    yield rule.recommendation
    yield from rule.summaries.values()
    yield from (line.text for line in (*rule.actions, *rule.more))


def place_of(said: Said) -> str:
    """The file and line where the words stand, as ``rules/b12-screen.toml:12``."""
    own = "cards.toml" if said.card == EVERY_CARD else f"rules/{said.card}.toml"
    shared = [f"{name}.toml" for name in (*SHARED_TEXTS, "causes")]
    for file in (own, *shared):
        lines = (DIRECTORY / file).read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, start=1):
            if said.words["us"] in line:
                return f"{file}:{number}"
    raise LookupError(f"{said.card} says nowhere: {said.words['us']}")


def page() -> str:
    """The table."""
    rows = [_row(fact) for fact in seed_facts()]
    return "\n".join(
        [
            "# The claims the service began with, and where they are",
            "",
            "Printed by `make manual` from `tests/spec/seed_facts.toml` and the",
            "knowledge files; do not edit. A test holds every entry to the code: what",
            "is named exists, and each card says the words in both countries.",
            "",
            "Logic: functions of `service/`, rules, code lists and keys of the files",
            "in `service/knowledge/`. Text: the card, and where its words stand.",
            "",
            "| id | claim | logic | text |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _row(fact: SeedFact) -> str:
    logic = "<br>".join(f"`{name}`" for name in fact.logic)
    text = "<br>".join(
        f"{_card(said.card)}: “{said.words['us']}” (`{place_of(said)}`)"
        for said in fact.said
    )
    return f"| {fact.id} | {fact.claim} | {logic} | {text} |"


def _card(card: str) -> str:
    return "every card" if card == EVERY_CARD else f"[{card}](rules/{card}.md)"
