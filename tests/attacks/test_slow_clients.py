"""Clients that hold workers, and more calls than can be answered."""

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.attacks.conftest import OPEN
from tests.attacks.doors import Door, running
from tests.attacks.raw import CALL, PATH, connected, head, parsed, whole
from tests.http.patients import request


CLIENT_SECONDS = 2
"""A client that says nothing holds a worker for these and for two more, in which it may
take the answer."""

MOST_WAIT_SECONDS = 7
"""Far from the four seconds for which a worker is held once, and from the twelve for
which it is held three times: a loaded machine does not get a test across."""


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Two workers that give a client so long, and let none wait for longer."""
    settings = {
        **OPEN,
        "B12_CLIENT_SECONDS": str(CLIENT_SECONDS),
        "B12_MAX_WAIT_SECONDS": str(MOST_WAIT_SECONDS),
    }
    with running(tmp_path_factory.mktemp("slow"), B12_AUTH="off", **settings) as opened:
        yield opened


def call(door: Door) -> requests.Response:
    return requests.post(f"{door.url}{PATH}", json=request(), timeout=60)


def all_received(connection: socket.socket) -> bytes:
    received = b""
    try:
        while piece := connection.recv(65_536):
            received += piece
    except ConnectionError:
        pass
    return received


def dripped(connection: socket.socket, piece: bytes, seconds: float) -> float:
    """Send `piece` ten times a second; how long the service stood it."""
    began = time.monotonic()
    try:
        while time.monotonic() - began < seconds:
            connection.sendall(piece)
            time.sleep(0.1)
    except ConnectionError:
        pass
    return time.monotonic() - began


@pytest.mark.parametrize(
    ("begun", "piece", "status"),
    [
        (b"", b"", 408),
        (b"POST " + PATH.encode(), b"x", 408),
        (head()[:-2], b"X-A: b\r\n", 408),
        (head(b"Content-Length: 5000"), b"", 400),
        (head(b"Content-Length: 5000"), b" ", 400),
        (head(b"Transfer-Encoding: chunked"), b"1\r\n \r\n", 400),
    ],
    ids=[
        "silent_from_the_start",
        "dripping_request_line",
        "dripping_headers",
        "silent_after_the_head",
        "dripping_body",
        "dripping_chunks",
    ],
)
def test_a_slow_client_is_cut_off_and_the_other_worker_answers_meanwhile(
    door: Door, begun: bytes, piece: bytes, status: int
) -> None:
    with connected(door) as slow, ThreadPoolExecutor(1) as meanwhile:
        slow.sendall(begun)
        other = meanwhile.submit(call, door)
        if piece:
            dripped(slow, piece, CLIENT_SECONDS + 0.5)
        assert other.result().status_code == 200
        (answer,) = parsed(all_received(slow)) or [None]
    # What a client is still sending may cost it the answer, but not us the worker.
    if answer is not None:
        assert answer.status == status
        assert answer.outcome()["severity"] == "error"
    else:
        assert piece


def test_a_call_waits_until_a_worker_that_is_held_is_free_again(door: Door) -> None:
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(connected(door)).sendall(head()[:-2])
        time.sleep(0.2)
        assert call(door).status_code == 200


def test_the_worker_of_a_slow_client_goes_on(door: Door) -> None:
    before = door.worker_ids()
    with connected(door) as slow:
        slow.sendall(head()[:-2])
        all_received(slow)
    assert call(door).status_code == 200
    assert door.worker_ids() == before


def test_a_client_that_goes_away_costs_nothing(door: Door) -> None:
    for sent in (b"", b"POST", head(), whole()[:-1], whole()):
        connected(door).close()
        with connected(door) as hasty:
            hasty.sendall(sent)
    assert call(door).status_code == 200


def test_a_client_that_reads_no_answer_costs_its_time_and_no_more(door: Door) -> None:
    with ExitStack() as deaf:
        for _ in range(4):
            deaf.enter_context(connected(door)).sendall(whole())
        assert call(door).status_code == 200


@dataclass(frozen=True, kw_only=True)
class Overload:
    """What came of calls while both workers were held for too long."""

    calls: list[requests.Response]
    raw: bytes
    probe: requests.Response


@pytest.fixture(scope="module")
def overload(door: Door) -> Overload:
    """Clients that say nothing hold each worker three times in a row."""
    with ExitStack() as held, ThreadPoolExecutor(32) as together:
        for _ in range(6):
            held.enter_context(connected(door)).sendall(head()[:-2])
        time.sleep(0.2)
        calls = [together.submit(call, door) for _ in range(30)]
        probe = together.submit(requests.get, f"{door.url}/healthz", timeout=60)
        patient = held.enter_context(connected(door))
        patient.sendall(whole(b"Origin: https://ehr.example.org"))
        return Overload(
            raw=all_received(patient),
            calls=[each.result() for each in calls],
            probe=probe.result(),
        )


def test_H_11_a_call_that_waited_too_long_is_answered_503_and_when_to_come_again(
    overload: Overload,
) -> None:
    (answer,) = parsed(overload.raw)
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["access-control-allow-origin"] == "https://ehr.example.org"
    assert answer.outcome()["code"] == "transient"


def test_probes_are_answered_however_long_they_waited(overload: Overload) -> None:
    assert overload.probe.status_code == 200


def test_after_overload_calls_are_answered_again(
    door: Door, overload: Overload
) -> None:
    assert {answer.status_code for answer in overload.calls} == {503}
    assert call(door).status_code == 200


def test_the_log_says_how_many_were_turned_away_and_nothing_of_them(
    door: Door, overload: Overload
) -> None:
    lines = [json.loads(line) for line in door.written().splitlines() if line[0] == "{"]
    refused = [line for line in lines if line.get("error") == "ServiceBusy"]
    assert len(refused) == len(overload.calls) + 1
    assert {line["status"] for line in refused} == {503}


def test_a_body_above_the_limit_is_refused_while_it_is_still_coming(
    tmp_path: Path,
) -> None:
    """The answer arrives although the client is still sending: it is not reset."""
    settings = {**OPEN, "B12_MAX_BODY_BYTES": "100000"}
    with running(tmp_path, B12_AUTH="off", **settings) as door:
        for _ in range(5):
            answer = requests.post(
                f"{door.url}{PATH}", data=CALL.ljust(8_000_000), timeout=60
            )
            assert answer.status_code == 413
            assert answer.json()["issue"][0]["code"] == "too-long"
