"""Section 8: the invariants, checked on the JSON that is about to leave."""

import copy

import pytest
from hypothesis import given

from cds_hooks import (
    Coding,
    Link,
    LinkType,
    SelectionBehavior,
    Source,
    drop_optional_violations,
    parse_feedback,
    violations,
)
from cds_hooks.errors import OutputNotConformant, RequestNotConformant
from tests.protocol.examples import (
    ABSENT,
    AUTHORIZATION,
    PATIENT_VIEW,
    call,
    card,
    changed,
    create,
    parsed,
    sent,
    suggestion,
)
from tests.protocol.test_01_json import JSON_VALUES


def full_response() -> dict[str, object]:
    """A response that has every part once, two suggestions and two links."""
    topic = Coding(system="https://example.org/topics", code="reminder")
    reason = Coding(system="https://example.org/reasons", code="no", display="Declined")
    source = Source(
        label="Guideline",
        url="https://example.org/guideline",
        icon="https://example.org/icon.png",
        topic=topic,
    )
    advice = card(
        detail="**Why**",
        source=source,
        suggestions=(suggestion(is_recommended=True), suggestion()),
        selection_behavior=SelectionBehavior.AT_MOST_ONE,
        override_reasons=(reason,),
        links=(
            Link(label="More", url="https://example.org/more"),
            Link(
                label="App",
                url="https://app.example.org/launch",
                type=LinkType.SMART,
                app_context="{}",
                autolaunchable=True,
            ),
        ),
        extension={"org.example.note": {"a": 1}},
    )
    return sent(advice, system_actions=(create(),), extension={"org.example.x": 1})


CARD = ("cards", 0)
CHOICE = (*CARD, "suggestions", 0)
OTHER_CHOICE = (*CARD, "suggestions", 1)
ACTION = (*CHOICE, "actions", 0)
LINK = (*CARD, "links", 0)
SMART_LINK = (*CARD, "links", 1)
REASON = (*CARD, "overrideReasons", 0)
SYSTEM_ACTION = ("systemActions", 0)


def spoilt(path: tuple[str | int, ...], value: object) -> dict[str, object]:
    """The full response with one member replaced, added, or taken out if ABSENT."""
    response = copy.deepcopy(full_response())
    place: object = response
    for step in path[:-1]:
        place = place[step]
    if value is ABSENT:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return response


def rules(response: object) -> list[str]:
    return [violation.rule for violation in violations(response)]


def test_K_10_a_response_with_every_part_has_no_violation() -> None:
    assert violations(full_response()) == []
    assert drop_optional_violations(full_response())[1] == []


def assert_dropped(path: tuple[str | int, ...], value: object, rule: str) -> None:
    """That the fault is found, and mended by leaving out an optional part."""
    response = spoilt(path, value)
    before = copy.deepcopy(response)
    assert rule in rules(response)
    kept, found = drop_optional_violations(response)
    assert rule in [violation.rule for violation in found]
    assert violations(kept) == []
    assert [each["summary"] for each in kept["cards"]] == ["A sentence of advice"]
    assert response == before


def assert_fatal(path: tuple[str | int, ...], value: object, rule: str) -> None:
    """That the fault is found and cannot be mended."""
    assert rule in rules(spoilt(path, value))
    with pytest.raises(OutputNotConformant):
        drop_optional_violations(spoilt(path, value))


def test_cds_r_1_authorization_needs_a_server() -> None:
    with pytest.raises(RequestNotConformant) as refused:
        parsed(changed(PATIENT_VIEW, fhirServer=ABSENT))
    assert refused.value.status == 422


def test_cds_r_2_a_patient_scope_without_patient_is_only_remarked_upon() -> None:
    authorization = changed(AUTHORIZATION, scope="patient/Observation.read")
    request = parsed(changed(PATIENT_VIEW, fhirAuthorization=authorization))
    assert len(request.remarks) == 1


def test_cds_resp_1_two_recommendations_of_at_most_one() -> None:
    assert_dropped((*OTHER_CHOICE, "isRecommended"), True, "cds-resp-1")


@pytest.mark.parametrize(
    "members",
    [
        {"type": "delete"},
        {"type": "delete", "resourceId": "Task/1", "resource": "Task/1"},
        {"type": "delete", "resourceId": "1"},
        {"type": "delete", "resource": {"resourceType": "Task", "id": "1"}},
    ],
)
def test_cds_resp_2_a_delete_has_its_resource_id_alone(
    members: dict[str, object],
) -> None:
    action = {"description": "Remove", **members}
    assert_dropped(ACTION, action, "cds-resp-2")
    assert_dropped(SYSTEM_ACTION, action, "cds-resp-2")


