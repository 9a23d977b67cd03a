"""Results of one day, results dated to a month, and results that two cards speak of."""

import pytest

from tests.spec.examples import Example, cards_of, evaluation_of, specified
from tests.spec.patients import Person, adult


cramps = adult(45, "F").with_cramps()
at_risk = cramps.taking("med-metformin", days=900)
injected = adult().with_cramps(days=4).injected(5)
crohn = cramps.with_condition("rf-crohn", days=2000)

SILENCE: tuple[str, ...] = ()
SCREEN = ("b12-screen:info",)
TEST = ("b12-screen:warning",)
GAP = ("b12-treatment-gap:warning",)
BORDERLINE = ("b12-indeterminate:info",)
LOW = ("electrolyte-abnormal:warning",)
DANGER = ("electrolyte-abnormal:critical",)


def potassium(*values: str, days: int = 3, person: Person = cramps) -> Person:
    for value in values:
        person = person.with_result("lab-potassium", value, "mmol/L", days=days)
    return person


EXAMPLES = [
    # Of several results of one day the worst counts: no more than the day is read.
    Example(
        "a fall of potassium within a day is seen", potassium("4.1", "2.3"), DANGER
    ),
    Example("in whatever order the results come", potassium("2.3", "4.1"), DANGER),
    Example(
        "low and critically low on one day is critical",
        potassium("3.2", "2.4", "3.3"),
        DANGER,
    ),
    Example("normal and low on one day is low", potassium("4.1", "3.2", "4.0"), LOW),
    Example(
        "a normal potassium of the day after calms",
        potassium("2.3").with_result("lab-potassium", "4.1", "mmol/L", days=2),
        SILENCE,
    ),
    Example(
        "the worse magnesium of one day counts",
        cramps.with_result("lab-magnesium", "0.80", "mmol/L").with_result(
            "lab-magnesium", "0.40", "mmol/L"
        ),
        DANGER,
    ),
    Example(
        "after an injection the lower potassium of one day counts",
        potassium("4.2", "2.6", days=1, person=injected),
        ("b12-post-injection-potassium:critical",),
    ),
    Example(
        "the higher methylmalonic acid of one day resolves a borderline B12",
        cramps.with_result("lab-b12-total", "250", "pg/mL")
        .with_result("lab-mma", "100", "nmol/L")
        .with_result("lab-mma", "800", "nmol/L"),
        GAP,
    ),
    Example(
        "the lower eGFR of one day tells whether methylmalonic acid can be read",
        cramps.with_result("lab-b12-total", "250", "pg/mL")
        .with_result("lab-mma", "800", "nmol/L")
        .with_result("lab-egfr", "34", "mL/min/{1.73_m2}")
        .with_result("lab-egfr", "28", "mL/min/{1.73_m2}"),
        BORDERLINE,
    ),
    Example(
        "the higher creatine kinase of one day counts",
        cramps.with_result("lab-ck", "100", "U/L").with_result("lab-ck", "5000", "U/L"),
        ("cramp-differential:warning",),
    ),
    Example(
        "creatine kinase beyond the analyser's range is raised",
        cramps.with_result("lab-ck", "1000", "U/L", comparator=">"),
        ("cramp-differential:warning",),
    ),
    Example(
        "creatine kinase below some value is not known to be raised",
        cramps.with_result("lab-ck", "1500", "U/L", comparator="<"),
        SILENCE,
    ),
    Example(
        "after an injection the potassium of the newest day counts",
        potassium("2.9", days=1, person=injected).with_result(
            "lab-potassium", "4.0", "mmol/L", days=3
        ),
        ("b12-post-injection-potassium:critical",),
    ),
    Example(
        "the higher MCV of one day is a companion",
        at_risk.with_result("lab-mcv", "90", "fL").with_result("lab-mcv", "104", "fL"),
        TEST,
    ),
    Example(
        "the lower haemoglobin of one day is a companion",
        at_risk.with_result("lab-hemoglobin", "13.5", "g/dL").with_result(
            "lab-hemoglobin", "10.5", "g/dL"
        ),
        TEST,
    ),
    # High potassium after an injection is nothing the injection's own card tells.
    Example(
        "potassium of 5.9 after an injection calms",
        potassium("5.9", days=1, person=injected),
        ("b12-post-injection-potassium:info",),
    ),
    Example(
        "potassium of 6.0 after an injection is told, and is not normal",
        potassium("6.0", days=1, person=injected),
        ("b12-post-injection-potassium:warning", "electrolyte-abnormal:warning"),
    ),
    Example(
        "potassium of 7.0 after an injection is an emergency",
        potassium("7.0", days=1, person=injected),
        ("b12-post-injection-potassium:warning", "electrolyte-abnormal:critical"),
    ),
    Example(
        "in palliative care as well",
        potassium("7.0", days=1, person=injected).with_condition("suppress-palliative"),
        ("b12-post-injection-potassium:warning", "electrolyte-abnormal:critical"),
    ),
    Example(
        "potassium of 2.4, older than a week, is an emergency after an injection too",
        potassium("2.4", days=10, person=adult().with_cramps(days=9).injected(12)),
        ("b12-post-injection-potassium:warning", "electrolyte-abnormal:critical"),
    ),
    # A result known to the month or the year.
    Example(
        "a B12 of this month does not outrank a deficient one of its tenth",
        cramps.with_result("lab-b12-total", "150", "pg/mL", days=20).with_result(
            "lab-b12-total", "500", "pg/mL", dated="2025-06"
        ),
        GAP,
    ),
    Example(
        "a potassium of this year does not outrank one of yesterday",
        potassium("2.4", days=1).with_result(
            "lab-potassium", "4.0", "mmol/L", dated="2025"
        ),
        DANGER,
    ),
    Example(
        "a low potassium of this year may be of today",
        cramps.with_result("lab-potassium", "2.4", "mmol/L", dated="2025"),
        DANGER,
    ),
    Example(
        "a normal B12 of last year may be too old to reassure",
        crohn.with_result("lab-b12-total", "500", "pg/mL", dated="2024"),
        SCREEN,
    ),
    Example(
        "a normal B12 of this year reassures",
        crohn.with_result("lab-b12-total", "500", "pg/mL", dated="2025"),
        SILENCE,
    ),
    Example(
        "a potassium of this year is not known to be of after the injection",
        injected.with_result("lab-potassium", "4.2", "mmol/L", dated="2025"),
        ("b12-post-injection-potassium:warning",),
    ),
    Example(
        "a potassium of 2.8 of this month may be of this week",
        injected.with_result("lab-potassium", "2.8", "mmol/L", dated="2025-06"),
        ("b12-post-injection-potassium:critical",),
    ),
    # Diagnoses without a clinical status.
    Example(
        "a deficiency without a status, recorded within a year, is a present one",
        cramps.with_condition("b12-deficiency-diagnosed", recorded=365, status=None),
        GAP,
    ),
    Example(
        "recorded longer ago, it is a past one",
        cramps.with_condition("b12-deficiency-diagnosed", recorded=366, status=None),
        SCREEN,
    ),
    Example(
        "without any date, it is a past one",
        cramps.with_condition("b12-deficiency-diagnosed", status=None),
        SCREEN,
    ),
    Example(
        "a present deficiency is no past one, and no risk factor by itself",
        cramps.with_condition("b12-deficiency-diagnosed", recorded=100, status=None)
        .with_result("lab-b12-total", "400", "pg/mL", days=51)
        .with_condition("sx-paresthesia-numbness", days=20),
        SILENCE,
    ),
    # Pregnancy lowers the total B12, and no sample of before.
    Example(
        "a deficient B12 of before the pregnancy stays deficient",
        cramps.with_condition("state-pregnancy", days=60).with_result(
            "lab-b12-total", "150", "pg/mL", days=61
        ),
        GAP,
    ),
    Example(
        "one of its first day is borderline",
        cramps.with_condition("state-pregnancy", days=60).with_result(
            "lab-b12-total", "150", "pg/mL", days=60
        ),
        BORDERLINE,
    ),
    # What gives way itself leaves its place to others.
    Example(
        "a recheck is shown where the review of treatment gives way to urgency",
        at_risk.with_result("lab-b12-total", "400", "pg/mL", days=51)
        .with_condition("redflag-ataxia", days=20)
        .injected(100),
        ("b12-urgent:warning", "b12-recheck:info"),
    ),
    # Injections begun again after a long time without.
    Example(
        "a new course of injections begins anew",
        adult().with_cramps(days=10).injected(393, 27),
        ("b12-post-injection-potassium:warning",),
    ),
    Example(
        "doses up to a year apart are one course",
        adult().with_cramps(days=10).injected(392, 27),
        ("b12-on-treatment-review:info",),
    ),
    Example(
        "cramps of before the new course are none of its effects",
        adult().with_cramps(days=100).injected(1800, 5),
        SILENCE,
    ),
    Example(
        "an order that goes on is one course however long it is",
        adult()
        .with_cramps(days=2)
        .taking("med-b12", days=1800, parenteral=True)
        .injected(15),
        ("b12-on-treatment-review:info",),
    ),
    Example(
        "an order stopped on a day nobody recorded does not reach to a new course",
        adult()
        .with_cramps(days=4)
        .taking("med-b12", days=1800, is_stopped=True, parenteral=True)
        .injected(5),
        ("b12-post-injection-potassium:warning",),
    ),
    # What is normal by its methylmalonic acid is normal since that was sampled.
    Example(
        "nerve symptoms of before the methylmalonic acid are answered by it",
        at_risk.with_result("lab-b12-total", "250", "pg/mL", days=100)
        .with_result("lab-mma", "100", "nmol/L", days=20)
        .with_condition("sx-paresthesia-numbness", days=50),
        SILENCE,
    ),
    Example(
        "those of after it are new",
        at_risk.with_result("lab-b12-total", "250", "pg/mL", days=100)
        .with_result("lab-mma", "100", "nmol/L", days=20)
        .with_condition("sx-paresthesia-numbness", days=19),
        ("b12-recheck:info",),
    ),
    Example(
        "a B12 that was normal by itself is the one that symptoms are dated against",
        at_risk.with_result("lab-b12-total", "400", "pg/mL", days=100)
        .with_result("lab-mma", "100", "nmol/L", days=20)
        .with_condition("sx-paresthesia-numbness", days=50),
        ("b12-recheck:info",),
    ),
    # Other forms of the laboratory's own word for low.
    Example(
        "a result flagged as significantly low is borderline",
        at_risk.with_result("lab-b12-total", "400", "pg/mL", flag="LU"),
        BORDERLINE,
    ),
]


