"""What is measured, in rounds: every server in turn, so that noise meets them alike."""

import gc
import json
import platform
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from bench.bodies import SIZES, chart_request, request_body
from bench.fhir_fallback import SLOWEST_QUERY, calls_without_prefetch
from bench.load import PROCESSORS, ask, busy_share, requests_per_second
from bench.servers import (
    HEALTHCHAIN_PYTHON,
    Server,
    flask_app,
    healthchain,
    our_service,
)


ROUNDS = 6
CONNECTIONS = 16
SECONDS_OF_LOAD = 2.5
ROUNDS_OF_LOAD = 3
STARTS = 5

MEASURED = ("small", "medium", "large")

# Requests of each size in a round; the slow servers get few, the clock being limited.
REQUESTS: Mapping[str, Mapping[str, int]] = {
    "echo": {"small": 200, "medium": 60, "large": 20},
    "ours": {"small": 200, "medium": 60, "large": 20},
    "ours, no cramps": {"small": 100, "medium": 30, "large": 10},
    "ours, ES384": {"small": 100},
    "naive": {"small": 30, "medium": 6, "large": 2},
    "healthchain": {"small": 20, "medium": 4, "large": 2},
}
LINE = (25, 100, 300, 1_000, 3_000, 10_000, 30_000)
"""Numbers of resources at which growth is measured."""
REQUESTS_OF_LINE = 5

QUIET = 0.15
LONGEST_WAIT_SECONDS = 4.0

Series = dict[str, list[float]]


@dataclass(kw_only=True)
class Measurements:
    """All figures of a run; times in milliseconds, memory in bytes.

    Keys are ``server/size``. ``rounds`` has the latencies of each round; ``line`` the
    medians by number of resources; ``busy`` the share of the processors that others
    used before each round.
    """

    machine: str
    date: str
    rounds: dict[str, list[list[float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    load: Series = field(default_factory=lambda: defaultdict(list))
    cold_starts: Series = field(default_factory=lambda: defaultdict(list))
    memory: dict[str, dict[str, int]] = field(default_factory=dict)
    line: dict[str, Series] = field(default_factory=dict)
    fallback: list[float] = field(default_factory=list)
    fallback_prefetched: list[float] = field(default_factory=list)
    slowest_query: float = SLOWEST_QUERY * 1000
    busy: list[float] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return vars(self)

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> Self:
        """The measurements that ``as_json`` gave."""
        return cls(**members)


def measure() -> Measurements:
    """One run, some ten minutes."""
    result = Measurements(
        machine=_machine(), date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    )
    for size in SIZES:
        request_body(size)
    gc.freeze()
    _measure_starts(result)
    with ExitStack() as running:
        servers = {
            "echo": running.enter_context(flask_app("echo")),
            "naive": running.enter_context(flask_app("naive")),
            "ours": running.enter_context(our_service()),
            "ours, ES384": running.enter_context(our_service(tokens=True)),
        }
        if HEALTHCHAIN_PYTHON.exists():
            servers["healthchain"] = running.enter_context(healthchain())
        idle = {name: server.memory("VmRSS") for name, server in servers.items()}
        for _ in range(ROUNDS):
            _round(servers, result)
        result.memory = {
            name: {"idle": idle[name], "peak": server.memory("VmHWM")}
            for name, server in servers.items()
        }
        for _ in range(ROUNDS_OF_LOAD):
            _round_of_load(servers, result)
        _measure_line(servers, result)
        result.fallback, result.fallback_prefetched = calls_without_prefetch(
            servers["ours"]
        )
    return result


def _measure_starts(result: Measurements) -> None:
    for _ in range(STARTS):
        for name, start in (("bare", lambda: flask_app("bare")), ("ours", our_service)):
            with start() as server:
                result.cold_starts.setdefault(name, []).append(server.cold_start * 1000)


def _round(servers: Mapping[str, Server], result: Measurements) -> None:
    for size in MEASURED:
        result.busy.append(_wait_for_quiet())
        for name, counts in REQUESTS.items():
            server = servers.get(name.partition(", no")[0])
            if server is None or size not in counts:
                continue
            body = request_body(size, cramps="no cramps" not in name)
            # Signing a token is the client's work: not within the time.
            messages = [
                server.target.message(body, server.token())
                for _ in range(counts[size] if server.keys else 1)
            ]
            ask(server.target, server.target.message(body, server.token()))
            result.rounds[f"{name}/{size}"].append(
                [
                    ask(server.target, messages[n % len(messages)]) * 1000
                    for n in range(counts[size])
                ]
            )


def _round_of_load(servers: Mapping[str, Server], result: Measurements) -> None:
    for size in MEASURED:
        result.busy.append(_wait_for_quiet())
        for name in ("echo", "ours"):
            target = servers[name].target
            result.load[f"{name}/{size}"].append(
                requests_per_second(
                    target,
                    target.message(request_body(size)),
                    connections=CONNECTIONS,
                    seconds=SECONDS_OF_LOAD,
                )
            )


def _measure_line(servers: Mapping[str, Server], result: Measurements) -> None:
    """How the median grows with the number of resources, beside the ``json`` module."""
    for resources in LINE:
        body = json.dumps(chart_request(resources), separators=(",", ":")).encode()
        for name in ("echo", "ours"):
            target = servers[name].target
            message = target.message(body)
            ask(target, message)
            times = [ask(target, message) * 1000 for _ in range(REQUESTS_OF_LINE)]
            result.line.setdefault(name, {})[str(resources)] = times
        times = []
        for _ in range(REQUESTS_OF_LINE):
            start = time.perf_counter()
            json.loads(body)
            times.append((time.perf_counter() - start) * 1000)
        result.line.setdefault("json.loads", {})[str(resources)] = times


def _wait_for_quiet() -> float:
    """The share of the processors that others use, once it is small or time is up."""
    shares = busy_share()
    next(shares)
    until = time.monotonic() + LONGEST_WAIT_SECONDS
    while True:
        time.sleep(0.25)
        share = next(shares)
        if share <= QUIET or time.monotonic() > until:
            return share


def _machine() -> str:
    model = platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    pages = Path("/proc/meminfo").read_text().splitlines()[0].split()[1]
    return (
        f"{model}, {PROCESSORS} processors, {int(pages) // 2**20} GiB, Linux"
        f" {platform.release()}, CPython {platform.python_version()}"
    )


def median(values: list[float]) -> float:
    """The middle of ``values``."""
    return statistics.median(values)
