"""Which tests a card suggests to order (CLINICAL 2.9b)."""

import pytest

from service.clinical.evaluate import Shown, evaluate
from service.clinical.knowledge import ProfileName
from tests.spec.examples import knowledge
from tests.spec.patients import TODAY, Person, adult


cramps = adult(50, "F").with_cramps()
crohn = cramps.with_condition("rf-crohn", days=900)
pregnant = cramps.with_condition("state-pregnancy", days=60)
metformin = cramps.taking("med-metformin", days=900)
n2o = cramps.with_condition("rf-nitrous-oxide-misuse", days=60)
ataxia = crohn.with_condition("redflag-ataxia", days=30)
borderline = cramps.with_result("lab-b12-total", "250", "pg/mL")
numb = "sx-paresthesia-numbness"


def shown(patient: Person, key: str, profile: ProfileName = "us") -> Shown:
    answer = evaluate(patient.record, knowledge(profile), TODAY)
    return next(each for each in answer.shown if each.key == key)


SUGGESTED = [
    ("B12, blood count and folate", "b12-screen", crohn, "b12-total cbc folate"),
    (
        "active B12 in pregnancy",
        "b12-screen",
        crohn.with_condition("state-pregnancy", days=60),
        "b12-active cbc folate",
    ),
    (
        "ferritin where restless legs are recorded",
        "b12-screen",
        crohn.with_condition("sx-rls"),
        "b12-total cbc folate ferritin",
    ),
    (
        "no ferritin where it was measured within a year",
        "b12-screen",
        crohn.with_condition("sx-rls").with_result(
            "lab-ferritin", "80", "ng/mL", days=365
        ),
        "b12-total cbc folate",
    ),
    ("B12, count and methylmalonic acid", "b12-urgent", ataxia, "b12-total cbc mma"),
    (
        "homocysteine too after nitrous oxide",
        "b12-urgent",
        ataxia.with_condition("rf-nitrous-oxide-misuse", days=60),
        "b12-total cbc mma homocysteine",
    ),
    (
        "blood count and potassium before loading",
        "b12-treatment-gap",
        cramps.with_condition("b12-deficiency-diagnosed"),
        "cbc potassium",
    ),
    (
        "methylmalonic acid, else active B12, and creatinine",
        "b12-indeterminate",
        borderline,
        "mma b12-active creatinine",
    ),
    (
        "active B12 alone in pregnancy",
        "b12-indeterminate",
        borderline.with_condition("state-pregnancy", days=60),
        "b12-active",
    ),
    (
        "not active B12 again where it was the borderline result",
        "b12-indeterminate",
        cramps.with_result("lab-holotc", "40", "pmol/L"),
        "mma creatinine",
    ),
    (
        "nor in pregnancy",
        "b12-indeterminate",
        pregnant.with_result("lab-holotc", "40", "pmol/L"),
        "mma creatinine",
    ),
    (
        "homocysteine first after nitrous oxide",
        "b12-nitrous-oxide",
        n2o,
        "homocysteine mma b12-total cbc",
    ),
    (
        "methylmalonic acid and a repeat",
        "b12-recheck",
        crohn.with_result("lab-b12-total", "500", "pg/mL", days=100).with_condition(
            numb, days=50
        ),
        "mma b12-total",
    ),
    (
        "no repeat of B12 on replacement, which would tell nothing",
        "b12-recheck",
        crohn.with_result("lab-b12-total", "500", "pg/mL", days=100)
        .taking("med-b12", days=30, mg_daily=1)
        .with_condition(numb, days=50),
        "mma",
    ),
    (
        "potassium and magnesium",
        "b12-post-injection-potassium",
        cramps.injected(5),
        "potassium magnesium",
    ),
    (
        "the test that was out of range, again",
        "electrolyte-abnormal",
        cramps.with_result("lab-magnesium", "0.6", "mmol/L"),
        "magnesium",
    ),
    (
        "B12 before folic acid",
        "folate-caution",
        crohn.taking("med-folic-acid", days=30, mg_daily=5),
        "b12-total",
    ),
    (
        "nothing where B12 is already ordered",
        "folate-caution",
        crohn.taking("med-folic-acid", days=30, mg_daily=5).with_test_ordered(days=3),
        "",
    ),
    (
        "what is missing of potassium, magnesium, thyroid and creatine kinase",
        "b12-on-treatment-review",
        crohn.taking("med-b12", days=200, mg_daily=1).with_result(
            "lab-potassium", "4.0", "mmol/L", days=90
        ),
        "magnesium tsh ck",
    ),
    (
        "what is missing of the whole work-up",
        "cramp-differential",
        cramps.with_condition("ddx-thyroid").with_result(
            "lab-hba1c", "5.4", "%", days=365
        ),
        "potassium magnesium calcium creatinine tsh",
    ),
    (
        "chemistry of 91 days ago again, thyroid of a year ago not",
        "cramp-differential",
        cramps.with_condition("ddx-thyroid")
        .with_result("lab-potassium", "4.0", "mmol/L", days=91)
        .with_result("lab-magnesium", "0.8", "mmol/L", days=90)
        .with_result("lab-tsh", "2", "m[IU]/L", days=365),
        "potassium calcium creatinine hba1c",
    ),
    (
        "thyroid of 366 days ago again",
        "cramp-differential",
        cramps.with_condition("ddx-thyroid").with_result(
            "lab-tsh", "2", "m[IU]/L", days=366
        ),
        "potassium magnesium calcium creatinine tsh hba1c",
    ),
    (
        "creatine kinase with a statin",
        "cramp-differential",
        cramps.taking("med-statin", days=100),
        "potassium magnesium calcium creatinine tsh hba1c ck",
    ),
    (
        "nothing: it is advice",
        "b12-diet-advice",
        cramps.eating("vegan"),
        "",
    ),
]


