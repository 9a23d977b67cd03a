"""Section 7: cards, suggestions, actions, links, codings, Markdown, uuids."""

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cds_hooks import (
    Action,
    ActionType,
    Coding,
    HookResponse,
    Indicator,
    Link,
    LinkType,
    SelectionBehavior,
    Source,
    encode_json,
    escape_markdown,
    new_uuid,
    serialise,
)
from cds_hooks.cards import utf16_length
from cds_hooks.errors import OutputNotConformant
from cds_hooks.exact_numbers import decode_exactly, received_resource
from tests.protocol.examples import bundle, card, create, sent, sent_card, suggestion


ANY = SelectionBehavior.ANY
AT_MOST_ONE = SelectionBehavior.AT_MOST_ONE
REASON = Coding(
    system="https://example.org/reasons", code="declined", display="Declined"
)


def refuses(rule: str) -> pytest.RaisesExc[OutputNotConformant]:
    """The refusal that names `rule`."""
    return pytest.raises(OutputNotConformant, match=rule)


def test_E_01_cards_are_an_array_also_beside_system_actions_alone() -> None:
    response = HookResponse(system_actions=(create(),))
    assert serialise(response)["cards"] == []


def test_E_02_nothing_to_say_is_an_empty_array() -> None:
    assert encode_json(sent()) == b'{"cards":[]}'


def test_E_04_system_actions_are_sent_only_where_there_are_any() -> None:
    assert "systemActions" not in sent(card())
    assert len(sent(card(), system_actions=(create(),))["systemActions"]) == 1


def test_E_05_an_extension_may_sit_on_every_part() -> None:
    note = {"org.example.note": 1}
    action = Action(
        type=ActionType.CREATE,
        description="Order",
        resource={"resourceType": "Task"},
        extension=note,
    )
    part = card(
        source=Source(label="Guideline", extension=note),
        suggestions=(suggestion(actions=(action,), extension=note),),
        selection_behavior=ANY,
        links=(Link(label="More", url="https://example.org", extension=note),),
        extension=note,
    )
    text = json.dumps(sent(part, extension=note, system_actions=(action,)))
    assert text.count("org.example.note") == 7


@pytest.mark.parametrize("length", [1, 138, 139])
def test_K_01_a_summary_below_140_characters_is_sent(length: int) -> None:
    assert sent_card(summary="x" * length)["summary"] == "x" * length


@pytest.mark.parametrize("length", [140, 141, 1000])
def test_K_01_a_summary_of_140_characters_is_refused(length: int) -> None:
    with refuses("K-01"):
        card(summary="x" * length)


def test_K_01_the_summary_is_counted_in_utf_16_units() -> None:
    assert utf16_length("😀") == 2
    card(summary="😀" * 69)
    with refuses("K-01"):
        card(summary="😀" * 70)


def test_K_02_the_indicator_is_one_of_three_words() -> None:
    words = [sent_card(indicator=each)["indicator"] for each in Indicator]
    assert words == ["info", "warning", "critical"]
    with pytest.raises(ValueError, match="hard-stop"):
        Indicator("hard-stop")


def test_K_03_the_source_is_sent_with_every_card() -> None:
    assert sent_card()["source"] == {"label": "Example guideline"}


@pytest.mark.parametrize("detail", ["", " \n"])
def test_K_04_a_blank_detail_is_refused(detail: str) -> None:
    with refuses("K-04"):
        card(detail=detail)


def test_K_04_detail_keeps_its_markdown_and_line_breaks() -> None:
    detail = "**Why**\n\n- one\n- two"
    assert sent_card(detail=detail)["detail"] == detail


def test_K_05_every_card_gets_a_uuid_unless_told_otherwise() -> None:
    assert uuid.UUID(str(sent_card()["uuid"])).version == 4
    assert "uuid" not in sent_card(uuid=None)


def test_K_06_suggestions_without_selection_behavior_are_refused() -> None:
    with refuses("K-06"):
        card(suggestions=(suggestion(),))


@pytest.mark.parametrize("behavior", list(SelectionBehavior))
def test_K_07_selection_behavior_is_sent_with_suggestions_only(
    behavior: SelectionBehavior,
) -> None:
    shown = sent_card(suggestions=(suggestion(),), selection_behavior=behavior)
    assert shown["selectionBehavior"] == behavior.value
    with refuses("K-07"):
        card(selection_behavior=behavior)


