"""`b12-cds serve` as a process: what it prints, survives, logs and refuses."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from service.knowledge_files import awaiting_signature, load_knowledge, unverified_facts
from tests.http.patients import (
    bundle,
    cramps,
    metformin,
    patient,
    prefetch,
    request,
    without,
)


B12_CDS = Path(sys.executable).with_name("b12-cds")
PATIENT_VIEW = "/cds-services/b12-patient-view"

# As it would stand in names, ids, codes' texts, tokens and comments.
MARKER = "Zzmarkerzz"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**settings: str) -> dict[str, str]:
    """This environment without any setting but the throw-away store of the tests."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name == "B12_DATABASE_URL"
        or not (name.startswith("B12_") or name in ("HOST", "PORT"))
    }
    return {**inherited, **settings}


@dataclass(frozen=True, kw_only=True)
class Process:
    """A running `b12-cds serve` and the file with all that it printed."""

    base_url: str
    port: int
    output: Path

    def printed(self) -> str:
        return self.output.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    output = tmp_path_factory.mktemp("serve") / "output"
    port = free_port()
    with output.open("w") as printed:
        process = subprocess.Popen(
            [B12_CDS, "serve", "--port", str(port)],
            env=environment(B12_AS_OF="2025-06-30", B12_MAX_BODY_BYTES="100000"),
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
    base_url = f"http://127.0.0.1:{port}"
    wait_for(f"{base_url}/readyz", process)
    yield Process(base_url=base_url, port=port, output=output)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(240):
        assert process.poll() is None, "the service ended before it was ready"
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.25)
    pytest.fail("the service was not ready within a minute")


def test_it_says_where_the_page_for_people_is(served: Process) -> None:
    assert f"{served.base_url}/\n" in served.printed()
    assert requests.get(f"{served.base_url}/", timeout=30).ok


def test_it_says_how_much_awaits_a_signature_when_it_is_ready(served: Process) -> None:
    ready = [line for line in log_lines(served) if line["event"] == "ready"]
    assert len(ready) == 1, "knowledge is loaded once, before the workers"
    knowledge = load_knowledge("us")
    assert ready[0]["awaiting_signature"] == len(awaiting_signature(knowledge)) > 0
    assert ready[0]["unverified_facts"] == len(unverified_facts(knowledge)) > 0


def test_gunicorn_hands_on_no_body_that_broke_off(served: Process) -> None:
    # What arrives is valid JSON: only its length says that it is not all.
    body = json.dumps(request()).encode()
    head = (
        f"POST {PATIENT_VIEW} HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Length: {len(body) + 500}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", served.port), 30) as client:
        client.sendall(head.encode() + body)
        client.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"OperationOutcome" in answer


def test_a_chunked_body_over_the_limit_is_refused(served: Process) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(30):
            yield b" " * 10_000

    answer = requests.post(
        f"{served.base_url}{PATIENT_VIEW}", data=chunks(), timeout=30
    )
    assert answer.status_code == 413
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_nothing_of_a_patient_is_printed_or_repeated_in_errors(
    served: Process,
) -> None:
    for body in marked_requests():
        answer = requests.post(
            f"{served.base_url}{PATIENT_VIEW}?{MARKER}={MARKER}",
            json=body,
            headers={"Authorization": f"Bearer {MARKER}", "X-Request-Id": MARKER},
            timeout=30,
        )
        if answer.status_code != 200:
            assert MARKER not in answer.text
            assert not any(MARKER in value for value in answer.headers.values())
    for path in (f"/{MARKER}", f"/cds-services/{MARKER}"):
        assert MARKER not in requests.get(served.base_url + path, timeout=30).text
        requests.request(MARKER, served.base_url + path, timeout=30)
    requests.post(f"{served.base_url}{PATIENT_VIEW}", data=f'{{"{MARKER}', timeout=30)
    assert MARKER not in served.printed()


def marked_requests() -> Iterator[dict[str, Any]]:
    """Requests with the marker in every place, answered in every way."""
    name = {"name": [{"family": MARKER, "given": [MARKER]}]}
    chart = prefetch(
        patient=patient(id=MARKER, **name),
        conditions=bundle(
            cramps(subject={"reference": f"Patient/{MARKER}"}, id=MARKER),
            {"resourceType": "Condition", "id": MARKER, "code": {"text": MARKER}},
            {"resourceType": MARKER, "id": MARKER},
            # A resource that matters and cannot be read.
            cramps(id="unreadable", subject={}, onsetDateTime=MARKER),
        ),
        medicationRequests=bundle(
            metformin(
                subject={"reference": f"Patient/{MARKER}"},
                authoredOn=MARKER,
                medicationCodeableConcept={"text": f"Metformin {MARKER}"},
            )
        ),
        **{MARKER: bundle({"resourceType": "Observation", "status": MARKER})},
    )
    context = {
        "userId": f"Practitioner/{MARKER}",
        "patientId": MARKER,
        "encounterId": MARKER,
    }
    whole = request(
        context=context,
        prefetch=chart,
        hookInstance=MARKER,
        fhirServer=f"https://{MARKER}.example/fhir",
        fhirAuthorization={
            "access_token": MARKER,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": MARKER,
            "subject": MARKER,
        },
        extension={MARKER: MARKER},
    )
    yield whole
    yield {**whole, "hook": MARKER}
    yield {**whole, "context": {**context, "patientId": f"Patient/{MARKER}"}}
    yield {**whole, "context": {**context, "userId": f"{MARKER} {MARKER}"}}
    yield {**whole, "context": {**context, "patientId": "p1"}}
    yield {**whole, "fhirServer": MARKER}
    yield {**whole, "prefetch": MARKER}
    yield {**whole, "prefetch": without(chart, "conditions")}
    yield {**whole, "prefetch": {**chart, "patient": None}}


def log_lines(served: Process) -> list[dict[str, Any]]:
    return [
        json.loads(line) for line in served.printed().splitlines() if line[:1] == "{"
    ]


def test_the_log_has_one_line_for_a_request_with_the_cards_by_key(
    served: Process,
) -> None:
    before = len(log_lines(served))
    requests.post(f"{served.base_url}{PATIENT_VIEW}", json=request(), timeout=30)
    (line,) = log_lines(served)[before:]
    assert line["event"] == "request"
    assert line["service"] == "b12-patient-view"
    assert line["status"] == 200
    assert line["cards"] == ["b12-screen:info"]
    assert line["milliseconds"] > 0


@pytest.mark.parametrize(
    ("settings", "arguments", "named"),
    [
        ({"B12_PROFILE": "de"}, [], "B12_PROFILE"),
        ({"B12_PROFIL": "us"}, [], "did you mean B12_PROFILE?"),
        ({"B12_AS_OF": "yesterday"}, [], "B12_AS_OF"),
        ({"B12_MAX_BODY_BYTES": "lots"}, [], "B12_MAX_BODY_BYTES"),
        ({"PORT": "http"}, [], "PORT"),
        ({}, ["--port", "70000"], "PORT"),
        ({}, ["--host", "192.0.2.1"], "B12_AUTH"),
        ({"B12_AUTH": "off"}, ["--host", "192.0.2.1"], "HOST"),
        ({"B12_AUTH": "required"}, [], "B12_AUTH"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(
    settings: dict[str, str], arguments: list[str], named: str
) -> None:
    ended = subprocess.run(
        [B12_CDS, "serve", *arguments],
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 2
    assert named in ended.stderr
    assert "Traceback" not in ended.stderr
    assert re.match(r"b12-cds: \w+", ended.stderr)
