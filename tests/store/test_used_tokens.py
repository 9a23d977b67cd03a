"""A token is used once, by one of all threads, workers and replicas (JWT-15)."""

import subprocess
import sys
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from service.store import Store, open_store
from service.store import store as store_module
from service.store.database import read_url
from service.store.used_tokens import MOST_FORGOTTEN_AT_ONCE, digest
from tests.store.conftest import NOW


ISSUER = "https://ehr.example/fhir"
LATER = NOW + timedelta(minutes=5)


def test_the_first_use_is_the_first_and_the_second_is_not(store: Store) -> None:
    assert store.remember_token(ISSUER, "one", LATER) is True
    assert store.remember_token(ISSUER, "one", LATER) is False
    assert store.remember_token(ISSUER, "one", LATER) is False


def test_two_issuers_may_use_the_same_jti(store: Store) -> None:
    assert store.remember_token(ISSUER, "one", LATER)
    assert store.remember_token("https://other.example", "one", LATER)


def test_letter_case_and_blanks_make_another_token(store: Store) -> None:
    for jti in ("one", "One", "one ", " one"):
        assert store.remember_token(ISSUER, jti, LATER), repr(jti)


def test_no_two_pairs_run_into_one_another() -> None:
    assert digest("a", "b,c") != digest("a,b", "c")
    assert digest("ab", "c") != digest("a", "bc")
    assert digest('a"', "b") != digest("a", '"b')


@pytest.mark.parametrize("jti", ["f" * 64, "x" * 12_000, "jti-\x00-nul", "😀", "'; --"])
def test_a_jti_may_be_any_text(store: Store, jti: str) -> None:
    assert store.remember_token(ISSUER, jti, LATER) is True
    assert store.remember_token(ISSUER, jti, LATER) is False


def test_a_token_is_remembered_by_the_next_process_too(database_url: str) -> None:
    first = open_store(database_url, now=lambda: NOW)
    assert first.remember_token(ISSUER, "one", LATER)
    first.close()
    second = open_store(database_url, now=lambda: NOW)
    assert not second.remember_token(ISSUER, "one", LATER)
    second.close()


@pytest.mark.parametrize(
    ("expired_for", "is_first_again"),
    [
        (timedelta(microseconds=-1), False),
        (timedelta(0), False),
        (timedelta(microseconds=1), True),
    ],
    ids=["just before it expires", "when it expires", "just after"],
)
def test_a_token_is_remembered_until_it_has_expired(
    database_url: str, expired_for: timedelta, is_first_again: bool
) -> None:
    moments = [NOW]
    store = open_store(database_url, now=lambda: moments[-1])
    # The clearing comes along with the first use; the second is judged without it.
    assert store.remember_token(ISSUER, "one", LATER)
    moments.append(LATER + expired_for)
    assert store.remember_token(ISSUER, "one", LATER) is is_first_again
    store.close()


def rows(database_url: str) -> int:
    engine = create_engine(read_url(database_url))
    with engine.connect() as connection:
        found = connection.execute(text("SELECT count(*) FROM used_token")).scalar_one()
    engine.dispose()
    return int(found)


def test_expired_tokens_are_cleared_away_and_others_kept(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = [NOW]
    store = open_store(database_url, now=lambda: moments[-1])
    for number in range(5):
        store.remember_token(ISSUER, f"short-{number}", NOW + timedelta(minutes=1))
    store.remember_token(ISSUER, "long", NOW + timedelta(hours=1))
    assert rows(database_url) == 6

    moments.append(NOW + timedelta(minutes=2))
    monkeypatch.setattr(store_module, "SECONDS_BETWEEN_CLEARINGS", 0)
    store._clear_at = 0.0
    assert store.remember_token(ISSUER, "new", NOW + timedelta(hours=1))
    assert rows(database_url) == 2
    assert not store.remember_token(ISSUER, "long", NOW + timedelta(hours=1))
    store.close()


def test_one_clearing_is_bounded(database_url: str) -> None:
    store = open_store(database_url, now=lambda: NOW)
    store.remember_token(ISSUER, "first", LATER)
    engine = create_engine(read_url(database_url))
    surplus = 7
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO used_token (token, expires_at) VALUES (:token, :moment)"),
            [
                {"token": f"{number:064}", "moment": "2020-01-01 00:00:00"}
                for number in range(MOST_FORGOTTEN_AT_ONCE + surplus)
            ],
        )
    engine.dispose()
    store._clear_at = 0.0
    store.remember_token(ISSUER, "second", LATER)
    assert rows(database_url) == 2 + surplus
    store.close()


RACER = """
import sys, time
from datetime import UTC, datetime, timedelta
from service.store import open_store

store = open_store(sys.argv[1])
until = datetime.now(UTC) + timedelta(minutes=5)
store.is_reachable()
print("ready", flush=True)
start = float(sys.stdin.readline())
time.sleep(max(0.0, start - time.time()))
won = [store.remember_token("iss", f"jti-{n}", until) for n in range(100)]
print("".join("1" if each else "0" for each in won))
"""


def test_of_two_processes_exactly_one_uses_each_token(database_url: str) -> None:
    open_store(database_url).close()
    racers = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", RACER, database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    start = f"{time.time() + 0.3}\n"
    results = []
    # Both are told before either is waited for.
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write(start)
        racer.stdin.flush()
    for racer in racers:
        said, _ = racer.communicate(timeout=60)
        assert racer.returncode == 0
        results.append(said.strip())
    assert [len(result) for result in results] == [100, 100]
    for number, (one, other) in enumerate(zip(*results, strict=True)):
        assert {one, other} == {"0", "1"}, f"token {number}: {one} and {other}"


def test_a_token_that_expires_far_in_the_future_can_be_remembered(
    store: Store,
) -> None:
    far = datetime.max.replace(tzinfo=NOW.tzinfo)
    assert store.remember_token(ISSUER, "one", far)
    assert not store.remember_token(ISSUER, "one", far)
