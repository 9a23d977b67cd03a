"""b12-screen: offer a B12 test when muscle cramps meet a risk factor."""

from service.clinical.exposures import Moment
from service.clinical.record import DataKind
from tests.spec.examples import Example, cards_of, evaluation_of, specified
from tests.spec.patients import adult


RULE = "b12-screen"
CONSIDER = ("b12-screen:info",)
TEST = ("b12-screen:warning",)
SILENCE: tuple[str, ...] = ()

cramps = adult(58).with_cramps()

EXAMPLES = [
    Example("cramps alone are no reason to test", cramps, SILENCE),
    Example(
        "metformin for 119 days is not yet a risk factor",
        cramps.taking("med-metformin", days=119),
        SILENCE,
    ),
    Example(
        "metformin for exactly 120 days is a risk factor",
        cramps.taking("med-metformin", days=120),
        CONSIDER,
    ),
    Example(
        "metformin for 121 days is a risk factor",
        cramps.taking("med-metformin", days=121),
        CONSIDER,
    ),
    Example(
        "metformin since an unknown day counts: a missed deficiency is worse",
        cramps.taking("med-metformin"),
        CONSIDER,
    ),
    Example(
        "a companion symptom turns consider into test",
        cramps.taking("med-metformin", days=900).with_condition("sx-fatigue", days=30),
        TEST,
    ),
    Example(
        "a pending B12 test is enough",
        cramps.taking("med-metformin", days=900).with_test_ordered(days=90),
        SILENCE,
    ),
    Example(
        "a test ordered 91 days ago and never resulted is no longer pending",
        cramps.taking("med-metformin", days=900).with_test_ordered(days=91),
        CONSIDER,
    ),
    Example(
        "a B12 test in the order in hand silences the screen",
        cramps.taking("med-metformin", days=900).with_test_ordered(
            days=None, in_hand=True
        ),
        SILENCE,
        moment=Moment.ORDERING,
    ),
    Example(
        "without medicines nobody can say that there is no risk factor",
        cramps.without(DataKind.MEDICATIONS),
        None,
    ),
]


@specified(EXAMPLES)
def test_screen(example: Example) -> None:
    assert cards_of(evaluation_of(example)) == example.cards
