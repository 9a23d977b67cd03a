"""Markers in every field of a call, and none of them anywhere but in its own answer.

A whole run of the service: calls that are answered, refused, broken off, failing in the
FHIR server and crashing in the service itself, with every string of theirs a marker at
some time. Then all that was written is searched: log, metrics, store, and the answers
that refuse.
"""

import base64
import copy
import json
import os
import signal
import socket
import sqlite3
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.fernet import Fernet

from tests.attacks.doors import Door, live, running
from tests.attacks.raw import PATH, connected, whole
from tests.conftest import ROOT
from tests.fhir_server.fhir_test_server import FhirTestServer, body, hanging
from tests.fhir_server.fhir_test_server import running as fhir_server
from tests.http.patients import bundle, cramps, metformin, patient, prefetch, request
from tests.protocol.tokens import bearer, token


REQUESTS = sorted((ROOT / "fixtures").glob("*/request.json"))
CRASH = "zzcrash"
"""The name of a member that makes the service crash, in the run of this module."""

# Elements by whose words nothing is decided, so that cards are still made beside them.
FREE = frozenset(
    "display fullUrl text family given line city div note userName postalCode comment"
    " patientInstruction versionId lastUpdated".split()
)

CRASHING = f"""
import service.advice as advice


class Fault(Exception):
    pass


def crash(self, request, **others):
    if "{CRASH}" not in (request.extension or {{}}):
        return advise(self, request, **others)
    name_of_patient = repr(request)
    try:
        raise KeyError(name_of_patient)
    except KeyError as fault:
        raise Fault(name_of_patient) from fault


advise, advice.Adviser.advise = advice.Adviser.advise, crash
"""


@dataclass
class Markers:
    """Strings that occur nowhere else, each made for one place."""

    made: list[str] = field(default_factory=list)

    def __call__(self) -> str:
        self.made.append(f"zq{len(self.made):05d}qz")
        return self.made[-1]

    def found_in(self, text: str | bytes) -> list[str]:
        """Those that are in a text, in any of the forms in which it may be written."""
        content = text.encode() if isinstance(text, str) else text
        return [
            marker
            for marker in self.made
            if marker.encode() in content
            or base64.b64encode(marker.encode()) in content
        ]


@dataclass(frozen=True, kw_only=True)
class Run:
    """A service that was called with markers, and what it answered."""

    door: Door
    folder: Path
    markers: Markers
    answers: list[requests.Response] = field(default_factory=list)

    def call(self, payload: Any, **headers: str) -> requests.Response:
        """Call the service with whatever `payload` is."""
        hook = payload.get("hook") if isinstance(payload, dict) else None
        known = isinstance(hook, str) and "zq" not in hook
        url = f"{self.door.url}/cds-services/b12-{hook if known else 'patient-view'}"
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        return self.keep(requests.post(url, data=data, headers=headers, timeout=60))

    def keep(self, answer: requests.Response) -> requests.Response:
        self.answers.append(answer)
        return answer


def marked(value: Any, markers: Markers, *, all_words: bool, name: str = "") -> Any:
    """`value` with markers in its free words, or with nothing else for any string."""
    if isinstance(value, dict):
        return {
            key: marked(member, markers, all_words=all_words, name=key)
            for key, member in value.items()
        }
    if isinstance(value, list):
        return [marked(each, markers, all_words=all_words, name=name) for each in value]
    if not isinstance(value, str):
        return value
    if all_words:
        return markers()
    return f"{value} {markers()}" if name in FREE else value


def one_string_at_a_time(value: Any, markers: Markers) -> Iterator[Any]:
    """`value` as often as it has strings, each time with a marker in one place."""
    places = list(strings_in(value))
    for path in places:
        changed = copy.deepcopy(value)
        inner = changed
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = markers()
        yield changed


