"""A store that does not answer is told of, and nothing is lost in silence."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from cds_hooks.errors import operation_outcome
from service.store import Store, StoreUnavailable, database, open_store
from tests.postgresql import Cluster, running_cluster
from tests.store.conftest import NOW
from tests.store.entries import entry, outcomes


USES: list[Callable[[Store], object]] = [
    lambda store: store.record_feedback([entry()]),
    lambda store: store.remember_token("iss", "jti", NOW + timedelta(minutes=5)),
    lambda store: store.secret("one"),
]
NAMES = ["feedback", "token", "secret"]


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """A server that a test may stop."""
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def quick_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(database, "STATEMENT_MS", 200)
    return open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}")


@pytest.fixture
def locked_out(quick_sqlite: Store, tmp_path: Path) -> Iterator[Store]:
    """A store that another process writes to and does not finish."""
    other = sqlite3.connect(tmp_path / "store.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield quick_sqlite
    other.close()
    quick_sqlite.close()


def test_a_file_that_was_replaced_is_used_from_then_on(
    quick_sqlite: Store, tmp_path: Path
) -> None:
    quick_sqlite.record_feedback([entry()])
    for file in tmp_path.iterdir():
        file.unlink()
    restored = open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    assert outcomes(quick_sqlite) == {}
    quick_sqlite.record_feedback([entry()])
    assert outcomes(restored) == {"accepted": 1}
    restored.close()


@pytest.mark.parametrize("use", USES, ids=NAMES)
def test_a_file_locked_for_too_long_is_unavailable_and_not_waited_for(
    locked_out: Store, use: Callable[[Store], object]
) -> None:
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        use(locked_out)
    assert time.monotonic() - started < 5


def test_once_the_lock_is_gone_the_store_takes_entries_again(
    quick_sqlite: Store, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "store.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable):
        quick_sqlite.record_feedback([entry()])
    other.execute("ROLLBACK")
    other.close()
    quick_sqlite.record_feedback([entry()])
    assert outcomes(quick_sqlite) == {"accepted": 1}
    quick_sqlite.close()


def test_a_file_that_was_taken_away_is_unreachable(
    quick_sqlite: Store, tmp_path: Path
) -> None:
    assert quick_sqlite.is_reachable()
    for file in tmp_path.iterdir():
        file.unlink()
    assert not quick_sqlite.is_reachable()
    for use in USES:
        with pytest.raises(StoreUnavailable):
            use(quick_sqlite)
    assert list(tmp_path.iterdir()) == [], "nothing is made up in its place"


def test_the_answer_says_when_to_try_again_and_nothing_of_the_entry() -> None:
    fault = StoreUnavailable()
    assert fault.status == 503
    assert int(fault.headers["Retry-After"]) > 0
    outcome = operation_outcome(fault)
    assert outcome["resourceType"] == "OperationOutcome"
    assert "nothing was stored" in str(outcome)


def test_a_log_line_tells_the_cause_and_nothing_that_was_stored(
    locked_out: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(StoreUnavailable):
        locked_out.record_feedback([entry(reason_code="marker-of-this-entry")])
    said = "".join(capsys.readouterr())
    assert "store unavailable" in said
    assert "OperationalError" in said
    assert "marker-of-this-entry" not in said


@pytest.mark.postgresql
def test_a_server_that_stops_is_unavailable_and_works_again_once_it_is_back(
    own_cluster: Cluster,
) -> None:
    store = open_store(own_cluster.new_database(), now=lambda: NOW)
    store.record_feedback([entry()])
    assert store.is_reachable()

    own_cluster.stop()
    assert not store.is_reachable()
    for use in USES:
        with pytest.raises(StoreUnavailable):
            use(store)

    own_cluster.start()
    assert store.is_reachable()
    store.record_feedback([entry()])
    assert sum(outcomes(store).values()) == 1, "one card, told of twice"
    store.close()


@pytest.mark.postgresql
def test_a_server_that_only_reads_is_unavailable(postgresql: Cluster) -> None:
    url = postgresql.new_database()
    open_store(url).close()
    name = url.partition("@/")[2].partition("?")[0]
    store = open_store(url)
    postgresql.psql(
        "postgres", f"ALTER DATABASE {name} SET default_transaction_read_only = on"
    )
    with pytest.raises(StoreUnavailable):
        store.record_feedback([entry()])
    assert not store.is_reachable()
    store.close()


@pytest.mark.postgresql
def test_a_statement_that_waits_for_a_lock_is_given_up(
    postgresql: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgresql.new_database()
    options = {**database.POSTGRESQL_OPTIONS, "options": "-c lock_timeout=200"}
    monkeypatch.setattr(database, "POSTGRESQL_OPTIONS", options)
    store, blocker = open_store(url), open_store(url)
    with blocker._engine.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE feedback")
        with pytest.raises(StoreUnavailable):
            store.record_feedback([entry()])
    store.record_feedback([entry()])
    assert outcomes(store) == {"accepted": 1}
    store.close()
    blocker.close()