def test_K_08_an_override_reason_without_display_is_refused() -> None:
    with refuses("K-08"):
        card(override_reasons=(Coding(system="https://example.org", code="x"),))
    assert sent_card(override_reasons=(REASON,))["overrideReasons"] == [
        {
            "code": "declined",
            "system": "https://example.org/reasons",
            "display": "Declined",
        }
    ]


def test_K_09_links_are_sent_only_where_there_are_any() -> None:
    assert "links" not in sent_card()
    link = Link(label="More", url="https://example.org/a")
    assert sent_card(links=(link,))["links"] == [
        {"label": "More", "url": "https://example.org/a", "type": "absolute"}
    ]


def test_K_11_two_equal_evaluations_have_different_uuids() -> None:
    def uuids() -> set[object]:
        shown = sent_card(suggestions=(suggestion(),), selection_behavior=ANY)
        return {shown["uuid"], shown["suggestions"][0]["uuid"]}

    assert len(uuids() | uuids()) == 4


@pytest.mark.parametrize("label", ["", " ", "two\nlines"])
def test_S_01_a_blank_or_broken_source_label_is_refused(label: str) -> None:
    with pytest.raises(OutputNotConformant):
        Source(label=label)


@pytest.mark.parametrize(
    "url", ["", "/icon.png", "javascript:x", "https://", "a b", "https://["]
)
def test_S_02_a_source_url_that_is_not_absolute_is_refused(url: str) -> None:
    with refuses("S-02"):
        Source(label="x", url=url)


@pytest.mark.parametrize("url", ["icon.png", "data:image/png;base64,AA"])
def test_S_03_an_icon_that_is_no_absolute_url_is_refused(url: str) -> None:
    with refuses("S-03"):
        Source(label="x", icon=url)


def test_S_04_the_topic_is_sent_with_code_and_system() -> None:
    topic = Coding(system="https://example.org/topics", code="reminder")
    source = sent_card(source=Source(label="x", topic=topic))["source"]
    assert source == {
        "label": "x",
        "topic": {"code": "reminder", "system": "https://example.org/topics"},
    }


@pytest.mark.parametrize("label", ["", "\t", "two\nlines"])
def test_G_01_a_blank_or_broken_suggestion_label_is_refused(label: str) -> None:
    with pytest.raises(OutputNotConformant):
        suggestion(label=label)


def test_G_02_every_suggestion_gets_a_uuid() -> None:
    shown = sent_card(suggestions=(suggestion(),), selection_behavior=ANY)
    assert uuid.UUID(shown["suggestions"][0]["uuid"])


@pytest.mark.parametrize(("recommended", "fits"), [(0, True), (1, True), (2, False)])
def test_G_03_at_most_one_suggestion_is_recommended_of_at_most_one(
    recommended: int, fits: bool
) -> None:
    choices = tuple(suggestion(is_recommended=n < recommended) for n in range(3))
    card(suggestions=choices, selection_behavior=ANY)
    if fits:
        card(suggestions=choices, selection_behavior=AT_MOST_ONE)
    else:
        with refuses("G-03"):
            card(suggestions=choices, selection_behavior=AT_MOST_ONE)


def test_G_04_all_actions_of_a_suggestion_are_sent_in_order() -> None:
    choice = suggestion(actions=(create("First"), create("Second")))
    shown = sent_card(suggestions=(choice,), selection_behavior=ANY)
    actions = shown["suggestions"][0]["actions"]
    assert [action["description"] for action in actions] == ["First", "Second"]


def test_G_05_the_trial_use_choice_between_actions_is_never_sent() -> None:
    shown = sent_card(suggestions=(suggestion(),), selection_behavior=ANY)
    assert "actionSelectionBehavior" not in shown["suggestions"][0]


def test_G_07_a_suggestion_without_actions_is_refused() -> None:
    with refuses("G-07"):
        suggestion(actions=())


def test_X_01_the_action_type_is_one_of_three_words() -> None:
    assert [each.value for each in ActionType] == ["create", "update", "delete"]


@pytest.mark.parametrize("description", ["", " ", "two\nlines"])
def test_X_02_a_blank_or_broken_description_is_refused(description: str) -> None:
    with pytest.raises(OutputNotConformant):
        create(description)


