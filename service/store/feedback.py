"""Rows of feedback: adding them once each, and counting what they say."""

import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, String, cast, func, select
from sqlalchemy.dialects import postgresql, sqlite

from service.store.tables import feedback


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFeedback:
    """One entry as it is kept: nothing in it may tell of a patient.

    The members are columns of the table `feedback`, where they are explained.
    """

    entry_key: str
    service: str
    client: str | None
    card: uuid.UUID | None
    card_key: str | None
    indicator: str | None
    outcome: str
    outcome_at: datetime
    accepted_suggestions: tuple[str, ...] = ()
    reason_system: str | None = None
    reason_code: str | None = None
    encrypted_comment: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a batch: entries that are new, and those that were there."""

    stored: int
    repeated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeCount:
    """How many cards of a kind had this outcome, for this reason.

    `card_key` and `indicator` are None for cards that are not ours, the reason's
    members where none was given.
    """

    card_key: str | None
    indicator: str | None
    outcome: str
    reason_system: str | None
    reason_code: str | None
    cards: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredComment:
    """A user's comment, still encrypted, and what it was about."""

    outcome_at: datetime
    card_key: str | None
    indicator: str | None
    outcome: str
    reason_code: str | None
    encrypted_comment: bytes


_COLUMNS_OF_A_COMMENT = (
    feedback.c.outcome_at,
    feedback.c.card_key,
    feedback.c.indicator,
    feedback.c.outcome,
    feedback.c.reason_code,
    feedback.c.encrypted_comment,
)


def insert_entries(
    connection: Connection, entries: Iterable[NewFeedback], received_at: datetime
) -> Taken:
    """Add those of `entries` that are not there yet; the caller commits."""
    given = list(entries)
    # In one order everywhere: two replicas that store overlapping batches would
    # otherwise each wait for a row of the other.
    rows = [
        asdict(entry) | {"received_at": received_at}
        for entry in sorted(given, key=lambda entry: entry.entry_key)
    ]
    if not rows:
        return Taken(stored=0, repeated=0)
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    added = connection.execute(
        dialect.insert(feedback)
        .on_conflict_do_nothing(index_elements=[feedback.c.entry_key])
        .returning(feedback.c.id),
        rows,
    ).all()
    return Taken(stored=len(added), repeated=len(given) - len(added))


def count_outcomes(
    connection: Connection, since: datetime | None, until: datetime | None = None
) -> Collection[OutcomeCount]:
    """How cards were answered from `since` on and before `until`.

    A card counts once, with what was last said of it: a card first overridden and
    then accepted is accepted.
    """
    # What is no UUID cannot be told apart from another, so each counts by itself.
    card = func.coalesce(cast(feedback.c.card, String), feedback.c.entry_key)
    latest_first = func.row_number().over(
        partition_by=card,
        order_by=(feedback.c.outcome_at.desc(), feedback.c.id.desc()),
    )
    ranked = select(feedback, latest_first.label("place"))
    if since is not None:
        ranked = ranked.where(feedback.c.outcome_at >= since)
    if until is not None:
        ranked = ranked.where(feedback.c.outcome_at < until)
    said = ranked.subquery().c
    kinds = (
        said.card_key,
        said.indicator,
        said.outcome,
        said.reason_system,
        said.reason_code,
    )
    counted = (
        select(*kinds, func.count().label("cards"))
        .where(said.place == 1)
        .group_by(*kinds)
    )
    return [OutcomeCount(**row._mapping) for row in connection.execute(counted)]


def read_comments(
    connection: Connection, since: datetime | None
) -> Iterator[StoredComment]:
    """Comments from `since` on, the oldest first."""
    wanted = (
        select(*_COLUMNS_OF_A_COMMENT)
        .where(feedback.c.encrypted_comment.is_not(None))
        .order_by(feedback.c.outcome_at, feedback.c.id)
    )
    if since is not None:
        wanted = wanted.where(feedback.c.outcome_at >= since)
    for row in connection.execute(wanted):
        yield StoredComment(**row._mapping)
