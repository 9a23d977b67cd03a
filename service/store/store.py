"""The store as the rest of the service knows it.

Every method may raise StoreUnavailable; then nothing was written.
"""

import time
import weakref
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy import Engine, select

from service.store import feedback, kept_secret, used_tokens
from service.store.database import reading, writing, writing_lightly
from service.store.faults import StoreUnavailable, reported_as_unavailable
from service.store.feedback import NewFeedback, OutcomeCount, StoredComment, Taken
from service.store.tables import used_token


SECONDS_BETWEEN_CLEARINGS = 60


def current_moment() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


class Store:
    """Feedback, used tokens and the kept secret in one database.

    Can be shared by threads, and by forked processes as long as it has no connection
    open at the fork; `open_store` leaves none. `now` is for tests.
    """

    def __init__(
        self, engine: Engine, *, now: Callable[[], datetime] = current_moment
    ) -> None:
        self._engine = engine
        self._now = now
        self._clear_at = 0.0
        # An application is dropped without a word, at the end of a worker or a test.
        weakref.finalize(self, engine.dispose)

    def record_feedback(self, entries: Iterable[NewFeedback]) -> Taken:
        """Store `entries`, all or none; what was stored before is not stored again.

        On return they are on the disk, or wherever the database keeps what it
        promised to keep.
        """
        with reported_as_unavailable(), writing(self._engine) as connection:
            return feedback.insert_entries(connection, entries, self._now())

    def remember_token(self, issuer: str, jti: str, expires_at: datetime) -> bool:
        """Whether this is the first use of the token (JWT-15).

        One caller of all threads, workers and replicas is told so until `expires_at`,
        which has a time zone and includes the leeway given. To be called after every
        other check, so that a forged token cannot use up a true one.
        """
        token = used_tokens.digest(issuer, jti)
        with reported_as_unavailable(), writing_lightly(self._engine) as connection:
            is_first = used_tokens.insert_token(
                connection, token, expires_at, self._now()
            )
        self._clear_now_and_then()
        return is_first

    def outcome_counts(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Collection[OutcomeCount]:
        """How cards were answered; see `feedback.count_outcomes`."""
        with reported_as_unavailable(), reading(self._engine) as connection:
            return feedback.count_outcomes(connection, since, until)

    def comments(self, since: datetime | None = None) -> Collection[StoredComment]:
        """The users' comments, encrypted as they are kept."""
        with reported_as_unavailable(), reading(self._engine) as connection:
            return list(feedback.read_comments(connection, since))

    def secret(self, name: str) -> bytes:
        """32 bytes that only those know who can read the store; made on first use."""
        with reported_as_unavailable(), writing(self._engine) as connection:
            return kept_secret.read_or_make(connection, name)

    def is_reachable(self) -> bool:
        """Whether the store answers and has its tables."""
        try:
            with reported_as_unavailable(), reading(self._engine) as connection:
                connection.execute(select(used_token.c.token).limit(1)).all()
        except StoreUnavailable:
            return False
        return True

    def close(self) -> None:
        """Close every connection; the next use opens new ones."""
        self._engine.dispose()

    def _clear_now_and_then(self) -> None:
        moment = time.monotonic()
        if moment < self._clear_at:
            return
        self._clear_at = moment + SECONDS_BETWEEN_CLEARINGS
        # The answer stands whether or not this works; the fault is in the log.
        with (
            suppress(StoreUnavailable),
            reported_as_unavailable(),
            writing_lightly(self._engine) as connection,
        ):
            used_tokens.forget_expired(connection, self._now())
