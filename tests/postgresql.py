"""A real PostgreSQL server, started from the programs that are installed."""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


INSTALLED = Path("/usr/lib/postgresql")
SUPERUSER = "postgres"
START_WITHIN_SECONDS = 60

_numbers = itertools.count(1)


def programs() -> Path | None:
    """The folder of the newest release's programs, or None where there is none."""
    folders = [folder.parent for folder in INSTALLED.glob("*/bin/initdb")]
    return max(folders, key=lambda folder: float(folder.parent.name), default=None)


class Cluster:
    """One server with its own files, reached by a socket that only tests know."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self._folder = folder
        self._binaries = binaries
        self._data = folder / "data"
        self._server: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Lay out its files."""
        self._run(
            "initdb",
            f"--pgdata={self._data}",
            f"--username={SUPERUSER}",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        )

    def start(self) -> None:
        """Start, and wait until it answers."""
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [
                    # Should the tests be killed, the server goes with them.
                    "setpriv",
                    "--pdeathsig=QUIT",
                    self._binaries / "postgres",
                    f"-D{self._data}",
                    f"-k{self._folder}",
                    "-clisten_addresses=",
                    "-cmax_connections=60",
                    # It need not survive a loss of power.
                    "-cfsync=off",
                ],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **as_its_user(),
            )
        deadline = time.monotonic() + START_WITHIN_SECONDS
        while not self._answers():
            said = (self._folder / "log").read_text(errors="replace")
            assert self._server.poll() is None, f"PostgreSQL ended:\n{said}"
            assert time.monotonic() < deadline, f"PostgreSQL does not answer:\n{said}"
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop at once, as in a crash: connections break, nothing is tidied up."""
        assert self._server is not None
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(timeout=60)
        self._server = None

    @property
    def is_running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._server is not None

    def new_database(self, **settings: str) -> str:
        """The URL of an empty database of its own, with these server settings."""
        name = f"test_{next(_numbers)}"
        self.psql("postgres", f"CREATE DATABASE {name}")
        for setting, value in settings.items():
            self.psql("postgres", f"ALTER DATABASE {name} SET {setting} = {value}")
        return f"postgresql://{SUPERUSER}@/{name}?host={self._folder}"

    def psql(self, database: str, statement: str) -> str:
        """What the server's own client shows for a statement."""
        return self._run(
            "psql",
            f"--host={self._folder}",
            f"--username={SUPERUSER}",
            "--no-psqlrc",
            "--tuples-only",
            "--no-align",
            "--set=ON_ERROR_STOP=1",
            f"--command={statement}",
            database,
        )

    def _answers(self) -> bool:
        asked = subprocess.run(
            [self._binaries / "pg_isready", "--quiet", f"--host={self._folder}"],
            timeout=60,
        )
        return asked.returncode == 0

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [self._binaries / program, *arguments],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            **as_its_user(),
        )
        assert done.returncode == 0, f"{program}: {done.stdout}"
        return done.stdout.strip()


def as_its_user() -> dict[str, Any]:
    """How to start a program of the server, which refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    return {"user": SUPERUSER, "group": SUPERUSER, "extra_groups": []}


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A server of one's own; skips the test where PostgreSQL is not installed."""
    binaries = programs()
    if binaries is None:
        pytest.skip(f"PostgreSQL is not installed (there is no {INSTALLED}/*/bin)")
    # Short: a socket's path may have 107 bytes. Not below pytest's own folder, which
    # only root may enter where root runs the tests.
    folder = Path(tempfile.mkdtemp(prefix="b12-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        owner = pwd.getpwnam(SUPERUSER)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    cluster = Cluster(folder, binaries)
    try:
        cluster.make()
        cluster.start()
        try:
            yield cluster
        finally:
            if cluster.is_running:
                cluster.stop()
    finally:
        shutil.rmtree(folder)
