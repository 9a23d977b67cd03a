"""What B12 results say (2.6): classes, units, comparators, adjustments L-1 to L-7."""

from tests.spec.examples import Example, cards_of, evaluation_of, specified
from tests.spec.patients import Person, adult


CHAPTER = "B12 results"
GAP = ("b12-treatment-gap:warning",)
BORDERLINE = ("b12-indeterminate:info",)
SCREEN = ("b12-screen:info",)
SILENCE: tuple[str, ...] = ()

cramps = adult(45, "F").with_cramps()
at_risk = cramps.taking("med-metformin", days=900)
pregnant = adult(30, "F").with_cramps().with_condition("state-pregnancy", days=100)


def total(value: str, unit: str | None = "pg/mL", **result: object) -> Person:
    """Cramps and a total B12."""
    return cramps.with_result("lab-b12-total", value, unit, **result)  # type: ignore[arg-type]  # the keywords are those of with_result


def active(value: str, person: Person = cramps) -> Person:
    """A holotranscobalamin, on the same day as a total B12 of the person."""
    return person.with_result("lab-holotc", value, "pmol/L")


def mma(person: Person, value: str, unit: str = "nmol/L", **result: object) -> Person:
    """The same with methylmalonic acid."""
    return person.with_result("lab-mma", value, unit, **result)  # type: ignore[arg-type]  # the keywords are those of with_result


