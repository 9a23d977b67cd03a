"""The measurements as RESULTS.md and two plots: goals, results, spread."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.bodies import request_body
from bench.measure import LINE, MEASURED, Measurements, median
from bench.plot import Line, line_plot


FOLDER = Path(__file__).resolve().parent
NOTES = FOLDER / "NOTES.md"


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One row of the table; ``ratios`` are one for each round."""

    what: str
    ratios: list[float]
    goal: float
    least: float | None = None
    is_floor: bool = False

    def row(self) -> str:
        """The row."""
        middle = median(self.ratios)
        sign = "≥" if self.is_floor else "≤"
        least = f" ({sign} {self.least:g})" if self.least is not None else ""
        spread = f"{min(self.ratios):.2f} – {max(self.ratios):.2f}"
        return (
            f"| {self.what} | {sign} {self.goal:g}{least} | **{middle:.2f}** | {spread}"
            f" | {self._verdict(middle)} |"
        )

    def _verdict(self, middle: float) -> str:
        def keeps(bound: float) -> bool:
            return middle >= bound if self.is_floor else middle <= bound

        if keeps(self.goal):
            return "met"
        if self.least is not None and keeps(self.least):
            return "least acceptable"
        return "not met"


def write_report(found: Measurements) -> str:
    """Write RESULTS.md and the plots; gives the table of goals."""
    rows = [goal.row() for goal in goals(found)]
    table = "\n".join(
        ["| | goal (least) | median | spread | |", "|---|---|---:|---|---|", *rows]
    )
    _write_plots(found)
    (FOLDER / "RESULTS.md").write_text(
        "\n\n".join(
            [
                "# How fast it is",
                "Written by `make bench`; what is measured and how stands in"
                " [README.md](README.md).",
                f"{found.date} · {found.machine}. Before a round, others used"
                f" {median(found.busy):.0%} of the processors (at most"
                f" {max(found.busy):.0%}).",
                "## Goals",
                "Ratios within one interleaved run; a round gives one, the spread is"
                " that of the rounds.",
                table,
                "## Milliseconds at one connection",
                "\n".join(_latencies(found)),
                "## Requests per second at 16 connections",
                "\n".join(_loads(found)),
                "## Growth",
                "![Time by number of resources](growth.svg)",
                "![Median time by size of the request](latency.svg)",
                NOTES.read_text().strip(),
            ]
        )
        + "\n"
    )
    return table


def goals(found: Measurements) -> Iterator[Goal]:
    """The goals in order, as far as they were measured."""
    sizes = dict(enumerate(MEASURED))
    for index, (goal, least) in enumerate(((1.6, 2.0), (0.6, 0.75), (0.2, 0.3))):
        yield Goal(
            what=f"p50 ÷ echo, {sizes[index]}",
            ratios=_p50_ratios(found, "ours", "echo", sizes[index]),
            goal=goal,
            least=least,
        )
    for rival, bounds in (
        ("healthchain", ((9, 6), (45, 35), (130, 90))),
        ("naive", ((6, 4), (30, 25), (80, 60))),
    ):
        for index, (goal, least) in enumerate(bounds):
            if f"{rival}/{sizes[index]}" in found.rounds:
                yield Goal(
                    what=f"{rival} p50 ÷ ours, {sizes[index]}",
                    ratios=_p50_ratios(found, rival, "ours", sizes[index]),
                    goal=goal,
                    least=least,
                    is_floor=True,
                )
    for index, (goal, least) in enumerate(((0.6, 0.45), (2, 1.7), (5, 4))):
        size = sizes[index]
        yield Goal(
            what=f"requests per second ÷ echo's, {size}",
            ratios=[
                ours / echo
                for ours, echo in zip(
                    found.load[f"ours/{size}"], found.load[f"echo/{size}"], strict=True
                )
            ],
            goal=goal,
            least=least,
            is_floor=True,
        )
    for size in MEASURED:
        yield Goal(
            what=f"p99 ÷ own p50, {size}",
            ratios=[_p99_ratio(found.rounds[f"ours/{size}"])],
            goal=2.0,
            least=2.5,
        )
    memory = found.memory["ours"]
    yield Goal(
        what="peak memory of a worker over idle ÷ the large body",
        ratios=[(memory["peak"] - memory["idle"]) / len(request_body("large"))],
        goal=10,
    )
    yield Goal(
        what="cold start ÷ bare Flask",
        ratios=[
            ours / bare
            for ours, bare in zip(
                found.cold_starts["ours"], found.cold_starts["bare"], strict=True
            )
        ],
        goal=3,
    )
    yield Goal(
        what="p50 with ES384 ÷ without, small",
        ratios=_p50_ratios(found, "ours, ES384", "ours", "small"),
        goal=1.7,
    )
    for size in MEASURED:
        yield Goal(
            what=f"p50 without cramps ÷ with, {size}",
            ratios=_p50_ratios(found, "ours, no cramps", "ours", size),
            goal=1.0,
        )
    yield Goal(
        what="slope by resources ÷ that of `json.loads`",
        ratios=[_slope(found, "ours") / _slope(found, "json.loads")],
        goal=1 / 3,
    )
    own = median(found.fallback_prefetched)
    yield Goal(
        what="call without prefetch, less our own time ÷ the slowest query",
        ratios=[(each - own) / found.slowest_query for each in found.fallback],
        goal=1.6,
    )


