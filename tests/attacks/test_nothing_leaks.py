"""Everything is marked, everything goes wrong, and all output is searched.

One run of a service for whoever calls, and one that asks for tokens: each is called in
every way that is known to be refused, to fail or to crash, with a marker in every field
that a client or a FHIR server can fill, and writes all the log it can. Then each place
is searched that somebody else than the caller can read.
"""

import gzip
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from cryptography.fernet import Fernet

from tests.attacks.doors import SERVICE_ID, Door, clients_file, live, running
from tests.attacks.markers import (
    Json,
    Markers,
    marked_feedback,
    marked_headers,
    marked_order_select,
    marked_request,
    places,
    with_wrong_type,
)
from tests.attacks.raw import connected, head, received
from tests.fhir_server import fhir_test_server as fhir_faults
from tests.fhir_server.fhir_test_server import Fault, FhirTestServer
from tests.http.patients import request, without
from tests.protocol.tokens import bearer, key_of, token


MAY_BE_LOGGED = {"issuer of a refused token", "tenant of a refused token"}
"""JWT-17 allows an operator to see who tried: `iss` and `tenant`. Nothing else of a
request is on this list; of a token's `jti` there is a hash in the log."""

MAY_BE_STORED: set[str] = set()
"""Nothing. (A reason code that has the form of a code is stored; here it has not.)"""

MAY_BE_MEASURED: set[str] = set()

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
        logging.getLogger(words).critical(words)
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
            **sent,  # type: ignore[arg-type]  # as requests takes it
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


def call_badly(ordeal: Ordeal) -> None:
    marker = ordeal.marker
    whole = json.dumps(marked_request(marker))
    headers = marked_headers(marker)
    name = marker("method")
    ordeal.call("400", data=whole[:-1], headers=headers)
    ordeal.call("400", data=whole.replace("{", "{'", 1), headers=headers)
    ordeal.call("400", data=whole.encode() + b"\xff", headers=headers)
    ordeal.call("404", path=f"/cds-services/{marker('service id')}", data=whole)
    ordeal.call("404", "GET", f"/{marker('path')}/{marker('path below')}")
    ordeal.call("405", "PUT", data=whole, headers=headers)
    ordeal.call("405", name, data=whole)
    incomplete = marked_request(marker)
    incomplete["prefetch"] = without(incomplete["prefetch"], "medicationRequests")
    ordeal.call("412", json=incomplete, headers=headers)
    ordeal.call("413", data=whole + " " * 200_000, headers=headers)
    packed = {"Content-Encoding": "gzip", **headers}
    ordeal.call("415", data=gzip.compress(whole.encode()), headers=packed)
    unknown_encoding = {"Content-Encoding": marker("encoding")}
    ordeal.call("415", data=whole, headers=unknown_encoding)
    ordeal.call("422", json=marked_request(marker, hook=marker("hook")))
    ordeal.call("422", json=[marked_request(marker)])
    other = marked_request(marker)
    other["prefetch"]["patient"]["id"] = marker("id of another patient")
    ordeal.call("422", json=other)
    ordeal.call("422", data=whole.replace('"hook"', f'"{name}": 1, "{name}": 2, "hook"'))
    for path in list(places(marked_request(marker))):
        sent = with_wrong_type(marked_request(marker), path, marker)
        ordeal.call("wrong types", json=sent)


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
        fhir.everything = fault  # type: ignore[attr-defined]  # set below
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


def send_feedback(ordeal: Ordeal, **headers: Callable[[], str]) -> None:
    marker = ordeal.marker
    (first, *_) = ordeal.answers["answered"]
    card = first.json()["cards"][0]["uuid"]
    whole = marked_feedback(marker, card)
    unknown = marked_feedback(marker, marker("id of a card"))
    spoilt = [
        with_wrong_type(whole, path, marker) for path in list(places(whole))
    ]
    for entries in ([whole], [unknown], spoilt, [whole, *spoilt], marker("no list")):
        ordeal.call(
            "feedback",
            path=f"/cds-services/{SERVICE_ID}/feedback",
            json={"feedback": entries, marker("beside feedback"): marker("member")},
            headers={name: made() for name, made in headers.items()},
        )


def lose_the_store(ordeal: Ordeal, **headers: Callable[[], str]) -> None:
    """Statements fail whose parameters hold what is to be stored."""
    whole = marked_feedback(ordeal.marker, ordeal.marker("id of a card"))
    whole["outcomeTimestamp"] = "2025-06-30T10:00:00Z"
    with closing(sqlite3.connect(ordeal.folder / "store.sqlite3")) as store:
        store.execute("ALTER TABLE feedback RENAME TO lost")
        store.commit()
        ordeal.call(
            "store lost",
            path=f"/cds-services/{SERVICE_ID}/feedback",
            json={"feedback": [whole]},
            headers={name: made() for name, made in headers.items()},
        )
        store.execute("ALTER TABLE lost RENAME TO feedback")
        store.commit()


@pytest.fixture(scope="module")
def fhir() -> Iterator[FhirTestServer]:
    """A server that does to every query what `everything` says."""
    with fhir_faults.running() as server:
        ...
        yield server
