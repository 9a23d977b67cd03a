"""The dose a day, from structured dosages and from words."""

from decimal import Decimal
from fractions import Fraction

import pytest

from service.fhir.timing import doses_per_day, doses_per_day_in
from tests.fhir.charts import UCUM, Json, metformin, read


MG = Decimal(1000)
TWICE_DAILY = {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}


def daily_dose(product: str, *dosages: Json, **elements: object) -> Decimal | None:
    order = metformin(
        medicationCodeableConcept={"text": product},
        dosageInstruction=list(dosages),
        **elements,
    )
    (found,) = read(order).medications
    return found.daily_dose_ug


@pytest.mark.parametrize(
    ("product", "quantity", "daily"),
    [
        ("metformin", {"value": 500, "unit": "mg", "code": "mg"}, 1000 * MG),
        ("metformin", {"value": 1, "unit": "g"}, 2000 * MG),
        ("vitamin B12", {"value": 250, "unit": "mcg"}, 500),
        ("vitamin B12", {"value": 250, "code": "ug", "system": UCUM}, 500),
        ("vitamin B12", {"value": 250, "unit": "µg"}, 500),
        ("vitamin B12", {"value": 250, "unit": "micrograms"}, 500),
        ("metformin 500 MG Oral Tablet", {"value": 1, "unit": "tablet"}, 1000 * MG),
        ("metformin 500 MG", {"value": 2, "code": "{tbl}"}, 2000 * MG),
        ("metformin 500 MG", {"value": 1, "unit": "TAB"}, 1000 * MG),
        ("metformin 500 MG", {"value": 1}, 1000 * MG),
        (
            "metformin 850 MG / pioglitazone 15 MG Oral Tablet",
            {"value": 1, "unit": "tablet"},
            1700 * MG,
        ),
        (
            "sitagliptin 50 MG / metformin 1000 MG",
            {"value": 1, "unit": "tablet"},
            2000 * MG,
        ),
        ("metformin 500 mg/5 ml oral solution", {"value": 10, "unit": "mL"}, 2000 * MG),
        ("metformin", {"value": 1, "unit": "tablet"}, None),
        ("metformin 500 MG", {"value": 500}, None),
        ("metformin", {"value": 1000, "unit": "mg/m2"}, None),
    ],
)
def test_a_structured_dose_times_its_frequency(
    product: str, quantity: Json, daily: Decimal | int | None
) -> None:
    dosage = {"timing": TWICE_DAILY, "doseAndRate": [{"doseQuantity": quantity}]}
    assert daily_dose(product, dosage) == daily


def test_a_dose_directly_in_the_dosage_is_read_too() -> None:
    """STU3, and Epic's own R4 sample."""
    dosage = {"timing": TWICE_DAILY, "doseQuantity": {"value": 500, "unit": "mg"}}
    assert daily_dose("metformin", dosage) == 1000 * MG


def test_of_a_range_the_low_end_is_surely_taken() -> None:
    ends = {"low": {"value": 500, "unit": "mg"}, "high": {"value": 1000, "unit": "mg"}}
    dosage = {"timing": TWICE_DAILY, "doseAndRate": [{"doseRange": ends}]}
    assert daily_dose("metformin", dosage) == 1000 * MG


def test_the_first_of_several_doses_that_is_a_mass_counts() -> None:
    """Epic says one dose as calculated, as administered and as ordered."""
    rates = [
        {"doseQuantity": {"value": 1, "unit": "spoon"}},
        {"doseQuantity": {"value": 500, "unit": "mg"}},
    ]
    assert daily_dose("metformin", {"timing": TWICE_DAILY, "doseAndRate": rates}) == (
        1000 * MG
    )


def test_dosages_that_go_together_are_added() -> None:
    assert daily_dose("metformin", {"text": "500 mg mane"}, {"text": "1 g nocte"}) == (
        1500 * MG
    )


def test_of_dosages_that_follow_each_other_the_greatest_counts() -> None:
    steps = [
        {"sequence": 1, "text": "500 mg daily"},
        {"sequence": 2, "text": "500 mg twice daily"},
    ]
    assert daily_dose("metformin", *steps) == 1000 * MG


def test_one_dosage_that_cannot_be_read_leaves_the_day_unknown() -> None:
    assert daily_dose("metformin", {"text": "500 mg mane"}, {"text": "as told"}) is None


