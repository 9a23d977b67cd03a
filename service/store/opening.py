"""Opening the store named by a URL."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Engine
from sqlalchemy.exc import SQLAlchemyError

from service.store.database import VARIABLE, engine_for, make_file, named, read_url
from service.store.faults import StoreError
from service.store.schema import is_current, migrate
from service.store.store import Store, current_moment


def open_store(
    database_url: str, *, now: Callable[[], datetime] = current_moment
) -> Store:
    """The store at `database_url`, made if need be and brought up to date.

    It has no connection open yet, so that workers may be forked. Raises StoreError.
    """
    url = read_url(database_url)
    make_file(url)
    engine = engine_for(url)
    with _explained(url), _left_closed(engine):
        migrate(engine)
    return Store(engine, now=now)


def connect_store(database_url: str) -> Store:
    """The store at `database_url`, for those who only read it: nothing is made.

    Raises StoreError when it is not there or is of another version.
    """
    url = read_url(database_url)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
        raise StoreError(
            f"{VARIABLE}: there is no store at {named(url)}; the service makes it when"
            " it starts"
        )
    engine = engine_for(url)
    with _explained(url), _left_closed(engine):
        current = is_current(engine)
    if not current:
        raise StoreError(
            f"{VARIABLE}: the store at {named(url)} is of another version of b12-cds;"
            " start the service of this version once to bring it up to date"
        )
    return Store(engine)


@contextmanager
def _left_closed(engine: Engine) -> Iterator[None]:
    """Close every connection at the end, however it ends."""
    try:
        yield
    finally:
        engine.dispose()


@contextmanager
def _explained(url: URL) -> Iterator[None]:
    """Raise StoreError for a fault of the database, in its driver's first line."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as fault:
        reason = str(getattr(fault, "orig", None) or fault).splitlines()[0]
        raise StoreError(
            f"{VARIABLE}: the store at {named(url)} cannot be used: {reason}"
        ) from None
