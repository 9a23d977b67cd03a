"""What a start says when the store cannot be used, and how a new one is kept."""

import os
import re
import sqlite3
import stat
from pathlib import Path

import pytest

from service.settings import SettingsError
from service.store import StoreError, connect_store, open_store
from tests.postgresql import Cluster


def test_a_sqlite_file_is_made_together_with_its_folders(tmp_path: Path) -> None:
    file = tmp_path / "var" / "deep" / "store.sqlite3"
    open_store(f"sqlite:///{file}").close()
    assert file.is_file()


def test_nobody_else_on_the_machine_can_read_the_sqlite_files(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    store.secret("any")
    modes = {
        file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()
    }
    assert set(modes.values()) == {0o600}
    assert "store.sqlite3-wal" in modes
    store.close()


def test_readers_of_a_sqlite_store_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite3"
    store = open_store(f"sqlite:///{file}")
    with sqlite3.connect(file, isolation_level=None) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        other.execute("BEGIN IMMEDIATE")
        assert store.is_reachable()
        assert list(store.outcome_counts()) == []
        other.execute("ROLLBACK")
    other.close()
    store.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("store.sqlite3", "is not a URL such as"),
        ("", "is not a URL such as"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("mysql://u:secret@h/d", "must begin with sqlite or postgresql"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_with_an_example(
    url: str, said: str
) -> None:
    with pytest.raises(StoreError, match=re.escape(said)) as refused:
        open_store(url)
    assert "B12_DATABASE_URL" in str(refused.value)
    assert "sqlite:///var/b12-cds.sqlite3" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_refusal_is_a_wrong_setting_and_ends_the_start_as_such() -> None:
    assert issubclass(StoreError, SettingsError)


def test_a_place_that_cannot_be_written_is_named() -> None:
    # Not even root can make a folder there.
    with pytest.raises(StoreError, match=r"/proc/b12/store\.sqlite3 cannot be made"):
        open_store("sqlite:////proc/b12/store.sqlite3")


def test_a_file_that_is_no_store_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear colleague, " * 100)
    with pytest.raises(StoreError, match="not a database"):
        open_store(f"sqlite:///{file}")
    assert file.read_text().startswith("Dear colleague")


def test_a_reader_makes_no_store_where_there_is_none(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite3"
    with pytest.raises(StoreError, match="there is no store at"):
        connect_store(f"sqlite:///{file}")
    assert not file.exists()


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(StoreError) as refused:
        open_store("postgresql://b12:topsecret@127.0.0.1:1/feedback")
    assert "topsecret" not in str(refused.value)
    assert "127.0.0.1:1/feedback" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.postgresql
def test_a_database_that_does_not_exist_is_named(postgresql: Cluster) -> None:
    url = postgresql.new_database().replace("/test_", "/absent_")
    with pytest.raises(StoreError, match=r'database "absent_\d+" does not exist'):
        open_store(url)


@pytest.mark.postgresql
@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_common_spelling_of_a_postgresql_url_works(
    postgresql: Cluster, scheme: str
) -> None:
    url = postgresql.new_database().replace("postgresql", scheme, 1)
    store = open_store(url)
    assert store.is_reachable()
    store.close()


@pytest.mark.postgresql
def test_commits_wait_for_the_disk_even_where_the_server_is_set_not_to(
    postgresql: Cluster,
) -> None:
    url = postgresql.new_database(synchronous_commit="off")
    store = open_store(url)
    with store._engine.connect() as connection:
        shown = connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()
    assert shown == "on"
    store.close()


@pytest.mark.postgresql
def test_a_stricter_setting_of_the_server_is_kept(postgresql: Cluster) -> None:
    store = open_store(postgresql.new_database(synchronous_commit="remote_apply"))
    with store._engine.connect() as connection:
        shown = connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()
    assert shown == "remote_apply"
    store.close()


def test_a_secret_is_made_once_and_is_another_for_another_purpose(
    database_url: str,
) -> None:
    first = open_store(database_url)
    secret = first.secret("one")
    assert len(secret) == 32
    assert first.secret("one") == secret
    assert first.secret("two") != secret
    first.close()
    second = open_store(database_url)
    assert second.secret("one") == secret
    second.close()


def test_a_fork_after_opening_shares_no_connection(database_url: str) -> None:
    store = open_store(database_url)
    assert store._engine.pool.status().count("Connections in pool: 0") == 1
    child = os.fork()
    if child == 0:
        # Nothing of pytest may run in the child.
        os._exit(0 if store.secret("one") else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert len(store.secret("one")) == 32
    store.close()
