"""The README's own commands, run as a stranger would run them."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.docs.documents import ROOT, code_blocks, read


README = "README.md"
ADDRESS = "http://127.0.0.1:8080"
PATIENCE_S = 300


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == 200
    except (requests.ConnectionError, requests.Timeout):
        return False


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service that the README's first command has started."""
    (first, *_) = code_blocks(README, "sh")
    command = first.strip().splitlines()[-1]
    folder = tmp_path_factory.mktemp("served")
    port = free_port()
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("B12_")
    }
    kept |= {
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "B12_DATABASE_URL": f"sqlite:///{folder / 'store.sqlite'}",
    }
    with (folder / "output").open("wb") as output:
        started = subprocess.Popen(
            command.split(),
            cwd=ROOT,
            env=kept,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + PATIENCE_S
        while not answers(f"{address}/healthz"):
            said = (folder / "output").read_text(errors="replace")
            assert started.poll() is None, f"{command} ended:\n{said}"
            assert time.monotonic() < deadline, f"{command} does not answer:\n{said}"
            time.sleep(0.2)
        said = (folder / "output").read_text(errors="replace")
        assert f"{address}/" in said, "the address of the page is not printed"
        yield address
    finally:
        os.killpg(started.pid, signal.SIGTERM)
        started.wait(timeout=60)


def is_part_of(shown: Any, answered: Any) -> bool:
    """Whether the answer has every member shown, with the value shown.

    A list is shown whole, in its order; of an object, members may be left out.
    """
    if isinstance(shown, dict):
        return isinstance(answered, dict) and all(
            name in answered and is_part_of(value, answered[name])
            for name, value in shown.items()
        )
    if isinstance(shown, list):
        return len(shown) == len(answered) and all(map(is_part_of, shown, answered))
    return bool(shown == answered)


def run_curl(address: str) -> Any:
    curls = [block for block in code_blocks(README, "sh") if block.startswith("curl")]
    assert len(curls) == 1
    ran = subprocess.run(
        ["bash", "-euc", curls[0].replace(ADDRESS, address)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.slow
def test_the_readme_s_curl_returns_the_card_that_the_readme_shows(served: str) -> None:
    (shown,) = code_blocks(README, "json")
    (card,) = run_curl(served)["cards"]
    assert is_part_of(json.loads(shown), card), card


@pytest.mark.slow
def test_the_card_s_detail_says_what_the_readme_shows_of_it(served: str) -> None:
    (shown,) = code_blocks(README, "markdown")
    (card,) = run_curl(served)["cards"]
    assert shown.strip() in card["detail"]


def test_a_shown_part_is_compared_member_by_member() -> None:
    answered = {"uuid": "1", "source": {"label": "L", "icon": "I"}, "links": [1, 2]}
    assert is_part_of({"source": {"label": "L"}, "links": [1, 2]}, answered)
    assert not is_part_of({"source": {"label": "M"}}, answered)
    assert not is_part_of({"links": [1]}, answered)
    assert not is_part_of({"detail": "D"}, answered)


@pytest.mark.slow
def test_the_address_that_the_readme_gives_is_a_page_for_a_person(served: str) -> None:
    assert f"{ADDRESS}/" in read(README)
    page = requests.get(f"{served}/", timeout=10)
    assert page.headers["Content-Type"].startswith("text/html")


def test_the_readme_is_short() -> None:
    assert len(read(README).splitlines()) <= 100


def test_the_readme_says_what_the_service_is_not() -> None:
    assert re.search(r"[Nn]ot a medical device", read(README))


def test_every_file_that_the_readme_links_to_exists() -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", read(README))
    assert [link for link in links if not Path(ROOT / link).exists()] == []
