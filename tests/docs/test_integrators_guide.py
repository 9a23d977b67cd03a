"""The integrator's guide is true: its commands run, and its tables are complete."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cds_hooks.dialects import Dialect
from cds_hooks.errors import STATUS
from service import gunicorn_conf, gunicorn_worker
from service.catalogue import SERVICES
from service.knowledge_files import load_terminology
from service.reads import load_reads
from tests.docs.documents import ROOT, read
from tests.docs.test_readme import is_part_of
from tests.http.servers import serving


GUIDE = "docs/integrators-guide.md"
ADDRESS = "http://127.0.0.1:8080"

BLOCK = re.compile(
    r"^```sh\n(?P<command>.*?)^```$(?:\n\n^```json\n(?P<shown>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service with a store of its own."""
    folder: Path = tmp_path_factory.mktemp("guide")
    with serving(database_url=f"sqlite:///{folder / 'store.sqlite3'}") as url:
        yield url


def blocks() -> list[tuple[str, str | None]]:
    """Each command, with the JSON shown right after it."""
    return [(found["command"], found["shown"]) for found in BLOCK.finditer(read(GUIDE))]


def ran(command: str, address: str) -> str:
    done = subprocess.run(
        ["bash", "-euc", command.replace(ADDRESS, address)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_guide_shows_commands_and_some_of_their_answers() -> None:
    assert len(blocks()) >= 5
    assert len([shown for _, shown in blocks() if shown]) >= 3


@pytest.mark.parametrize(
    ("command", "shown"), [pair for pair in blocks() if pair[1] is not None]
)
def test_a_command_answers_what_is_shown(served: str, command: str, shown: str) -> None:
    answer: Any = json.loads(ran(command, served))
    assert is_part_of(json.loads(shown), answer), answer


@pytest.mark.parametrize("command", [each for each, shown in blocks() if not shown])
def test_a_command_without_a_shown_answer_works(served: str, command: str) -> None:
    printed = ran(command, served)
    if "-X OPTIONS" in command:
        assert printed.startswith("HTTP/1.1 204")
        assert "Access-Control-Allow-Origin: https://sandbox.cds-hooks.org" in printed
    else:
        assert json.loads(printed)["services"]


def first_cells() -> set[str]:
    """What the rows of the guide's tables begin with."""
    return set(re.findall(r"^\| `?([^`|]+?)`? \|", read(GUIDE), re.MULTILINE))


def test_every_service_is_in_the_guide() -> None:
    for service in SERVICES:
        assert f"| {service.hook.name} | `{service.id}` |" in read(GUIDE)


def test_every_prefetch_key_is_in_the_guide() -> None:
    keys = {each.key for each in load_reads(load_terminology())}
    assert keys <= first_cells()


def test_a_key_that_is_needed_is_said_to_be() -> None:
    rows = {
        cells[1].strip(" `"): cells[3]
        for line in read(GUIDE).splitlines()
        if len(cells := line.split("|")) == 5
    }
    for each in load_reads(load_terminology()):
        assert ("412" in rows[each.key]) is each.needed, each.key


def test_every_status_is_in_the_guide() -> None:
    statuses = {*STATUS.values(), *gunicorn_worker.STATUS.values()}
    assert {str(status) for status in statuses} <= first_cells()


def test_the_longest_header_and_request_line_are_in_the_guide() -> None:
    for longest in (
        gunicorn_conf.limit_request_field_size,
        gunicorn_conf.limit_request_line,
    ):
        assert f"longer than {longest:,} bytes" in read(GUIDE)
    assert f"more than {gunicorn_conf.limit_request_fields} " in read(GUIDE)


def test_every_dialect_is_in_the_guide() -> None:
    assert {dialect.value for dialect in Dialect} <= first_cells()


def test_every_file_that_the_guide_links_to_exists() -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", read(GUIDE))
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