@pytest.mark.parametrize(
    ("key", "patient", "tests"),
    [pytest.param(*case[1:], id=f"{case[1]}: {case[0]}") for case in SUGGESTED],
)
@pytest.mark.parametrize("profile", ["us", "uk"])
def test_the_tests_a_card_suggests(
    key: str, patient: Person, tests: str, profile: ProfileName
) -> None:
    assert shown(patient, key, profile).concern.tests == tuple(tests.split())


@pytest.mark.parametrize(
    ("key", "patient", "urgency"),
    [
        ("b12-urgent", ataxia, "stat"),
        (
            "b12-urgent",
            crohn.with_condition("sx-psychosis", days=10),
            "urgent",
        ),
        ("b12-post-injection-potassium", cramps.injected(5), "urgent"),
        ("b12-screen", crohn, "routine"),
        (
            "electrolyte-abnormal",
            cramps.with_result("lab-potassium", "2.4", "mmol/L"),
            "stat",
        ),
    ],
    ids=["grade 1", "grade 2", "after injections", "screening", "potassium 2.4"],
)
def test_how_urgent_the_suggested_tests_are(
    key: str, patient: Person, urgency: str
) -> None:
    assert shown(patient, key).concern.urgency == urgency


CODES = {
    "us": {
        "b12-total": "2132-9",
        "magnesium": "19123-9",
        "calcium": "17861-6",
    },
    "uk": {
        "b12-total": "14685-2",
        "magnesium": "2601-3",
        "calcium": "2000-8",
    },
}
CODES_OF_BOTH = {
    "b12-active": "72160-5",
    "cbc": "58410-2",
    "folate": "2284-8",
    "mma": "13964-2",
    "homocysteine": "13965-9",
    "potassium": "2823-3",
    "tsh": "3016-3",
    "ck": "2157-6",
}


@pytest.mark.parametrize("profile", ["us", "uk"])
def test_the_loinc_codes_of_the_specification(profile: ProfileName) -> None:
    orders = knowledge(profile).orders
    wanted = {**CODES_OF_BOTH, **CODES[profile]}
    assert {test: orders[test].code for test in wanted} == wanted


@pytest.mark.parametrize("profile", ["us", "uk"])
def test_every_test_of_the_catalogue_is_suggested_by_some_card(
    profile: ProfileName,
) -> None:
    suggested = {
        test
        for _, key, patient, _ in SUGGESTED
        for test in shown(patient, key, profile).concern.tests
    }
    assert set(knowledge(profile).orders) == suggested
