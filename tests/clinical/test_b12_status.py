"""Which rules changed the class of a B12 result, and why another has none (2.6)."""

from dataclasses import replace

import pytest

from service.clinical.b12_result import B12Class
from service.clinical.b12_status import B12Status
from service.clinical.evaluate import evaluate
from service.clinical.mma import MmaReading
from tests.spec.examples import knowledge
from tests.spec.patients import TODAY, Person, adult


cramps = adult(40, "F").with_cramps()
pregnant = cramps.with_condition("state-pregnancy", days=60)
TOTAL, ACTIVE, MMA = "lab-b12-total", "lab-holotc", "lab-mma"


def status(patient: Person) -> B12Status:
    return evaluate(patient.record, knowledge("us"), TODAY).case.b12


ADJUSTED = [
    (cramps.with_result(TOTAL, "150", "pg/mL"), B12Class.DEFICIENT, ()),
    (pregnant.with_result(TOTAL, "150", "pg/mL"), B12Class.INDETERMINATE, ("L-2",)),
    (
        cramps.with_result(TOTAL, "400", "pg/mL", flag="L"),
        B12Class.INDETERMINATE,
        ("L-3",),
    ),
    (
        cramps.with_result(TOTAL, "150", "pg/mL").with_result(ACTIVE, "90", "pmol/L"),
        B12Class.INDETERMINATE,
        ("L-4",),
    ),
    (
        cramps.with_result(TOTAL, "250", "pg/mL").with_result(MMA, "150", "nmol/L"),
        B12Class.UNLIKELY,
        ("L-6",),
    ),
    (
        cramps.with_result(TOTAL, "250", "pg/mL").with_result(MMA, "800", "nmol/L"),
        B12Class.DEFICIENT,
        ("L-6",),
    ),
    (cramps.with_result(MMA, "800", "nmol/L"), B12Class.DEFICIENT, ("L-6",)),
    (
        pregnant.with_result(TOTAL, "150", "pg/mL").with_result(MMA, "150", "nmol/L"),
        B12Class.UNLIKELY,
        ("L-2", "L-6"),
    ),
    (
        pregnant.with_result(TOTAL, "150", "pg/mL").with_result(MMA, "800", "nmol/L"),
        B12Class.DEFICIENT,
        ("L-2", "L-6"),
    ),
    (
        cramps.with_result(TOTAL, "150", "pg/mL")
        .with_result(ACTIVE, "90", "pmol/L")
        .with_result(MMA, "150", "nmol/L"),
        B12Class.UNLIKELY,
        ("L-4", "L-6"),
    ),
]


@pytest.mark.parametrize(
    ("patient", "value", "adjustments"),
    [pytest.param(*case, id=str(case[0])) for case in ADJUSTED],
)
def test_the_rules_that_changed_a_class_are_kept_in_order(
    patient: Person, value: B12Class, adjustments: tuple[str, ...]
) -> None:
    found = status(patient)
    assert (found.status, found.adjustments) == (value, adjustments)


@pytest.mark.parametrize(
    ("value", "reading"),
    [("800", MmaReading.RAISED), ("150", MmaReading.NORMAL)],
)
def test_methylmalonic_acid_is_kept_with_its_reading(
    value: str, reading: MmaReading
) -> None:
    found = status(cramps.with_result(MMA, value, "nmol/L"))
    assert found.mma is reading
    assert found.mma_result is not None


UNUSABLE = [
    (cramps.with_result(TOTAL, "300", None), "the unit is missing or unknown"),
    (cramps.with_result(TOTAL, "300", "U/L"), "the unit does not fit this test"),
    (
        cramps.with_result(TOTAL, "300", "pg/mL", days=None),
        "the sample date is not recorded",
    ),
    (
        cramps.with_observation(TOTAL),
        "the value is not a number with a unit",
    ),
]


@pytest.mark.parametrize(
    ("patient", "reason"),
    [pytest.param(*case, id=case[1]) for case in UNUSABLE],
)
def test_a_result_that_cannot_be_used_says_why(patient: Person, reason: str) -> None:
    (unusable,) = status(patient).not_interpretable
    assert unusable.reason == reason


def test_a_result_that_could_not_be_read_says_why_in_the_readers_words() -> None:
    patient = cramps.with_observation(TOTAL)
    (found,) = patient.record.observations
    unread = replace(found, problem="a text instead of a number")
    told = replace(patient, record=replace(patient.record, observations=(unread,)))
    (unusable,) = status(told).not_interpretable
    assert unusable.reason == "a text instead of a number"


def test_of_results_alike_of_one_day_the_first_by_reference_decides() -> None:
    patient = cramps.with_result(TOTAL, "250", "pg/mL").with_result(
        TOTAL, "250", "pg/mL"
    )
    turned = replace(
        patient,
        record=replace(patient.record, observations=patient.record.observations[::-1]),
    )
    assert status(turned).result == status(patient).result
