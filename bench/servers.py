"""The servers that are compared, each started as it would be used."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.bodies import TODAY, request_body
from bench.load import AnswerFault, Target, ask
from service.trial_keys import TrialKeys


ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
HEALTHCHAIN_PYTHON = ROOT / "build/bench/healthchain/bin/python"
PATH = "/cds-services/b12-patient-view"
ISSUER = "https://trial.example.org"
PUBLIC_URL = "https://cds.example.org"
WORKERS = 2
SHARED_MEMORY = "/dev/shm"  # noqa: S108  # as the service itself is served
START_WITHIN_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server; ``cold_start`` is in seconds, up to its first answer."""

    name: str
    target: Target
    pid: int
    cold_start: float
    keys: TrialKeys | None = None

    def token(self) -> str | None:
        """A fresh token for one call, where the server wants one."""
        if self.keys is None:
            return None
        return self.keys.token(
            issuer=ISSUER, audience=f"{PUBLIC_URL}{PATH}", now=int(time.time())
        )

    def memory(self, what: str) -> int:
        """Bytes of the largest worker: ``VmRSS`` as it is, ``VmHWM`` at its peak."""
        return max(_memory(pid, what) for pid in self._workers())

    def _workers(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in children.split()] or [self.pid]


@contextmanager
def flask_app(name: str) -> Iterator[Server]:
    """``bench.apps.<name>`` under gunicorn with sync workers."""
    port = _free_port()
    options = ("--preload", "--worker-tmp-dir", SHARED_MEMORY, "--no-control-socket")
    with _running(
        name,
        [
            BIN / "gunicorn",
            f"--bind=127.0.0.1:{port}",
            f"--workers={WORKERS}",
            "--log-level=error",
            *options,
            f"bench.apps.{name}:app",
        ],
        Target(port=port, path=PATH),
    ) as server:
        yield server


@contextmanager
def our_service(name: str = "ours", *, tokens: bool = False) -> Iterator[Server]:
    """``b12-cds serve``, as it is shipped but for the day and larger bodies."""
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="b12-cds-bench-") as folder:
        settings = {
            "B12_AS_OF": TODAY.isoformat(),
            "B12_WORKERS": str(WORKERS),
            "B12_DATABASE_URL": f"sqlite:///{folder}/store.sqlite3",
            "B12_MAX_BODY_BYTES": str(100 * 2**20),
        }
        keys = None
        if tokens:
            keys = _trial_client(Path(folder))
            settings |= {
                "B12_AUTH": "required",
                "B12_BASE_URL": PUBLIC_URL,
                "B12_CLIENTS_FILE": f"{folder}/clients.toml",
            }
        with _running(
            name,
            [BIN / "b12-cds", "serve", "--port", str(port)],
            Target(port=port, path=PATH),
            settings,
            keys,
        ) as server:
            yield server


@contextmanager
def healthchain() -> Iterator[Server]:
    """HealthChain's typed path, as one process."""
    port = _free_port()
    with _running(
        "healthchain",
        [HEALTHCHAIN_PYTHON, ROOT / "bench/apps/healthchain_typed.py", str(port)],
        Target(port=port, path=f"/cds{PATH}"),
    ) as server:
        yield server


def _trial_client(folder: Path) -> TrialKeys:
    keys = TrialKeys.new()
    (folder / "trial.jwks.json").write_text(keys.key_set())
    (folder / "clients.toml").write_text(
        f'[[client]]\nname = "Trial"\niss = "{ISSUER}"\njwks_file = "trial.jwks.json"\n'
    )
    return keys


@contextmanager
def _running(
    name: str,
    command: list[Path | str],
    target: Target,
    settings: Mapping[str, str] | None = None,
    keys: TrialKeys | None = None,
) -> Iterator[Server]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("B12_")}
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**kept, **(settings or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        server = Server(
            name=name, target=target, pid=process.pid, cold_start=0.0, keys=keys
        )
        _wait_for_answer(process, server)
        yield Server(
            name=name,
            target=target,
            pid=process.pid,
            cold_start=time.perf_counter() - start,
            keys=keys,
        )
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for_answer(process: subprocess.Popen[bytes], server: Server) -> None:
    until = time.monotonic() + START_WITHIN_SECONDS
    while True:
        try:
            message = server.target.message(request_body("small"), server.token())
            ask(server.target, message)
            return
        except ConnectionError:
            if process.poll() is not None or time.monotonic() > until:
                raise AnswerFault(f"{server.name} did not start") from None
            time.sleep(0.002)


def _memory(pid: int, what: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) * 1024
    raise AnswerFault(f"process {pid} says nothing of {what}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
