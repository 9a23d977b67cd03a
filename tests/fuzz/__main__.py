"""The long run of the fuzzing: `make fuzz`. Writes docs/fuzzing.md.

Runs hypothesis in rounds, since it keeps much of one run in memory. What it finds is
made as small as can be, written to build/fuzz/, and ends the run with a failure.
"""

import gc
import hashlib
import os
import platform
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import SearchStrategy

from tests.conftest import ROOT
from tests.fuzz.targets import TARGETS, Finding, put, service


MINUTES = float(os.environ.get("FUZZ_MINUTES", "10"))
CASES_OF_A_ROUND = 500
WARM_UP = 0.2
"""The share of the time after which memory is measured for the first time."""
MOST_GROWTH = 32 * 2**20
"""Bytes that the process may have grown by after that: a small part of what it was
sent. hypothesis itself and the allocator take some."""

PAGE = ROOT / "docs/fuzzing.md"
FOUND = ROOT / "build/fuzz"


@dataclass(kw_only=True)
class Tally:
    """What one target came to; memory in bytes."""

    statuses: Counter[int] = field(default_factory=Counter)
    sent: int = 0
    warm: int = 0
    end: int = 0


def main() -> int:
    """Fuzz each target for its share of the time."""
    client = service()
    tallies = {name: Tally() for name in TARGETS}
    start = time.monotonic()
    share = MINUTES * 60 / len(TARGETS)
    for number, (name, bodies) in enumerate(TARGETS.items()):
        until = start + share * (number + 1)
        try:
            fuzz(client, bodies, tallies[name], until=until, seconds=share)
        except Finding as finding:
            print(f"{name}: {finding}; the body is in {FOUND}", file=sys.stderr)
            return 1
    grown = {name: tally.end - tally.warm for name, tally in tallies.items()}
    for name, growth in grown.items():
        if growth > MOST_GROWTH:
            print(f"{name}: memory grew by {growth} bytes", file=sys.stderr)
            return 1
    PAGE.write_text(page(tallies), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))
    return 0


def fuzz(
    client: FlaskClient,
    bodies: SearchStrategy[bytes],
    tally: Tally,
    *,
    until: float,
    seconds: float,
) -> None:
    """Put bodies to the service until the time is over. Raises Finding."""
    round_number = 0
    while time.monotonic() < until:
        round_number += 1

        @seed(int.from_bytes(os.urandom(8)))
        @settings(
            max_examples=CASES_OF_A_ROUND,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(body=bodies)
        def send(body: bytes) -> None:
            tally.sent += len(body)
            try:
                status = put(client, body)
            except BaseException as fault:
                keep(body)
                if isinstance(fault, Exception):
                    raise Finding(f"{type(fault).__name__}: {fault}") from fault
                raise
            tally.statuses[status] += 1

        send()
        gc.collect()
        if not tally.warm and time.monotonic() > until - seconds * (1 - WARM_UP):
            tally.warm = memory()
        tally.end = memory()
    tally.warm = tally.warm or tally.end


def keep(body: bytes) -> None:
    """Write ``body`` where it can be sent again; the last one kept is the smallest."""
    FOUND.mkdir(parents=True, exist_ok=True)
    (FOUND / hashlib.sha256(body).hexdigest()[:16]).write_bytes(body)


def memory() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def page(tallies: dict[str, Tally]) -> str:
    """The figures of a run without a finding, in Markdown."""
    rows = "".join(
        f"| {name} | {tally.statuses.total():,} | {tally.sent / 2**20:,.0f} |"
        f" {_by_status(tally.statuses)} | 0 | {tally.warm / 2**20:.0f} →"
        f" {tally.end / 2**20:.0f} |\n"
        for name, tally in tallies.items()
    )
    most = MOST_GROWTH // 2**20
    return f"""# Fuzzing

`make fuzz` spoils the requests of `fixtures/` at random, as text and as charts, and
puts them to the whole service in one process for ten minutes (`FUZZ_MINUTES` changes
that). It ends at a crash, a status that is not described, an answer of the wrong form,
a difference between [the fast path and the plain one](../service/fast_decode.py), or
memory that grows by more than {most} MiB. What is found is kept in `build/fuzz/` and
becomes a test. `make test` makes a short run, the same every time
([tests/fuzz](../tests/fuzz)).

The last run, of {MINUTES:g} minutes, on {datetime.now(UTC).date()}
with hypothesis {version("hypothesis")} and CPython {platform.python_version()}:

| input | calls | MiB sent | answers | crashes and 5xx | memory, MiB |
|---|---:|---:|---|---:|---|
{rows}
Memory is that of the process after a fifth of the time and at the end.
"""


def _by_status(statuses: Counter[int]) -> str:
    return ", ".join(f"{statuses[each]:,} × {each}" for each in sorted(statuses))


if __name__ == "__main__":
    raise SystemExit(main())
