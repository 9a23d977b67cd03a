"""Each code of each list makes its facts true, and no other."""

from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.wiring.charts import coded, facts_in, source
from tests.wiring.wires import OVERLAPS, WIRES


VALUE_SETS = source().value_sets


def lists_of_code() -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, value_set in VALUE_SETS.items():
        for system, codes in value_set.codes.items():
            for code in codes:
                found[system, code].add(name)
    return found


LISTS_OF = lists_of_code()


def expected(name: str, system: str, code: str) -> frozenset[str]:
    """The facts of the chart that puts this code to the test as one of list ``name``.

    Other lists that hold the code count where it stands in a resource of their type,
    and where they need nothing else beside it.
    """
    wire = WIRES[name]
    kind = wire.put(coded(system, code))["resourceType"]
    others = (
        WIRES[other].true
        for other in LISTS_OF[system, code] - {name}
        if not wire.stands_alone
        and not WIRES[other].stands_alone
        and not WIRES[other].beside
        and WIRES[other].put(coded(system, code))["resourceType"] == kind
    )
    return (wire.before - wire.replaces) | wire.true.union(*others)


def codes_to_try(name: str) -> Iterator[tuple[str, str]]:
    """Every code; of the long lists of products the first and the last of a system."""
    for system, codes in VALUE_SETS[name].codes.items():
        listed = list(codes)
        if name.startswith("med-"):
            listed = [listed[0], listed[-1]]
        for code in dict.fromkeys(listed):
            yield system, code


def test_each_list_has_a_wire_and_each_wire_a_list() -> None:
    assert set(WIRES) == set(VALUE_SETS)


@pytest.mark.parametrize("name", WIRES)
def test_a_code_makes_the_facts_of_its_list_true_and_no_other(name: str) -> None:
    wire = WIRES[name]
    assert facts_in(*wire.beside) == wire.before
    for system, code in codes_to_try(name):
        found = facts_in(*wire.beside, wire.put(coded(system, code)))
        assert found == expected(name, system, code), f"{system}|{code}"


def test_lists_share_codes_only_where_that_is_meant() -> None:
    shared = {tuple(sorted(names)) for names in LISTS_OF.values() if len(names) > 1}
    assert shared == set(OVERLAPS)


def test_a_list_that_makes_nothing_true_says_what_it_is_there_for() -> None:
    idle = {
        name
        for name, wire in WIRES.items()
        if not wire.true and not wire.replaces and not wire.why
    }
    assert idle == set()


def test_every_overlap_and_every_idle_list_has_its_reason() -> None:
    reasons = [*OVERLAPS.values(), *(w.why for w in WIRES.values() if w.why)]
    assert all(len(reason.split()) >= 3 for reason in reasons)
