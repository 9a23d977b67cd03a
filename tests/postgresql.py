"""A real PostgreSQL server, started from the programs that are installed."""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


INSTALLED = Path("/usr/lib/postgresql")
SUPERUSER = "postgres"

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
        # It need not survive a loss of power, so it does not wait for the disk.
        options = (
            f"-c listen_addresses='' -k {self._folder} -c max_connections=60"
            " -c fsync=off"
        )
        log = self._folder / "log"
        self._run(
            "pg_ctl", f"--pgdata={self._data}", f"--log={log}", f"-o{options}", "start"
        )

    def stop(self) -> None:
        """Stop at once, as in a crash: connections break, nothing is tidied up."""
        self._run("pg_ctl", f"--pgdata={self._data}", "--mode=immediate", "stop")

    @property
    def is_running(self) -> bool:
        """Whether it was started and not stopped."""
        return (self._data / "postmaster.pid").exists()

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

    def _run(self, program: str, *arguments: str) -> str:
        # The server refuses to run as root.
        user: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = {"user": SUPERUSER, "group": SUPERUSER, "extra_groups": []}
        # To a file: the server inherits it, and a pipe would stay open with it.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [self._binaries / program, *arguments],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=60,
                **user,
            )
            output.seek(0)
            said = output.read().decode()
        assert done.returncode == 0, f"{program}: {said}"
        return said.strip()


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
