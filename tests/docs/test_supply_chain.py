"""What ships is known to the last library: the locks, and the bill made from them."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.docs.documents import read


LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements-build.txt"]
PIN = re.compile(
    r"^([a-z0-9._-]+)(?:\[[a-z0-9,_-]+\])?==([^ ;\\]+)", re.MULTILINE | re.I
)


def pins(lock: str) -> dict[str, str]:
    return {name.lower(): version for name, version in PIN.findall(read(lock))}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_library_is_locked_to_one_release_and_its_hashes(lock: str) -> None:
    entries = re.split(r"^(?=[a-z0-9])", read(lock), flags=re.MULTILINE | re.IGNORECASE)
    required = [entry for entry in entries if not entry.startswith("#")]
    assert required
    for entry in required:
        assert PIN.match(entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry


def test_no_lock_names_where_libraries_come_from() -> None:
    for lock in LOCKS:
        assert not re.search(r"https?://|--(extra-)?index-url", read(lock)), lock


def test_tests_run_against_what_ships() -> None:
    for name, version in pins("requirements.txt").items():
        assert pins("requirements-dev.txt")[name] == version


def bill(folder: Path) -> Any:
    """The bill of materials, by the command of the Makefile."""
    written = folder / "sbom.json"
    venv = Path(sys.executable).parent.parent
    shown = subprocess.run(
        ["make", "--dry-run", "sbom", f"VENV={venv}", f"SBOM={written}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    command = shown[shown.index(f"{venv}/bin/cyclonedx-py") :]
    subprocess.run(["bash", "-c", command], cwd=ROOT, check=True, timeout=120)
    return json.loads(written.read_text(encoding="utf-8"))


def test_the_bill_of_materials_has_every_library_that_ships_with_its_hashes(
    tmp_path: Path,
) -> None:
    made = bill(tmp_path)
    assert made["bomFormat"] == "CycloneDX"
    assert made["metadata"]["component"]["name"] == "b12-cds"
    listed = {each["name"].lower(): each for each in made["components"]}
    assert {name: each["version"] for name, each in listed.items()} == pins(
        "requirements.txt"
    )
    for component in listed.values():
        references = component["externalReferences"]
        assert any(each.get("hashes") for each in references), component["name"]
