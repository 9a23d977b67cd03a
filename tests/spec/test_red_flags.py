"""b12-urgent: signs of damage to cord, optic nerve or mind (2.5)."""

from tests.spec.examples import Example, cards_of, evaluation_of, specified
from tests.spec.patients import adult


RULE = "b12-urgent"
CRITICAL = ("b12-urgent:critical",)
WARNING = ("b12-urgent:warning",)
SCREEN = ("b12-screen:warning",)
SILENCE: tuple[str, ...] = ()

cramps = adult(55).with_cramps()
at_risk = cramps.with_condition("rf-crohn", days=900)
n2o = cramps.with_condition("rf-nitrous-oxide-misuse", days=60)
numb = "sx-paresthesia-numbness"
ataxia = ("redflag-ataxia", "sx-balance-gait-ataxia")

EXAMPLES = [
    Example("ataxia at risk is critical", at_risk.with_condition(ataxia), CRITICAL),
    Example(
        "subacute combined degeneration at risk is critical",
        at_risk.with_condition("redflag-myelopathy-optic"),
        CRITICAL,
    ),
    Example(
        "a scotoma at risk is critical",
        at_risk.with_condition("redflag-scotoma-optic-atrophy"),
        CRITICAL,
    ),
    Example(
        "ataxia without anything that points to B12 is a warning",
        cramps.with_condition(ataxia),
        WARNING,
    ),
    Example(
        "ataxia with a deficient result is critical",
        cramps.with_condition(ataxia).with_result("lab-b12-total", "150", "pg/mL"),
        CRITICAL,
    ),
    Example(
        "ataxia with an indeterminate result is critical",
        cramps.with_condition(ataxia).with_result("lab-b12-total", "300", "pg/mL"),
        CRITICAL,
    ),
    Example(
        "ataxia with diagnosed deficiency is critical",
        cramps.with_condition(ataxia).with_condition("b12-deficiency-diagnosed"),
        CRITICAL,
    ),
    Example(
        "ataxia at risk with a normal result is a warning",
        at_risk.with_condition(ataxia).with_result("lab-b12-total", "500", "pg/mL"),
        WARNING,
    ),
    Example(
        "ataxia after nitrous oxide is critical whatever B12 says",
        n2o.with_condition(ataxia).with_result("lab-b12-total", "500", "pg/mL"),
        CRITICAL,
    ),
    Example(
        "ataxia observed a year ago still counts",
        at_risk.with_observation("redflag-ataxia", days=365),
        CRITICAL,
    ),
    Example(
        "ataxia observed 366 days ago does not count",
        at_risk.with_observation("redflag-ataxia", days=366),
        ("b12-screen:info",),
    ),
    Example(
        "unsteadiness and falls are companions, not red flags",
        at_risk.with_condition("sx-balance-gait-ataxia", days=30),
        SCREEN,
    ),
    Example(
        "incontinence alone is no red flag",
        at_risk.with_condition("redflag-sphincter-paresis", days=30),
        ("b12-screen:info",),
    ),
    Example(
        "new incontinence with numbness is critical",
        at_risk.with_condition("redflag-sphincter-paresis", days=30).with_condition(
            numb
        ),
        CRITICAL,
    ),
    Example(
        "new incontinence with a gait symptom is critical",
        at_risk.with_condition("redflag-sphincter-paresis", days=365).with_condition(
            "sx-balance-gait-ataxia", days=30
        ),
        CRITICAL,
    ),
    Example(
        "incontinence of many years with numbness is not new",
        at_risk.with_condition("redflag-sphincter-paresis", days=366).with_condition(
            numb, days=30
        ),
        SCREEN,
    ),
    Example(
        "incontinence with fatigue is no red flag",
        at_risk.with_condition("redflag-sphincter-paresis", days=30).with_condition(
            "sx-fatigue", days=30
        ),
        SCREEN,
    ),
    Example(
        "psychosis at risk is a warning",
        at_risk.with_condition("sx-psychosis"),
        WARNING,
    ),
    Example(
        "psychosis without anything that points to B12 is not ours",
        cramps.with_condition("sx-psychosis"),
        SILENCE,
    ),
    Example(
        "acute confusion at risk is a warning",
        at_risk.with_condition("sx-acute-confusion", days=3),
        WARNING,
    ),
    Example(
        "cognitive decline of 365 days is new",
        at_risk.with_condition("sx-cognitive", days=365),
        WARNING,
    ),
    Example(
        "cognitive decline of 366 days is a companion",
        at_risk.with_condition("sx-cognitive", days=366),
        SCREEN,
    ),
    Example(
        "cognitive decline since an unknown day is a companion",
        at_risk.with_condition("sx-cognitive"),
        SCREEN,
    ),
    Example(
        "a new decline on top of an old complaint is new",
        at_risk.with_condition("sx-cognitive", days=1500).with_condition(
            "sx-cognitive", days=120
        ),
        WARNING,
    ),
    Example(
        "balance and numbness together at risk are a warning",
        at_risk.with_condition("sx-balance-gait-ataxia").with_condition(numb),
        WARNING,
    ),
    Example(
        "weakness and numbness together at risk are a warning",
        at_risk.with_condition("sx-muscle-weakness").with_condition(numb),
        WARNING,
    ),
    Example("numbness alone is a companion", at_risk.with_condition(numb), SCREEN),
    Example(
        "weakness alone is a companion",
        at_risk.with_condition("sx-muscle-weakness"),
        SCREEN,
    ),
    Example(
        "a grade-2 flag with a normal B12 is not urgent, but worth a second look",
        at_risk.with_condition("sx-muscle-weakness", days=10)
        .with_condition(numb, days=10)
        .with_result("lab-b12-total", "500", "pg/mL", days=40),
        ("b12-recheck:info",),
    ),
    Example(
        "urgent goes before treatment gap and screen",
        at_risk.with_condition(ataxia).with_condition("b12-deficiency-diagnosed"),
        CRITICAL,
    ),
    Example(
        "urgent speaks also on treatment, and the review is folded in",
        at_risk.with_condition(ataxia).injected(365, 20),
        CRITICAL,
    ),
    Example(
        "palliative care silences even red flags: a choice of goals of care",
        at_risk.with_condition(ataxia).with_condition("suppress-palliative"),
        SILENCE,
    ),
]


@specified(EXAMPLES)
def test_red_flags(example: Example) -> None:
    assert cards_of(evaluation_of(example)) == example.cards
