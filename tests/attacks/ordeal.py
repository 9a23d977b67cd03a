"""Calls that mark everything and let everything go wrong."""

import gzip
import json
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.attacks.doors import SERVICE_ID, Door, running
from tests.attacks.markers import (
    Markers,
    marked_feedback,
    marked_headers,
    marked_order_select,
    marked_request,
    places,
    with_words,
    with_wrong_type,
)
from tests.attacks.raw import connected, head, received, whole
from tests.conftest import ROOT
from tests.fhir_server import fhir_test_server as fhir_faults
from tests.fhir_server.fhir_test_server import Fault, FhirTestServer


PLANTED = """
'''A fault of the program for every way in which Python tells of one.'''
import logging, threading, warnings
from service.advice import Adviser

advise = Adviser.advise

class Unraisable:
    def __init__(self, words):
        self.words = words
    def __del__(self):
        raise ValueError(self.words)

def fail(words):
    raise KeyError(words)

def failing(self, request, **rest):
    kind, words = request.extension.get("planted"), repr(request)
    if kind == "exception":
        try:
            fail(words)
        except KeyError as fault:
            raise RuntimeError(words) from fault
    elif kind == "warning":
        warnings.warn(words)
    elif kind == "log":
        logging.getLogger('planted').critical(words)
        logging.critical(words)
    elif kind == "thread":
        thread = threading.Thread(target=fail, args=(words,), name=words)
        thread.start()
        thread.join()
    elif kind == "unraisable":
        Unraisable(words)
    return advise(self, request, **rest)

Adviser.advise = failing
"""


@dataclass(frozen=True, kw_only=True)
class Ordeal:
    """What the service was put through, and what came of it."""

    door: Door
    folder: Path
    marker: Markers = field(default_factory=Markers)
    answers: dict[str, list[requests.Response]] = field(default_factory=dict)
    reached: list[str] = field(default_factory=list)
    """What arrived at the FHIR server."""

    def call(
        self,
        name: str,
        method: str = "POST",
        path: str = f"/cds-services/{SERVICE_ID}",
        query: str = "",
        **sent: object,
    ) -> requests.Response:
        """Call the service; the answer is kept under `name`."""
        answer = requests.request(
            method,
            f"{self.door.url}{path}?{self.marker('query')}={self.marker('query value')}"
            f"{query}",
            timeout=60,
            **sent,
        )
        self.answers.setdefault(name, []).append(answer)
        return answer

    def statuses(self, name: str) -> set[int]:
        return {answer.status_code for answer in self.answers[name]}

    def stored(self) -> bytes:
        """Every byte of the database and of the files beside it."""
        return b"".join(
            file.read_bytes() for file in sorted(self.folder.glob("store.sqlite3*"))
        )


@contextmanager
def ordeal(folder: Path, **settings: str) -> Iterator[Ordeal]:
    """A service with planted faults, that tells all it can."""
    (folder / "planted").mkdir()
    (folder / "planted" / "sitecustomize.py").write_text(PLANTED)
    settings = {
        "PYTHONPATH": str(folder / "planted"),
        "B12_LOG_LEVEL": "debug",
        "B12_MAX_BODY_BYTES": "200000",
        "B12_CLIENT_SECONDS": "2",
        "B12_MAX_WAIT_SECONDS": "60",
        "B12_FHIR_DEADLINE_SECONDS": "3",
        "B12_FHIR_FAILURES": "1000",
        **settings,
    }
    with running(folder, **settings) as door:
        yield Ordeal(door=door, folder=folder)


def call_well(ordeal: Ordeal) -> None:
    marker = ordeal.marker
    headers = marked_headers(marker)
    ordeal.call("answered", json=marked_request(marker), headers=headers)
    ordeal.call(
        "answered at order-select",
        path="/cds-services/b12-order-select",
        json=marked_order_select(marker),
    )
    for path in ("/", "/about", "/docs", "/openapi.yaml", "/healthz", "/readyz"):
        ordeal.call("page", "GET", path, headers=headers)


