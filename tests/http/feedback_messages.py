"""Feedback as clients send it, and what the store then has."""

import uuid
from pathlib import Path
from typing import Any

import requests

from service.store import connect_store
from tests.http.patients import Json, request


PATIENT_VIEW = "/cds-services/b12-patient-view"
FEEDBACK = f"{PATIENT_VIEW}/feedback"
OUR_REASONS = "https://b12-cds.example/fhir/CodeSystem/override-reason"


def shown_card(base_url: str) -> Json:
    """A screen card, as the service has just shown it."""
    answer = requests.post(f"{base_url}{PATIENT_VIEW}", json=request(), timeout=30)
    (card,) = answer.json()["cards"]
    return dict(card)


def accepted(card: str | None = None, **changes: Any) -> Json:
    """An entry; without a card, one about a card of somebody else's."""
    return {
        "card": card or str(uuid.uuid4()),
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": str(uuid.uuid4())}],
        "outcomeTimestamp": "2025-06-30T10:00:00.123Z",
        **changes,
    }


def overridden(card: str | None = None, **changes: Any) -> Json:
    return {
        "card": card or str(uuid.uuid4()),
        "outcome": "overridden",
        "overrideReason": {
            "reason": {
                "code": "already-treated",
                "system": OUR_REASONS,
                "display": "Already treated",
            }
        },
        "outcomeTimestamp": "2025-06-30T09:00:00Z",
        **changes,
    }


def send(base_url: str, *entries: object) -> requests.Response:
    return requests.post(
        f"{base_url}{FEEDBACK}", json={"feedback": list(entries)}, timeout=30
    )


def stored(database_url: str) -> dict[tuple[str | None, str], int]:
    """(Card key, outcome) → number of cards."""
    store = connect_store(database_url)
    found: dict[tuple[str | None, str], int] = {}
    for count in store.outcome_counts():
        kind = count.card_key, count.outcome
        found[kind] = found.get(kind, 0) + count.cards
    store.close()
    return found


def all_bytes(folder: Path) -> bytes:
    """Everything in the files of a store."""
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))
