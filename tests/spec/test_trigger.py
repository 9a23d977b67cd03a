"""The trigger: which cramps start the search (T-1 to T-5), and who is looked at."""

from service.clinical.record import DataKind
from tests.spec.examples import Example, cards_of, evaluation_of, specified
from tests.spec.patients import adult, nobody


CHAPTER = "trigger"
CARD = ("b12-screen:info",)
WARNING = ("b12-screen:warning",)
SILENCE: tuple[str, ...] = ()

at_risk = adult(58).with_condition("rf-crohn", days=900)

EXAMPLES = [
    Example("an active problem counts without any date", at_risk.with_cramps(), CARD),
    Example("a recurrence counts", at_risk.with_cramps(status="recurrence"), CARD),
    Example("a relapse counts", at_risk.with_cramps(status="relapse"), CARD),
    Example(
        "resolved cramps do not count", at_risk.with_cramps(status="resolved"), SILENCE
    ),
    Example(
        "inactive cramps do not count", at_risk.with_cramps(status="inactive"), SILENCE
    ),
    Example(
        "cramps in remission do not count",
        at_risk.with_cramps(status="remission"),
        SILENCE,
    ),
    Example(
        "active cramps with an abatement in the past do not count",
        at_risk.with_cramps(abated=True),
        SILENCE,
    ),
    Example(
        "without a status, cramps that began 364 days ago count",
        at_risk.with_cramps(status=None, days=364),
        CARD,
    ),
    Example(
        "without a status, cramps that began 365 days ago count",
        at_risk.with_cramps(status=None, days=365),
        CARD,
    ),
    Example(
        "without a status, cramps that began 366 days ago do not count",
        at_risk.with_cramps(status=None, days=366),
        SILENCE,
    ),
    Example(
        "without a status, old cramps recorded again within a year count",
        at_risk.with_cramps(status=None, days=900, recorded=20),
        CARD,
    ),
    Example(
        "without a status and a date, cramps do not count",
        at_risk.with_cramps(status=None),
        SILENCE,
    ),
    Example(
        "an active encounter diagnosis of 365 days ago counts",
        at_risk.with_cramps(days=365, is_encounter_diagnosis=True),
        CARD,
    ),
    Example(
        "an active encounter diagnosis of 366 days ago does not count",
        at_risk.with_cramps(days=366, is_encounter_diagnosis=True),
        SILENCE,
    ),
    Example(
        "an encounter diagnosis that is also on the problem list counts at any age",
        at_risk.with_cramps(
            days=366, is_encounter_diagnosis=True, is_problem_list_item=True
        ),
        CARD,
    ),
    Example(
        "an unconfirmed symptom is a symptom",
        at_risk.with_cramps(verification="unconfirmed"),
        CARD,
    ),
    Example(
        "a code of an excluded kind wins over a cramp code on the same resource",
        at_risk.with_condition(("cramp-trigger", "cramp-excluded")),
        SILENCE,
    ),
    Example(
        "a generic cramp of the stomach does not count",
        at_risk.with_condition(
            ("cramp-trigger", "cramp-trigger-generic"), site="body-site-not-limb"
        ),
        SILENCE,
    ),
    Example(
        "a generic cramp without a site counts",
        at_risk.with_condition(("cramp-trigger", "cramp-trigger-generic")),
        CARD,
    ),
    Example(
        "a cramp observed 90 days ago counts",
        at_risk.with_observation("cramp-trigger", days=90),
        CARD,
    ),
    Example(
        "a cramp observed 91 days ago does not count",
        at_risk.with_observation("cramp-trigger", days=91),
        SILENCE,
    ),
    Example(
        "a cramp that was denied does not count",
        at_risk.with_observation("cramp-trigger", days=3, negative=True),
        SILENCE,
    ),
    Example(
        "a cramp as the answer to a question counts",
        at_risk.with_observation(value_concept="cramp-trigger", days=3),
        CARD,
    ),
    Example(
        "an observed cramp without a day does not count",
        at_risk.with_observation("cramp-trigger", days=None),
        SILENCE,
    ),
    Example(
        "twitching alone does not count",
        at_risk.with_condition("cramp-trigger-weak"),
        SILENCE,
    ),
    Example(
        "twitching with fatigue does not count: fatigue is no nerve symptom",
        at_risk.with_condition("cramp-trigger-weak").with_condition("sx-fatigue"),
        SILENCE,
    ),
    Example(
        "twitching with numbness counts",
        at_risk.with_condition("cramp-trigger-weak").with_condition(
            "sx-paresthesia-numbness"
        ),
        WARNING,
    ),
    Example(
        "twitching with weakness counts",
        at_risk.with_condition("cramp-trigger-weak").with_condition(
            "sx-muscle-weakness"
        ),
        WARNING,
    ),
    Example(
        "restless legs are not cramps",
        at_risk.with_condition("sx-rls"),
        SILENCE,
    ),
    Example(
        "risk without cramps is no business of this service",
        at_risk,
        SILENCE,
    ),
    Example(
        "a cramp observed in the stomach is no muscle cramp",
        at_risk.with_observation(
            ("cramp-trigger", "cramp-trigger-generic"), site="body-site-not-limb"
        ),
        SILENCE,
    ),
    Example(
        "a calf cramp stays one, wherever it is said to be",
        at_risk.with_observation("cramp-trigger", site="body-site-not-limb"),
        CARD,
    ),
    Example(
        "at 17 the us profile is silent",
        adult(17).with_cramps().with_condition("rf-crohn"),
        SILENCE,
    ),
    Example(
        "at 18 the us profile speaks",
        adult(18).with_cramps().with_condition("rf-crohn"),
        CARD,
    ),
    Example(
        "at 15 the uk profile is silent",
        adult(15).with_cramps().with_condition("rf-crohn"),
        SILENCE,
        profile="uk",
    ),
    Example(
        "at 16 the uk profile speaks",
        adult(16).with_cramps().with_condition("rf-crohn"),
        CARD,
        profile="uk",
    ),
    Example(
        "an unknown age lets the patient in, without factors of age",
        adult(None).with_cramps().with_condition("rf-crohn"),
        CARD,
    ),
    Example(
        "an observed cramp of an excluded kind is none",
        at_risk.with_observation(("cramp-trigger", "cramp-excluded")),
        SILENCE,
    ),
    Example(
        "the answer that names an excluded kind of cramp is none",
        at_risk.with_observation("cramp-trigger", value_concept="cramp-excluded"),
        SILENCE,
    ),
    Example(
        "the deceased are left in peace", at_risk.with_cramps().deceased(), SILENCE
    ),
    Example(
        "without the conditions nobody can say that there are no cramps",
        at_risk.without(DataKind.CONDITIONS),
        None,
    ),
    Example(
        "with half the conditions nobody can say that there are no cramps",
        at_risk.without(DataKind.CONDITIONS, partly=True),
        None,
    ),
    Example(
        "without cramps it does not matter what else is missing",
        at_risk.without(DataKind.MEDICATIONS, DataKind.LABORATORY, DataKind.PROCEDURES),
        SILENCE,
    ),
    Example(
        "cramps of nobody: without the patient there is no answer",
        nobody().with_cramps(),
        None,
    ),
    Example("an empty record is silent", nobody(), SILENCE),
    Example("a patient with an empty chart is silent", adult(80, "F"), SILENCE),
]


@specified(EXAMPLES)
def test_trigger(example: Example) -> None:
    assert cards_of(evaluation_of(example)) == example.cards
