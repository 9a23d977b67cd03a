"""Connections to SQLite or PostgreSQL, made durable and bounded in time."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from service.store.faults import StoreError


VARIABLE = "B12_DATABASE_URL"
EXAMPLES = (
    "sqlite:///var/b12-cds.sqlite3 or postgresql://user:password@host:5432/database"
)

CONNECT_S = 3
STATEMENT_MS = 5_000
"""A clinician waits for the replay guard; a client of feedback tries again."""

POSTGRESQL_OPTIONS = {
    "connect_timeout": CONNECT_S,
    # A server that vanished without a word is noticed after this, not after minutes.
    "tcp_user_timeout": STATEMENT_MS,
    "application_name": "b12-cds",
    # Of several hosts in the URL, and after a failover, the one that takes writes.
    "target_session_attrs": "read-write",
    "options": f"-c statement_timeout={STATEMENT_MS} -c lock_timeout={STATEMENT_MS}"
    " -c timezone=UTC",
}


def read_url(text: str) -> URL:
    """`text` as the URL of a database we can use; raises StoreError."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise StoreError(f"{VARIABLE} is not a URL such as {EXAMPLES}") from None
    kind = url.drivername.partition("+")[0]
    if kind == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise StoreError(f"{VARIABLE}: SQLite needs a file, as in {EXAMPLES}")
        return url.set(drivername="sqlite+pysqlite")
    if kind in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    raise StoreError(f"{VARIABLE} must begin with sqlite or postgresql: {EXAMPLES}")


def named(url: URL) -> str:
    """`url` as it may be shown: without its password."""
    return url.render_as_string(hide_password=True)


def engine_for(url: URL) -> Engine:
    """The engine for `url`; it opens no connection yet."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, Path(str(url.database)))
    engine = create_engine(
        url,
        # Neither a log line nor an exception may quote what was stored.
        hide_parameters=True,
        connect_args=POSTGRESQL_OPTIONS,
        pool_pre_ping=True,
        pool_timeout=CONNECT_S,
    )
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def make_file(url: URL) -> None:
    """Make a SQLite file and its folder where they are not there; raises StoreError.

    Nobody else on the machine may read the file, nor those that SQLite puts beside it.
    """
    if url.get_backend_name() != "sqlite" or url.database is None:
        return
    file = Path(url.database)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
    except OSError as fault:
        raise StoreError(
            f"{VARIABLE}: {file} cannot be made or written ({fault.strerror});"
            " name a place that can be written to"
        ) from None


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that will not write, and so waits for no writer."""
    with engine.connect() as connection:
        yield connection.execution_options(reads_only=True)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction; once it is left, what was written survives a loss of power."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def writing_lightly(engine: Engine) -> Iterator[Connection]:
    """A transaction of one statement that survives the death of any of our processes.

    In SQLite it does not wait for the disk: a loss of power may undo the last ones.
    In PostgreSQL it takes one round trip.
    """
    options: dict[str, Any] = {"waits_for_disk": False}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "AUTOCOMMIT"
    with engine.connect().execution_options(**options) as connection:
        with connection.begin():
            yield connection


def _sqlite_engine(url: URL, file: Path) -> Engine:
    # Never a new file: where ours has gone, that is to be told and not made up for.
    address = f"file:{quote(str(file))}?mode=rw"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            address,
            uri=True,
            timeout=STATEMENT_MS / 1000,
            # The pool lends a connection to one thread at a time.
            check_same_thread=False,
            # We begin transactions ourselves: the driver's own beginning comes too
            # late, after reading, when another writer may have passed and SQLite
            # refuses to wait.
            isolation_level=None,
        )

    def remember_file(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["file"] = _identity(file)

    def refuse_other_file(
        _connection: object, record: ConnectionPoolEntry, _proxy: object
    ) -> None:
        # A file that was deleted or replaced still takes writes from those who have it
        # open, and nobody would ever see them again.
        if record.info["file"] != _identity(file):
            raise DisconnectionError("the file of the store was replaced")

    engine = create_engine(url, creator=connect, hide_parameters=True)
    event.listen(engine, "connect", remember_file)
    event.listen(engine, "checkout", refuse_other_file)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("reads_only"):
        connection.exec_driver_sql("BEGIN")
        return
    if not options.get("waits_for_disk", True):
        # One statement is a transaction by itself.
        connection.exec_driver_sql("PRAGMA synchronous = NORMAL")
        return
    connection.exec_driver_sql("PRAGMA synchronous = FULL")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _prepare_postgresql(connection: Any, _record: object) -> None:
    """Have commits wait for the disk where the server is set not to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') = 'off'"
        )
    connection.commit()
