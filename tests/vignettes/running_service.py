"""The service as a process of its own, for tests that speak HTTP to it."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import requests


ROOT = Path(__file__).resolve().parents[2]
COMMAND = Path(sys.executable).with_name("b12-cds")
START_WITHIN_SECONDS = 60


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Service:
    """A running service: its address, its process, and a session with it."""

    def __init__(self, base_url: str, pid: int) -> None:
        self.base_url = base_url
        self.pid = pid
        self.session = requests.Session()
        self.prefetch = self._advertised_prefetch()

    def _advertised_prefetch(self) -> dict[str, str]:
        services = self.session.get(f"{self.base_url}/cds-services", timeout=10).json()
        by_id = {service["id"]: service for service in services["services"]}
        return dict(by_id["b12-patient-view"]["prefetch"])

    def workers(self) -> set[int]:
        """The processes that answer."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return {int(pid) for pid in children.split()}

    def post(self, service_id: str, body: dict[str, Any]) -> requests.Response:
        """Invoke a service."""
        return self.session.post(
            f"{self.base_url}/cds-services/{service_id}", json=body, timeout=30
        )


@contextmanager
def running_service(**environment: str) -> Iterator[Service]:
    """``b12-cds serve`` on a free port with these settings, until the end."""
    port = free_port()
    # A file, not a pipe: nobody reads while the service runs, and a full pipe would
    # stop it in the middle of a line of its log.
    log = tempfile.TemporaryFile(mode="w+")
    store = tempfile.TemporaryDirectory(prefix="b12-cds-store-")
    process = subprocess.Popen(
        [COMMAND, "serve", "--port", str(port)],
        cwd=ROOT,
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("B12_")},
            "B12_DATABASE_URL": f"sqlite:///{store.name}/store.sqlite3",
            **environment,
        },
        stdout=log,
        stderr=subprocess.STDOUT,
        text=True,
    )
    base_url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(process, base_url, log)
        service = Service(base_url, process.pid)
        yield service
        service.session.close()
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()
        store.cleanup()


def _wait_until_ready(
    process: "subprocess.Popen[str]", base_url: str, log: IO[str]
) -> None:
    deadline = time.monotonic() + START_WITHIN_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            log.seek(0)
            raise RuntimeError(f"the service did not start:\n{log.read()}")
        try:
            if requests.get(f"{base_url}/readyz", timeout=1).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise RuntimeError("the service was not ready in time")
