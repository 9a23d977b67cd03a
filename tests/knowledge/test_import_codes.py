"""From CSV lists to ValueSets: each verified row arrives, or is left out by name."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from service.knowledge_files import DIRECTORY, KnowledgeError
from tools.import_codes import rows, value_sets, without_repeats


ROOT = Path(__file__).resolve().parents[2]
CSV_LISTS = ROOT.parent / "shared" / "clinical" / "codes"

needs_csv_lists = pytest.mark.skipif(
    not CSV_LISTS.is_dir(), reason=f"there are no CSV code lists at {CSV_LISTS}"
)


@pytest.fixture
def csv_lists(tmp_path: Path) -> Path:
    """The CSV lists, to be changed."""
    return Path(shutil.copytree(CSV_LISTS, tmp_path / "codes"))


@needs_csv_lists
def test_the_value_sets_are_what_the_import_makes_of_the_csv_lists() -> None:
    made = value_sets(CSV_LISTS, DIRECTORY)
    kept = {
        path.stem: path.read_text(encoding="utf-8")
        for path in (DIRECTORY / "valuesets").glob("*.json")
    }
    assert made.keys() == kept.keys()
    assert made == kept


@needs_csv_lists
def test_a_verified_row_that_would_get_lost_is_refused(csv_lists: Path) -> None:
    add_row(csv_lists / "diet_other.csv", "snomed,55300003,Cramp,somewhere,yes")
    with pytest.raises(
        KnowledgeError, match=r"snomed\|55300003 of diet_other arrives nowhere"
    ):
        value_sets(csv_lists, DIRECTORY)


@needs_csv_lists
def test_a_row_that_is_not_verified_does_not_arrive(csv_lists: Path) -> None:
    add_row(csv_lists / "cramp_trigger.csv", "snomed,37340000,Cramp,memory,no")
    assert "37340000" not in value_sets(csv_lists, DIRECTORY)["cramp-trigger"]


@needs_csv_lists
def test_a_code_the_notes_name_must_be_a_verified_row(csv_lists: Path) -> None:
    path = csv_lists / "cramp_trigger.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(
        "".join(line for line in lines if "45352006" not in line), encoding="utf-8"
    )
    with pytest.raises(
        KnowledgeError, match=r"only_codes names snomed\|45352006, which is no row"
    ):
        value_sets(csv_lists, DIRECTORY)


@needs_csv_lists
def test_the_command_writes_the_lists_and_clears_old_ones(tmp_path: Path) -> None:
    (tmp_path / "gone.json").write_text("{}", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "tools/import_codes.py", str(CSV_LISTS), str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    written = {path.name for path in tmp_path.glob("*.json")}
    assert written == {path.name for path in (DIRECTORY / "valuesets").glob("*.json")}
    assert f"{len(written)} ValueSets" in done.stdout


def test_a_folder_without_lists_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="no list"):
        value_sets(tmp_path, DIRECTORY)


def test_only_verified_rows_are_read(tmp_path: Path) -> None:
    path = write_list(
        tmp_path,
        "snomed,55300003,Cramp,one place,yes",
        "snomed,45352006,Spasm,memory,no",
        "dm+d,330079002,Colchicine  500microgram  tablets,another place,yes",
    )
    assert [(row.key, row.display, row.source) for row in rows(path)] == [
        ("snomed|55300003", "Cramp", "one place"),
        ("dmd|330079002", "Colchicine 500microgram tablets", "another place"),
    ]


def test_a_code_seen_in_two_places_is_listed_once(tmp_path: Path) -> None:
    path = write_list(
        tmp_path,
        "snomed,55300003,Cramp,second place,yes",
        "snomed,55300003,Cramp,first place,yes",
    )
    (row,) = without_repeats("cramp-trigger", rows(path))
    assert row.source == "first place"


def test_an_empty_list_is_refused(tmp_path: Path) -> None:
    path = write_list(tmp_path, "snomed,55300003,Cramp,memory,no")
    with pytest.raises(KnowledgeError, match="cramp-trigger: the list would be empty"):
        without_repeats("cramp-trigger", rows(path))


def write_list(folder: Path, *lines: str) -> Path:
    path = folder / "list.csv"
    header = "system,code,display,source,verified"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def add_row(path: Path, line: str) -> None:
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(line.split(","))
