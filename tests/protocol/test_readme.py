"""The example service in the package's README, started and called as it stands."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.protocol.examples import PATIENT_VIEW, changed


README = Path(__file__).parents[2] / "cds_hooks" / "README.md"
PATIENT = {"resourceType": "Patient", "id": "1288992", "birthDate": "1957-03-02"}


def example() -> str:
    [source] = re.findall(
        r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL
    )
    return str(source)


def answered(url: str, body: object | None = None) -> tuple[int, dict[str, object]]:
    data = None if body is None else json.dumps(body).encode()
    call = urllib.request.Request(  # noqa: S310 - our own server on loopback
        url, data, {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(call, timeout=5) as reply:  # noqa: S310 - as above
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of the example, running in a process of its own."""
    program = tmp_path_factory.mktemp("example") / "greeting.py"
    program.write_text(example(), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "flask", "--app", str(program), "run"]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        cwd=README.parents[1],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_it_listens(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def wait_until_it_listens(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def test_the_example_is_short() -> None:
    lines = [line for line in example().splitlines() if line.strip()]
    assert len(lines) <= 30


def test_the_example_lists_its_service(server: str) -> None:
    status, document = answered(f"{server}/cds-services")
    assert status == 200
    assert document == {
        "services": [
            {
                "hook": "patient-view",
                "title": "Greeting",
                "description": "Greets the patient whose chart is opened.",
                "id": "greeting",
                "prefetch": {"patient": "Patient/{{context.patientId}}"},
            }
        ]
    }


def test_the_example_answers_with_a_card(server: str) -> None:
    call = changed(PATIENT_VIEW, prefetch={"patient": PATIENT})
    status, answer = answered(f"{server}/cds-services/greeting", call)
    assert status == 200
    [card] = answer["cards"]
    assert card["detail"] == "1957-03-02"


@pytest.mark.parametrize(
    ("change", "status"),
    [({"prefetch": {}}, 412), ({"hook": "order-sign"}, 422)],
)
def test_the_example_refuses_with_an_operation_outcome(
    server: str, change: dict[str, object], status: int
) -> None:
    call = changed(PATIENT_VIEW, **change)
    answer = answered(f"{server}/cds-services/greeting", call)
    assert (answer[0], answer[1]["resourceType"]) == (status, "OperationOutcome")
