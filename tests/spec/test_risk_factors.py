"""Risk factors (2.3): each below, at and above its floor, alone and with a symptom."""

from service.clinical.exposures import Moment
from tests.spec.examples import Example, cards_of, evaluation_of, specified
from tests.spec.patients import Person, adult


CHAPTER = "risk factors"
CARD = ("b12-screen:info",)
WARNING = ("b12-screen:warning",)
DIET = ("b12-screen:info", "b12-diet-advice:info")
SILENCE: tuple[str, ...] = ()

cramps = adult(50).with_cramps()


def tired(person: Person) -> Person:
    """The same with a companion symptom."""
    return person.with_condition("sx-fatigue", days=30)


def floor(name: str, concept: str, days: int) -> list[Example]:
    """Below, at and above the floor of a medicine, and since an unknown day."""
    return [
        Example(
            f"{name} for {days - 1} days does not count",
            cramps.taking(concept, days=days - 1),
            SILENCE,
        ),
        Example(
            f"{name} for {days} days counts", cramps.taking(concept, days=days), CARD
        ),
        Example(
            f"{name} for {days + 1} days counts",
            cramps.taking(concept, days=days + 1),
            CARD,
        ),
        Example(f"{name} since an unknown day counts", cramps.taking(concept), CARD),
        Example(
            f"{name} stopped yesterday after three years",
            cramps.taking(concept, days=1100, stopped=1),
            CARD if concept == "med-metformin" else SILENCE,
        ),
    ]


def lifelong(concept: str) -> list[Example]:
    """A disease that counts as long as it is not resolved, and only if established."""
    return [
        Example(f"{concept} counts", cramps.with_condition(concept, days=900), CARD),
        Example(
            f"{concept} in remission counts",
            cramps.with_condition(concept, status="remission"),
            CARD,
        ),
        Example(
            f"{concept} without a status counts",
            cramps.with_condition(concept, status=None),
            CARD,
        ),
        Example(
            f"{concept} that was resolved does not count",
            cramps.with_condition(concept, status="resolved"),
            SILENCE,
        ),
        Example(
            f"{concept} that is only suspected does not count",
            cramps.with_condition(concept, verification="provisional"),
            SILENCE,
        ),
    ]


