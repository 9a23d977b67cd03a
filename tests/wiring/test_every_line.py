"""Every line of every card can come to be shown: no text waits for what never is."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from service.clinical.answers import Concern
from service.clinical.evaluate import RULES, evaluate
from service.clinical.knowledge import ProfileName
from service.knowledge_files import load_notes
from tests.spec.examples import knowledge
from tests.spec.patients import TODAY, Person, adult


Change = Callable[[Person], Person]

FIRING: dict[str, tuple[Change, ...]] = {
    "b12-urgent": (
        lambda p: p.with_condition("rf-crohn").with_condition("redflag-ataxia"),
        lambda p: p.with_condition("rf-crohn").with_condition("sx-psychosis", days=9),
    ),
    "b12-post-injection-potassium": (
        lambda p: p.injected(5),
        lambda p: p.injected(5).with_condition("sx-palpitations", days=2),
        lambda p: p.injected(5).with_result("lab-potassium", "4", "mmol/L", days=1),
    ),
    "electrolyte-abnormal": (
        lambda p: p.with_result("lab-potassium", "3.0", "mmol/L"),
        lambda p: p.with_result("lab-potassium", "6.2", "mmol/L"),
        lambda p: p.with_result("lab-magnesium", "0.6", "mmol/L"),
        lambda p: p.with_result("lab-calcium", "2.0", "mmol/L"),
    ),
    "b12-treatment-gap": (
        lambda p: p.with_result("lab-b12-total", "120", "pg/mL"),
        lambda p: p.with_result("lab-mma", "900", "nmol/L"),
        lambda p: p.with_condition("b12-deficiency-diagnosed"),
    ),
    "b12-nitrous-oxide": (lambda p: p.with_condition("rf-nitrous-oxide-misuse"),),
    "b12-indeterminate": (lambda p: p.with_result("lab-b12-total", "250", "pg/mL"),),
    "b12-screen": (
        lambda p: p.with_condition("rf-crohn"),
        lambda p: p.with_condition("rf-crohn").with_condition("sx-fatigue"),
    ),
    "folate-caution": (
        lambda p: p.with_condition("rf-crohn").taking(
            "med-folic-acid", days=30, mg_daily=5
        ),
    ),
    "b12-recheck": (
        lambda p: (
            p.with_condition("rf-crohn")
            .with_result("lab-b12-total", "500", "pg/mL", days=100)
            .with_condition("sx-paresthesia-numbness", days=50)
        ),
    ),
    "b12-on-treatment-review": (lambda p: p.taking("med-b12", days=200, mg_daily=1),),
    "cramp-differential": (
        lambda p: p.taking("med-statin", days=50),
        lambda p: p.with_result("lab-ck", "1500", "U/L", high="200"),
        lambda p: p.with_result("lab-ck", "2500", "U/L", high="200"),
    ),
    "b12-diet-advice": (
        lambda p: p.eating("vegan"),
        lambda p: p.eating("vegetarian"),
        lambda p: p.with_condition("rf-dietary-inadequacy"),
    ),
}
"""For each card, patients who get it; among them one for each of its summaries."""

CHANGES: tuple[Change, ...] = (
    lambda p: p,
    lambda p: p.with_condition("state-pregnancy", days=60),
    lambda p: p.with_condition("state-breastfeeding", days=60),
    lambda p: p.with_condition("sx-paresthesia-numbness", days=30),
    lambda p: p.with_condition("sx-rls"),
    lambda p: p.with_condition("ddx-diabetes"),
    lambda p: p.with_condition("ddx-diabetes").with_condition(
        "sx-peripheral-neuropathy"
    ),
    lambda p: p.with_condition("ddx-ckd-dialysis"),
    lambda p: p.with_condition("leber-hereditary-optic-neuropathy"),
    lambda p: p.taking("med-metformin", days=2000),
    lambda p: p.taking("med-ppi", days=800),
    lambda p: p.eating("vegan"),
    lambda p: p.with_condition("rf-coeliac"),
    lambda p: p.with_procedure("proc-gastrectomy"),
    lambda p: p.with_procedure("proc-bariatric"),
    lambda p: p.with_condition("rf-hereditary-cobalamin"),
    lambda p: p.with_condition("rf-alcohol"),
    lambda p: p.with_condition("rf-nitrous-oxide-misuse"),
    lambda p: p.with_condition("rf-nitrous-oxide-misuse").with_result(
        "lab-homocysteine", "40", "umol/L"
    ),
    lambda p: p.taking("med-b12", days=100, mg_daily=1),
    lambda p: p.taking("med-folic-acid"),
    lambda p: p.with_result("lab-folate", "2", "ng/mL"),
    lambda p: p.with_observation("lab-hypersegmented-neutrophils"),
    lambda p: p.with_result("lab-b12-total", "1500", "pg/mL", days=400).with_result(
        "lab-b12-total", "1400", "pg/mL", days=500
    ),
    lambda p: p.with_result("lab-tsh", "9", "m[IU]/L"),
    lambda p: p.with_result("lab-hba1c", "8", "%"),
    lambda p: p.with_condition("rf-dietary-inadequacy").allergic_to("egg"),
)


def patients(key: str) -> Iterator[Person]:
    for age in (50, 80):
        for fire in FIRING[key]:
            for change in CHANGES:
                yield change(fire(adult(age, "F").with_cramps()))


def causes(profile: ProfileName) -> Iterator[Person]:
    """A patient for each other cause of cramps."""
    for cause in knowledge(profile).causes.values():
        for concept in cause.concepts:
            patient = adult(50, "F").with_cramps()
            if cause.is_medicine:
                yield patient.taking(concept, days=50)
            else:
                yield patient.with_condition(concept)


@cache
def concerns(profile: ProfileName) -> dict[str, tuple[Concern, ...]]:
    """What each rule says of all these patients."""
    found: dict[str, list[Concern]] = {key: [] for key in RULES}
    for key in RULES:
        extra = causes(profile) if key == "cramp-differential" else iter(())
        for patient in (*patients(key), *extra):
            answer = evaluate(patient.record, knowledge(profile), TODAY)
            found[key] += [
                item.answer
                for item in answer.answers
                if item.key == key and isinstance(item.answer, Concern)
            ]
    return {key: tuple(said) for key, said in found.items()}


@pytest.mark.parametrize("profile", ["us", "uk"])
@pytest.mark.parametrize("key", RULES)
def test_each_line_of_a_card_is_shown_to_some_patient(
    key: str, profile: ProfileName
) -> None:
    rule = knowledge(profile).rules[key]
    notes = [concern.notes for concern in concerns(profile)[key]]
    never = [
        line.text
        for line in (*rule.actions, *rule.more)
        if not any(
            (line.when is None or line.when in set_)
            and (line.unless is None or line.unless not in set_)
            for set_ in notes
        )
    ]
    assert never == []


@pytest.mark.parametrize("profile", ["us", "uk"])
@pytest.mark.parametrize("key", RULES)
def test_each_summary_of_a_card_is_said_of_some_patient_and_no_other_is(
    key: str, profile: ProfileName
) -> None:
    said = {concern.text for concern in concerns(profile)[key]}
    assert said == set(knowledge(profile).rules[key].summaries)


@pytest.mark.parametrize("profile", ["us", "uk"])
@pytest.mark.parametrize("key", RULES)
def test_a_rule_fills_every_placeholder_of_its_summaries(
    key: str, profile: ProfileName
) -> None:
    rule = knowledge(profile).rules[key]
    for concern in concerns(profile)[key]:
        assert set(concern.values) <= set(rule.placeholders)
        assert "{" not in rule.summaries[concern.text].format_map(concern.values)


def test_rules_set_only_notes_that_are_explained_and_all_of_these() -> None:
    explained = load_notes().keys()
    set_by_rules = {
        note
        for said in concerns("us").values()
        for concern in said
        for note in concern.notes
    }
    assert set_by_rules <= explained
    assert explained - set_by_rules <= {
        "allergy-milk",
        "allergy-fish",
    }


@pytest.mark.parametrize("profile", ["us", "uk"])
def test_every_note_that_is_explained_is_asked_for_by_some_line(
    profile: ProfileName,
) -> None:
    asked = {
        condition
        for rule in knowledge(profile).rules.values()
        for line in (*rule.actions, *rule.more)
        for condition in (line.when, line.unless)
        if condition is not None
    }
    assert load_notes().keys() == asked
