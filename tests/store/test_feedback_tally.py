"""Counts become acceptance and reasons, and hints when a card is rarely taken."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cds_hooks.cards import Indicator
from service.feedback_tally import (
    ReviewRule,
    hint_of,
    load_review_rules,
    months_before,
    tally_of,
)
from service.store import OutcomeCount
from service.strict_toml import KnowledgeError


def count(
    outcome: str,
    cards: int,
    *,
    key: str | None = "b12-screen",
    indicator: str | None = "info",
    code: str | None = None,
) -> OutcomeCount:
    return OutcomeCount(
        card_key=key,
        indicator=indicator,
        outcome=outcome,
        reason_system="urn:x" if code else None,
        reason_code=code,
        cards=cards,
    )


RULE = ReviewRule(
    card="b12-screen",
    indicator=Indicator.INFO,
    acceptance_below=Decimal(10),
    months=3,
    why="Because.",
)


def test_acceptance_is_the_share_of_the_answered_cards() -> None:
    (card,) = tally_of([count("accepted", 1), count("overridden", 3)]).cards
    assert (card.accepted, card.overridden, card.answered) == (1, 3, 4)
    assert card.acceptance == 0.25


def test_without_any_answer_there_is_no_acceptance() -> None:
    tally = tally_of([])
    assert tally.cards == ()
    assert tally.total.acceptance is None


def test_indicators_of_one_card_are_told_apart_from_info_to_critical() -> None:
    tally = tally_of(
        [
            count("accepted", 1, indicator="critical"),
            count("accepted", 2, indicator="warning"),
            count("accepted", 3, indicator="info"),
            count("accepted", 4, key="a-first"),
        ]
    )
    assert [(card.key, card.indicator, card.accepted) for card in tally.cards] == [
        ("a-first", "info", 4),
        ("b12-screen", "info", 3),
        ("b12-screen", "warning", 2),
        ("b12-screen", "critical", 1),
    ]


def test_reasons_come_the_most_frequent_first() -> None:
    (card,) = tally_of(
        [
            count("overridden", 1, code="declined"),
            count("overridden", 5, code="treated"),
            count("overridden", 2),
        ]
    ).cards
    assert [(reason.code, reason.cards) for reason in card.reasons] == [
        ("treated", 5),
        (None, 2),
        ("declined", 1),
    ]


def test_the_total_leaves_unmatched_cards_out() -> None:
    tally = tally_of(
        [
            count("accepted", 1),
            count("overridden", 2, key="b12-urgent", code="treated"),
            count("overridden", 3, code="treated"),
            count("accepted", 9, key=None, indicator=None),
        ]
    )
    assert (tally.total.accepted, tally.total.overridden) == (1, 5)
    assert [(reason.code, reason.cards) for reason in tally.total.reasons] == [
        ("treated", 5)
    ]
    assert tally.unmatched.accepted == 9


@pytest.mark.parametrize(
    ("accepted", "answered", "hinted"),
    [
        (9, 100, True),
        (10, 100, False),
        (11, 100, False),
        (0, 1, True),
        (99, 1000, True),
    ],
    ids=["below", "at", "above", "one card, overridden", "just below"],
)
def test_a_hint_is_given_below_the_limit_and_not_at_it(
    accepted: int, answered: int, hinted: bool
) -> None:
    tally = tally_of(
        [count("accepted", accepted), count("overridden", answered - accepted)]
    )
    assert (hint_of(RULE, tally) is not None) is hinted


def test_no_answered_card_is_no_reason_for_a_hint() -> None:
    assert hint_of(RULE, tally_of([])) is None


def test_other_cards_and_indicators_give_no_hint() -> None:
    tally = tally_of(
        [
            count("overridden", 100, indicator="warning"),
            count("overridden", 100, key="b12-urgent"),
            count("overridden", 100, key=None, indicator=None),
        ]
    )
    assert hint_of(RULE, tally) is None


def test_a_hint_says_what_it_rests_on() -> None:
    hint = hint_of(RULE, tally_of([count("accepted", 1), count("overridden", 19)]))
    assert str(hint) == (
        "b12-screen:info was accepted in 1 of 20 answered cards (5.0 %) in the last"
        " 3 months, below 10 %: look at its thresholds again."
    )


def test_the_knowledge_has_the_limit_for_the_screen() -> None:
    (rule,) = load_review_rules().values()
    assert (rule.card, rule.indicator) == ("b12-screen", Indicator.INFO)
    assert (rule.acceptance_below, rule.months) == (Decimal(10), 3)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("month = 3", "month is not a known key; did you mean 'months'?"),
        ("months = 0", "months"),
        ("months = 3\nacceptance_below = 0", "acceptance_below"),
    ],
)
def test_a_misspelt_limit_is_refused_by_name(
    tmp_path: Path, line: str, said: str
) -> None:
    text = f'[screen]\ncard = "b12-screen"\nindicator = "info"\nwhy = "x"\n{line}\n'
    if "acceptance_below" not in line:
        text += "acceptance_below = 10\n"
    (tmp_path / "feedback_review.toml").write_text(text)
    with pytest.raises(KnowledgeError) as refused:
        load_review_rules(tmp_path)
    assert "feedback_review.toml" in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2025, 6, 30), 3, date(2025, 3, 30)),
        (date(2025, 5, 31), 3, date(2025, 2, 28)),
        (date(2024, 5, 31), 3, date(2024, 2, 29)),
        (date(2025, 1, 15), 1, date(2024, 12, 15)),
        (date(2025, 12, 31), 12, date(2024, 12, 31)),
    ],
)
def test_months_are_calendar_months(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before