@specified(EXAMPLES)
def test_uncertain_result(example: Example) -> None:
    assert cards_of(evaluation_of(example)) == example.cards


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (
            cramps.with_result("lab-potassium", "2.1", None),
            "potassium not interpretable: the unit is missing or unknown",
        ),
        (
            cramps.with_result("lab-potassium", "2.1", "mmol/L", days=None),
            "potassium not interpretable: the sample date is not recorded",
        ),
        (
            cramps.with_result("lab-potassium", "16", "mg/dL"),
            "potassium not interpretable: the unit does not fit this test",
        ),
        (
            cramps.with_result("lab-calcium", "1.7", None),
            "calcium not interpretable: the unit is missing or unknown",
        ),
        (
            cramps.with_result("lab-magnesium", "0.3", "U/L"),
            "magnesium not interpretable: the unit does not fit this test",
        ),
        (
            cramps.with_result("lab-mma", "900", None),
            "methylmalonic acid not interpretable: the unit is missing or unknown",
        ),
        (
            cramps.with_result("lab-homocysteine", "48", "mg/dL"),
            "homocysteine not interpretable: the unit does not fit this test",
        ),
    ],
    ids=str,
)
def test_a_result_without_meaning_is_said(person: Person, reason: str) -> None:
    """2.6: "not interpretable" counts as no result, "and say so"."""
    evaluation = evaluation_of(Example("", person, SILENCE))
    (unread,) = evaluation.unread
    assert unread.reason == reason
    assert (str(unread.source), unread.element) == (
        "Observation/1",
        "Observation.value",
    )


@pytest.mark.parametrize(
    "person",
    [
        cramps.with_result("lab-potassium", "4.1", "mmol/L"),
        cramps.with_result("lab-potassium", "4.1", "meq/L"),
        cramps.with_result("lab-calcium", "9.2", "mg/dL"),
        cramps.with_result("lab-potassium", "2.1", None, days=31),
        cramps.with_result("lab-mma", "900", None, days=366),
    ],
    ids=str,
)
def test_of_what_can_be_read_or_is_too_old_nothing_is_said(person: Person) -> None:
    assert evaluation_of(Example("", person, SILENCE)).unread == ()


def test_a_result_dated_to_a_month_is_shown_as_it_is_dated() -> None:
    deficient = cramps.with_result("lab-b12-total", "150", "pg/mL", dated="2025-06")
    (shown,) = evaluation_of(Example("", deficient, GAP)).shown
    assert shown.concern.values["date"] == "2025-06"
