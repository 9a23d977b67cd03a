"""A secret that all replicas share because they share the store."""

import secrets

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from service.store.tables import secret


SECRET_BYTES = 32


def read_or_make(connection: Connection, name: str) -> bytes:
    """The secret called `name`, made on first use; the caller commits.

    Replicas that make it at the same moment all get the one that was stored.
    """
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(
        dialect.insert(secret)
        .values(name=name, value=secrets.token_bytes(SECRET_BYTES))
        .on_conflict_do_nothing()
    )
    found = connection.execute(select(secret.c.value).where(secret.c.name == name))
    return bytes(found.scalar_one())