EXAMPLES = [
    Example("179 pg/mL is deficient", total("179"), GAP),
    Example("180 pg/mL is indeterminate", total("180"), BORDERLINE),
    Example("181 pg/mL is indeterminate", total("181"), BORDERLINE),
    Example("349 pg/mL is indeterminate", total("349"), BORDERLINE),
    Example("350 pg/mL is indeterminate", total("350"), BORDERLINE),
    Example("351 pg/mL makes deficiency unlikely", total("351"), SILENCE),
    Example("179.9 pg/mL is deficient: nothing is rounded", total("179.9"), GAP),
    Example("350.1 pg/mL is unlikely: nothing is rounded", total("350.1"), SILENCE),
    Example("132 pmol/L is deficient", total("132", "pmol/L"), GAP),
    Example("133 pmol/L is indeterminate", total("133", "pmol/L"), BORDERLINE),
    Example("258 pmol/L is indeterminate", total("258", "pmol/L"), BORDERLINE),
    Example("259 pmol/L is unlikely", total("259", "pmol/L"), SILENCE),
    Example("0.17 ng/mL is 170 pg/mL", total("0.17", "ng/mL"), GAP),
    Example("0.2 nmol/L is 200 pmol/L", total("0.2", "nmol/L"), BORDERLINE),
    Example("a result without a unit says nothing", total("150", None), SILENCE),
    Example(
        "a result in a unit of another kind says nothing", total("150", "U/L"), SILENCE
    ),
    Example(
        "a result without a sample date says nothing", total("150", days=None), SILENCE
    ),
    Example("9 pg/mL is implausible", total("9"), SILENCE),
    Example("10 pg/mL is deficient", total("10"), GAP),
    Example(
        "50000 pg/mL is high, not implausible",
        at_risk.with_result("lab-b12-total", "50000", "pg/mL"),
        SILENCE,
    ),
    Example(
        "50001 pg/mL is implausible: nobody has looked yet",
        at_risk.with_result("lab-b12-total", "50001", "pg/mL"),
        SCREEN,
    ),
    Example("7 pmol/L is implausible", total("7", "pmol/L"), SILENCE),
    Example("8 pmol/L is deficient", total("8", "pmol/L"), GAP),
    Example("<150 pg/mL is deficient", total("150", comparator="<"), GAP),
    Example("<180 pg/mL is deficient", total("180", comparator="<"), GAP),
    Example("<181 pg/mL says nothing", total("181", comparator="<"), SILENCE),
    Example("<=179 pg/mL is deficient", total("179", comparator="<="), GAP),
    Example("<=180 pg/mL says nothing", total("180", comparator="<="), SILENCE),
    Example(
        ">350 pg/mL is unlikely",
        at_risk.with_result("lab-b12-total", "350", "pg/mL", comparator=">"),
        SILENCE,
    ),
    Example(
        ">349 pg/mL says nothing",
        at_risk.with_result("lab-b12-total", "349", "pg/mL", comparator=">"),
        SCREEN,
    ),
    Example(
        ">=351 pg/mL is unlikely",
        at_risk.with_result("lab-b12-total", "351", "pg/mL", comparator=">="),
        SILENCE,
    ),
    Example(
        ">=350 pg/mL says nothing",
        at_risk.with_result("lab-b12-total", "350", "pg/mL", comparator=">="),
        SCREEN,
    ),
    Example("active B12 of 24 pmol/L is deficient", active("24"), GAP),
    Example("active B12 of 25 pmol/L is indeterminate", active("25"), BORDERLINE),
    Example("active B12 of 70 pmol/L is indeterminate", active("70"), BORDERLINE),
    Example("active B12 of 71 pmol/L is unlikely", active("71"), SILENCE),
    # L-1
    Example(
        "sampled on the day of an injection, a result says nothing",
        cramps.injected(200, 140).with_result(
            "lab-b12-total", "150", "pg/mL", days=140
        ),
        SILENCE,
    ),
    Example(
        "sampled 14 days after an injection, a result says nothing",
        cramps.injected(200).with_result("lab-b12-total", "150", "pg/mL", days=186),
        SILENCE,
    ),
    Example(
        "sampled 15 days after an injection, a result counts",
        cramps.injected(200).with_result("lab-b12-total", "150", "pg/mL", days=185),
        GAP,
    ),
    Example(
        "sampled the day before an injection, a result counts",
        cramps.injected(200).with_result("lab-b12-total", "150", "pg/mL", days=201),
        GAP,
    ),
    # L-2
    Example(
        "in pregnancy a deficient total is indeterminate",
        pregnant.with_result("lab-b12-total", "150", "pg/mL"),
        BORDERLINE,
    ),
    Example(
        "in pregnancy a deficient active B12 is deficient",
        pregnant.with_result("lab-holotc", "20", "pmol/L"),
        GAP,
    ),
    # L-3
    Example(
        "360 pg/mL below the laboratory's 400 is indeterminate",
        total("360", low="400"),
        BORDERLINE,
    ),
    Example(
        "360 pg/mL at the laboratory's 360 is unlikely",
        total("360", low="360"),
        SILENCE,
    ),
    Example(
        "360 pg/mL flagged low is indeterminate", total("360", flag="L"), BORDERLINE
    ),
    Example(
        "360 pg/mL flagged very low is indeterminate",
        total("360", flag="LL"),
        BORDERLINE,
    ),
    Example("360 pg/mL flagged normal is unlikely", total("360", flag="N"), SILENCE),
    Example(
        "the laboratory's range never makes a result better",
        total("170", low="100"),
        GAP,
    ),
    # L-4
    Example(
        "total deficient, active unlikely: indeterminate",
        active("90", total("150")),
        BORDERLINE,
    ),
    Example(
        "total unlikely, active deficient: indeterminate",
        active("20", total("400")),
        BORDERLINE,
    ),
    Example(
        "total indeterminate, active deficient: the worse",
        active("20", total("200")),
        GAP,
    ),
    Example(
        "total unlikely, active indeterminate: the worse",
        active("50", total("400")),
        BORDERLINE,
    ),
    Example(
        "in pregnancy active B12 wins",
        active("90", pregnant.with_result("lab-b12-total", "150", "pg/mL")),
        SILENCE,
    ),
    Example(
        "two totals of one day: the worse",
        total("400").with_result("lab-b12-total", "150", "pg/mL"),
        GAP,
    ),
    # L-5
    Example(
        "the newest sample wins",
        total("150", days=30).with_result("lab-b12-total", "400", "pg/mL", days=29),
        SILENCE,
    ),
    Example(
        "a newer result that says nothing does not hide an older one",
        total("150", days=30).with_result("lab-b12-total", "400", None, days=2),
        GAP,
    ),
    Example(
        "a normal result of 364 days ago still suppresses the screen",
        at_risk.with_result("lab-b12-total", "520", "pg/mL", days=364),
        SILENCE,
    ),
    Example(
        "a normal result of 365 days ago still suppresses the screen",
        at_risk.with_result("lab-b12-total", "520", "pg/mL", days=365),
        SILENCE,
    ),
    Example(
        "a normal result of 366 days ago does not",
        at_risk.with_result("lab-b12-total", "520", "pg/mL", days=366),
        SCREEN,
    ),
    Example(
        "a deficient result of 729 days ago still holds", total("150", days=729), GAP
    ),
    Example(
        "a deficient result of 730 days ago still holds", total("150", days=730), GAP
    ),
    Example(
        "a deficient result of 731 days ago does not", total("150", days=731), SILENCE
    ),
    Example(
        "an indeterminate result of 366 days ago does not hold",
        total("200", days=366),
        SILENCE,
    ),
    # L-6
    Example(
        "indeterminate and MMA 379 nmol/L: deficient", mma(total("250"), "379"), GAP
    ),
    Example(
        "indeterminate and MMA 378 nmol/L: unlikely", mma(total("250"), "378"), SILENCE
    ),
    Example(
        "in the uk MMA 281 nmol/L is raised",
        mma(total("250"), "281"),
        GAP,
        profile="uk",
    ),
    Example(
        "in the uk MMA 280 nmol/L is normal",
        mma(total("250"), "280"),
        SILENCE,
        profile="uk",
    ),
    Example("MMA 0.52 umol/L is 520 nmol/L", mma(total("250"), "0.52", "umol/L"), GAP),
    Example(
        "unlikely and MMA raised: functional deficiency", mma(total("500"), "900"), GAP
    ),
    Example("no B12 but MMA raised: functional deficiency", mma(cramps, "900"), GAP),
    Example(
        "no B12 and MMA normal: nothing is known of B12", mma(at_risk, "200"), SCREEN
    ),
    Example(
        "the laboratory's own limit of MMA wins: raised",
        mma(total("250"), "300", high="270"),
        GAP,
    ),
    Example(
        "the laboratory's own limit of MMA wins: normal",
        mma(total("250"), "400", high="430"),
        SILENCE,
    ),
    Example("MMA of 365 days ago resolves", mma(total("250"), "520", days=365), GAP),
    Example(
        "MMA of 366 days ago does not", mma(total("250"), "520", days=366), BORDERLINE
    ),
    Example(
        "with an eGFR of 60 the kidneys are no excuse",
        mma(total("250"), "520").with_result("lab-egfr", "60", "mL/min/{1.73_m2}"),
        GAP,
    ),
    Example(
        "with an eGFR of 59, MMA 750 is inconclusive",
        mma(total("250"), "750").with_result("lab-egfr", "59", "mL/min/{1.73_m2}"),
        BORDERLINE,
    ),
    Example(
        "with an eGFR of 59, MMA 751 is raised",
        mma(total("250"), "751").with_result("lab-egfr", "59", "mL/min/{1.73_m2}"),
        GAP,
    ),
    Example(
        "with an eGFR of 30, MMA 751 is raised",
        mma(total("250"), "751").with_result("lab-egfr", "30", "mL/min/{1.73_m2}"),
        GAP,
    ),
    Example(
        "with an eGFR of 29 MMA is never conclusive",
        mma(total("250"), "2000").with_result("lab-egfr", "29", "mL/min/{1.73_m2}"),
        BORDERLINE,
    ),
    Example(
        "with kidney disease on the chart MMA 520 is inconclusive",
        mma(total("250"), "520").with_condition("ddx-ckd-dialysis", days=900),
        ("b12-indeterminate:info", "cramp-differential:info"),
    ),
    Example(
        "on dialysis MMA is never conclusive",
        mma(total("250"), "2000").with_condition(
            ("ddx-ckd-dialysis", "ddx-dialysis"), days=900
        ),
        ("b12-indeterminate:info", "cramp-differential:info"),
    ),
    # Companion
    Example(
        "a borderline result with a symptom is a warning",
        total("250").with_condition("sx-paresthesia-numbness", days=20),
        ("b12-indeterminate:warning",),
    ),
    Example(
        "a borderline result on replacement is not chased",
        total("250").taking("med-b12", days=30, mg_daily=1),
        SILENCE,
    ),
]


@specified(EXAMPLES)
def test_b12_results(example: Example) -> None:
    assert cards_of(evaluation_of(example)) == example.cards
