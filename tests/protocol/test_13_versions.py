"""Section 13: old and new clients at once."""

import inspect
import uuid

import pytest

from cds_hooks import (
    Action,
    ActionType,
    Card,
    Coding,
    Dialect,
    HookResponse,
    Link,
    LinkType,
    SelectionBehavior,
    Source,
    operation_outcome,
    parse_request,
    serialise,
    violations,
)
from cds_hooks.errors import OutputNotConformant, RequestNotConformant
from tests.protocol.examples import card, create, suggestion


DELETE = Action(type=ActionType.DELETE, description="Remove", resource_id="Task/1")


def rich_card(**members: object) -> Card:
    """A card that uses every member some old client does not know."""
    given: dict[str, object] = {
        "source": Source(
            label="Guideline",
            topic=Coding(system="https://example.org/topics", code="yearly-reminder-2"),
        ),
        "suggestions": (
            suggestion(is_recommended=True),
            suggestion(label="Remove it", actions=(DELETE,), is_recommended=True),
        ),
        "selection_behavior": SelectionBehavior.ANY,
        "override_reasons": (
            Coding(system="https://example.org/r", code="no", display="Declined"),
        ),
        "links": (
            Link(
                label="App",
                url="https://app.example.org",
                type=LinkType.SMART,
                autolaunchable=True,
            ),
        ),
        "extension": {"org.example.note": 1},
    }
    return card(**{**given, **members})


def shown(dialect: Dialect, *cards: Card) -> list[dict[str, object]]:
    sent = serialise(HookResponse(cards=cards), dialect)["cards"]
    assert isinstance(sent, list)
    return sent


@pytest.mark.parametrize("dialect", list(Dialect))
def test_V_01_every_dialect_sends_a_valid_response(dialect: Dialect) -> None:
    assert [
        str(each) for each in violations({"cards": shown(dialect, rich_card())})
    ] == []
    assert serialise(HookResponse(), dialect) == {"cards": []}


def test_V_01_the_default_is_2_0_with_all_its_members() -> None:
    response = HookResponse(cards=(rich_card(),))
    assert serialise(response) == serialise(response, Dialect("2.0"))
    [only] = shown(Dialect.V2_0, rich_card())
    assert sorted(only) == [
        "extension",
        "indicator",
        "links",
        "overrideReasons",
        "selectionBehavior",
        "source",
        "suggestions",
        "summary",
        "uuid",
    ]


@pytest.mark.parametrize("dialect", list(Dialect))
def test_V_02_what_only_3_0_knows_is_sent_to_nobody_unasked(dialect: Dialect) -> None:
    assert "actionSelectionBehavior" not in str(shown(dialect, rich_card()))


@pytest.mark.parametrize("dialect", [Dialect.V1_0, Dialect.V1_0_CLOSED])
def test_V_03_a_1_0_client_gets_at_most_one_and_the_old_delete(
    dialect: Dialect,
) -> None:
    [only] = shown(dialect, rich_card())
    assert only["selectionBehavior"] == "at-most-one"
    delete = only["suggestions"][1]["actions"][0]
    assert delete == {"type": "delete", "description": "Remove", "resource": "Task/1"}


def test_V_03_of_several_recommendations_a_1_0_client_gets_the_first() -> None:
    [only] = shown(Dialect.V1_0, rich_card())
    recommended = [each.get("isRecommended") for each in only["suggestions"]]
    assert recommended == [True, None]


def test_V_03_a_closed_schema_gets_no_member_it_does_not_know() -> None:
    response = HookResponse(
        cards=(rich_card(),), system_actions=(create(),), extension={"org.example.x": 1}
    )
    sent = serialise(response, Dialect.V1_0_CLOSED)
    assert list(sent) == ["cards"]
    [only] = sent["cards"]
    assert sorted(only) == [
        "indicator",
        "links",
        "selectionBehavior",
        "source",
        "suggestions",
        "summary",
    ]
    assert only["source"] == {"label": "Guideline"}
    assert sorted(only["suggestions"][0]) == ["actions", "label", "uuid"]
    assert sorted(only["links"][0]) == ["label", "type", "url"]


def two_orders(**members: object) -> Card:
    choice = suggestion(actions=(create("First"), create("Second")), **members)
    return rich_card(suggestions=(choice,))


def test_V_04_epic_gets_any_and_one_action_per_suggestion() -> None:
    [only] = shown(Dialect.EPIC, two_orders(is_recommended=True))
    assert only["selectionBehavior"] == "any"
    assert [
        (each["label"], [action["description"] for action in each["actions"]])
        for each in only["suggestions"]
    ] == [("Order the test", ["First"]), ("Second", ["Second"])]


def test_V_04_the_parts_of_a_suggestion_have_stable_uuids_of_their_own() -> None:
    whole = two_orders()
    first, second = (shown(Dialect.EPIC, whole)[0]["suggestions"] for _ in range(2))
    assert first == second
    uuids = [each["uuid"] for each in first]
    assert uuids[0] == whole.suggestions[0].uuid
    assert len({uuid.UUID(each) for each in uuids}) == 2


def test_V_04_a_replacement_is_not_torn_apart_for_epic() -> None:
    replacement = suggestion(actions=(DELETE, create("Instead")))
    with pytest.raises(OutputNotConformant, match="V-04"):
        shown(Dialect.EPIC, rich_card(suggestions=(replacement,)))


@pytest.mark.parametrize(
    "without", [rich_card(uuid=None), rich_card(suggestions=(suggestion(uuid=None),))]
)
def test_V_04_epic_gets_no_card_without_uuids(without: Card) -> None:
    with pytest.raises(OutputNotConformant, match="V-04"):
        shown(Dialect.EPIC, without)


def test_S_05_epic_gets_topic_codes_of_letters_and_digits() -> None:
    [only] = shown(Dialect.EPIC, rich_card())
    assert only["source"]["topic"]["code"] == "yearlyreminder2"


@pytest.mark.parametrize("code", ["--", "x" * 101])
def test_S_05_a_topic_code_without_such_a_form_is_refused(code: str) -> None:
    topic = Coding(system="https://example.org/topics", code=code)
    with pytest.raises(OutputNotConformant, match="S-05"):
        shown(Dialect.EPIC, rich_card(source=Source(label="x", topic=topic)))


def test_V_07_every_client_gets_the_same_operation_outcome() -> None:
    outcome = operation_outcome(RequestNotConformant("hook is required."))
    assert outcome["resourceType"] == "OperationOutcome"


def test_V_06_what_is_read_does_not_depend_on_the_client_s_dialect() -> None:
    parameters = inspect.signature(parse_request).parameters
    assert sorted(parameters) == ["definitions", "hooks", "payload"]
