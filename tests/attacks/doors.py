"""The service with clients to authenticate, and tokens for it at this very moment."""

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.clients.files import client, written
from tests.http.patients import request
from tests.protocol.tokens import claims, jwk, key_set


B12_CDS = Path(sys.executable).with_name("b12-cds")
PUBLIC_URL = "https://cds.example.org"
"""As clients call it; a proxy would end TLS there. The tests call it elsewhere."""

SERVICE_ID = "b12-patient-view"
CALLED = f"{PUBLIC_URL}/cds-services/{SERVICE_ID}"
MULTI_TENANT_ISSUER = "https://many.example.org"
START_WITHIN_SECONDS = 60


def now() -> int:
    """This moment, in seconds since 1970."""
    return int(time.time())


def live(**changes: Any) -> dict[str, Any]:
    """Claims of an honest token for the service, made just now."""
    moment = now()
    made = {
        "aud": CALLED,
        "iat": moment,
        "exp": moment + 300,
        "jti": str(uuid.uuid4()),
    }
    return claims(**{**made, **changes})


def clients_file(folder: Path, **first: Any) -> Path:
    """A file with a client of one organisation, and two that share an issuer."""
    kinds = ("ES384", "RS384", "ES256", "RS256", "EdDSA")
    (folder / "all.jwks.json").write_bytes(key_set(*map(jwk, kinds)))
    shared = {"iss": MULTI_TENANT_ISSUER, "jwks_file": "all.jwks.json"}
    return written(
        folder,
        client(jwks_file="all.jwks.json", **first),
        client(name="North", tenants=["north"], **shared),
        client(name="South", tenants=["south"], profile="uk", **shared),
    )


@dataclass(frozen=True, kw_only=True)
class Door:
    """Where the service can be called, and what it has written."""

    url: str
    log: Path | None = None
    pid: int | None = None

    def call(self, authorization: str | None, **headers: str) -> requests.Response:
        """Call the service with this Authorization header."""
        if authorization is not None:
            headers["Authorization"] = authorization
        return requests.post(
            f"{self.url}/cds-services/{SERVICE_ID}",
            json=request(),
            headers=headers,
            timeout=20,
        )

    def worker_ids(self) -> list[int]:
        """The processes of its workers."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(each) for each in children.read_text().split()]

    def written(self) -> str:
        """Everything it has written so far."""
        assert self.log is not None
        return self.log.read_text()


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[Door]:
    """``b12-cds serve`` with two workers behind a port of this machine."""
    port = _free_port()
    log = folder / f"{port}.log"
    settings = {
        "B12_AUTH": "required",
        "B12_BASE_URL": PUBLIC_URL,
        "B12_CLIENTS_FILE": str(folder / "clients.toml"),
        "B12_DATABASE_URL": f"sqlite:///{folder / 'store.sqlite3'}",
        "B12_AS_OF": "2025-06-30",
        "B12_WORKERS": "2",
        **environment,
    }
    kept = {k: v for k, v in os.environ.items() if not k.startswith("B12_")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [B12_CDS, "serve", "--port", str(port)],
            cwd=folder,
            env={**kept, **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    door = Door(url=f"http://127.0.0.1:{port}", log=log, pid=process.pid)
    try:
        _wait_until_ready(process, door)
        yield door
    finally:
        process.terminate()
        process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(process: "subprocess.Popen[bytes]", door: Door) -> None:
    deadline = time.monotonic() + START_WITHIN_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, door.written()
        try:
            if requests.get(f"{door.url}/readyz", timeout=2).ok:
                return
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.1)
    raise AssertionError(door.written())
