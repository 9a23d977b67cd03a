"""Every named fact has a wire; those that no list makes true are wired here."""

from typing import Any

import pytest

from service.clinical import concepts
from service.clinical.knowledge import Knowledge
from service.knowledge_checks import ORDERS
from tests.wiring.charts import (
    CRAMP,
    LONG_AGO,
    PARESTHESIA,
    Json,
    answer,
    case_of,
    coded,
    condition,
    facts_in,
    injected,
    knowledge,
    medicine,
    patient,
    result,
    source,
    undated,
)
from tests.wiring.wires import WIRES


WIRED = frozenset().union(*(wire.true for wire in WIRES.values()))

B12_DEFICIENCY = coded("snomed", "190634004")
PERNICIOUS_ANAEMIA = coded("snomed", "84027009")
WEAKNESS = coded("snomed", "26544005")
FALLS = coded("icd10cm", "R26.81")
VEGAN = coded("snomed", "1255165006")
TOTAL_B12 = coded("loinc", "2132-9")
POTASSIUM = coded("loinc", "2823-3")


def resolved(concept: Json) -> Json:
    return condition(concept, clinicalStatus={"coding": [{"code": "resolved"}]})


def named(words: str, **elements: Any) -> Json:
    """A medicine that no code names."""
    return medicine({"text": words}, **elements)


def relative(concept: Json) -> Json:
    return {
        "resourceType": "FamilyMemberHistory",
        "status": "completed",
        "relationship": {"coding": [{"code": "MTH"}]},
        "condition": [{"code": concept}],
    }


def allergy(words: str) -> Json:
    return {"resourceType": "AllergyIntolerance", "code": {"text": words}}


def diet_order(concept: Json) -> Json:
    return {
        "resourceType": "NutritionOrder",
        "status": "active",
        "intent": "order",
        "dateTime": "2025-06-20",
        "oralDiet": {"type": [concept]},
    }


OTHERWISE: list[tuple[str, tuple[Json, ...], set[str]]] = [
    (
        "a deficiency that is over",
        (resolved(B12_DEFICIENCY),),
        {"risk:previous-deficiency"},
    ),
    (
        "pernicious anaemia of the mother",
        (relative(PERNICIOUS_ANAEMIA),),
        {"risk:family-history"},
    ),
    ("vegan by a diet order", (diet_order(VEGAN),), {"risk:vegan"}),
    ("vegan by an answer", (answer(VEGAN, LONG_AGO),), {"risk:vegan"}),
    (
        "vegan with fortified food in words",
        (undated(VEGAN), answer({"text": "fortified soya milk daily"})),
        {"risk:vegan-supplemented"},
    ),
    (
        "two food allergies in words",
        (allergy("Allergy to milk"), allergy("Shellfish")),
        {"risk:dietary-inadequacy"},
    ),
    ("intravenous iron by name", (named("Iron sucrose 20 mg/mL"),), {"cause:iv-iron"}),
    (
        "folic acid of unknown dose",
        (named("Folic acid", dosageInstruction=[]),),
        {"note:folic-acid-dose-unknown"},
    ),
    (
        "an injection that was given",
        (injected(),),
        {"injections", "on-b12"},
    ),
    (
        "cramps after an injection",
        (condition(CRAMP, onsetDateTime="2025-06-27"), injected()),
        {"cramps", "injections", "on-b12", "post-injection:warning"},
    ),
    (
        "weakness with numbness",
        (condition(PARESTHESIA), condition(WEAKNESS)),
        {
            "companion:paresthesia",
            "companion:weakness",
            "red-flag-2:weakness+paresthesia",
        },
    ),
    (
        "unsteadiness with numbness",
        (condition(PARESTHESIA), condition(FALLS)),
        {
            "companion:paresthesia",
            "companion:balance-gait",
            "red-flag-2:balance-gait+paresthesia",
        },
    ),
    (
        "high potassium",
        (result(POTASSIUM, 6.1, "mmol/L"),),
        {"potassium:high", "measured:potassium"},
    ),
    (
        "a borderline B12",
        (result(TOTAL_B12, 250, "pg/mL"),),
        {"b12:indeterminate"},
    ),
    ("a normal B12", (result(TOTAL_B12, 500, "pg/mL"),), {"b12:unlikely"}),
    (
        "a high B12 twice",
        (
            result(TOTAL_B12, 1500, "pg/mL"),
            {**result(TOTAL_B12, 1400, "pg/mL"), "effectiveDateTime": "2025-05-20"},
        ),
        {"b12:unlikely", "note:high-b12"},
    ),
    (
        "a normal methylmalonic acid",
        (result(coded("loinc", "13964-2"), 200, "nmol/L"),),
        {"mma:normal"},
    ),
    ("cramps in words", (condition(**{"code": {"text": "leg cramps"}}),), {"cramps"}),
]