@pytest.mark.parametrize("resource", [None, {}, {"id": "1"}, {"resourceType": " "}])
@pytest.mark.parametrize("kind", [ActionType.CREATE, ActionType.UPDATE])
def test_X_03_create_and_update_need_a_whole_resource(
    kind: ActionType, resource: dict[str, object] | None
) -> None:
    with refuses("X-03"):
        Action(type=kind, description="x", resource=resource)


def test_X_04_an_update_needs_the_resource_with_its_id() -> None:
    with refuses("X-04"):
        Action(
            type=ActionType.UPDATE, description="x", resource={"resourceType": "Task"}
        )


RECEIVED = b"""{
  "hook": "order-sign",
  "context": {"patientId": "1", "draftOrders": {"resourceType": "Bundle", "entry": [
    {"resource": {
      "resourceType": "MedicationRequest", "id": "draft-1",
      "extension": [{"url": "https://example.org/unknown", "valueDecimal": 0.10}],
      "_status": {"extension": [{"url": "urn:example:x", "valueCode": "\xc3\xa4"}]},
      "status": "draft",
      "authoredOn": "2024-05-17T09:30:00.120+02:00",
      "dosageInstruction": [{"doseAndRate": [{"doseQuantity": {"value": 1.50}}]}],
      "dispenseRequest": {"quantity": {"value": 1.0e2}, "numberOfRepeatsAllowed": 3},
      "name": [null, "x"]
    }}
  ]}}
}"""


def drafted() -> dict[str, object]:
    found = received_resource(RECEIVED, "MedicationRequest", "draft-1")
    assert found is not None
    return dict(found)


def test_X_04_an_update_loses_nothing_that_was_received() -> None:
    changed = {**drafted(), "status": "on-hold"}
    action = Action(type=ActionType.UPDATE, description="Hold", resource=changed)
    body = encode_json(sent(system_actions=(action,)))
    [shown] = json.loads(body)["systemActions"]
    original = json.loads(RECEIVED)["context"]["draftOrders"]["entry"][0]["resource"]
    assert shown["resource"] == {**original, "status": "on-hold"}
    assert list(shown["resource"]) == list(original)


@pytest.mark.parametrize("number", [b"1.50", b"0.10", b"1.0e2"])
def test_X_05_decimals_are_sent_back_digit_for_digit(number: bytes) -> None:
    action = Action(type=ActionType.UPDATE, description="Same", resource=drafted())
    choice = suggestion(actions=(action,))
    shown = sent(card(suggestions=(choice,), selection_behavior=ANY))
    assert b":" + number in encode_json(shown)


def test_X_05_timestamps_are_sent_back_as_they_came() -> None:
    assert drafted()["authoredOn"] == "2024-05-17T09:30:00.120+02:00"


@given(
    st.from_regex(
        r"-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,15})?([eE][+-]?[0-9])?", fullmatch=True
    )
)
def test_X_05_every_number_survives_a_round_trip(text: str) -> None:
    body = f'{{"value":{text}}}'.encode()
    again = encode_json(decode_exactly(body))
    assert again == body or text in ("-0",)


def test_X_05_an_exact_number_is_a_number_like_any_other() -> None:
    assert decode_exactly(b"[1.50, 2]") == [1.5, 2]


@pytest.mark.parametrize(
    ("wanted", "name"), [("MedicationRequest", "other"), ("Task", "draft-1")]
)
def test_X_07_a_resource_that_was_not_received_cannot_be_sent_back(
    wanted: str, name: str
) -> None:
    assert received_resource(RECEIVED, wanted, name) is None


def test_X_07_a_body_that_is_no_request_holds_no_resource() -> None:
    assert received_resource(b"[1.50]", "Task", "1") is None


def test_X_07_a_resource_is_found_in_prefetch_too() -> None:
    task = {"resourceType": "Task", "id": "1"}
    body = json.dumps({"prefetch": {"tasks": bundle(task)}}).encode()
    assert received_resource(body, "Task", "1") == task


def test_X_06_a_delete_names_its_resource_and_carries_none() -> None:
    action = Action(type=ActionType.DELETE, description="Remove", resource_id="Task/1")
    assert sent(system_actions=(action,))["systemActions"] == [
        {"type": "delete", "description": "Remove", "resourceId": "Task/1"}
    ]


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"resource_id": "1"},
        {"resource_id": "Task/"},
        {"resource_id": "Task/1", "resource": {"resourceType": "Task", "id": "1"}},
    ],
)
def test_X_06_a_delete_of_another_form_is_refused(members: dict[str, object]) -> None:
    with refuses("X-06"):
        Action(type=ActionType.DELETE, description="x", **members)


