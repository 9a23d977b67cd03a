"""The service does not answer strangers: it would rather not start, and says why."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from service.settings import Settings, SettingsError, refuse_exposure


B12_CDS = Path(sys.executable).with_name("b12-cds")
FILE = Path("clients.toml")
HTTPS = "https://cds.example.org"
EVERYWHERE = "0.0.0.0"  # noqa: S104  # what is tested is that nothing listens there


def refused(**settings: Any) -> str | None:
    """Why the service would not start, or None."""
    try:
        refuse_exposure(Settings(**settings))
    except SettingsError as fault:
        return str(fault)
    return None


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.3.2.1", "::1", "[::1]", "localhost"]
)
def test_on_this_machine_alone_nothing_needs_to_be_set(host: str) -> None:
    assert refused(host=host) is None
    assert not Settings(host=host).authenticates


@pytest.mark.parametrize(
    "host",
    [EVERYWHERE, "::", "10.0.0.5", "192.168.1.2", "cds.example.org", "169.254.1.1"],
)
def test_SEC_03_where_others_can_reach_it_clients_must_authenticate(host: str) -> None:
    assert Settings(host=host).authenticates
    said = refused(host=host)
    assert said is not None
    assert "B12_CLIENTS_FILE" in said
    assert "b12-cds clients new" in said


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "10.0.0.5"])
def test_SEC_03_authentication_cannot_be_switched_off_there(host: str) -> None:
    said = refused(host=host, auth="off", clients_file=FILE, base_url=HTTPS)
    assert said is not None
    assert said.startswith("B12_AUTH: ")
    assert "127.0.0.1" in said


def test_authentication_can_be_switched_on_anywhere_and_needs_a_file() -> None:
    assert "B12_CLIENTS_FILE" in str(refused(auth="required"))
    assert refused(auth="required", clients_file=FILE) is None


def test_with_a_file_and_a_public_address_it_starts() -> None:
    assert refused(host=EVERYWHERE, clients_file=FILE, base_url=HTTPS) is None


def test_the_public_address_is_needed_because_tokens_are_made_for_it() -> None:
    assert "B12_BASE_URL" in str(refused(host=EVERYWHERE, clients_file=FILE))


def test_SEC_01_the_public_address_is_https() -> None:
    given = {"host": EVERYWHERE, "clients_file": FILE}
    assert "https://" in str(refused(base_url="http://cds.example.org", **given))
    assert refused(base_url="http://127.0.0.1:8080", **given) is None


def test_discovery_cannot_need_tokens_that_nobody_has() -> None:
    assert "B12_AUTH_DISCOVERY" in str(refused(auth_discovery="required"))
    given = {"auth": "required", "clients_file": FILE}
    assert refused(auth_discovery="required", **given) is None


def started(cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """``b12-cds serve`` with these settings, which must end by itself."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("B12_")}
    return subprocess.run(
        [B12_CDS, "serve", "--port", "0"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=cwd,
        env={**kept, **environment},
    )


def test_without_a_clients_file_the_program_ends_and_says_how_to_make_one(
    tmp_path: Path,
) -> None:
    done = started(tmp_path, HOST=EVERYWHERE)
    assert done.returncode == 2
    assert "b12-cds clients new" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_clients_file_ends_the_program_and_names_what_is_wrong(
    tmp_path: Path,
) -> None:
    (tmp_path / "clients.toml").write_text("[[client]]\nname = 'A'\niis = 'x'\n")
    done = started(
        tmp_path,
        HOST=EVERYWHERE,
        B12_BASE_URL=HTTPS,
        B12_CLIENTS_FILE=str(tmp_path / "clients.toml"),
        B12_DATABASE_URL=f"sqlite:///{tmp_path / 'store.sqlite3'}",
    )
    assert done.returncode == 2
    assert 'client "A": iis is not a known key; did you mean' in done.stderr
    assert "Traceback" not in done.stderr
