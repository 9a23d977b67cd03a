"""The same token twice: at two workers, at two replicas, at once, after a restart."""

import json
import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.attacks.doors import (
    CALLED,
    SERVICE_ID,
    Door,
    clients_file,
    live,
    now,
    running,
)
from tests.clients.files import client, written
from tests.clients.key_server import serving_keys
from tests.protocol.tokens import bearer, key_of, token


@pytest.fixture
def own_folder(tmp_path: Path) -> Path:
    """A clients file and a store that no other test uses."""
    clients_file(tmp_path)
    return tmp_path


@contextmanager
def one_worker_busy(door: Door) -> Iterator[None]:
    """A client that began a request and does not end it keeps one of two workers."""
    address = urlsplit(door.url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(b"POST /cds-services HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        time.sleep(0.5)
        yield


def test_JWT_15_a_token_used_at_one_worker_is_used_at_the_other(
    own_folder: Path,
) -> None:
    made = bearer(token(live()))
    with running(own_folder, B12_WORKERS="2") as door:
        with one_worker_busy(door):
            # Only the other is free, and it alone can have answered.
            assert door.call(made).status_code == 200
            second_busy = one_worker_busy(door)
            second_busy.__enter__()
        # Now the one that was busy is free, and the other is busy.
        assert door.call(made).status_code == 401
        second_busy.__exit__(None, None, None)


def test_JWT_15_a_token_used_at_one_replica_is_used_at_the_other(
    door: Door, replica: Door
) -> None:
    for one, other in ((door, replica), (replica, door)):
        made = bearer(token(live()))
        assert one.call(made).status_code == 200
        assert other.call(made).status_code == 401
        assert one.call(made).status_code == 401


def test_JWT_15_of_many_at_once_one_is_let_in(door: Door, replica: Door) -> None:
    doors = [door, replica] * 8
    for _ in range(3):
        made = bearer(token(live()))
        calls = partial(Door.call, authorization=made)
        with ThreadPoolExecutor(len(doors)) as together:
            answers = list(together.map(calls, doors))
        assert Counter(answer.status_code for answer in answers) == {200: 1, 401: 15}


def test_JWT_15_a_token_stays_used_after_a_restart(own_folder: Path) -> None:
    made = bearer(token(live()))
    with running(own_folder) as before:
        assert before.call(made).status_code == 200
    with running(own_folder) as after:
        assert after.call(made).status_code == 401


def test_JWT_15_a_bad_signature_does_not_burn_the_id_at_any_replica(
    door: Door, replica: Door
) -> None:
    payload = live()
    forged = bearer(token(payload, key=key_of("ES384", "thief")))
    assert [each.call(forged).status_code for each in (door, replica)] == [401, 401]
    assert replica.call(bearer(token(payload))).status_code == 200


def test_JWT_15_a_token_near_its_end_is_still_good_for_one_call_only(
    door: Door, replica: Door
) -> None:
    made = bearer(token(live(iat=now() - 300, exp=now() - 30)))
    assert door.call(made).status_code == 200
    assert replica.call(made).status_code == 401


def test_while_the_store_is_down_nobody_is_let_in_and_no_id_is_burnt(
    own_folder: Path,
) -> None:
    made = bearer(token(live()))
    with running(own_folder) as door:
        store = own_folder / "store.sqlite3"
        with closing(sqlite3.connect(store, isolation_level=None)) as blocking:
            blocking.execute("BEGIN EXCLUSIVE")
            answer = door.call(made)
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.json()["issue"][0]["code"] == "transient"
            blocking.execute("ROLLBACK")
        assert door.call(made).status_code == 200
        assert door.call(made).status_code == 401


def test_C_10_feedback_is_let_in_by_a_token_for_either_of_two_URLs(door: Door) -> None:
    url = f"{door.url}/cds-services/{SERVICE_ID}/feedback"
    for aud, expected in [
        (CALLED, 200),
        (f"{CALLED}/feedback", 200),
        (f"{CALLED}/feedback/", 401),
        (CALLED.rpartition("/")[0], 401),
    ]:
        headers = {"Authorization": bearer(token(live(aud=aud)))}
        answer = requests.post(url, json={"feedback": []}, headers=headers, timeout=20)
        assert answer.status_code == expected, aud
    assert requests.post(url, json={"feedback": []}, timeout=20).status_code == 401


def test_F_12_one_token_is_not_good_for_a_call_and_for_its_feedback(door: Door) -> None:
    made = bearer(token(live()))
    assert door.call(made).status_code == 200
    answer = requests.post(
        f"{door.url}/cds-services/{SERVICE_ID}/feedback",
        json={"feedback": []},
        headers={"Authorization": made},
        timeout=20,
    )
    assert answer.status_code == 401


def test_keys_are_fetched_from_the_address_on_file_and_no_other(
    tmp_path: Path,
) -> None:
    with serving_keys() as keys, serving_keys() as elsewhere:
        written(tmp_path, client(jwks_file=None, jku=keys.url))
        with running(tmp_path) as door:
            away = bearer(token(live(), jku=elsewhere.url))
            assert door.call(away).status_code == 401
            assert (keys.count, elsewhere.count) == (0, 0)
            for header in ({}, {"jku": keys.url}, {}, {"jku": keys.url}):
                made = token(live(), **header)
                assert door.call(bearer(made)).status_code == 200
            # Each worker fetches for itself, once.
            assert 1 <= keys.count <= 2
            assert elsewhere.count == 0


@pytest.mark.parametrize(("setting", "expected"), [("open", 200), ("required", 401)])
def test_C_11_discovery_is_open_unless_it_is_switched(
    own_folder: Path, setting: str, expected: int
) -> None:
    with running(own_folder, B12_AUTH_DISCOVERY=setting) as door:
        url = f"{door.url}/cds-services"
        assert requests.get(url, timeout=20).status_code == expected
        garbage = requests.get(url, headers={"Authorization": "Bearer x"}, timeout=20)
        assert garbage.status_code == expected
        for aud, status in [(url, expected), (CALLED.rpartition("/")[0], 200)]:
            headers = {"Authorization": bearer(token(live(aud=aud)))}
            found = requests.get(url, headers=headers, timeout=20)
            assert found.status_code == status
        assert requests.get(f"{door.url}/healthz", timeout=20).ok


def test_a_longer_life_can_be_allowed_and_a_shorter_one_demanded(
    own_folder: Path,
) -> None:
    with running(own_folder, B12_TOKEN_LIFETIME_SECONDS="120") as door:
        long, short = live(exp=now() + 150), live(exp=now() + 100)
        assert door.call(bearer(token(long))).status_code == 401
        assert door.call(bearer(token(short))).status_code == 200
        reasons = [
            json.loads(line)["reason"]
            for line in door.written().splitlines()
            if "not authenticated" in line
        ]
        assert reasons == ["lifetime"]
