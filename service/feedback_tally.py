"""What clinicians made of the cards: counts, acceptance, and what to look at again.

Pure functions of the store's counts. A client sends nothing for a card that the user
ignored (F-11), so acceptance is the share of those that were *answered*.
"""

import calendar
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import Field

from cds_hooks.cards import Indicator
from cds_hooks.feedback import Outcome
from service.clinical.knowledge import Strict
from service.knowledge_files import DIRECTORY
from service.store import OutcomeCount
from service.strict_toml import read_toml, validated


_Reason = tuple[str | None, str | None]
"""System and code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonTally:
    """How many cards were overridden for one reason; all None: none was given."""

    system: str | None
    code: str | None
    cards: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardTally:
    """How the cards of one key and indicator were answered.

    `key` and `indicator` are None for cards that are not ours.
    """

    key: str | None
    indicator: str | None
    accepted: int
    overridden: int
    reasons: tuple[ReasonTally, ...] = ()
    """Of the overridden ones, the most frequent first."""

    @property
    def answered(self) -> int:
        """Cards about which the client said anything."""
        return self.accepted + self.overridden

    @property
    def acceptance(self) -> float | None:
        """Share of the answered cards that were accepted; None when none was."""
        return self.accepted / self.answered if self.answered else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """All cards that were answered."""

    cards: tuple[CardTally, ...]
    """Our own, by key and from info to critical."""
    unmatched: CardTally
    """Feedback on cards that are not ours, or no longer known."""

    @property
    def total(self) -> CardTally:
        """Our own cards, of whatever kind."""
        reasons: Counter[_Reason] = Counter()
        for card in self.cards:
            for reason in card.reasons:
                reasons[reason.system, reason.code] += reason.cards
        return CardTally(
            key=None,
            indicator=None,
            accepted=sum(card.accepted for card in self.cards),
            overridden=sum(card.overridden for card in self.cards),
            reasons=_most_frequent_first(reasons),
        )


class ReviewRule(Strict):
    """When a kind of card is accepted so rarely that it should be looked at again."""

    card: str
    indicator: Indicator
    acceptance_below: Annotated[Decimal, Field(gt=0, le=100)]
    """Per cent of the answered cards."""
    months: Annotated[int, Field(ge=1, le=60)]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A kind of card to look at again, and the counts that say so."""

    rule: ReviewRule
    tally: CardTally

    def __str__(self) -> str:
        acceptance = 100 * (self.tally.acceptance or 0)
        return (
            f"{self.rule.card}:{self.rule.indicator} was accepted in"
            f" {self.tally.accepted} of {self.tally.answered} answered cards"
            f" ({acceptance:.1f} %) in the last {self.rule.months} months, below"
            f" {self.rule.acceptance_below} %: look at its thresholds again."
        )


def tally_of(counts: Iterable[OutcomeCount]) -> Tally:
    """The store's counts, put together by kind of card."""
    by_kind: Mapping[tuple[str | None, str | None], list[OutcomeCount]]
    by_kind = defaultdict(list)
    for count in counts:
        by_kind[count.card_key, count.indicator].append(count)
    unmatched = by_kind.pop((None, None), [])
    severity = [indicator.value for indicator in Indicator]
    cards = sorted(
        (_card_tally(key, indicator, of) for (key, indicator), of in by_kind.items()),
        key=lambda card: (card.key, severity.index(str(card.indicator))),
    )
    return Tally(cards=tuple(cards), unmatched=_card_tally(None, None, unmatched))


def _card_tally(
    key: str | None, indicator: str | None, counts: Collection[OutcomeCount]
) -> CardTally:
    def cards_with(outcome: Outcome) -> int:
        return sum(count.cards for count in counts if count.outcome == outcome)

    reasons: Counter[_Reason] = Counter()
    for count in counts:
        if count.outcome == Outcome.OVERRIDDEN:
            reasons[count.reason_system, count.reason_code] += count.cards
    return CardTally(
        key=key,
        indicator=indicator,
        accepted=cards_with(Outcome.ACCEPTED),
        overridden=cards_with(Outcome.OVERRIDDEN),
        reasons=_most_frequent_first(reasons),
    )


def _most_frequent_first(reasons: Mapping[_Reason, int]) -> tuple[ReasonTally, ...]:
    ordered = sorted(
        reasons.items(), key=lambda item: (-item[1], item[0][1] or "", item[0][0] or "")
    )
    return tuple(
        ReasonTally(system=system, code=code, cards=cards)
        for (system, code), cards in ordered
    )


def load_review_rules(directory: Path = DIRECTORY) -> Mapping[str, ReviewRule]:
    """The rules of `feedback_review.toml`; raises KnowledgeError."""
    path = directory / "feedback_review.toml"
    return validated(Mapping[str, ReviewRule], read_toml(path), path.name)


def hint_of(rule: ReviewRule, tally: Tally) -> Hint | None:
    """The hint that `rule` gives for `tally`, which is of its own months."""
    for card in tally.cards:
        if (card.key, card.indicator) != (rule.card, rule.indicator.value):
            continue
        if 100 * card.accepted < rule.acceptance_below * card.answered:
            return Hint(rule=rule, tally=card)
    return None


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months earlier, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