def test_X_06_a_resource_id_belongs_to_a_delete_only() -> None:
    with refuses("X-06"):
        Action(
            type=ActionType.CREATE,
            description="x",
            resource={"resourceType": "Task"},
            resource_id="Task/1",
        )


def test_X_09_a_system_action_has_the_same_form_with_its_description() -> None:
    [action] = sent(system_actions=(create("Annotate"),))["systemActions"]
    assert action["description"] == "Annotate"


@pytest.mark.parametrize("label", ["", " ", "two\r\nlines"])
def test_L_01_a_blank_or_broken_link_label_is_refused(label: str) -> None:
    with pytest.raises(OutputNotConformant):
        Link(label=label, url="https://example.org")


def test_L_02_a_link_is_absolute_or_smart() -> None:
    assert [each.value for each in LinkType] == ["absolute", "smart"]


@pytest.mark.parametrize(
    "url",
    ["", "example.org", "javascript:alert(1)", "ftp://x", "https:///x", "http://a b"],
)
@pytest.mark.parametrize("kind", list(LinkType))
def test_L_03_a_link_that_is_no_http_url_is_refused(url: str, kind: LinkType) -> None:
    with refuses("L-03"):
        Link(label="x", url=url, type=kind)


def test_L_04_app_context_goes_with_smart_links_only() -> None:
    url = "https://app.example.org/launch"
    with refuses("L-04"):
        Link(label="x", url=url, app_context="{}")
    link = Link(label="x", url=url, type=LinkType.SMART, app_context='{"a":1}')
    assert sent_card(links=(link,))["links"][0]["appContext"] == '{"a":1}'


def test_L_04_a_blank_app_context_is_refused() -> None:
    with refuses("L-04"):
        Link(label="x", url="https://e.org", type=LinkType.SMART, app_context=" ")


def test_L_06_autolaunchable_is_sent_only_where_wanted() -> None:
    plain = Link(label="x", url="https://e.org", type=LinkType.SMART)
    eager = Link(
        label="x", url="https://e.org", type=LinkType.SMART, autolaunchable=True
    )
    shown = sent_card(links=(plain, eager))["links"]
    assert [link.get("autolaunchable") for link in shown] == [None, True]


@pytest.mark.parametrize(("system", "code"), [("", "x"), ("https://e.org", " ")])
def test_M_01_a_coding_without_code_or_system_is_refused(
    system: str, code: str
) -> None:
    with refuses("M-01"):
        Coding(system=system, code=code)


def rendered(markdown: str) -> str:
    """HTML as a client makes it that lets raw HTML through and knows tables."""
    return str(
        MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    )


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "</p><iframe src=//evil.example>",
    "<!-- hidden",
    "&lt;b&gt; &#60;b&#62; &amp;",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "[x]: https://evil.example",
    "[x][y] [^1]",
    "<https://evil.example>",
    "<a@b.example>",
    "*bold* _it_ **b** __b__ ~~gone~~ `code` ``x``",
    "# heading",
    "- item",
    "+ item",
    "1. item",
    "1) item",
    "> quote",
    "===",
    "---",
    "***",
    "```\ncode\n```",
    "    code",
    "a | b\n--|--\n1 | 2",
    "first\nsecond\r\n\r\nthird",
    "a\\*b\\",
    "hard  \nbreak",
    "\u202eevil\u202c text\u2028next",
    "$x$ :smile: #12",
    "x\x00y\x1bz",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "frame", ["{}", "- {}", "Before {} after", "| {} | b |\n|--|--|"]
)
def test_M_03_hostile_text_shows_as_text_and_does_nothing(
    text: str, frame: str
) -> None:
    plain = rendered(frame.format("zzz"))
    html = rendered(frame.format(escape_markdown(text)))
    tags_only = "".join(part.split(">")[0] for part in html.split("<")[1:])
    assert tags_only == "".join(part.split(">")[0] for part in plain.split("<")[1:])


