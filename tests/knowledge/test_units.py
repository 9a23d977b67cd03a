"""Units: each spelling means one unit, and conversions are right."""

from decimal import Decimal

import pytest

from service.clinical.knowledge import Knowledge


def test_a_spelling_means_one_unit_whatever_its_case(knowledge: Knowledge) -> None:
    meaning: dict[str, str] = {}
    for name, unit in knowledge.units.items():
        for spelling in {name.casefold(), *map(str.casefold, unit.spellings)}:
            assert meaning.setdefault(spelling, name) == name, spelling


@pytest.mark.parametrize("written", ["mcg/L", "µg/L", "μg/L"])
def test_a_microgram_is_known_in_every_writing(
    written: str, knowledge: Knowledge
) -> None:
    assert written in knowledge.units["ug/L"].spellings


@pytest.mark.parametrize(
    ("one", "count", "other"),
    [
        ("ng/L", "1", "pg/mL"),
        ("ng/mL", "1000", "pg/mL"),
        ("ug/L", "1", "ng/mL"),
        ("mg/dL", "10", "mg/L"),
        ("g/dL", "10", "g/L"),
        ("nmol/L", "1000", "pmol/L"),
        ("umol/L", "1000", "nmol/L"),
        ("mmol/L", "1000", "umol/L"),
        ("u[IU]/mL", "1", "m[IU]/L"),
        ("mg", "1000", "ug"),
        ("g", "1000", "mg"),
        ("ukat/L", "60", "U/L"),
    ],
)
def test_one_of_this_unit_is_so_many_of_that(
    one: str, count: str, other: str, knowledge: Knowledge
) -> None:
    first, second = knowledge.units[one], knowledge.units[other]
    assert first.dimension == second.dimension
    assert first.factor == Decimal(count) * second.factor


@pytest.mark.parametrize(
    ("one", "other"),
    [("pg/mL", "pmol/L"), ("meq/L", "mmol/L"), ("%", "mmol/mol"), ("mg", "mg/dL")],
)
def test_units_of_different_nature_are_not_compared(
    one: str, other: str, knowledge: Knowledge
) -> None:
    assert knowledge.units[one].dimension != knowledge.units[other].dimension


def test_each_dimension_has_a_base_unit(knowledge: Knowledge) -> None:
    factors: dict[str, set[Decimal]] = {}
    for unit in knowledge.units.values():
        factors.setdefault(unit.dimension, set()).add(unit.factor)
    assert all(Decimal(1) in of_dimension for of_dimension in factors.values())
