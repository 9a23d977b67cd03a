"""Every requirement is held by a test, and the printed page says so truly."""

import pytest

from tests.protocol.conformance_page import (
    PAGE,
    Requirement,
    Trap,
    page,
    places,
    requirements,
    traps,
)
from tests.protocol.ids import held_ids


BINDING = ("SHALL", "SHOULD", "error")
HELD = held_ids()


def test_the_printed_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "print it with `make manual`"


@pytest.mark.parametrize("row", requirements(), ids=lambda row: row.id)
def test_a_requirement_has_a_test_or_a_reason_to_have_none(row: Requirement) -> None:
    if row.untested is None:
        assert HELD.get(row.id), f"no test is called test_{row.id}_…"
    else:
        assert row.id not in HELD, f"{row.id} has a test: drop its reason"


@pytest.mark.parametrize("row", requirements(), ids=lambda row: row.id)
def test_what_binds_this_service_has_a_test(row: Requirement) -> None:
    if row.strength.startswith(BINDING) and row.untested is not None:
        assert row.untested.startswith("CRD only")


def test_no_test_holds_a_requirement_that_there_is_not() -> None:
    assert HELD.keys() - {row.id for row in requirements()} == set()


def test_no_requirement_is_listed_twice() -> None:
    ids = [row.id for row in requirements()]
    assert len(ids) == len(set(ids)) == 278


@pytest.mark.parametrize("trap", traps(), ids=lambda trap: trap.text)
def test_a_trap_is_held_by_tests_that_exist(trap: Trap) -> None:
    assert trap.tests
    assert [name for name in trap.tests if name not in places()] == []


def test_there_are_47_traps() -> None:
    assert len(traps()) == 47