def _p50_ratios(found: Measurements, one: str, other: str, size: str) -> list[float]:
    return [
        median(above) / median(below)
        for above, below in zip(
            found.rounds[f"{one}/{size}"], found.rounds[f"{other}/{size}"], strict=True
        )
    ]


def _p99_ratio(rounds: list[list[float]]) -> float:
    times = [each for times in rounds for each in times]
    return _p99(times) / median(times)


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[98]


def _slope(found: Measurements, name: str) -> float:
    """Milliseconds for each resource more, between the largest of the line."""
    few, many = LINE[-3], LINE[-1]
    line = found.line[name]
    return (median(line[str(many)]) - median(line[str(few)])) / (many - few)


def _latencies(found: Measurements) -> Iterator[str]:
    yield "| | small p50 · p99 | medium | large | peak MiB of a worker |"
    yield "|---|---|---|---|---:|"
    names = dict.fromkeys(key.partition("/")[0] for key in found.rounds)
    for name in names:
        cells = []
        for size in MEASURED:
            times = [t for ts in found.rounds.get(f"{name}/{size}", []) for t in ts]
            cells.append(f"{median(times):.2f} · {_p99(times):.2f}" if times else "–")
        memory = found.memory.get(name)
        peak = f"{memory['peak'] / 2**20:.0f}" if memory else "–"
        yield f"| {name} | {' | '.join(cells)} | {peak} |"


def _loads(found: Measurements) -> Iterator[str]:
    yield "| | small | medium | large |"
    yield "|---|---:|---:|---:|"
    for name in ("echo", "ours"):
        cells = [f"{median(found.load[f'{name}/{size}']):.0f}" for size in MEASURED]
        yield f"| {name} | {' | '.join(cells)} |"


def _write_plots(found: Measurements) -> None:
    (FOLDER / "growth.svg").write_text(
        line_plot(
            title="Time by number of resources",
            across="resources",
            up="milliseconds",
            lines=[
                Line(
                    name=name,
                    points=[(count, median(line[str(count)])) for count in LINE],
                )
                for name, line in found.line.items()
            ],
        )
    )
    (FOLDER / "latency.svg").write_text(
        line_plot(
            title="Median time by size of the request",
            across="kilobytes",
            up="milliseconds",
            lines=[
                Line(name=name, points=_medians_by_size(found, name))
                for name in ("naive", "healthchain", "echo", "ours")
                if f"{name}/small" in found.rounds
            ],
        )
    )


def _medians_by_size(found: Measurements, name: str) -> list[tuple[float, float]]:
    return [
        (
            len(request_body(size)) / 1000,
            median([t for times in found.rounds[f"{name}/{size}"] for t in times]),
        )
        for size in MEASURED
    ]
