"""What cards say: short, plain, in the country's spelling; no seed fact forgotten."""

import re
from collections.abc import Iterator

import pytest

from service.clinical.knowledge import Knowledge
from service.knowledge_files import load_notes


# Of the facts F-01 to F-82, the one that is no words on any card: menstrual cramps are
# kept out by the list cramp-excluded.
LOGIC_ALONE = {"F-14"}

BRITISH = re.compile(
    r"anaemi|haemo|haema|diarrhoea|oestrogen|coeliac|neurone|soya|ionised|litre", re.I
)
AMERICAN = re.compile(
    r"\banemi|hemoly|hemoglobin|diarrhea|\bestrogen|\bceliac|motor neuron |\bsoy |"
    r"ionized",
    re.I,
)


def words_shown(knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    """Everything a card can show, with where it stands."""
    for key, rule in knowledge.rules.items():
        yield f"{key} title", rule.title
        yield f"{key} rationale", rule.rationale
        yield f"{key} recommendation", rule.recommendation
        for name, summary in rule.summaries.items():
            yield f"{key} summary {name}", summary
        for line in (*rule.actions, *rule.more):
            yield f"{key} line", line.text
    for group in (knowledge.risk_factors, knowledge.companions, knowledge.causes):
        for key, entry in group.items():
            yield f"{key} phrase", entry.phrase
    for key, factor in knowledge.risk_factors.items():
        yield f"{key} why", factor.why
    for key, order in knowledge.orders.items():
        yield f"{key} label", order.label
        yield f"{key} text", order.text
    for text in knowledge.card_texts.limits:
        yield "limits", text


def test_each_country_reads_its_own_spelling(knowledge: Knowledge) -> None:
    foreign = BRITISH if knowledge.profile.name == "us" else AMERICAN
    assert [
        (place, text) for place, text in words_shown(knowledge) if foreign.search(text)
    ] == []


def test_no_text_shouts(knowledge: Knowledge) -> None:
    shouting = re.compile(r"!|\b[A-Z]{6,}\b")
    assert [text for _, text in words_shown(knowledge) if shouting.search(text)] == []


def test_no_text_holds_html_or_a_table(knowledge: Knowledge) -> None:
    # "<" stands before numbers; what may not stand there is a tag.
    markup = re.compile(r"</?[a-z]|\|")
    assert [text for _, text in words_shown(knowledge) if markup.search(text)] == []


def test_a_line_is_short_enough_to_be_read(knowledge: Knowledge) -> None:
    actions = [line.text for rule in knowledge.rules.values() for line in rule.actions]
    assert [text for text in actions if len(text) > 200] == []


@pytest.mark.parametrize(
    "promise",
    ["decision support only", "many causes", "normal blood count does not exclude"],
)
def test_every_card_states_its_limits(promise: str, knowledge: Knowledge) -> None:
    assert promise in " ".join(knowledge.card_texts.limits).lower()


def test_every_seed_fact_is_in_a_text_or_in_logic_alone(knowledge: Knowledge) -> None:
    covered = {fact for rule in knowledge.rules.values() for fact in rule.seed_facts}
    assert {f"F-{number:02}" for number in range(1, 83)} - covered == LOGIC_ALONE


def test_the_rules_come_in_the_order_of_the_specification(
    knowledge: Knowledge,
) -> None:
    assert list(knowledge.rules) == [
        "b12-urgent",
        "b12-post-injection-potassium",
        "electrolyte-abnormal",
        "b12-treatment-gap",
        "b12-nitrous-oxide",
        "b12-indeterminate",
        "b12-screen",
        "folate-caution",
        "b12-recheck",
        "b12-on-treatment-review",
        "cramp-differential",
        "b12-diet-advice",
    ]


def test_two_rules_speak_in_palliative_care(knowledge: Knowledge) -> None:
    assert {
        key for key, rule in knowledge.rules.items() if rule.in_palliative_care
    } == {"b12-post-injection-potassium", "electrolyte-abnormal"}


def test_six_rules_bear_on_an_order_in_hand(knowledge: Knowledge) -> None:
    assert {key for key, rule in knowledge.rules.items() if rule.on_order_hooks} == {
        "b12-screen",
        "b12-indeterminate",
        "folate-caution",
        "b12-urgent",
        "electrolyte-abnormal",
        "b12-post-injection-potassium",
    }


def test_each_cause_has_its_line_on_the_differential_card(
    knowledge: Knowledge,
) -> None:
    rule = knowledge.rules["cramp-differential"]
    switched = {line.when for line in (*rule.actions, *rule.more)}
    assert set(knowledge.causes) <= switched


def test_a_vegan_card_names_no_animal_food(knowledge: Knowledge) -> None:
    text = knowledge.diets["vegan"].text.lower()
    assert not re.search(r"\bmeat|fish|egg|cheese|yogurt|liver|\bdairy", text)


def test_liver_is_not_advised_in_pregnancy(knowledge: Knowledge) -> None:
    assert "no liver" in knowledge.diets["pregnancy"].text


def test_every_treatment_and_interference_is_on_some_card(
    knowledge: Knowledge,
) -> None:
    shown = {
        line.text
        for rule in knowledge.rules.values()
        for line in (*rule.actions, *rule.more)
    }
    for group in (knowledge.treatments, knowledge.interferences, knowledge.diets):
        assert {name for name, line in group.items() if line.text not in shown} == set()


def test_each_cause_is_a_note_that_the_differential_card_may_set(
    knowledge: Knowledge,
) -> None:
    assert set(knowledge.causes) <= load_notes().keys()
