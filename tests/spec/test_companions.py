"""Companion symptoms (2.4): what turns "consider" into "test"."""

from tests.spec.examples import Example, cards_of, evaluation_of, specified
from tests.spec.patients import adult


CHAPTER = "companion symptoms"
CONSIDER = ("b12-screen:info",)
TEST = ("b12-screen:warning",)

at_risk = adult(50).with_cramps().with_condition("rf-crohn", days=900)
woman = adult(50, "F").with_cramps().with_condition("rf-crohn", days=900)
unknown = adult(50, "?").with_cramps().with_condition("rf-crohn", days=900)

LISTS = (
    "sx-paresthesia-numbness",
    "sx-peripheral-neuropathy",
    "sx-balance-gait-ataxia",
    "sx-muscle-weakness",
    "sx-fatigue",
    "sx-mood",
    "sx-glossitis-mouth",
    "sx-vision",
    "sx-anaemia-macrocytosis",
)

EXAMPLES = [
    Example("nothing but cramps: consider", at_risk, CONSIDER),
    *(
        Example(f"{concept} as a problem counts", at_risk.with_condition(concept), TEST)
        for concept in LISTS
    ),
    *(
        Example(
            f"{concept} observed 365 days ago counts",
            at_risk.with_observation(concept, days=365),
            TEST,
        )
        for concept in LISTS
    ),
    *(
        Example(
            f"{concept} observed 366 days ago does not count",
            at_risk.with_observation(concept, days=366),
            CONSIDER,
        )
        for concept in LISTS
    ),
    Example(
        "a symptom that was denied does not count",
        at_risk.with_observation("sx-fatigue", days=5, negative=True),
        CONSIDER,
    ),
    Example(
        "a symptom that is over does not count",
        at_risk.with_condition("sx-fatigue", status="resolved", days=60),
        CONSIDER,
    ),
    Example(
        "an old complaint that is still active counts",
        at_risk.with_condition("sx-cognitive", days=3000),
        TEST,
    ),
    Example(
        "MCV 100 fL is normal", at_risk.with_result("lab-mcv", "100", "fL"), CONSIDER
    ),
    Example("MCV 101 fL is large", at_risk.with_result("lab-mcv", "101", "fL"), TEST),
    Example(
        "MCV of 366 days ago does not count",
        at_risk.with_result("lab-mcv", "110", "fL", days=366),
        CONSIDER,
    ),
    Example(
        "Hb 13.0 g/dL of a man is normal",
        at_risk.with_result("lab-hemoglobin", "13.0", "g/dL"),
        CONSIDER,
    ),
    Example(
        "Hb 12.9 g/dL of a man is low",
        at_risk.with_result("lab-hemoglobin", "12.9", "g/dL"),
        TEST,
    ),
    Example(
        "Hb 129 g/L of a man is low",
        at_risk.with_result("lab-hemoglobin", "129", "g/L"),
        TEST,
    ),
    Example(
        "Hb 12.0 g/dL of a woman is normal",
        woman.with_result("lab-hemoglobin", "12.0", "g/dL"),
        CONSIDER,
    ),
    Example(
        "Hb 11.9 g/dL of a woman is low",
        woman.with_result("lab-hemoglobin", "11.9", "g/dL"),
        TEST,
    ),
    Example(
        "Hb 12.0 g/dL of an unknown sex is normal",
        unknown.with_result("lab-hemoglobin", "12.0", "g/dL"),
        CONSIDER,
    ),
    Example(
        "Hb 11.9 g/dL of an unknown sex is low",
        unknown.with_result("lab-hemoglobin", "11.9", "g/dL"),
        TEST,
    ),
    Example(
        "Hb 11.0 g/dL in pregnancy is normal",
        woman.with_condition("state-pregnancy", days=90).with_result(
            "lab-hemoglobin", "11.0", "g/dL"
        ),
        CONSIDER,
    ),
    Example(
        "Hb 10.9 g/dL in pregnancy is low",
        woman.with_condition("state-pregnancy", days=90).with_result(
            "lab-hemoglobin", "10.9", "g/dL"
        ),
        TEST,
    ),
    Example(
        "a normal blood count reassures nobody",
        at_risk.with_condition("sx-fatigue")
        .with_result("lab-hemoglobin", "15", "g/dL")
        .with_result("lab-mcv", "90", "fL"),
        TEST,
    ),
]


@specified(EXAMPLES)
def test_companions(example: Example) -> None:
    assert cards_of(evaluation_of(example)) == example.cards