def test_cds_resp_3_app_context_on_an_absolute_link() -> None:
    assert_dropped((*LINK, "appContext"), "x", "cds-resp-3")


@pytest.mark.parametrize("member", ["code", "system", "display"])
@pytest.mark.parametrize("value", [ABSENT, None, "", " ", 1])
def test_cds_resp_4_override_reasons_are_complete(member: str, value: object) -> None:
    assert_dropped((*REASON, member), value, "cds-resp-4")


@pytest.mark.parametrize("value", [ABSENT, "", " ", 7])
def test_cds_resp_5_every_action_is_described(value: object) -> None:
    assert_dropped((*ACTION, "description"), value, "cds-resp-5")
    assert_dropped((*SYSTEM_ACTION, "description"), value, "C-04")


def test_cds_resp_6_suggestions_need_a_selection_behavior() -> None:
    assert_dropped((*CARD, "selectionBehavior"), ABSENT, "cds-resp-6")


@pytest.mark.parametrize("value", ["none", "", 1, None])
def test_cds_resp_7_the_choice_between_actions_is_one_of_three(value: object) -> None:
    assert_dropped((*CHOICE, "actionSelectionBehavior"), value, "cds-resp-7")


def entry(**members: object) -> dict[str, object]:
    given = {
        "card": "9fd1a5ac-f3f5-4d4c-b1b1-2d6e1ef3a1ce",
        "outcome": "overridden",
        "outcomeTimestamp": "2024-05-17T09:30:00Z",
    }
    return {"feedback": [changed(given, **members)]}


@pytest.mark.parametrize("outcome", [ABSENT, None, "ignored", "Accepted", 1, []])
def test_cds_fb_1_the_outcome_is_accepted_or_overridden(outcome: object) -> None:
    with pytest.raises(RequestNotConformant) as refused:
        parse_feedback(entry(outcome=outcome))
    assert refused.value.expression == ("feedback[0].outcome",)


@pytest.mark.parametrize("accepted", [ABSENT, None, [], "x", {}])
def test_cds_fb_2_an_acceptance_names_the_suggestions(accepted: object) -> None:
    with pytest.raises(RequestNotConformant) as refused:
        parse_feedback(entry(outcome="accepted", acceptedSuggestions=accepted))
    assert refused.value.expression == ("feedback[0].acceptedSuggestions",)


@pytest.mark.parametrize("reason", [{}, {"userComment": " "}, {"reason": None}])
def test_cds_fb_3_an_override_reason_says_something(reason: object) -> None:
    with pytest.raises(RequestNotConformant) as refused:
        parse_feedback(entry(overrideReason=reason))
    assert refused.value.expression == ("feedback[0].overrideReason",)


