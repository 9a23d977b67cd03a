"""A store is brought up to date at the start, by one process and without a loss."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from service.store import StoreError, connect_store, open_store
from service.store.database import engine_for, make_file, read_url
from service.store.schema import (
    configuration,
    is_current,
    migrate,
    newest_revision,
    revision_of,
)
from service.store.tables import metadata
from tests.store.entries import entry, outcomes


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    url = read_url(database_url)
    make_file(url)
    made = engine_for(url)
    yield made
    made.dispose()


def upgrade_to(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        command.upgrade(configuration(connection), revision)


def downgrade_to(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        command.downgrade(configuration(connection), revision)


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_an_empty_database_gets_every_table(engine: Engine) -> None:
    assert tables(engine) == set()
    migrate(engine)
    assert tables(engine) == set(metadata.tables)
    assert is_current(engine)


def test_the_migrations_lead_to_the_very_tables_the_code_uses(engine: Engine) -> None:
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_a_store_that_is_up_to_date_is_left_as_it_is(engine: Engine) -> None:
    migrate(engine)
    migrate(engine)
    assert is_current(engine)


def test_feedback_of_the_previous_version_is_still_there(
    engine: Engine, database_url: str
) -> None:
    upgrade_to(engine, "0001")
    assert "used_token" not in tables(engine)
    with engine.begin() as connection:
        connection.execute(metadata.tables["feedback"].insert(), [old_row()])
    assert not is_current(engine)

    store = open_store(database_url)
    assert outcomes(store) == {"accepted": 1}
    assert is_current(engine)
    store.close()


def old_row() -> dict[str, object]:
    from dataclasses import asdict

    sent = entry()
    return asdict(sent) | {"received_at": sent.outcome_at}


def test_every_migration_can_be_undone_and_done_again(engine: Engine) -> None:
    migrate(engine)
    downgrade_to(engine, "base")
    assert tables(engine) == set()
    migrate(engine)
    assert tables(engine) == set(metadata.tables)


def test_a_migration_that_fails_leaves_no_half_of_it(engine: Engine) -> None:
    upgrade_to(engine, "0001")
    with engine.begin() as connection:
        # In the way of the index that comes after the table.
        connection.execute(text("CREATE TABLE obstacle (x INTEGER)"))
        connection.execute(
            text("CREATE INDEX ix_used_token_expires_at ON obstacle (x)")
        )
    with pytest.raises(Exception, match="already exists"):
        migrate(engine)
    assert "used_token" not in tables(engine)
    with engine.connect() as connection:
        assert revision_of(connection) == "0001"


def test_a_store_of_a_newer_version_is_not_touched(
    engine: Engine, database_url: str
) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version"):
        open_store(database_url)
    with pytest.raises(StoreError, match="another version"):
        connect_store(database_url)
    with engine.connect() as connection:
        assert revision_of(connection) == "9999"


def test_a_reader_does_not_bring_a_store_up_to_date(
    engine: Engine, database_url: str
) -> None:
    upgrade_to(engine, "0001")
    with pytest.raises(StoreError, match="start the service of this version once"):
        connect_store(database_url)
    assert "used_token" not in tables(engine)


STARTER = """
import sys
from service.store import open_store
store = open_store(sys.argv[1])
print(store.secret("b12-cds").hex())
"""


def test_processes_that_start_together_migrate_once_and_share_a_secret(
    database_url: str, engine: Engine
) -> None:
    starters = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", STARTER, database_url],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    said = [starter.communicate(timeout=120)[0] for starter in starters]
    assert [starter.returncode for starter in starters] == [0] * 4
    assert len(set(said)) == 1
    assert len(said[0].strip()) == 64
    with engine.connect() as connection:
        assert revision_of(connection) == newest_revision()