@given(
    st.text(max_size=60)
    | st.text(alphabet="<>[]()*_`#|\\&;!~-+=1.) \n:/w@$", max_size=30)
)
def test_M_03_no_text_whatever_makes_markup(text: str) -> None:
    html = rendered("x " + escape_markdown(text) + " y")
    assert html.startswith("<p>x ")
    assert html.count("<") == 2


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("see http://evil.example/x", "http://"),
        ("see HTTPS://evil.example", "https://"),
        ("see www.evil.example", "www.e"),
        ("see WWW.evil.example", "www.e"),
        ("write to mail@evil.example", "@e"),
        ("ftp://evil.example", "ftp://"),
        ("@someone", "@s"),
    ],
)
def test_M_03_a_bare_address_is_broken_so_that_nobody_links_it(
    text: str, linked: str
) -> None:
    escaped = escape_markdown(text)
    assert linked not in escaped.lower()
    assert linked not in rendered(escaped).lower()


EAGER = MarkdownIt("gfm-like", {"html": True})
"""Links whatever looks like the name of a host, in words too."""


@pytest.mark.parametrize(
    "text",
    [
        "evil.com",
        "see evil.co.uk/x, (evil.org)",
        "1.evil.com",
        "www.evil.com",
        "evil\\.com",
        "evil.\u0440\u0444",
        "evil.\u092d\u093e\u0930\u0924",
        "//evil.com",
        "see //localhost/x",
        "http://evil.com",
        "http:\\\\evil.com",
        "mail@evil.com",
        "mailto:mail@evil.com",
        "xmpp:mail@evil.com",
    ],
)
@pytest.mark.parametrize("frame", ["{}", "- {}", "Before {} after", "({})"])
def test_M_03_not_even_an_eager_client_makes_a_link(text: str, frame: str) -> None:
    assert "<a" in EAGER.render("see evil.com")
    assert "<a" not in EAGER.render(frame.format(escape_markdown(text)))


@given(st.text(alphabet="/:.@-\\ wcom19_h", max_size=24))
def test_M_03_no_text_whatever_is_linked(text: str) -> None:
    assert "<a" not in EAGER.render("x " + escape_markdown(text) + " y")
    assert "<a" not in EAGER.render("- " + escape_markdown(text))


@pytest.mark.parametrize(
    "text",
    [
        "Smith-Jones, 3.5 mg (oral)",
        "Größe 5 µg/l",
        "O'Neill 50%",
        "x: 1/2; y?",
        "b.i.d.",
    ],
)
def test_M_03_ordinary_clinical_text_is_left_as_it_is(text: str) -> None:
    assert escape_markdown(text) == text


def test_M_03_every_visible_character_is_still_shown() -> None:
    text = "*_`[]()#|~!\\$ 5 < 6 & 7 > 3 \"q\" 'q'"
    shown = rendered(escape_markdown(text)).removeprefix("<p>").removesuffix("</p>\n")
    for entity, character in (
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", '"'),
        ("&amp;", "&"),
    ):
        shown = shown.replace(entity, character)
    assert shown == text


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\u2028b", "a\x0bb", "a\x85b"])
def test_M_04_plain_texts_hold_no_line_break(text: str) -> None:
    for build in (
        lambda: card(summary=text),
        lambda: suggestion(label=text),
        lambda: create(text),
        lambda: Source(label=text),
        lambda: Link(label=text, url="https://example.org"),
    ):
        with refuses("M-04"):
            build()


@pytest.mark.parametrize(
    "value",
    [
        "urn:uuid:d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "{d1577c69-dfbe-44ad-ba6d-3e05e953b2ea}",
        "D1577C69-DFBE-44AD-BA6D-3E05E953B2EA",
        "d1577c69dfbe44adba6d3e05e953b2ea",
        "1",
        "",
    ],
)
def test_M_05_a_uuid_of_another_form_is_refused(value: str) -> None:
    with refuses("K-05"):
        card(uuid=value)
    with refuses("G-02"):
        suggestion(uuid=value)


def test_M_05_new_uuids_are_bare_and_in_lower_case() -> None:
    card(uuid=new_uuid())


def test_M_06_new_uuids_are_random_and_never_the_same() -> None:
    made = {new_uuid() for _ in range(1000)}
    assert len(made) == 1000
    assert {uuid.UUID(each).version for each in made} == {4}


def test_M_06_one_uuid_for_two_things_of_a_response_is_refused() -> None:
    same = new_uuid()
    with refuses("M-06"):
        HookResponse(cards=(card(uuid=same), card(uuid=same)))
    with refuses("M-06"):
        card_of_same = card(
            uuid=same, suggestions=(suggestion(uuid=same),), selection_behavior=ANY
        )
        HookResponse(cards=(card_of_same,))
