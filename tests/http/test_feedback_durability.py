"""What was answered 200 is there after the service was killed, on either database."""

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from sqlalchemy import create_engine, text

from service.store.database import read_url
from tests.http.feedback_messages import FEEDBACK, accepted, send, shown_card, stored
from tests.http.test_serve import environment, free_port, wait_for
from tests.postgresql import Cluster


B12_CDS = Path(sys.executable).with_name("b12-cds")
SENDERS = 4


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite3'}"
    cluster: Cluster = request.getfixturevalue("postgresql")
    return cluster.new_database()


class Replica:
    """`b12-cds serve` with its two workers, in a process group of its own."""

    def __init__(self, base_url: str, process: "subprocess.Popen[bytes]") -> None:
        self.base_url = base_url
        self._process = process

    def kill(self) -> None:
        """End parent and workers at once, with no time for anything."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=30)


@contextmanager
def replica(database_url: str, folder: Path) -> Iterator[Replica]:
    port = free_port()
    with (folder / f"output-{port}").open("wb") as output:
        process = subprocess.Popen(
            [B12_CDS, "serve", "--port", str(port)],
            env=environment(B12_AS_OF="2025-06-30", B12_DATABASE_URL=database_url),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        base_url = f"http://127.0.0.1:{port}"
        wait_for(f"{base_url}/readyz", process)
        yield Replica(base_url, process)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)


def cards_in(database_url: str) -> set[uuid.UUID]:
    engine = create_engine(read_url(database_url))
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT card FROM feedback")).scalars().all()
    engine.dispose()
    return {uuid.UUID(str(row)) for row in rows}


def test_an_entry_answered_200_survives_a_kill_the_moment_after(
    database_url: str, tmp_path: Path
) -> None:
    with replica(database_url, tmp_path) as running:
        card = shown_card(running.base_url)["uuid"]
        assert send(running.base_url, accepted(card)).status_code == 200
        running.kill()
    assert stored(database_url) == {("b12-screen", "accepted"): 1}


def test_of_entries_sent_while_the_service_is_killed_each_answered_one_is_there(
    database_url: str, tmp_path: Path
) -> None:
    answered: set[uuid.UUID] = set()

    def keep_sending(base_url: str) -> None:
        with requests.Session() as session:
            while True:
                entry = accepted()
                try:
                    answer = session.post(
                        f"{base_url}{FEEDBACK}", json={"feedback": [entry]}, timeout=10
                    )
                except requests.RequestException:
                    return
                if answer.status_code == 200:
                    answered.add(uuid.UUID(entry["card"]))

    with replica(database_url, tmp_path) as running:
        senders = [
            threading.Thread(target=keep_sending, args=[running.base_url])
            for _ in range(SENDERS)
        ]
        for sender in senders:
            sender.start()
        deadline = time.monotonic() + 30
        while len(answered) < 40 and time.monotonic() < deadline:
            time.sleep(0.01)
        running.kill()
        for sender in senders:
            sender.join(timeout=30)

    assert len(answered) >= 40
    kept = cards_in(database_url)
    assert answered <= kept
    # At most the entry that each sender had in hand was stored without an answer.
    assert len(kept) <= len(answered) + SENDERS


def test_a_service_that_starts_again_knows_the_cards_of_before(
    database_url: str, tmp_path: Path
) -> None:
    with replica(database_url, tmp_path) as running:
        card = shown_card(running.base_url)["uuid"]
        running.kill()
    with replica(database_url, tmp_path) as running:
        assert send(running.base_url, accepted(card)).json() == {
            "stored": 1,
            "repeated": 0,
            "unmatched": 0,
        }


def test_two_replicas_and_their_workers_count_one_message_once(
    database_url: str, tmp_path: Path
) -> None:
    with (
        replica(database_url, tmp_path) as one,
        replica(database_url, tmp_path) as other,
    ):
        entry = accepted(shown_card(one.base_url)["uuid"])
        answers: list[requests.Response] = []
        senders = [
            threading.Thread(
                target=lambda base_url: answers.append(send(base_url, entry)),
                args=[base_url],
            )
            for base_url in [one.base_url, other.base_url] * 5
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(timeout=60)
    assert [answer.status_code for answer in answers] == [200] * 10
    assert sum(answer.json()["stored"] for answer in answers) == 1
    assert stored(database_url) == {("b12-screen", "accepted"): 1}


def test_a_service_whose_store_cannot_be_opened_does_not_start_and_says_why(
    tmp_path: Path,
) -> None:
    started = subprocess.run(
        [B12_CDS, "serve", "--port", str(free_port())],
        env=environment(B12_DATABASE_URL="postgresql://b12:topsecret@127.0.0.1:1/x"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert started.returncode == 2
    assert "B12_DATABASE_URL" in started.stderr
    assert "Traceback" not in started.stderr
    assert "topsecret" not in started.stderr
