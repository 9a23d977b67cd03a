"""Bringing the tables of a store up to date, by one process at a time."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from service.store.faults import StoreError


MIGRATIONS = Path(__file__).resolve().parent / "migrations"

WAIT_S = 60
"""For another process that is bringing the same store up to date."""

MIGRATION_LOCK = 0x62_31_32_63_64_73
"""Number of the advisory lock in PostgreSQL: `b12cds` in ASCII."""


def migrate(engine: Engine) -> None:
    """Bring the store up to date; does nothing to one that is.

    Several processes may do so at once: one migrates, the others wait and find it
    done. All steps are one transaction, so that none is left half done. Raises
    StoreError for a store that a newer version of the service has changed.
    """
    if engine.dialect.name == "sqlite":
        _use_write_ahead_log(engine)
    with engine.begin() as connection:
        _wait_for_turn(connection)
        current = revision_of(connection)
        if current == newest_revision():
            return
        if current is not None and not _is_known(current):
            raise StoreError(
                "B12_DATABASE_URL: the store was changed by a newer version of"
                " b12-cds; run that version, or restore a backup made before it"
            )
        command.upgrade(configuration(connection), "head")


def is_current(engine: Engine) -> bool:
    """Whether the store has the tables of this version; changes nothing."""
    with engine.connect().execution_options(reads_only=True) as connection:
        return revision_of(connection) == newest_revision()


def revision_of(connection: Connection) -> str | None:
    """The last migration that the store has had; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    """The last migration that this version of the service has."""
    return _scripts().get_current_head()


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration, to work on `connection`."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(configuration())


def _is_known(revision: str) -> bool:
    return revision in {script.revision for script in _scripts().walk_revisions()}


def _wait_for_turn(connection: Connection) -> None:
    """Take the lock of the transaction, which `BEGIN IMMEDIATE` has done in SQLite."""
    if connection.dialect.name == "postgresql":
        # A migration of many rows, and waiting for one, may outlast a common statement.
        connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT_S}s'"))
        connection.execute(text(f"SET LOCAL statement_timeout = '{WAIT_S}s'"))
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK}
        )
        connection.execute(text("SET LOCAL statement_timeout = 0"))


def _use_write_ahead_log(engine: Engine) -> None:
    """Let readers and a writer of a SQLite file not wait for one another.

    The file remembers it. SQLite does not wait for other processes while it changes
    this, whatever its timeout, so we do.
    """
    database = engine.url.database or ""
    give_up_at = time.monotonic() + WAIT_S
    while True:
        try:
            with closing(sqlite3.connect(database, timeout=WAIT_S)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as fault:
            busy = getattr(fault, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > give_up_at:
                raise
            time.sleep(0.05)
