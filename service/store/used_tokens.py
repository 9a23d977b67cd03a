"""Tokens that were used, each remembered until it has expired by itself."""

import hashlib
import json
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from service.store.tables import used_token


MOST_FORGOTTEN_AT_ONCE = 1_000
"""Rows; keeps the work that one unlucky call does for all others short."""


def digest(issuer: str, jti: str) -> str:
    """What stands for the token: no two pairs of issuer and jti share it."""
    pair = json.dumps([issuer, jti])
    return hashlib.sha256(pair.encode()).hexdigest()


def insert_token(
    connection: Connection, token: str, expires_at: datetime, now: datetime
) -> bool:
    """Whether `token` is used for the first time; atomic, the caller commits.

    One that had expired counts as forgotten, whether or not it was cleared away.
    """
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    insertion = dialect.insert(used_token).values(token=token, expires_at=expires_at)
    done = connection.execute(
        insertion.on_conflict_do_update(
            index_elements=[used_token.c.token],
            set_={"expires_at": insertion.excluded.expires_at},
            where=used_token.c.expires_at < now,
        ).returning(used_token.c.token)
    )
    return done.first() is not None


def forget_expired(connection: Connection, now: datetime) -> int:
    """Clear away tokens that have expired, and say how many; the caller commits."""
    expired = (
        select(used_token.c.token)
        .where(used_token.c.expires_at < now)
        .limit(MOST_FORGOTTEN_AT_ONCE)
        # What another replica is clearing away is left to it (PostgreSQL).
        .with_for_update(skip_locked=True)
    )
    done = connection.execute(delete(used_token).where(used_token.c.token.in_(expired)))
    return done.rowcount
