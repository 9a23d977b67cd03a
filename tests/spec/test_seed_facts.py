"""The claims F-01 to F-82: each is in the logic or on a card, where the table says."""

from importlib import import_module

import pytest

from service.clinical.evaluate import RULES, evaluate
from service.clinical.knowledge import Knowledge, ProfileName
from service.knowledge_files import load_terminology
from tests.spec.cards import cards_sent
from tests.spec.examples import knowledge
from tests.spec.patients import TODAY, adult
from tests.spec.seed_facts import (
    DOCUMENT,
    EVERY_CARD,
    SeedFact,
    page,
    seed_facts,
    words_of,
)


FACTS = seed_facts()
BY_ID = pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.id)


def test_every_claim_has_its_row_in_order() -> None:
    assert [fact.id for fact in FACTS] == [f"F-{n:02}" for n in range(1, 83)]


@BY_ID
def test_a_claim_is_somewhere(fact: SeedFact) -> None:
    assert fact.logic or fact.said


@BY_ID
def test_what_acts_on_a_claim_exists(fact: SeedFact) -> None:
    for name in fact.logic:
        assert exists(name), name


def exists(name: str) -> bool:
    """Whether a function, a rule, a list or a key of the knowledge is there."""
    if name.startswith("service."):
        return is_in_code(name)
    if name.startswith("valuesets/"):
        return name.removeprefix("valuesets/") in load_terminology().value_sets
    if name.startswith("rules/"):
        return name.removeprefix("rules/") in RULES
    if name.startswith("text_patterns."):
        pattern = name.removeprefix("text_patterns.")
        return pattern in load_terminology().text_patterns
    return all(is_in_knowledge(name, knowledge(profile)) for profile in ("us", "uk"))


def is_in_code(name: str) -> bool:
    module, _, attribute = name.rpartition(".")
    try:
        return hasattr(import_module(module), attribute)
    except ModuleNotFoundError:
        # A class's own: the module is one step further up.
        module, _, owner = module.rpartition(".")
        return hasattr(getattr(import_module(module), owner), attribute)


def is_in_knowledge(name: str, known: Knowledge) -> bool:
    found: object = known
    for step in name.split("."):
        if isinstance(found, dict):
            found = found.get(step)
        else:
            found = getattr(found, step, None)
    return found is not None


@pytest.mark.parametrize(
    "wrong",
    [
        "service.clinical.cramps.find_crams",
        "service.clinical.case.Case.first_b12_tests",
        "risk_factors.metformine",
        "thresholds.exposure.metformine",
        "valuesets/cramps",
        "rules/b12-scren",
        "text_patterns.cramps",
    ],
)
def test_what_does_not_exist_is_noticed(wrong: str) -> None:
    assert not exists(wrong)


@BY_ID
@pytest.mark.parametrize("profile", ["us", "uk"])
def test_a_card_says_what_the_table_says_it_says(
    fact: SeedFact, profile: ProfileName
) -> None:
    for said in fact.said:
        words = said.words[profile]
        assert any(words in text for text in words_of(said.card, knowledge(profile))), (
            said.card,
            words,
        )


@BY_ID
def test_the_rules_that_claim_a_fact_are_those_of_the_table(fact: SeedFact) -> None:
    claiming = {
        key for key, rule in knowledge("us").rules.items() if fact.id in rule.seed_facts
    }
    by_text = {said.card for said in fact.said} - {EVERY_CARD}
    by_logic = {
        name.removeprefix("rules/") for name in fact.logic if name.startswith("rules/")
    }
    assert by_text <= claiming
    assert claiming <= by_text | by_logic


def test_the_printed_table_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == page(), "print it: make manual"


@pytest.mark.parametrize("profile", ["us", "uk"])
def test_the_diet_card_links_to_the_daily_need(profile: ProfileName) -> None:
    vegan = adult(30).with_cramps().eating("vegan")
    card = cards_sent(evaluate(vegan.record, knowledge(profile), TODAY))[
        "b12-diet-advice"
    ]
    assert any("ods.od.nih.gov" in link.url for link in card.links)