@pytest.mark.parametrize(
    ("chart", "facts"), [pytest.param(c, f, id=name) for name, c, f in OTHERWISE]
)
def test_a_fact_that_no_single_code_makes_true(
    chart: tuple[Json, ...], facts: set[str]
) -> None:
    assert facts_in(*chart) == facts


@pytest.mark.parametrize(
    ("born", "factors"),
    [
        ("1960-07-01", []),
        ("1960-06-30", ["age65-74"]),
        ("1950-07-01", ["age65-74"]),
        ("1950-06-30", ["age75"]),
        (None, []),
    ],
)
def test_the_date_of_birth_makes_the_factors_of_age(
    born: str | None, factors: list[str]
) -> None:
    found = case_of(patient(birthDate=born)).risk_factors
    assert [factor.key for factor in found] == factors


def test_a_chart_with_nothing_in_it_makes_nothing_true() -> None:
    assert facts_in() == frozenset()


def wired_keys(kind: str) -> set[str]:
    everything = WIRED.union(*(facts for _, _, facts in OTHERWISE))
    return {name.partition(":")[2] for name in everything if name.startswith(kind)}


def test_every_risk_factor_has_its_wire() -> None:
    assert set(knowledge().risk_factors) == wired_keys("risk:") | {"age65-74", "age75"}


def test_every_companion_has_its_wire() -> None:
    assert set(knowledge().companions) == wired_keys("companion:")


def test_every_other_cause_has_its_wire() -> None:
    assert set(knowledge().causes) == wired_keys("cause:")


def test_every_red_flag_has_its_wire() -> None:
    assert wired_keys("red-flag-1:") == {
        "myelopathy-or-optic-neuropathy",
        "scotoma-or-optic-atrophy",
        "ataxia",
        "sphincter-or-paresis",
    }
    assert wired_keys("red-flag-2:") == {
        "psychosis",
        "confusion",
        "new-cognitive-decline",
        "balance-gait+paresthesia",
        "weakness+paresthesia",
    }


def test_every_test_that_can_be_missing_has_its_wire() -> None:
    assert wired_keys("measured:") <= ORDERS
    assert wired_keys("measured:") == {
        *("potassium", "magnesium", "calcium", "creatinine"),
        *("tsh", "hba1c", "ck", "ferritin"),
    }


# Concepts and lists.

CONSTANTS = {name: value for name, value in vars(concepts).items() if name.isupper()}
TEXTS_ALONE = {
    "DIET_FORTIFIED": "no code for fortified food could be verified",
}


def test_every_concept_that_logic_names_has_a_list_or_is_told_by_words() -> None:
    without = {
        name for name, value in CONSTANTS.items() if value not in source().value_sets
    }
    assert without == TEXTS_ALONE.keys()
    assert {CONSTANTS[name] for name in without} <= source().text_patterns.keys()


def concepts_of(known: Knowledge) -> set[str]:
    groups = (known.risk_factors, known.companions, known.causes)
    return {
        concept
        for group in groups
        for entry in group.values()
        for concept in entry.concepts
    }


def test_every_list_is_used_or_says_why_not() -> None:
    used = set(CONSTANTS.values()) | concepts_of(knowledge())
    idle = {name for name, wire in WIRES.items() if name not in used}
    assert idle == {
        *("lab-albumin", "lab-sodium", "lab-cbc-panel", "lab-calcium-ionised"),
        "med-nitrous-oxide",
    }
    assert all(WIRES[name].why for name in idle)


def test_icd_10_of_the_who_is_read_only_where_a_code_was_verified() -> None:
    lists = {
        name for name, each in source().value_sets.items() if "icd10" in each.codes
    }
    assert lists == {"rf-crohn", "rf-coeliac"}
