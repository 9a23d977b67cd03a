"""Circumstances that a card remarks on, at their limits (CLINICAL 2.3, 2.6)."""

import pytest

from service.clinical.evaluate import evaluate
from tests.spec.examples import knowledge
from tests.spec.patients import TODAY, Person, adult


at_risk = adult(50).with_cramps().with_condition("rf-crohn")
cramps = adult(50).with_cramps()

FOLATE, TSH, HBA1C, B12 = "lab-folate", "lab-tsh", "lab-hba1c", "lab-b12-total"
OLD = 400  # days: too old a B12 result to decide anything


def notes(patient: Person) -> frozenset[str]:
    answer = evaluate(patient.record, knowledge("us"), TODAY)
    return answer.case.notes


def measured(concept: str, value: str, unit: str, **elements: object) -> Person:
    return at_risk.with_result(concept, value, unit, **elements)  # type: ignore[arg-type]  # passed on


def high_twice(first: str, second: str) -> Person:
    return at_risk.with_result(B12, first, "pg/mL", days=OLD).with_result(
        B12, second, "pg/mL", days=OLD + 30
    )


LIMITS = [
    ("folate-low", measured(FOLATE, "2.9", "ng/mL"), True),
    ("folate-low", measured(FOLATE, "3.0", "ng/mL"), False),
    ("folate-low", measured(FOLATE, "6.9", "nmol/L"), True),
    ("folate-low", measured(FOLATE, "7.0", "nmol/L"), False),
    ("folate-low", measured(FOLATE, "2", "ng/mL", days=365), True),
    ("folate-low", measured(FOLATE, "2", "ng/mL", days=366), False),
    ("folate-low", measured(FOLATE, "2", "mg/dL"), False),
    ("tsh-abnormal", measured(TSH, "0.39", "m[IU]/L"), True),
    ("tsh-abnormal", measured(TSH, "0.4", "m[IU]/L"), False),
    ("tsh-abnormal", measured(TSH, "4.5", "m[IU]/L"), False),
    ("tsh-abnormal", measured(TSH, "4.6", "m[IU]/L"), True),
    ("tsh-abnormal", measured(TSH, "4.6", "m[IU]/L", low="0.3", high="5"), False),
    ("tsh-abnormal", measured(TSH, "5.1", "m[IU]/L", low="0.3", high="5"), True),
    ("tsh-abnormal", measured(TSH, "0.2", "m[IU]/L", low="0.3", high="5"), True),
    # The laboratory's own limit is normal itself; one limit may be all it gives.
    ("tsh-abnormal", measured(TSH, "5", "m[IU]/L", low="0.3", high="5"), False),
    ("tsh-abnormal", measured(TSH, "0.3", "m[IU]/L", low="0.3", high="5"), False),
    ("tsh-abnormal", measured(TSH, "4.8", "m[IU]/L", high="5"), False),
    ("tsh-abnormal", measured(TSH, "5.1", "m[IU]/L", high="5"), True),
    ("tsh-abnormal", measured(TSH, "0.35", "m[IU]/L", low="0.3"), False),
    ("tsh-abnormal", measured(TSH, "0.2", "m[IU]/L", low="0.3"), True),
    ("tsh-abnormal", measured(TSH, "9", "m[IU]/L", days=366), False),
    ("diabetes", at_risk.with_condition("ddx-diabetes", days=365, status=None), True),
    ("diabetes", at_risk.with_condition("ddx-diabetes", days=366, status=None), False),
    ("restless-legs", at_risk.with_condition("sx-rls", days=3, status=None), True),
    ("hba1c-high", measured(HBA1C, "6.4", "%"), False),
    ("hba1c-high", measured(HBA1C, "6.5", "%"), True),
    ("hba1c-high", measured(HBA1C, "47", "mmol/mol"), False),
    ("hba1c-high", measured(HBA1C, "48", "mmol/mol"), True),
    ("hba1c-high", at_risk, False),
    ("high-b12", high_twice("1001", "1001"), True),
    ("high-b12", high_twice("1001", "1000"), False),
    ("high-b12", at_risk.with_result(B12, "1500", "pg/mL", days=OLD), False),
    (
        "high-b12",
        at_risk.with_result(B12, "1500", "pg/mL", days=OLD).with_result(
            B12, "1600", "pg/mL", days=OLD
        ),
        False,
    ),
    ("higher-risk", cramps.taking("med-metformin", days=1460), False),
    ("higher-risk", cramps.taking("med-metformin", days=1461), True),
    ("higher-risk", cramps.taking("med-metformin", days=180, mg_daily=1500), True),
    ("higher-risk", cramps.taking("med-metformin", days=179, mg_daily=1500), False),
    ("higher-risk", cramps.taking("med-metformin", days=180, mg_daily=1499), False),
    ("higher-risk", cramps.taking("med-metformin", mg_daily=2000), False),
    ("higher-risk", cramps.taking("med-ppi", days=729), False),
    ("higher-risk", cramps.taking("med-ppi", days=730), True),
    ("higher-risk", cramps.taking("med-h2ra", days=730), True),
    ("renal-impairment", measured("lab-egfr", "59", "mL/min/{1.73_m2}"), True),
    ("renal-impairment", measured("lab-egfr", "60", "mL/min/{1.73_m2}"), False),
    (
        "hypersegmented",
        at_risk.with_observation("lab-hypersegmented-neutrophils", days=365),
        True,
    ),
    (
        "hypersegmented",
        at_risk.with_observation("lab-hypersegmented-neutrophils", days=366),
        False,
    ),
    (
        "hypersegmented",
        at_risk.with_observation("lab-hypersegmented-neutrophils", negative=True),
        False,
    ),
    (
        "hypersegmented",
        at_risk.with_result(TSH, "2", "m[IU]/L")
        .with_observation("lab-hypersegmented-neutrophils", days=None)
        .with_observation("lab-hypersegmented-neutrophils", days=366)
        .with_observation("lab-hypersegmented-neutrophils", days=30),
        True,
    ),
    (
        "hypersegmented",
        at_risk.with_observation("lab-hypersegmented-neutrophils", days=None),
        False,
    ),
    ("hypersegmented", measured("lab-hypersegmented-neutrophils", "0", "%"), False),
    ("hypersegmented", measured("lab-hypersegmented-neutrophils", "1", "%"), True),
    ("folic-acid-dose-unknown", at_risk.taking("med-folic-acid"), True),
    ("folic-acid-dose-unknown", at_risk.being_ordered("med-folic-acid"), True),
    ("folic-acid-dose-unknown", at_risk.taking("med-folic-acid", mg_daily=5), False),
]


@pytest.mark.parametrize(
    ("note", "patient", "holds"),
    [pytest.param(*case, id=f"{case[0]}: {case[1]}") for case in LIMITS],
)
def test_a_circumstance_holds_from_its_limit_on(
    note: str, patient: Person, holds: bool
) -> None:
    assert (note in notes(patient)) is holds
