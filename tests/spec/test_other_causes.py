"""Electrolytes, the differential, diet, and the rules against alert fatigue."""

from service.clinical.exposures import Moment
from tests.spec.examples import Example, cards_of, evaluation_of, specified
from tests.spec.patients import Person, adult


CHAPTER = "other causes and restraint"
OTHER = ("cramp-differential:info",)
LOW = ("electrolyte-abnormal:warning",)
DANGER = ("electrolyte-abnormal:critical",)
SILENCE: tuple[str, ...] = ()

cramps = adult(50).with_cramps()


def result(test: str, value: str, unit: str, **more: object) -> Person:
    """Cramps and one result."""
    return cramps.with_result(test, value, unit, **more)  # type: ignore[arg-type]  # the keywords are those of with_result


EXAMPLES = [
    Example(
        "potassium 3.5 is normal", result("lab-potassium", "3.5", "mmol/L"), SILENCE
    ),
    Example("potassium 3.4 is low", result("lab-potassium", "3.4", "mmol/L"), LOW),
    Example("potassium 2.5 is low", result("lab-potassium", "2.5", "mmol/L"), LOW),
    Example(
        "potassium 2.4 endangers life", result("lab-potassium", "2.4", "mmol/L"), DANGER
    ),
    Example(
        "potassium 5.9 is left alone", result("lab-potassium", "5.9", "mmol/L"), SILENCE
    ),
    Example("potassium 6.0 is high", result("lab-potassium", "6.0", "mmol/L"), LOW),
    Example("potassium 6.4 is high", result("lab-potassium", "6.4", "mmol/L"), LOW),
    Example(
        "potassium 6.5 endangers life", result("lab-potassium", "6.5", "mmol/L"), DANGER
    ),
    Example("potassium 3.2 meq/L is low", result("lab-potassium", "3.2", "meq/L"), LOW),
    Example(
        "magnesium 0.70 mmol/L is normal",
        result("lab-magnesium", "0.70", "mmol/L"),
        SILENCE,
    ),
    Example(
        "magnesium 0.69 mmol/L is low", result("lab-magnesium", "0.69", "mmol/L"), LOW
    ),
    Example(
        "magnesium 0.50 mmol/L is low", result("lab-magnesium", "0.50", "mmol/L"), LOW
    ),
    Example(
        "magnesium 0.49 mmol/L endangers life",
        result("lab-magnesium", "0.49", "mmol/L"),
        DANGER,
    ),
    Example(
        "magnesium 1.7 mg/dL is normal",
        result("lab-magnesium", "1.7", "mg/dL"),
        SILENCE,
    ),
    Example("magnesium 1.6 mg/dL is low", result("lab-magnesium", "1.6", "mg/dL"), LOW),
    Example("magnesium 1.2 mg/dL is low", result("lab-magnesium", "1.2", "mg/dL"), LOW),
    Example(
        "magnesium 1.1 mg/dL endangers life",
        result("lab-magnesium", "1.1", "mg/dL"),
        DANGER,
    ),
    Example(
        "calcium 2.20 mmol/L is normal",
        result("lab-calcium", "2.20", "mmol/L"),
        SILENCE,
    ),
    Example("calcium 2.19 mmol/L is low", result("lab-calcium", "2.19", "mmol/L"), LOW),
    Example("calcium 1.90 mmol/L is low", result("lab-calcium", "1.90", "mmol/L"), LOW),
    Example(
        "calcium 1.89 mmol/L endangers life",
        result("lab-calcium", "1.89", "mmol/L"),
        DANGER,
    ),
    Example(
        "calcium 8.8 mg/dL is normal", result("lab-calcium", "8.8", "mg/dL"), SILENCE
    ),
    Example("calcium 8.7 mg/dL is low", result("lab-calcium", "8.7", "mg/dL"), LOW),
    Example("calcium 7.6 mg/dL is low", result("lab-calcium", "7.6", "mg/dL"), LOW),
    Example(
        "calcium 7.5 mg/dL endangers life",
        result("lab-calcium", "7.5", "mg/dL"),
        DANGER,
    ),
    Example(
        "potassium of 30 days ago counts",
        result("lab-potassium", "3.0", "mmol/L", days=30),
        LOW,
    ),
    Example(
        "potassium of 31 days ago does not",
        result("lab-potassium", "3.0", "mmol/L", days=31),
        SILENCE,
    ),
    Example(
        "the newest potassium counts",
        result("lab-potassium", "3.0", "mmol/L", days=20).with_result(
            "lab-potassium", "4.0", "mmol/L", days=19
        ),
        SILENCE,
    ),
    Example(
        "one card for several electrolytes, as urgent as the worst",
        result("lab-potassium", "3.2", "mmol/L").with_result(
            "lab-magnesium", "0.4", "mmol/L"
        ),
        DANGER,
    ),
    Example(
        "after an injection potassium is left to its own card, magnesium is not",
        adult(64)
        .with_cramps(days=2)
        .injected(5, 1)
        .with_result("lab-potassium", "3.2", "mmol/L", days=1)
        .with_result("lab-magnesium", "0.6", "mmol/L", days=1),
        ("b12-post-injection-potassium:warning", "electrolyte-abnormal:warning"),
    ),
    Example(
        "in palliative care the electrolyte card still speaks",
        result("lab-potassium", "2.3", "mmol/L").with_condition("suppress-palliative"),
        DANGER,
    ),
    *(
        Example(
            f"{medicine} is a cause to think of",
            cramps.taking(medicine, days=10),
            OTHER,
        )
        for medicine in (
            "med-diuretic",
            "med-statin",
            "med-laba",
            "med-raloxifene",
            "med-nifedipine",
            "med-conjugated-oestrogens",
            "med-naproxen",
            "med-teriparatide",
            "med-iv-iron",
        )
    ),
    Example(
        "a statin that was stopped is not",
        cramps.taking("med-statin", days=900, stopped=30),
        SILENCE,
    ),
    *(
        Example(
            f"{disease} is a cause to think of", cramps.with_condition(disease), OTHER
        )
        for disease in (
            "ddx-ckd-dialysis",
            "ddx-thyroid",
            "ddx-cirrhosis",
            "ddx-nerve-compression",
            "ddx-peripheral-arterial",
            "ddx-motor-neuron-muscle",
            "ddx-dehydration-heat-overuse",
            "ddx-electrolyte",
        )
    ),
    Example(
        "diabetes adds no card of its own",
        cramps.with_condition("ddx-diabetes"),
        SILENCE,
    ),
    Example(
        "restless legs add no card of their own",
        cramps.with_condition("sx-rls"),
        SILENCE,
    ),
    Example(
        "CK of 5 times the laboratory's limit",
        result("lab-ck", "1000", "U/L", high="200"),
        SILENCE,
    ),
    Example(
        "CK above 5 times the laboratory's limit",
        result("lab-ck", "1001", "U/L", high="200"),
        ("cramp-differential:warning",),
    ),
    Example(
        "CK 1000 without a limit of the laboratory",
        result("lab-ck", "1000", "U/L"),
        SILENCE,
    ),
    Example(
        "CK 1001 without a limit of the laboratory",
        result("lab-ck", "1001", "U/L"),
        ("cramp-differential:warning",),
    ),
    Example(
        "diet advice does not go to who is on replacement",
        cramps.eating("vegan").taking("med-b12", days=30, mg_daily=1),
        SILENCE,
    ),
    Example(
        "at most four cards, in the order of priority",
        cramps.eating("vegan")
        .taking("med-folic-acid", days=30, mg_daily=5)
        .taking("med-statin", days=90)
        .with_result("lab-potassium", "3.2", "mmol/L"),
        (
            "electrolyte-abnormal:warning",
            "b12-screen:info",
            "folate-caution:warning",
            "cramp-differential:info",
        ),
    ),
    Example(
        "an order hook shows only what changes the order in hand",
        cramps.eating("vegan").taking("med-statin", days=90),
        ("b12-screen:info",),
        moment=Moment.ORDERING,
    ),
    Example(
        "an order hook does not show the treatment gap",
        cramps.with_condition("b12-deficiency-diagnosed"),
        SILENCE,
        moment=Moment.ORDERING,
    ),
    Example(
        "an order hook shows red flags",
        cramps.with_condition("redflag-ataxia"),
        ("b12-urgent:warning",),
        moment=Moment.ORDERING,
    ),
    Example(
        "palliative care silences the screen",
        cramps.eating("vegan").with_condition("suppress-palliative"),
        SILENCE,
    ),
]


@specified(EXAMPLES)
def test_other_causes(example: Example) -> None:
    assert cards_of(evaluation_of(example)) == example.cards