def call_with_fixtures(ordeal: Ordeal) -> None:
    """Every situation of the fixtures, so that every rule has its say."""
    for file in sorted((ROOT / "fixtures").glob("*/request.json")):
        sent = with_words(json.loads(file.read_bytes()), ordeal.marker)
        ordeal.call("fixture", path=f"/cds-services/b12-{sent['hook']}", json=sent)


def call_badly(ordeal: Ordeal) -> None:
    marker = ordeal.marker
    sent = json.dumps(marked_request(marker))
    headers = marked_headers(marker)
    name = marker("method")
    ordeal.call("400", data=sent[:-1], headers=headers)
    ordeal.call("400", data=sent.replace("{", "{'", 1), headers=headers)
    ordeal.call("400", data=sent.encode() + b"\xff", headers=headers)
    ordeal.call("404", path=f"/cds-services/{marker('service id')}", data=sent)
    ordeal.call("404", "GET", f"/{marker('path')}/{marker('path below')}")
    ordeal.call("405", "PUT", data=sent, headers=headers)
    ordeal.call("405", name, data=sent)
    incomplete = marked_request(marker)
    kept = ("patient", "conditions")
    incomplete["prefetch"] = {key: incomplete["prefetch"][key] for key in kept}
    ordeal.call("412", json=incomplete, headers=headers)
    ordeal.call("413", data=sent + " " * 200_000, headers=headers)
    packed = {"Content-Encoding": "gzip", **headers}
    ordeal.call("415", data=gzip.compress(sent.encode()), headers=packed)
    unknown_encoding = {"Content-Encoding": marker("encoding")}
    ordeal.call("415", data=sent, headers=unknown_encoding)
    ordeal.call("422", json=marked_request(marker, hook=marker("hook")))
    ordeal.call("422", json=[marked_request(marker)])
    other = marked_request(marker)
    other["prefetch"]["patient"]["id"] = marker("id of another patient")
    ordeal.call("422", json=other)
    ordeal.call("422", data=sent.replace('"hook"', f'"{name}": 1, "{name}": 2, "hook"'))
    for path in list(places(marked_request(marker))):
        spoilt = with_wrong_type(marked_request(marker), path, marker)
        ordeal.call("wrong types", json=spoilt)


def call_with_servers(ordeal: Ordeal, fhir: FhirTestServer) -> None:
    """Calls without prefetch, whose FHIR server does badly in every known way."""
    marker = ordeal.marker
    kept = ("patient", "conditions")
    sent = marked_request(
        marker,
        fhirServer=f"{fhir.base_url}/{marker('path of the FHIR server')}",
        fhirAuthorization={
            "access_token": marker("access token"),
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": marker("scope"),
            "subject": marker("subject"),
            "patient": marker("patient id"),
        },
    )
    sent["prefetch"] = {key: sent["prefetch"][key] for key in kept}
    for name, fault in faults_of_servers(marker).items():
        # The first step below /fhir is what the server takes for a resource type.
        fhir.faults[marker("path of the FHIR server")] = fault
        ordeal.call(f"FHIR server: {name}", json=sent)


def faults_of_servers(marker: Markers) -> dict[str, Fault]:
    told = marker("words of the FHIR server")
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "invalid", "diagnostics": told}],
    }
    elsewhere = f"http://127.0.0.1:1/{marker('redirected to')}"
    another = {"resourceType": "Patient", "id": marker("resource of no interest")}

    def saying(status: int, **headers: str) -> Fault:
        return lambda exchange: exchange.send(status, outcome, **headers)

    def reason(exchange: fhir_faults.Exchange) -> None:
        exchange.wfile.write(f"HTTP/1.1 500 {told}\r\n{told}\r\n\r\n".encode())
        exchange.close_connection = True

    return {
        **{str(code): saying(code) for code in (200, 400, 401, 403, 404, 429, 500)},
        "redirect": saying(302, Location=elsewhere),
        "cookie": saying(500, Set_Cookie=f"{told}={told}"),
        "reason": reason,
        "next page": fhir_faults.next_page_at(elsewhere),
        "no JSON": fhir_faults.body(f"<{told}>".encode()),
        "broken JSON": fhir_faults.body(f'{{"{told}": "{told}'.encode()),
        "another resource": fhir_faults.body(another),
        "no gzip": lambda exchange: exchange.send(
            200, told.encode(), Content_Encoding="gzip"
        ),
        "broken off": fhir_faults.truncated,
        "closed": fhir_faults.closing,
        "silent": fhir_faults.hanging,
    }


