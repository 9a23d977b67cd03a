"""Courses of medicines: gaps, last days, refills."""

from service.clinical.exposures import Moment
from tests.spec.examples import Example, cards_of, evaluation_of, specified
from tests.spec.patients import adult


cramps = adult().with_cramps()
at_risk = cramps.taking("med-metformin", days=900)
diagnosed = cramps.with_condition("b12-deficiency-diagnosed", days=400)

SILENCE: tuple[str, ...] = ()
SCREEN = ("b12-screen:info",)
GAP = ("b12-treatment-gap:warning",)
REVIEW = ("b12-on-treatment-review:info",)
OTHER_CAUSE = ("cramp-differential:info",)
FOLIC_ACID = ("b12-screen:info", "folate-caution:warning")

EXAMPLES = [
    # To come.
    Example(
        "a course that is planned is not taken yet",
        cramps.taking("med-metformin", days=-1, stopped=-400),
        SILENCE,
    ),
    # The last day of an order.
    Example(
        "tablets of B12 are taken on the last day of their order",
        diagnosed.taking("med-b12", days=60, until=0, mg_daily=1),
        SILENCE,
    ),
    Example(
        "tablets of B12 are not taken after it",
        diagnosed.taking("med-b12", days=60, until=1, mg_daily=1),
        GAP,
    ),
    Example(
        "tablets of B12 taken for 89 days are too short for a review",
        diagnosed.taking("med-b12", days=89, mg_daily=1),
        SILENCE,
    ),
    Example(
        "tablets of B12 taken for 90 days call for a review",
        diagnosed.taking("med-b12", days=90, mg_daily=1),
        REVIEW,
    ),
    # Two entries of one course.
    Example(
        "a second order that ends today does not end the first",
        cramps.taking("med-ppi", days=400).taking("med-ppi", days=300, stopped=0),
        SCREEN,
    ),
    Example(
        "a supply that lasts as long as the order may have been renewed",
        cramps.taking("med-ppi", days=415, stopped=50).given(
            "med-ppi", days=80, lasting=30
        ),
        SCREEN,
    ),
    Example(
        "but not for longer than is known",
        cramps.taking("med-ppi", days=414, stopped=50).given(
            "med-ppi", days=80, lasting=30
        ),
        SILENCE,
    ),
    Example(
        "a medicine stopped while its last supply lasted is stopped",
        diagnosed.taking("med-b12", days=400, stopped=60, mg_daily=1).given(
            "med-b12", days=70, lasting=30
        ),
        GAP,
    ),
    Example(
        "the dose that was taken before does not count for the one that is taken now",
        diagnosed.taking("med-b12", days=400, stopped=60, mg_daily=1).taking(
            "med-b12", days=60, mg_daily=0.01
        ),
        GAP,
    ),
    Example(
        "one short supply of colchicine is no continuous use, however long ago",
        cramps.given("med-colchicine", days=95, lasting=5),
        SILENCE,
    ),
    Example(
        "supplies that last for ninety days are",
        cramps.given("med-colchicine", days=95, lasting=90),
        SCREEN,
    ),
    # Supplies, with a gap between.
    Example(
        "supplies of B12 tablets up to 90 days ago are taken on",
        diagnosed.given("med-b12", days=400, lasting=30)
        .given("med-b12", days=280, lasting=100)
        .given("med-b12", days=90),
        REVIEW,
    ),
    Example(
        "supplies of B12 tablets that ended 91 days ago are not",
        diagnosed.given("med-b12", days=400, lasting=30).given("med-b12", days=91),
        GAP,
    ),
    Example(
        "a supply of a statin up to 90 days ago is taken on",
        cramps.given("med-statin", days=120, lasting=30),
        OTHER_CAUSE,
    ),
    Example(
        "a supply of a statin that ended 91 days ago is not",
        cramps.given("med-statin", days=121, lasting=30),
        SILENCE,
    ),
    # Refills.
    Example(
        "the refill of folic acid of unknown dose asks how much it is",
        at_risk.being_ordered("med-folic-acid"),
        SCREEN,
        moment=Moment.REFILL,
    ),
    Example(
        "the refill of folic acid of 1 mg a day",
        at_risk.being_ordered("med-folic-acid", mg_daily=1),
        FOLIC_ACID,
        moment=Moment.REFILL,
    ),
    Example(
        "folic acid stopped two months ago",
        at_risk.taking("med-folic-acid", days=90, stopped=60, mg_daily=5),
        SCREEN,
    ),
    Example(
        "supplies of folic acid a gap apart, the last two months ago",
        at_risk.taking("med-folic-acid", days=200, stopped=190, mg_daily=5).taking(
            "med-folic-acid", days=90, mg_daily=5
        ),
        FOLIC_ACID,
    ),
]


@specified(EXAMPLES)
def test_course(example: Example) -> None:
    assert cards_of(evaluation_of(example)) == example.cards