EXAMPLES = [
    *floor("metformin", "med-metformin", 120),
    *floor("a proton pump inhibitor", "med-ppi", 365),
    *floor("an H2 blocker", "med-h2ra", 365),
    *floor("colchicine", "med-colchicine", 90),
    Example(
        "colchicine as needed, for years, does not count",
        cramps.taking("med-colchicine", days=1800, as_needed=True),
        SILENCE,
    ),
    Example(
        "metformin counts however it is ordered",
        cramps.taking("med-metformin", days=1800, as_needed=True),
        CARD,
    ),
    *floor("topiramate or the like", "med-anticonvulsant-b12", 90),
    Example(
        "metformin stopped 179 days ago still counts",
        cramps.taking("med-metformin", days=1800, stopped=179),
        CARD,
    ),
    Example(
        "metformin stopped 180 days ago still counts",
        cramps.taking("med-metformin", days=1800, stopped=180),
        CARD,
    ),
    Example(
        "metformin stopped 181 days ago does not count",
        cramps.taking("med-metformin", days=1800, stopped=181),
        SILENCE,
    ),
    Example(
        "metformin stopped recently after 119 days does not count",
        cramps.taking("med-metformin", days=149, stopped=30),
        SILENCE,
    ),
    Example(
        "metformin stopped on a day nobody recorded",
        cramps.taking("med-metformin", days=170, is_stopped=True),
        SILENCE,
    ),
    Example(
        "orders of metformin that were stopped on days nobody recorded still add up",
        cramps.taking("med-metformin", days=330, is_stopped=True)
        .taking("med-metformin", days=245, is_stopped=True)
        .taking("med-metformin", days=160, is_stopped=True),
        CARD,
    ),
    Example(
        "monthly supplies of metformin make one exposure",
        cramps.given("med-metformin", days=150, lasting=30)
        .given("med-metformin", days=110, lasting=30)
        .given("med-metformin", days=20, lasting=30),
        CARD,
    ),
    Example(
        "a gap of 90 days between supplies is closed",
        cramps.given("med-metformin", days=150, lasting=30).given(
            "med-metformin", days=30, lasting=30
        ),
        CARD,
    ),
    Example(
        "a gap of 91 days between supplies is not closed",
        cramps.given("med-metformin", days=151, lasting=30).given(
            "med-metformin", days=30, lasting=30
        ),
        SILENCE,
    ),
    Example(
        "metformin being ordered today is not yet an exposure",
        cramps.being_ordered("med-metformin"),
        SILENCE,
        moment=Moment.ORDERING,
    ),
    Example(
        "a refill of metformin says that it has been taken",
        cramps.being_ordered("med-metformin"),
        CARD,
        moment=Moment.REFILL,
    ),
    Example(
        "a proton pump inhibitor as needed does not count",
        cramps.taking("med-ppi", days=1100, as_needed=True),
        SILENCE,
    ),
    Example(
        "as needed on the order, but taken regularly by statement, counts",
        cramps.taking("med-ppi", days=1100, as_needed=True).taking(
            "med-ppi", days=20, origin="MedicationStatement"
        ),
        CARD,
    ),
    Example(
        "supplies on an order as needed do not make it regular",
        cramps.taking("med-ppi", days=1100, as_needed=True)
        .given("med-ppi", days=400, lasting=90)
        .given("med-ppi", days=250, lasting=90)
        .given("med-ppi", days=80, lasting=90),
        SILENCE,
    ),
    Example(
        "other anticonvulsants only support",
        cramps.taking("med-anticonvulsant-other", days=400),
        SILENCE,
    ),
    Example(
        "other anticonvulsants with a symptom count",
        tired(cramps.taking("med-anticonvulsant-other", days=400)),
        WARNING,
    ),
    Example("age 64 does not count", tired(adult(64).with_cramps()), SILENCE),
    Example("age 65 alone does not count", adult(65).with_cramps(), SILENCE),
    Example("age 65 with a symptom counts", tired(adult(65).with_cramps()), WARNING),
    Example("age 74 alone does not count", adult(74).with_cramps(), SILENCE),
    Example("age 75 alone counts", adult(75).with_cramps(), CARD),
    Example("age 76 alone counts", adult(76).with_cramps(), CARD),
    Example(
        "a vegan of 364 days does not count", cramps.eating("vegan", days=364), SILENCE
    ),
    Example("a vegan of 365 days counts", cramps.eating("vegan", days=365), DIET),
    Example("a vegan of 366 days counts", cramps.eating("vegan", days=366), DIET),
    Example("a vegan since an unknown day counts", cramps.eating("vegan"), DIET),
    Example(
        "a vegan who takes a multivitamin has only a supporting factor",
        cramps.eating("vegan", days=1500).taking("med-multivitamin-b-complex", days=9),
        SILENCE,
    ),
    Example(
        "a vegan who stopped the multivitamin counts",
        cramps.eating("vegan", days=1500).taking(
            "med-multivitamin-b-complex", days=400, stopped=100
        ),
        DIET,
    ),
    Example(
        "a vegan who eats fortified food has only a supporting factor",
        cramps.eating("vegan", days=1500, fortified=True),
        SILENCE,
    ),
    Example(
        "a vegan who takes 10 micrograms of B12 a day and has a symptom is tested",
        tired(
            cramps.eating("vegan", days=1500).taking(
                "med-b12", days=400, mg_daily=0.010
            )
        ),
        WARNING,
    ),
    Example("a vegetarian counts", cramps.eating("vegetarian", days=365), DIET),
    Example(
        "a vegetarian of 364 days does not count",
        cramps.eating("vegetarian", days=364),
        SILENCE,
    ),
    Example(
        "a supplemented vegetarian does not count, even with a symptom",
        tired(cramps.eating("vegetarian", fortified=True)),
        SILENCE,
    ),
    Example(
        "a pescatarian does not count", tired(cramps.eating("pescatarian")), SILENCE
    ),
    Example("a vegan diet ordered counts", cramps.ordered_diet("vegan"), DIET),
    Example(
        "who was vegan and now eats fish does not count",
        cramps.with_observation(value_concept="diet-vegan", days=900).with_observation(
            value_concept="diet-pescatarian", days=100
        ),
        SILENCE,
    ),
    Example(
        "a vegan asked for the first time 30 days ago counts: since when is unknown",
        cramps.with_observation(value_concept="diet-vegan", days=30),
        DIET,
    ),
    Example(
        "a vegan first documented 31 days ago has been one since then",
        cramps.with_observation(value_concept="diet-vegan", days=31),
        SILENCE,
    ),
    Example(
        "a vegan documented again and again counts from the first time",
        cramps.with_observation(value_concept="diet-vegan", days=400).with_observation(
            value_concept="diet-vegan", days=40
        ),
        DIET,
    ),
    Example(
        "a diet answer with a period began when the period did",
        cramps.with_observation(value_concept="diet-vegan", days=10, is_period=True),
        SILENCE,
    ),
    Example(
        "dietary inadequacy counts",
        cramps.with_condition("rf-dietary-inadequacy", days=90),
        DIET,
    ),
    Example(
        "dietary inadequacy that is over does not count",
        cramps.with_condition("rf-dietary-inadequacy", days=90, abated=True),
        SILENCE,
    ),
    Example("one food allergy does not count", cramps.allergic_to("milk"), SILENCE),
    Example("milk and egg count", cramps.allergic_to("milk", "egg"), DIET),
    Example("fish and egg count", cramps.allergic_to("fish", "egg"), DIET),
    Example("milk and fish count", cramps.allergic_to("milk", "fish"), DIET),
    *lifelong("rf-crohn"),
    *lifelong("rf-coeliac"),
    *lifelong("rf-atrophic-gastritis"),
    *lifelong("rf-malabsorption-other"),
    *lifelong("rf-autoimmune-thyroid"),
    *lifelong("rf-type1-diabetes"),
    *lifelong("rf-autoimmune-other"),
    *lifelong("rf-hereditary-cobalamin"),
    *(
        Example(f"{operation} counts", cramps.with_procedure(operation), CARD)
        for operation in (
            "proc-bariatric",
            "proc-gastrectomy",
            "proc-ileal-resection",
            "proc-small-bowel-resection-unspecified",
        )
    ),
    Example(
        "surgery recorded as a condition counts whatever its status",
        cramps.with_condition("proc-gastrectomy", status="resolved"),
        CARD,
    ),
    Example(
        "a gastric band does not count",
        cramps.with_procedure("proc-gastric-band-not-counted"),
        SILENCE,
    ),
    Example("alcohol use disorder counts", cramps.with_condition("rf-alcohol"), CARD),
    Example(
        "alcohol use disorder in remission does not count",
        cramps.with_condition("rf-alcohol", status="remission"),
        SILENCE,
    ),
    Example(
        "AUDIT-C 3 of a man does not count in the us",
        cramps.with_result("lab-audit-c", "3", "{score}"),
        SILENCE,
    ),
    Example(
        "AUDIT-C 4 of a man counts in the us",
        cramps.with_result("lab-audit-c", "4", "{score}"),
        CARD,
    ),
    Example(
        "AUDIT-C 2 of a woman does not count in the us",
        adult(50, "F").with_cramps().with_result("lab-audit-c", "2", "{score}"),
        SILENCE,
    ),
    Example(
        "AUDIT-C 3 of a woman counts in the us",
        adult(50, "F").with_cramps().with_result("lab-audit-c", "3", "{score}"),
        CARD,
    ),
    Example(
        "AUDIT-C 4 does not count in the uk",
        cramps.with_result("lab-audit-c", "4", "{score}"),
        SILENCE,
        profile="uk",
    ),
    Example(
        "AUDIT-C 5 counts in the uk",
        cramps.with_result("lab-audit-c", "5", "{score}"),
        CARD,
        profile="uk",
    ),
    Example(
        "radiotherapy of the abdomen counts",
        cramps.with_condition("rf-abdominal-pelvic-radiotherapy"),
        CARD,
    ),
    Example(
        "a history of irradiation without a site does not count",
        cramps.with_condition("history-of-irradiation"),
        SILENCE,
    ),
    Example(
        "a history of irradiation of the pelvis counts",
        cramps.with_condition(
            "history-of-irradiation", site="body-site-abdomen-or-pelvis"
        ),
        CARD,
    ),
    Example(
        "a mother with pernicious anaemia counts",
        cramps.with_relative("rf-pernicious-anaemia"),
        CARD,
    ),
    Example(
        "a mother with an autoimmune thyroid counts",
        cramps.with_relative("rf-autoimmune-thyroid"),
        CARD,
    ),
    Example(
        "a cousin with pernicious anaemia does not count",
        cramps.with_relative("rf-pernicious-anaemia", first_degree=False),
        SILENCE,
    ),
    Example(
        "family history as a code counts",
        cramps.with_condition("rf-family-history"),
        CARD,
    ),
    Example("tapeworm counts", cramps.with_condition("rf-fish-tapeworm"), CARD),
    Example(
        "a tapeworm that is gone does not count",
        cramps.with_condition("rf-fish-tapeworm", status="resolved"),
        SILENCE,
    ),
    Example(
        "Helicobacter only supports", cramps.with_condition("rf-h-pylori"), SILENCE
    ),
    Example(
        "Helicobacter with a symptom counts",
        tired(cramps.with_condition("rf-h-pylori")),
        WARNING,
    ),
    Example(
        "Helicobacter treated 365 days ago still supports",
        tired(cramps.with_condition("rf-h-pylori", status="resolved", days=365)),
        WARNING,
    ),
    Example(
        "Helicobacter treated 366 days ago does not",
        tired(cramps.with_condition("rf-h-pylori", status="resolved", days=366)),
        SILENCE,
    ),
    Example(
        "pregnancy only supports",
        adult(30, "F").with_cramps().with_condition("state-pregnancy", days=100),
        SILENCE,
    ),
    Example(
        "pregnancy with a symptom counts",
        tired(adult(30, "F").with_cramps().with_condition("state-pregnancy", days=100)),
        WARNING,
    ),
    Example(
        "a pregnancy left on the chart for 300 days still counts",
        tired(adult(30, "F").with_cramps().with_condition("state-pregnancy", days=300)),
        WARNING,
    ),
    Example(
        "a pregnancy left on the chart for 301 days does not",
        tired(adult(30, "F").with_cramps().with_condition("state-pregnancy", days=301)),
        SILENCE,
    ),
    Example(
        "breastfeeding with a symptom counts",
        tired(adult(30, "F").with_cramps().with_condition("state-breastfeeding")),
        WARNING,
    ),
    Example(
        "a past deficiency counts",
        cramps.with_condition("b12-deficiency-diagnosed", status="resolved"),
        CARD,
    ),
    Example(
        "a past deficiency on replacement does not count",
        cramps.with_condition("b12-deficiency-diagnosed", status="resolved").taking(
            "med-b12", days=30, mg_daily=1
        ),
        SILENCE,
    ),
]


@specified(EXAMPLES)
def test_risk_factors(example: Example) -> None:
    assert cards_of(evaluation_of(example)) == example.cards