def crash(ordeal: Ordeal) -> None:
    for kind in ("exception", "warning", "log", "thread", "unraisable"):
        sent = marked_request(ordeal.marker)
        sent["extension"]["planted"] = kind
        ordeal.call(f"planted {kind}", json=sent, headers=marked_headers(ordeal.marker))


def call_without_http(ordeal: Ordeal) -> None:
    """What gunicorn refuses before the application sees it, byte for byte."""
    marker, door = ordeal.marker, ordeal.door
    mark = marker("raw bytes").encode()
    length = b"Content-Length: %d" % (len(mark) + 1)
    for sent in (
        mark + b"\r\n\r\n",
        head(b"X-\x00: " + mark),
        head(b"Content-Length: " + mark),
        head(b"Transfer-Encoding: " + mark),
        head(b"Expect: " + mark),
        head(target=b"/" + mark * 500),
        head(b"X: " + mark * 5_000),
        head(b"Transfer-Encoding: chunked") + mark + b"\r\n",
        head(length) + mark,
    ):
        answer = received(door, sent, then_closing=True)
        assert marker.found_in(answer) == []
    for slow in (head()[:-2] + b"X: " + mark, head(length) + mark):
        with connected(door) as connection:
            connection.sendall(slow)
            answer = b""
            while piece := connection.recv(65_536):
                answer += piece
        assert marker.found_in(answer) == []


def break_off(ordeal: Ordeal) -> None:
    """Clients that go away in the midst of a call, and workers that are killed."""
    sent = whole(body=json.dumps(marked_request(ordeal.marker)).encode())
    with connected(ordeal.door) as gone:
        gone.sendall(sent[:-5])
    with connected(ordeal.door) as held:
        held.sendall(sent[:-5])
        killed = set(ordeal.door.worker_ids())
        for worker in killed:
            os.kill(worker, signal.SIGABRT)
    deadline = time.monotonic() + 60
    while len(set(ordeal.door.worker_ids()) - killed) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def send_feedback(ordeal: Ordeal, headers: Callable[[], dict[str, str]]) -> None:
    marker = ordeal.marker
    (first, *_) = ordeal.answers["answered"]
    card = first.json()["cards"][0]["uuid"]
    entry = marked_feedback(marker, card)
    unknown = marked_feedback(marker, marker("id of a card"))
    coded = marked_feedback(marker, card)
    coded["overrideReason"]["reason"] = {
        "code": marker("accepted code"),
        "system": f"urn:{marker('accepted system')}",
    }
    spoilt = [with_wrong_type(entry, path, marker) for path in list(places(entry))]
    for entries in (
        [entry],
        [unknown],
        [coded],
        spoilt,
        [entry, *spoilt],
        marker("no list"),
    ):
        ordeal.call(
            "feedback",
            path=f"/cds-services/{SERVICE_ID}/feedback",
            json={"feedback": entries, marker("beside feedback"): marker("member")},
            headers=headers(),
        )


def lose_the_store(ordeal: Ordeal, headers: Callable[[], dict[str, str]]) -> None:
    """Statements fail whose parameters hold what is to be stored."""
    entry = marked_feedback(ordeal.marker, ordeal.marker("id of a card"))
    entry["outcomeTimestamp"] = "2025-06-30T10:00:00Z"
    with closing(sqlite3.connect(ordeal.folder / "store.sqlite3")) as store:
        store.execute("ALTER TABLE feedback RENAME TO lost")
        store.commit()
        ordeal.call(
            "store lost",
            path=f"/cds-services/{SERVICE_ID}/feedback",
            json={"feedback": [entry]},
            headers=headers(),
        )
        store.execute("ALTER TABLE lost RENAME TO feedback")
        store.commit()
