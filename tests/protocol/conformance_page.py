"""`docs/conformance.md`: what is asked of a CDS Hooks service, and what holds it.

`make manual` writes it; `test_conformance_page.py` fails when what stands there is not
what would be printed, and when a requirement has no test.
"""

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.protocol.ids import TESTS, held_ids


HERE = Path(__file__).resolve().parent
PAGE = TESTS.parent / "docs" / "conformance.md"
MOST_SHOWN = 2

OPENING = """\
# Conformance

What CDS Hooks asks of a service, from 1.0 to the newest build, with what real clients,
test kits and examples make necessary; and which tests hold it. This page is printed
from `tests/protocol/requirements.toml` and the names of the tests: a test called
`test_K_01_…` holds K-01. A requirement without a test fails the build.

Strength is the source's own word. ROB: no text demands it, but a real client makes it
necessary. DER: follows from the text. *Choice*: the sources disagree, and this is ours.
Coverage requirements (Da Vinci CRD) are not offered; their rows are held where they are
about robustness.
"""

CONTRACT = """\
## Generated calls

Calls that Schemathesis makes from `openapi.yaml`, valid and spoilt, and real requests
with spoilt parts are put to the running service. No answer may be a 5xx, and each must
have a status, content type, headers and form that are described. `make test` makes some
200 calls, `make contract` 10,000.
"""


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One row. `untested` says why no test holds it; it is None where one must."""

    id: str
    strength: str
    text: str
    untested: str | None = None


@dataclass(frozen=True, kw_only=True)
class Trap:
    """Something that services stumble over, and the tests that show that we do not."""

    text: str
    tests: tuple[str, ...]


def sections() -> dict[str, tuple[Requirement, ...]]:
    """The requirements by the title of their section."""
    return {
        section["title"]: tuple(_requirement(row) for row in section["rows"])
        for section in _read("requirements.toml")["section"]
    }


def requirements() -> tuple[Requirement, ...]:
    """All rows, in their order."""
    return tuple(row for rows in sections().values() for row in rows)


def traps() -> tuple[Trap, ...]:
    """All traps, in their order."""
    return tuple(
        Trap(text=trap["text"], tests=tuple(trap["tests"]))
        for trap in _read("traps.toml")["trap"]
    )


@cache
def places() -> dict[str, str]:
    """Every test of the project by its name: the file it stands in."""
    return {
        node.name: path.relative_to(TESTS).as_posix()
        for path in sorted(TESTS.rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def page() -> str:
    """The whole page."""
    return "\n".join([OPENING, *_summary(), *_tables(), *_traps(), *_contract()]) + "\n"


def _summary() -> Iterator[str]:
    rows = requirements()
    held = [row for row in rows if row.untested is None]
    yield f"{len(held)} of {len(rows)} rows are held by tests; the others say why not."
    yield ""


def _tables() -> Iterator[str]:
    held = held_ids()
    for title, rows in sections().items():
        yield f"## {title}\n"
        yield "| id | strength | what it asks | held by |"
        yield "|---|---|---|---|"
        for row in rows:
            by = row.untested or _shown(held.get(row.id, []))
            yield f"| {row.id} | {row.strength} | {row.text} | {by} |"
        yield ""


def _shown(tests: list[str]) -> str:
    """The names of the first tests, each of another file."""
    first: dict[str, str] = {}
    for test in tests:
        file, _, name = test.partition("::")
        first.setdefault(file, name)
    return "<br>".join(f"`{name}`" for name in list(first.values())[:MOST_SHOWN])


def _traps() -> Iterator[str]:
    yield "## What services stumble over\n"
    yield "| | must not happen | held by |"
    yield "|---|---|---|"
    for number, trap in enumerate(traps(), start=1):
        named = "<br>".join(f"`{name}`" for name in trap.tests)
        yield f"| {number} | {trap.text} | {named} |"
    yield ""


def _contract() -> Iterator[str]:
    run = _read("../contract/last_run.toml")
    statuses = ", ".join(
        f"{count:,} × {status}" for status, count in run["statuses"].items()
    )
    yield CONTRACT
    day, tool = run["day"], f"Schemathesis {run['schemathesis']}"
    yield f"The last whole run, on {day} with {tool}, made {run['cases']:,} calls"
    yield f"without a fault: {statuses}."


def _requirement(row: list[str]) -> Requirement:
    id_, strength, text, *untested = row
    return Requirement(
        id=id_,
        strength=strength,
        text=text,
        untested=untested[0] if untested else None,
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
