"""Every control that SECURITY.md names is where it says, and held by a test."""

import ast
import re
from collections.abc import Iterator

import pytest

from service.settings import Settings, variable_of
from tests.docs.documents import ROOT, read


PAGE = "SECURITY.md"
HEADINGS = ["threat", "control", "where", "held by"]

Row = tuple[str, str, str, str]


def rows() -> Iterator[Row]:
    """Threat, control, where, held by: of all tables."""
    for line in read(PAGE).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        is_row = line.startswith("| ") and cells != HEADINGS
        if is_row:
            threat, control, where, held_by = cells
            yield threat, control, where, held_by


def named(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def names_of_tests(path: str) -> set[str]:
    """The names of the tests in a file."""
    tree = ast.parse(read(path))
    functions = (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef))
    return {each.name for each in functions if each.name.startswith("test_")}


ROWS = list(rows())
THREATS = [threat for threat, *_ in ROWS]


def test_every_table_has_the_same_four_columns() -> None:
    tables = re.findall(r"^\| threat .*$", read(PAGE), re.MULTILINE)
    assert set(tables) == {f"| {' | '.join(HEADINGS)} |"}
    assert len(ROWS) > 25


@pytest.mark.parametrize("row", ROWS, ids=THREATS)
def test_every_control_is_where_the_page_says(row: Row) -> None:
    *_, where, _ = row
    assert named(where)
    assert [path for path in named(where) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("row", ROWS, ids=THREATS)
def test_every_control_is_held_by_a_test_that_exists(row: Row) -> None:
    *_, held_by = row
    assert named(held_by)
    for reference in named(held_by):
        path, _, name = reference.partition("::")
        assert name in names_of_tests(path), reference


def test_each_of_the_six_risks_of_the_specification_has_a_row() -> None:
    numbers = [threat[0] for threat in THREATS if threat[1:3] == ". "]
    assert numbers == list("123456")


def test_every_file_of_attacks_is_on_the_page() -> None:
    files = {
        f"tests/attacks/{path.name}"
        for path in (ROOT / "tests/attacks").glob("test_*.py")
    }
    assert files - set(re.findall(r"`(tests/attacks/\w+\.py)::", read(PAGE))) == set()


def test_every_page_that_is_linked_exists() -> None:
    links = re.findall(r"\]\((?!https://)([^)#]+)\)", read(PAGE))
    assert links
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_every_setting_that_is_named_exists() -> None:
    known = {variable_of(field) for field in Settings.model_fields}
    assert set(re.findall(r"B12_\w+", read(PAGE))) <= known


def test_it_says_how_to_report_a_weakness_and_invents_no_address() -> None:
    page = " ".join(read(PAGE).split())
    assert "privately, through the security advisories of this repository" in page
    assert not re.search(r"\S@\S", page)


def test_the_readme_leads_to_it() -> None:
    assert f"({PAGE})" in read("README.md")
