"""Rows of feedback: small parts that tests put together."""

import itertools
import uuid
from datetime import UTC, datetime
from typing import Any

from service.store import NewFeedback, OutcomeCount, Store


CARD = uuid.UUID("7b0a3a52-2f0f-4c6e-9d0d-1f6a2b7c8d90")
OTHER_CARD = uuid.UUID("11111111-2222-4333-8444-555555555555")

_numbers = itertools.count(1)


def at(hour: int, day: int = 30) -> datetime:
    """A moment in June 2025."""
    return datetime(2025, 6, day, hour, tzinfo=UTC)


def entry(**changes: Any) -> NewFeedback:
    """An accepted screen card, unlike every other entry."""
    members: dict[str, Any] = {
        "entry_key": f"{next(_numbers):064x}",
        "service": "b12-patient-view",
        "client": "example-hospital",
        "card": CARD,
        "card_key": "b12-screen",
        "indicator": "info",
        "outcome": "accepted",
        "outcome_at": at(10),
    }
    return NewFeedback(**members | changes)


def overridden(**changes: Any) -> NewFeedback:
    return entry(**{"outcome": "overridden"} | changes)


def outcomes(store: Store) -> dict[str, int]:
    """Outcome → number of cards."""
    found: dict[str, int] = {}
    for count in store.outcome_counts():
        found[count.outcome] = found.get(count.outcome, 0) + count.cards
    return found


def only(counts: Any) -> OutcomeCount:
    (count,) = counts
    assert isinstance(count, OutcomeCount)
    return count
