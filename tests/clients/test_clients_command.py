"""`b12-cds clients`, run as an operator runs it."""

import json
import os
import re
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cds_hooks.key_sets import KeySet
from service.admission import by_token
from service.clients import load_clients
from tests.clients.files import client, written


B12_CDS = Path(sys.executable).with_name("b12-cds")
SERVICE = "http://127.0.0.1:8080/cds-services/b12-patient-view"


def ran(
    *arguments: object, cwd: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("B12_")}
    return subprocess.run(
        [B12_CDS, "clients", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=cwd,
        env={**kept, **environment},
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `b12-cds clients new` filled."""
    folder = tmp_path_factory.mktemp("made") / "config"
    done = ran("new", "--out", folder, cwd=folder.parent)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_example_that_is_written_can_be_used_as_it_is(made: Path) -> None:
    clients = load_clients(made / "clients.toml", development=False)
    assert [entry.name for entry in clients.entries] == ["Trial"]


def test_the_example_s_commented_keys_are_all_known_ones(
    made: Path, tmp_path: Path
) -> None:
    example = (made / "clients.toml").read_text()
    # Of the two places where the trial client's keys may be, the file stays.
    example = example.replace('# jku = "https://ehr.example.org', "#")
    in_force = re.sub(r"^# (?=\w+ = |\[\[)", "", example, flags=re.MULTILINE)
    (tmp_path / "trial.jwks.json").write_bytes((made / "trial.jwks.json").read_bytes())
    path = tmp_path / "clients.toml"
    path.write_text(in_force)
    clients = load_clients(path, development=False)
    assert len(clients.entries) == 3
    assert clients.entries[0].model_fields_set >= {
        *("tenants", "audiences", "fhir_servers", "cors_origins"),
        *("dialect", "profile", "algorithms"),
    }


def test_the_private_key_is_for_its_owner_alone(made: Path) -> None:
    mode = (made / "trial.private.pem").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert "d" not in json.loads((made / "trial.jwks.json").read_text())["keys"][0]


def test_nothing_is_written_over(made: Path) -> None:
    before = (made / "trial.private.pem").read_bytes()
    done = ran("new", "--out", made, cwd=made)
    assert done.returncode == 2
    assert "is there already" in done.stderr
    assert (made / "trial.private.pem").read_bytes() == before


def test_a_token_made_with_the_trial_key_lets_its_client_in(made: Path) -> None:
    done = ran("token", "--key", "trial.private.pem", "--aud", SERVICE, cwd=made)
    assert done.returncode == 0, done.stderr

    class Memory:
        def remember_token(self, *_: object) -> bool:
            return True

    def no_fetching(url: str) -> KeySet:
        raise AssertionError(url)

    door = by_token(
        load_clients(made / "clients.toml", development=False),
        Memory(),
        no_fetching,
        default_profile="us",
        max_lifetime=3600,
        clock=time.time,
    )
    admitted = door.admit(f"Bearer {done.stdout.strip()}", frozenset({SERVICE}))
    assert admitted.name == "Trial"


@pytest.mark.parametrize("key", ["clients.toml", "trial.jwks.json", "none.pem"])
def test_a_token_needs_the_private_key(made: Path, key: str) -> None:
    done = ran("token", "--key", key, "--aud", SERVICE, cwd=made)
    assert done.returncode == 2
    assert key in done.stderr
    assert "Traceback" not in done.stderr


def test_check_prints_what_each_client_may_do(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        client(fhir_servers=["https://fhir.example.org/r4"], dialect="epic"),
        client(name="South", iss="https://south.org", cors_origins=["https://s.org"]),
    )
    done = ran("check", path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    mercy, south = done.stdout.split("\n\n")
    assert "https://fhir.example.org/r4" in mercy
    assert "epic" in mercy
    assert "ES384-key" in mercy
    assert "https://s.org" in south
    assert "none: only what it sends" in south


def test_check_prints_the_same_for_machines(tmp_path: Path) -> None:
    path = written(tmp_path, client(tenants=["b", "a"]))
    done = ran("check", "--json", cwd=tmp_path, B12_CLIENTS_FILE=str(path))
    (described,) = json.loads(done.stdout)["clients"]
    assert described["tenants"] == ["a", "b"]
    assert described["profile"] == "us"
    assert described["keys"] == {"ES384-key": ["ES384"]}
    assert described["fhir_servers"] == []


def test_check_of_a_wrong_file_names_what_is_wrong(tmp_path: Path) -> None:
    done = ran("check", written(tmp_path, client(iis="x")), cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean 'iss'" in done.stderr
    assert done.stdout == ""


def test_check_without_a_file_says_which_setting_names_one(tmp_path: Path) -> None:
    done = ran("check", cwd=tmp_path)
    assert done.returncode == 2
    assert "B12_CLIENTS_FILE" in done.stderr


@pytest.mark.parametrize("part", ["check", "new", "token"])
def test_the_help_of_every_part_has_an_example(tmp_path: Path, part: str) -> None:
    shown = ran(part, "--help", cwd=tmp_path).stdout
    assert "examples:" in shown
    assert f"b12-cds clients {part} " in shown