@pytest.mark.parametrize("value", ["Practitioner", "x/1", "Practitioner/a b"])
def test_ord_1_user_performer_and_selections_have_two_parts(value: str) -> None:
    spoilt_calls = [
        call(userId=value),
        call(
            "order-select", selections=[value], draftOrders={"resourceType": "Bundle"}
        ),
        call("order-dispatch", dispatchedOrders=["Task/1"], performer=value),
    ]
    for payload in spoilt_calls:
        with pytest.raises(RequestNotConformant):
            parsed(payload)


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        (("cards",), ABSENT, "E-01"),
        (("cards",), {}, "E-01"),
        (CARD, "text", "E-01"),
        ((*CARD, "summary"), ABSENT, "K-01"),
        ((*CARD, "summary"), "x" * 140, "K-01"),
        ((*CARD, "summary"), "😀" * 70, "K-01"),
        ((*CARD, "summary"), "a\nb", "M-04"),
        ((*CARD, "indicator"), ABSENT, "K-02"),
        ((*CARD, "indicator"), "hard-stop", "K-02"),
        ((*CARD, "indicator"), "Info", "K-02"),
        ((*CARD, "source"), ABSENT, "K-03"),
        ((*CARD, "source"), [], "K-03"),
        ((*CARD, "source", "label"), ABSENT, "S-01"),
        ((*CARD, "source", "label"), " ", "S-01"),
        ((*CARD, "source", "label"), "a\nb", "M-04"),
    ],
)
def test_K_10_a_fault_of_a_required_part_stops_the_answer(
    path: tuple[str | int, ...], value: object, rule: str
) -> None:
    assert_fatal(path, value, rule)


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        (("systemActions",), {"a": 1}, "E-04"),
        (("systemActions",), [], "J-03"),
        ((*SYSTEM_ACTION, "type"), "patch", "X-01"),
        (SYSTEM_ACTION, "text", "X-01"),
        (("extension",), [1], "R-12"),
        ((*CARD, "detail"), " ", "K-04"),
        ((*CARD, "detail"), None, "J-03"),
        ((*CARD, "uuid"), "urn:uuid:1", "K-05"),
        ((*CARD, "links"), [], "J-03"),
        ((*CARD, "unheardOf"), {"a": [{}]}, "J-03"),
        ((*CARD, "extension"), "text", "R-12"),
        ((*CARD, "extension", "org.example.empty"), None, "J-03"),
        ((*CARD, "selectionBehavior"), "one", "K-07"),
        ((*CARD, "suggestions"), [], "J-03"),
        ((*CARD, "source", "url"), "guideline.html", "S-02"),
        ((*CARD, "source", "icon"), "https://[", "S-03"),
        ((*CARD, "source", "topic"), {"code": "x"}, "S-04"),
        ((*CARD, "source", "topic", "display"), "", "J-03"),
        (CHOICE, "text", "G-01"),
        ((*CHOICE, "label"), ABSENT, "G-01"),
        ((*CHOICE, "label"), "a\nb", "M-04"),
        ((*CHOICE, "uuid"), "1", "G-02"),
        ((*CHOICE, "isRecommended"), "yes", "G-03"),
        ((*CHOICE, "actions"), [], "J-03"),
        (ACTION, "text", "X-01"),
        ((*ACTION, "type"), "patch", "X-01"),
        ((*ACTION, "resource"), ABSENT, "X-03"),
        ((*ACTION, "resource", "resourceType"), ABSENT, "X-03"),
        ((*ACTION, "resource", "note"), [], "J-03"),
        ((*ACTION, "type"), "update", "X-04"),
        (LINK, "text", "L-01"),
        ((*LINK, "label"), ABSENT, "L-01"),
        ((*LINK, "type"), "launch", "L-02"),
        ((*LINK, "url"), "javascript:alert(1)", "L-03"),
        ((*LINK, "url"), ABSENT, "L-03"),
        ((*SMART_LINK, "appContext"), {"a": 1}, "L-04"),
        ((*SMART_LINK, "autolaunchable"), "yes", "L-06"),
    ],
)
def test_K_10_a_fault_of_an_optional_part_costs_that_part_only(
    path: tuple[str | int, ...], value: object, rule: str
) -> None:
    assert_dropped(path, value, rule)


def test_M_06_a_uuid_given_twice_is_dropped_the_second_time() -> None:
    response = full_response()
    response["cards"][0]["suggestions"][0]["uuid"] = response["cards"][0]["uuid"]
    kept, found = drop_optional_violations(response)
    assert [violation.rule for violation in found] == ["M-06"]
    assert "uuid" in kept["cards"][0]
    assert "uuid" not in kept["cards"][0]["suggestions"][0]


def test_K_10_a_faulty_action_takes_its_whole_suggestion_along() -> None:
    kept, _ = drop_optional_violations(spoilt((*ACTION, "type"), "patch"))
    assert len(kept["cards"][0]["suggestions"]) == 1


def test_K_10_without_suggestions_nothing_is_said_on_their_selection() -> None:
    response = spoilt((*CARD, "selectionBehavior"), ABSENT)
    kept, _ = drop_optional_violations(response)
    assert {"suggestions", "selectionBehavior"} & set(kept["cards"][0]) == set()


def test_K_07_a_selection_behavior_without_suggestions_is_dropped() -> None:
    assert_dropped((*CARD, "suggestions"), ABSENT, "K-07")


def test_X_04_an_update_is_checked_for_its_id_but_left_as_it_was_received() -> None:
    resource = {"resourceType": "Task", "id": "1", "note": [], "_a": [None, "x"]}
    action = {"type": "update", "description": "Same", "resource": resource}
    assert violations(spoilt(ACTION, action)) == []


def test_J_03_null_keeps_its_place_in_a_fhir_array() -> None:
    names = {"given": [None, "Ann"], "_given": [{"id": "x"}, None]}
    assert violations(spoilt((*ACTION, "resource", "name"), [names])) == []


def test_K_10_a_violation_says_where_and_what_but_not_the_value() -> None:
    [violation] = violations(spoilt((*LINK, "url"), "javascript:Zebulon"))
    assert str(violation).startswith("L-03 at cards[0].links[0]: ")
    assert "Zebulon" not in str(violation)


@given(JSON_VALUES)
def test_K_10_any_json_whatever_is_judged_without_an_exception(value: object) -> None:
    violations(value)
    for path in (CARD, CHOICE, ACTION, LINK, REASON, SYSTEM_ACTION):
        response = spoilt(path, value)
        try:
            kept, _ = drop_optional_violations(response)
        except OutputNotConformant:
            continue
        assert violations(kept) == []
