"""Deficiency and its treatment: gap, replacement, review, injections, folic acid."""

from service.clinical.exposures import Moment
from service.clinical.record import DataKind
from tests.spec.examples import Example, cards_of, evaluation_of, specified
from tests.spec.patients import adult


CHAPTER = "treatment"
GAP = ("b12-treatment-gap:warning",)
SCREEN = ("b12-screen:info",)
REVIEW = ("b12-on-treatment-review:info",)
SILENCE: tuple[str, ...] = ()

cramps = adult(50).with_cramps()
at_risk = cramps.with_condition("rf-crohn", days=900)
diagnosed = cramps.with_condition("b12-deficiency-diagnosed", days=400)
recent_cramps = adult(64).with_cramps(days=2)
n2o = cramps.with_condition("rf-nitrous-oxide-misuse", days=60)

POTASSIUM_WARNING = ("b12-post-injection-potassium:warning",)
POTASSIUM_CRITICAL = ("b12-post-injection-potassium:critical",)
POTASSIUM_INFO = ("b12-post-injection-potassium:info",)

EXAMPLES = [
    Example("diagnosed and not treated is a gap", diagnosed, GAP),
    Example(
        "pernicious anaemia and not treated is a gap",
        cramps.with_condition("rf-pernicious-anaemia"),
        GAP,
    ),
    Example(
        "a suspected deficiency is not diagnosed",
        cramps.with_condition("b12-deficiency-diagnosed", verification="provisional"),
        SILENCE,
    ),
    Example(
        "diagnosed, not treated, level normal: no gap",
        diagnosed.with_result("lab-b12-total", "500", "pg/mL"),
        SILENCE,
    ),
    Example(
        "diagnosed, not treated, level borderline: gap, and no second card",
        diagnosed.with_result("lab-b12-total", "250", "pg/mL"),
        GAP,
    ),
    Example(
        "tablets of 50 micrograms replace",
        diagnosed.taking("med-b12", days=30, mg_daily=0.050),
        SILENCE,
    ),
    Example(
        "tablets of 49 micrograms do not replace",
        diagnosed.taking("med-b12", days=30, mg_daily=0.049),
        GAP,
    ),
    Example(
        "tablets of unknown dose replace",
        diagnosed.taking("med-b12", days=30),
        SILENCE,
    ),
    Example(
        "a multivitamin does not replace",
        diagnosed.taking("med-multivitamin-b-complex", days=30),
        GAP,
    ),
    Example(
        "tablets stopped do not replace",
        diagnosed.taking("med-b12", days=300, mg_daily=1, stopped=100),
        GAP,
    ),
    Example(
        "an injection of 119 days ago covers", diagnosed.injected(400, 119), REVIEW
    ),
    Example(
        "an injection of 120 days ago covers", diagnosed.injected(400, 120), REVIEW
    ),
    Example(
        "an injection of 121 days ago does not cover", diagnosed.injected(400, 121), GAP
    ),
    Example(
        "an order of injections without recorded doses is taken at its word",
        diagnosed.taking("med-b12", days=400, parenteral=True),
        REVIEW,
    ),
    Example(
        "an order that runs on beyond today is taken at its word as well",
        diagnosed.taking("med-b12", days=400, until=-30, parenteral=True),
        REVIEW,
    ),
    Example(
        "an order that ends today was given until today",
        diagnosed.taking("med-b12", days=400, until=0, parenteral=True),
        (*POTASSIUM_WARNING, *REVIEW),
    ),
    Example(
        "an order that ended 120 days ago covers until today",
        diagnosed.taking("med-b12", days=400, until=120, parenteral=True),
        REVIEW,
    ),
    Example(
        "an order that ended 121 days ago does not cover",
        diagnosed.taking("med-b12", days=400, until=121, parenteral=True),
        GAP,
    ),
    Example(
        "an order of injections from nobody knows when covers, and long enough",
        diagnosed.taking("med-b12", parenteral=True),
        REVIEW,
    ),
    Example(
        "injections stopped on an unknown day do not cover for ever",
        diagnosed.taking("med-b12", days=400, is_stopped=True, parenteral=True),
        GAP,
    ),
    Example(
        "injections ordered anew, after an order that was stopped, cover",
        diagnosed.taking("med-b12", days=400, is_stopped=True, parenteral=True).taking(
            "med-b12", days=200, parenteral=True
        ),
        REVIEW,
    ),
    Example(
        "injections for 89 days are too short for a review",
        diagnosed.injected(89, 20),
        SILENCE,
    ),
    Example(
        "injections for 90 days call for a review",
        diagnosed.injected(90, 20),
        REVIEW,
    ),
    Example(
        "an order does not cover when the last recorded dose is too old",
        diagnosed.taking("med-b12", days=400, parenteral=True).injected(200),
        GAP,
    ),
    Example(
        "homocysteine 16 after nitrous oxide is functional deficiency",
        n2o.with_result("lab-homocysteine", "16", "umol/L"),
        GAP,
    ),
    Example(
        "homocysteine 15 after nitrous oxide is normal: B12 itself is still unknown",
        n2o.with_result("lab-homocysteine", "15", "umol/L"),
        SCREEN,
    ),
    Example(
        "homocysteine of 91 days ago does not count",
        n2o.with_result("lab-homocysteine", "40", "umol/L", days=91),
        ("b12-nitrous-oxide:warning",),
    ),
    Example(
        "homocysteine of 90 days ago counts",
        n2o.with_result("lab-homocysteine", "40", "umol/L", days=90),
        GAP,
    ),
    Example(
        "raised homocysteine without nitrous oxide says nothing here",
        at_risk.with_result("lab-homocysteine", "40", "umol/L"),
        SCREEN,
    ),
    Example("nitrous oxide without its marker", n2o, ("b12-nitrous-oxide:warning",)),
    Example(
        "a normal B12 does not answer for nitrous oxide",
        n2o.with_result("lab-b12-total", "500", "pg/mL"),
        ("b12-nitrous-oxide:warning",),
    ),
    Example(
        "methylmalonic acid was measured after nitrous oxide",
        n2o.with_result("lab-mma", "200", "nmol/L").with_result(
            "lab-b12-total", "500", "pg/mL"
        ),
        SILENCE,
    ),
    Example(
        "nitrous oxide on replacement",
        n2o.taking("med-b12", days=30, mg_daily=1),
        SILENCE,
    ),
    # Review
    Example(
        "89 days on replacement: too early for a review",
        at_risk.taking("med-b12", days=89, mg_daily=1),
        SILENCE,
    ),
    Example(
        "90 days on replacement: review",
        at_risk.taking("med-b12", days=90, mg_daily=1),
        REVIEW,
    ),
    Example(
        "91 days on replacement: review",
        at_risk.taking("med-b12", days=91, mg_daily=1),
        REVIEW,
    ),
    Example(
        "on replacement since an unknown day: review",
        at_risk.taking("med-b12", mg_daily=1),
        REVIEW,
    ),
    # Recheck
    Example(
        "numbness that began the day after a normal sample",
        at_risk.with_result("lab-b12-total", "500", "pg/mL", days=100).with_condition(
            "sx-paresthesia-numbness", days=99
        ),
        ("b12-recheck:info",),
    ),
    Example(
        "numbness that began on the day of a normal sample",
        at_risk.with_result("lab-b12-total", "500", "pg/mL", days=100).with_condition(
            "sx-paresthesia-numbness", days=100
        ),
        SILENCE,
    ),
    Example(
        "numbness since an unknown day is not known to be new",
        at_risk.with_result("lab-b12-total", "500", "pg/mL", days=100).with_condition(
            "sx-paresthesia-numbness"
        ),
        SILENCE,
    ),
    Example(
        "new fatigue is no nerve symptom",
        at_risk.with_result("lab-b12-total", "500", "pg/mL", days=100).with_condition(
            "sx-fatigue", days=50
        ),
        SILENCE,
    ),
    Example(
        "new numbness without a risk factor",
        cramps.with_result("lab-b12-total", "500", "pg/mL", days=100).with_condition(
            "sx-paresthesia-numbness", days=50
        ),
        SILENCE,
    ),
    Example(
        "new numbness on long replacement belongs to the review",
        at_risk.taking("med-b12", days=200, mg_daily=1)
        .with_result("lab-b12-total", "500", "pg/mL", days=100)
        .with_condition("sx-paresthesia-numbness", days=50),
        REVIEW,
    ),
    # After injections
    Example(
        "cramps 3 days after the first injection",
        recent_cramps.injected(5, 1),
        POTASSIUM_WARNING,
    ),
    Example(
        "cramps on the day of the first injection",
        adult(64).with_cramps(days=5).injected(5, 1),
        POTASSIUM_WARNING,
    ),
    Example(
        "cramps since the day before the first injection",
        adult(64).with_cramps(days=6).injected(5, 1),
        SILENCE,
    ),
    Example(
        "cramps since an unknown day",
        adult(64).with_cramps().injected(5, 1),
        POTASSIUM_WARNING,
    ),
    Example(
        "the first injection 28 days ago", recent_cramps.injected(28), POTASSIUM_WARNING
    ),
    Example("the first injection 29 days ago", recent_cramps.injected(29), SILENCE),
    Example(
        "the last injection 14 days ago",
        recent_cramps.injected(200, 14),
        ("b12-post-injection-potassium:warning", "b12-on-treatment-review:info"),
    ),
    Example("the last injection 15 days ago", recent_cramps.injected(200, 15), REVIEW),
    Example(
        "potassium 2.9 of 7 days ago",
        recent_cramps.injected(10, 1).with_result(
            "lab-potassium", "2.9", "mmol/L", days=7
        ),
        POTASSIUM_CRITICAL,
    ),
    Example(
        "potassium 2.9 of 8 days ago",
        recent_cramps.injected(10, 1).with_result(
            "lab-potassium", "2.9", "mmol/L", days=8
        ),
        POTASSIUM_WARNING,
    ),
    Example(
        "potassium 3.0 after the first dose",
        recent_cramps.injected(5, 1).with_result(
            "lab-potassium", "3.0", "mmol/L", days=1
        ),
        POTASSIUM_WARNING,
    ),
    Example(
        "potassium 3.4 after the first dose",
        recent_cramps.injected(5, 1).with_result(
            "lab-potassium", "3.4", "mmol/L", days=1
        ),
        POTASSIUM_WARNING,
    ),
    Example(
        "potassium 3.5 after the first dose",
        recent_cramps.injected(5, 1).with_result(
            "lab-potassium", "3.5", "mmol/L", days=1
        ),
        POTASSIUM_INFO,
    ),
    Example(
        "potassium 4.2 before the first dose",
        recent_cramps.injected(5, 1).with_result(
            "lab-potassium", "4.2", "mmol/L", days=6
        ),
        POTASSIUM_WARNING,
    ),
    Example(
        "palpitations are critical whatever potassium is",
        recent_cramps.injected(5, 1)
        .with_result("lab-potassium", "4.2", "mmol/L", days=1)
        .with_condition("sx-palpitations", days=2),
        POTASSIUM_CRITICAL,
    ),
    Example(
        "in palliative care the potassium card still speaks",
        recent_cramps.injected(5, 1).with_condition("suppress-palliative"),
        POTASSIUM_WARNING,
    ),
    # Folic acid
    Example(
        "folic acid 1 mg a day while B12 is unknown and at risk",
        at_risk.taking("med-folic-acid", days=30, mg_daily=1),
        ("b12-screen:info", "folate-caution:warning"),
    ),
    Example(
        "folic acid 0.999 mg a day",
        at_risk.taking("med-folic-acid", days=30, mg_daily=0.999),
        SCREEN,
    ),
    Example(
        "folic acid of unknown dose",
        at_risk.taking("med-folic-acid", days=30),
        SCREEN,
    ),
    Example(
        "folic acid without risk",
        cramps.taking("med-folic-acid", days=30, mg_daily=5),
        SILENCE,
    ),
    Example(
        "folic acid stopped",
        at_risk.taking("med-folic-acid", days=300, mg_daily=5, stopped=20),
        SCREEN,
    ),
    Example(
        "folic acid with a deficient result",
        cramps.with_result("lab-b12-total", "150", "pg/mL").taking(
            "med-folic-acid", days=30, mg_daily=5
        ),
        ("b12-treatment-gap:warning", "folate-caution:warning"),
    ),
    Example(
        "folic acid with a normal result",
        at_risk.with_result("lab-b12-total", "500", "pg/mL").taking(
            "med-folic-acid", days=30, mg_daily=5
        ),
        SILENCE,
    ),
    Example(
        "folic acid on replacement",
        at_risk.taking("med-b12", days=30, mg_daily=1).taking(
            "med-folic-acid", days=30, mg_daily=5
        ),
        SILENCE,
    ),
    Example(
        "folic acid being ordered",
        at_risk.being_ordered("med-folic-acid", mg_daily=5),
        ("b12-screen:info", "folate-caution:warning"),
        moment=Moment.ORDERING,
    ),
    Example(
        "without medicines nobody can say that nothing is taken",
        cramps.with_result("lab-b12-total", "500", "pg/mL").without(
            DataKind.MEDICATIONS
        ),
        None,
    ),
]


@specified(EXAMPLES)
def test_treatment(example: Example) -> None:
    assert cards_of(evaluation_of(example)) == example.cards