def strings_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from strings_in(member, (*path, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from strings_in(member, (*path, index))
    elif isinstance(value, str):
        yield path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The run itself; the tests look at what it left."""
    folder = tmp_path_factory.mktemp("leaks")
    (folder / "crashing").mkdir()
    (folder / "crashing/b12_crash.py").write_text(CRASHING)
    (folder / "crashing/sitecustomize.py").write_text(
        "import sys\nif sys.argv[0].endswith('b12-cds'):\n    import b12_crash\n"
    )
    settings = {
        "B12_AUTH": "off",
        "B12_CLIENTS_FILE": "",
        "B12_BASE_URL": "",
        "B12_LOG_LEVEL": "debug",
        "B12_FEEDBACK_COMMENTS": "encrypted",
        "B12_COMMENT_KEY": Fernet.generate_key().decode(),
        "B12_CLIENT_SECONDS": "3",
        "PYTHONPATH": str(folder / "crashing"),
    }
    with running(folder, **settings) as door, fhir_server() as chart:
        made = Run(door=door, folder=folder, markers=Markers())
        charts_that_are_answered(made)
        charts_that_are_refused(made)
        frames_that_are_refused(made)
        no_json_at_all(made)
        other_paths_and_headers(made)
        answers_of_fhir_servers(made, chart)
        feedback(made)
        crashes(made)
        connections_that_break_off(made)
        made.call(request())
        yield made


def charts_that_are_answered(run: Run) -> None:
    for path in REQUESTS:
        payload = json.loads(path.read_bytes())
        run.call(marked(payload, run.markers, all_words=False))


def charts_that_are_refused(run: Run) -> None:
    for path in REQUESTS[::4]:
        payload = json.loads(path.read_bytes())
        for key, value in payload["prefetch"].items():
            spoilt = marked(value, run.markers, all_words=True)
            run.call({**payload, "prefetch": {**payload["prefetch"], key: spoilt}})
    small = request(prefetch={"patient": patient(), "conditions": bundle(cramps())})
    small["prefetch"]["medicationRequests"] = bundle(metformin())
    with ThreadPoolExecutor(4) as together:
        list(together.map(run.call, one_string_at_a_time(small, run.markers)))


def frames_that_are_refused(run: Run) -> None:
    mark = run.markers
    authorization = {
        "access_token": mark(),
        "token_type": mark(),
        "expires_in": mark(),
        "scope": mark(),
        "subject": mark(),
    }
    for name in ("hook", "hookInstance", "fhirServer", "context", "prefetch"):
        run.call(request(**{name: mark()}))
        run.call(request(**{name: {mark(): mark()}}))
        run.call(request(**{name: [mark()]}))
    run.call(request(fhirAuthorization=authorization, fhirServer="https://a.example"))
    run.call(request(fhirAuthorization=mark(), fhirServer=f"https://{mark()}.example"))
    run.call(request(**{mark(): {mark(): [mark()]}}))
    run.call(request(extension={mark(): mark(), "b12Dismissed": mark()}))
    run.call(request(context={"patientId": "p1", "userId": mark(), mark(): mark()}))
    run.call(request(context={"patientId": mark(), "userId": "Practitioner/u1"}))
    run.call(request(prefetch={mark(): patient(id=mark()), mark(): mark()}))
    run.call(request(prefetch=prefetch(**{mark(): {"resourceType": mark()}})))
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": mark(), "diagnostics": mark()}],
    }
    run.call(request(prefetch=prefetch(conditions=outcome)))
    run.call(mark())
    run.call([mark()])


def no_json_at_all(run: Run) -> None:
    for text in ('"{0}', '{{"{0}": "{0}", "{0}": 1}}', '{{"a": {0}}}', '["{0}" "{0}"]'):
        run.call(text.format(run.markers()).encode())
    run.call(f'{{"hook": "{run.markers()}\\ud83d"}}'.encode())
    run.call(f'{{"hook": "{run.markers()}'.encode("utf-16"))


def other_paths_and_headers(run: Run) -> None:
    mark, url = run.markers, run.door.url
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
        for path in (f"/{mark()}", f"/cds-services/{mark()}", f"{PATH}/{mark()}"):
            run.keep(requests.request(method, f"{url}{path}?a={mark()}", timeout=60))
    for name in ("User-Agent", "Referer", "Origin", "Cookie", "X-Correlation-Id"):
        run.call(request(), **{name: mark()})
    run.call(request(), Authorization=f"Basic {mark()}")
    made = token(live(sub=mark(), name=mark()))
    mark.made += made.split(".")[1:]
    run.call(request(), Authorization=bearer(made))
    run.call(request(), **{"Content-Type": mark(), "Accept": mark(), mark(): mark()})
    run.call(request(), **{"Content-Encoding": mark()})


def answers_of_fhir_servers(run: Run, chart: FhirTestServer) -> None:
    mark = run.markers
    chart.resources = [
        patient(name=[{"family": mark()}]),
        cramps(note=[{"text": mark()}]),
        metformin(),
    ]
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "exception", "diagnostics": mark()}],
    }
    faults = [
        None,
        lambda exchange: exchange.send(401, outcome, WWW_Authenticate=mark()),
        lambda exchange: exchange.send(500, outcome),
        lambda exchange: exchange.send(302, outcome, Location=f"http://{mark()}/"),
        body(mark().encode(), mark()),
        body({"resourceType": mark(), "id": mark()}),
        body({"resourceType": "Bundle", "link": [{"relation": "next", "url": mark()}]}),
        hanging,
    ]
    for fault in faults:
        chart.faults = {} if fault is None else {"Condition": fault}
        payload = request(
            fhirServer=f"{chart.base_url}",
            fhirAuthorization={
                "access_token": mark(),
                "token_type": "Bearer",
                "expires_in": 300,
                "scope": mark(),
                "subject": mark(),
            },
            prefetch={"patient": patient()},
        )
        run.call(payload)
    run.call(request(fhirServer=f"{chart.base_url}/{mark()}", prefetch={}))
    run.call(request(fhirServer=f"http://{mark()}.invalid/fhir", prefetch={}))


def feedback(run: Run) -> None:
    mark = run.markers
    card = run.call(request()).json()["cards"][0]["uuid"]
    reason = {
        # A code of the client's own is kept, so that its reasons can be counted; words
        # in the place of one are not.
        "reason": {"code": f"as {mark()} said", "system": mark(), "display": mark()},
        "userComment": mark(),
    }
    entry = {
        "card": card,
        "outcome": "overridden",
        "overrideReason": reason,
        "outcomeTimestamp": "2025-06-30T09:00:00Z",
    }
    entries: list[Any] = [
        entry,
        {**entry, "card": mark()},
        {**entry, "outcome": mark()},
        {**entry, "outcomeTimestamp": mark()},
        {**entry, mark(): mark()},
        {**entry, "card": str(uuid.uuid4()), "extension": {mark(): mark()}},
        {
            "card": str(uuid.uuid4()),
            "outcome": "accepted",
            "acceptedSuggestions": [{"id": str(uuid.uuid4()), mark(): mark()}],
            "outcomeTimestamp": "2025-06-30T09:00:00Z",
            "userComment": mark(),
        },
        mark(),
    ]
    for each in entries:
        for sent in ({"feedback": [each]}, each):
            run.keep(
                requests.post(f"{run.door.url}{PATH}/feedback", json=sent, timeout=60)
            )


def crashes(run: Run) -> None:
    for path in REQUESTS[::6]:
        payload = marked(json.loads(path.read_bytes()), run.markers, all_words=False)
        answer = run.call({**payload, "extension": {CRASH: run.markers()}})
        assert answer.status_code == 500


def connections_that_break_off(run: Run) -> None:
    """A worker that is killed with a call in hand, and clients that go away."""
    sent = json.dumps(request(userName=run.markers())).encode()
    for part in (whole(body=sent)[:-5], f"GET /{run.markers()} HTTX".encode(), b"\r\n"):
        with connected(run.door) as connection:
            connection.sendall(part)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(65_536)
    with connected(run.door) as held:
        held.sendall(whole(body=sent)[:-5])
        workers = run.door.worker_ids()
        for worker in workers:
            os.kill(worker, signal.SIGABRT)
    wait_for_others_than(workers, run.door)


def wait_for_others_than(workers: list[int], door: Door) -> None:
    deadline = time.monotonic() + 60
    while set(workers) & set(door.worker_ids()) or len(door.worker_ids()) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_every_kind_of_answer_was_among_them(run: Run) -> None:
    statuses = {answer.status_code for answer in run.answers}
    assert {200, 204, 400, 404, 405, 412, 415, 422, 500} <= statuses
    assert len(run.markers.made) > 700


def test_cards_were_made_beside_the_markers(run: Run) -> None:
    answered = [a for a in run.answers if a.status_code == 200 and "cards" in a.text]
    assert sum(bool(answer.json()["cards"]) for answer in answered) > 20
    assert any(run.markers.found_in(answer.text) for answer in answered)


def test_JWT_17_no_log_line_holds_a_marker(run: Run) -> None:
    lines = run.door.written().splitlines()
    assert len(lines) > len(run.answers)
    assert [line for line in lines if run.markers.found_in(line)] == []


def test_every_log_line_is_ours_and_none_a_traceback(run: Run) -> None:
    lines = run.door.written().splitlines()
    others = [line for line in lines if not line.startswith(("{", "b12-cds: "))]
    assert others == []
    assert any('"fault": "Fault"' in line for line in lines)


def test_no_refusal_quotes_what_was_sent(run: Run) -> None:
    refusals = [answer for answer in run.answers if answer.status_code >= 400]
    assert len(refusals) > 50
    for refusal in refusals:
        assert run.markers.found_in(refusal.text) == []
        assert run.markers.found_in(repr(dict(refusal.headers))) == []


def test_metrics_hold_no_marker(run: Run) -> None:
    shown = requests.get(f"{run.door.url}/metrics", timeout=60).text
    assert "b12_requests_total" in shown
    assert run.markers.found_in(shown) == []


def test_no_file_that_the_service_keeps_holds_a_marker(run: Run) -> None:
    files = [path for path in run.folder.rglob("*") if path.is_file()]
    kept = [path for path in files if path.name.startswith("store.sqlite3")]
    assert kept
    for path in kept:
        assert run.markers.found_in(path.read_bytes()) == []


def test_the_comments_are_in_the_store_all_the_same(run: Run) -> None:
    with sqlite3.connect(run.folder / "store.sqlite3") as store:
        rows = store.execute(
            "SELECT encrypted_comment FROM feedback WHERE encrypted_comment IS NOT NULL"
        ).fetchall()
    assert len(rows) >= 1