@pytest.mark.parametrize(
    ("product", "text", "daily"),
    [
        ("metformin", "1 g bd", 2000 * MG),
        ("metformin", "500mg twice daily", 1000 * MG),
        ("vitamin B12", "10 micrograms daily", 10),
        ("folic acid", "5 mg od", 5 * MG),
        ("vitamin B12", "1,000 mcg daily", 1000),
        ("metformin", "0,5 g daily", 500 * MG),
        ("metformin 500 mg", "take 2 tablets by mouth twice a day", 2000 * MG),
        ("metformin 500 mg", "Take one tablet (500 mg) twice daily", 1000 * MG),
        ("metformin 500 mg", "two tablets in the morning and one at night", 1500 * MG),
        ("metformin 500 mg", "1/2 tablet daily", 250 * MG),
        ("metformin 500 mg", "2 x 500 mg bd", 2000 * MG),
        ("Metformin HEX FTBL 500MG", "S:1-0-0-1", 1000 * MG),
        ("Folic acid 5mg tablets", "One To Be Taken Each Day", 5 * MG),
        ("metformin 500 MG Oral Tablet", "1 bid", 1000 * MG),
        ("vitamin B12", "1 mg weekly", Decimal("142.86")),
        ("Vitamin B12 10 mcg tablet", "once daily", 10),
        ("Folic acid 5mg tablets", "daily", 5 * MG),
        ("Vitamin B12 10 mcg tablet", "as directed, once daily", None),
        ("metformin 500 mg/5 ml oral solution", "twice daily", None),
        ("metformin", "500 mg", None),
        ("metformin", "twice daily", None),
        ("metformin 500 mg", "as directed", None),
        ("metformin", "", None),
    ],
)
def test_a_dose_in_words(product: str, text: str, daily: Decimal | int | None) -> None:
    assert daily_dose(product, {"text": text}) == daily


def test_one_tablet_is_taken_at_a_time_where_nothing_else_is_said() -> None:
    tablets = "metformin 500 mg tablets"
    assert daily_dose(tablets, {"timing": TWICE_DAILY}) == 1000 * MG
    unknown = {"timing": TWICE_DAILY, "doseAndRate": [{"doseQuantity": {"value": 500}}]}
    assert daily_dose(tablets, unknown) is None


def test_without_a_dosage_the_medicines_own_words_are_read() -> None:
    assert daily_dose("B12 10 ug/day") == 10
    assert daily_dose("Metformin 500 mg twice daily") == 1000 * MG
    assert daily_dose("Metformin 500 mg") is None


def test_a_structured_timing_completes_a_dose_in_words() -> None:
    assert daily_dose("metformin", {"timing": TWICE_DAILY, "text": "500 mg"}) == (
        1000 * MG
    )


def test_the_strength_of_an_ingredient_is_read_from_the_medication() -> None:
    strength = {
        "numerator": {"value": 850, "unit": "mg"},
        "denominator": {"value": 1, "unit": "tablet"},
    }
    item = {"text": "metformin hydrochloride"}
    medication = {
        "resourceType": "Medication",
        "id": "m",
        "ingredient": [{"itemCodeableConcept": item, "strength": strength}],
    }
    order = metformin(
        medicationCodeableConcept=None,
        medicationReference={"reference": "#m"},
        contained=[medication],
        dosageInstruction=[{"text": "1 tablet bd"}],
    )
    (found,) = read(order).medications
    assert found.daily_dose_ug == 1700 * MG


@pytest.mark.parametrize(
    ("words", "per_day"),
    [
        ("once daily", 1),
        ("od", 1),
        ("at night", 1),
        ("mane", 1),
        ("BID", 2),
        ("b.i.d.", 2),
        ("2 times a day", 2),
        ("2x/day", 2),
        ("morning and night", 2),
        ("tds", 3),
        ("three times daily", 3),
        ("q8h", 3),
        ("every 6 hours", 4),
        ("6-hourly", 4),
        ("qds", 4),
        ("1-0-1", 2),
        ("1-1-1-1", 4),
        ("every other day", Fraction(1, 2)),
        ("QOD", Fraction(1, 2)),
        ("once a week", Fraction(1, 7)),
        ("weekly", Fraction(1, 7)),
        ("every 3 months", Fraction(1, 90)),
        ("every 12 weeks", Fraction(1, 84)),
        ("every three months", Fraction(1, 90)),
        ("monthly", Fraction(1, 30)),
        ("as directed", None),
        ("2025-06-30", None),
    ],
)
def test_how_often_in_words(words: str, per_day: Fraction | int | None) -> None:
    assert doses_per_day_in(words) == per_day


@pytest.mark.parametrize(
    ("timing", "per_day"),
    [
        (TWICE_DAILY, 2),
        ({"repeat": {"frequency": 1, "period": 8, "periodUnit": "h"}}, 3),
        ({"repeat": {"period": 3, "periodUnit": "mo"}}, Fraction(1, 90)),
        (
            {"repeat": {"frequency": "1", "period": "1", "periodUnit": "wk"}},
            Fraction(1, 7),
        ),
        ({"repeat": {"when": ["MORN", "NIGHT"]}}, 2),
        ({"repeat": {"timeOfDay": ["08:00:00"]}}, 1),
        (
            {
                "repeat": {
                    "frequency": 1,
                    "period": 1,
                    "periodUnit": "d",
                    "when": ["MORN", "NIGHT"],
                }
            },
            2,
        ),
        (
            {
                "repeat": {
                    "frequency": 1,
                    "period": 1,
                    "periodUnit": "d",
                    "dayOfWeek": ["mon"],
                }
            },
            Fraction(1, 7),
        ),
        ({"repeat": {"frequencyMax": 3, "period": 1, "periodUnit": "d"}}, 3),
        ({"code": {"coding": [{"code": "BID"}]}}, 2),
        ({"code": {"text": "Every 6 hours"}}, 4),
        ({"repeat": {"frequency": 24, "count": 1}}, None),
        ({}, None),
    ],
)
def test_how_often_in_a_timing(timing: Json, per_day: Fraction | int | None) -> None:
    assert doses_per_day(timing) == per_day
