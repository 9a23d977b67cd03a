"""Section 1: JSON and naming rules that hold everywhere."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_hooks import (
    CdsHooksError,
    Coding,
    HookResponse,
    SelectionBehavior,
    ServiceDescription,
    Source,
    decode_json,
    discovery_document,
    encode_json,
    parse_feedback,
    serialise,
    violations,
)
from cds_hooks.decoding import MAX_DEPTH
from cds_hooks.errors import BodyNotJson, OutputNotConformant, RequestNotConformant
from tests.protocol.examples import (
    AUTHORIZATION,
    PATIENT_VIEW,
    call,
    card,
    changed,
    parsed,
    sent_card,
    suggestion,
)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=5
        )
    ),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_J_01_what_is_sent_is_read_back_unchanged_by_any_json_reader(
    value: object,
) -> None:
    assert json.loads(encode_json(value).decode("utf-8")) == value


@given(JSON_VALUES)
def test_J_01_what_a_json_writer_sends_is_read_as_it_was_meant(value: object) -> None:
    assert decode_json(json.dumps(value).encode()) == value


def test_J_01_text_is_sent_as_utf_8() -> None:
    assert encode_json({"label": "Ä µg/l 😀"}) == '{"label":"Ä µg/l 😀"}'.encode()


@pytest.mark.parametrize("value", [object(), {1: "name"}, b"bytes", {"a", "b"}])
def test_J_01_what_is_no_json_value_is_not_sent(value: object) -> None:
    with pytest.raises(OutputNotConformant, match="J-01"):
        encode_json(value)


def test_J_01_half_a_surrogate_pair_is_not_sent() -> None:
    with pytest.raises(OutputNotConformant, match="J-01"):
        encode_json("\ud83d")


def test_J_03_a_card_without_optional_parts_has_only_its_required_members() -> None:
    assert sorted(sent_card()) == ["indicator", "source", "summary", "uuid"]


def test_J_03_no_member_of_an_extension_is_empty() -> None:
    given = {
        "org.example.note": {"a": None, "b": "", "c": [], "d": {}, "e": [{}], "f": 0}
    }
    assert sent_card(extension=given)["extension"] == {"org.example.note": {"f": 0}}


def test_J_03_an_extension_of_empty_members_is_left_out() -> None:
    assert "extension" not in sent_card(extension={"org.example.note": {"a": []}})


def test_J_03_empty_lists_are_sent_only_as_cards_and_services() -> None:
    assert serialise(HookResponse()) == {"cards": []}
    assert discovery_document([]) == {"services": []}


def test_J_04_an_optional_member_without_a_value_is_left_out_of_discovery() -> None:
    service = ServiceDescription(
        id="greeting", hook="patient-view", title="Greeting", description="Greets."
    )
    assert sorted(service.to_json()) == ["description", "hook", "id", "title"]


def test_J_04_false_is_not_sent_where_it_is_the_default() -> None:
    shown = sent_card(
        suggestions=(suggestion(is_recommended=False),),
        selection_behavior=SelectionBehavior.ANY,
    )
    assert "isRecommended" not in shown["suggestions"][0]


@pytest.mark.parametrize("blank", ["", " ", "\t", "\u00a0"])
def test_J_05_a_blank_required_text_is_refused_on_the_way_out(blank: str) -> None:
    with pytest.raises(OutputNotConformant):
        card(summary=blank)
    with pytest.raises(OutputNotConformant):
        Source(label=blank)
    with pytest.raises(OutputNotConformant):
        Coding(system="https://example.org", code=blank)


@pytest.mark.parametrize("name", ["hook", "hookInstance"])
@pytest.mark.parametrize("blank", ["", "  "])
def test_J_05_a_blank_required_text_is_refused_on_the_way_in(
    name: str, blank: str
) -> None:
    with pytest.raises(RequestNotConformant) as refused:
        parsed(changed(PATIENT_VIEW, **{name: blank}))
    assert refused.value.expression == (name,) or name == "hook"


def test_J_07_output_has_no_comments_and_no_trailing_commas() -> None:
    assert encode_json({"a": [1, 2], "b": {"c": []}}) == b'{"a":[1,2],"b":{"c":[]}}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_J_08_nan_and_infinity_are_not_sent(value: float) -> None:
    with pytest.raises(OutputNotConformant, match="J-08"):
        encode_json({"value": [value]})


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", '{"a": [NaN]}'])
def test_J_08_nan_and_infinity_are_not_json_on_the_way_in(text: str) -> None:
    with pytest.raises(BodyNotJson):
        decode_json(text.encode())


@pytest.mark.parametrize("text", ["1e400", "[-1e999]", '{"a": 1' + "0" * 99 + "e300}"])
def test_J_08_a_number_beyond_double_precision_does_not_become_infinity(
    text: str,
) -> None:
    with pytest.raises(RequestNotConformant):
        decode_json(text.encode())


def test_J_09_a_name_given_twice_is_refused_because_it_may_mean_either() -> None:
    body = b'{"status": "active", "code": 1, "status": "entered-in-error"}'
    with pytest.raises(RequestNotConformant, match="same member name twice") as refused:
        decode_json(body)
    assert "active" not in refused.value.message


def test_J_09_a_byte_order_mark_is_taken_off() -> None:
    assert decode_json(b'\xef\xbb\xbf{"hook": "patient-view"}') == {
        "hook": "patient-view"
    }


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def test_J_09_nesting_up_to_the_limit_is_read() -> None:
    decode_json(nested(MAX_DEPTH))


@pytest.mark.parametrize(
    "body",
    [
        nested(MAX_DEPTH + 1),
        nested(100_000),
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"a":[' * 100_000 + b"]}" * 100_000,
        b"[" * 1_000_000,
        b'["[[[[", ' + nested(100_000) + b"]",
    ],
    ids=["limit + 1", "arrays", "objects", "both", "never closed", "beside a string"],
)
def test_J_09_nesting_beyond_the_limit_is_refused_quickly(body: bytes) -> None:
    before = time.process_time()
    with pytest.raises(RequestNotConformant, match="nested"):
        decode_json(body)
    assert time.process_time() - before < 2


@pytest.mark.parametrize(
    "text",
    ["[" * 5000, "}{" * 5000, '\\"[[[[' * 500, "a\\\\"],
    ids=["opening brackets", "closing first", "escaped quotes", "backslashes"],
)
def test_J_09_brackets_inside_strings_are_not_nesting(text: str) -> None:
    assert decode_json(json.dumps({"div": text}).encode()) == {"div": text}


@given(st.integers(0, 400), st.sampled_from(["[]", "{}"]))
def test_J_09_the_limit_of_nesting_is_exact_for_every_shape(
    depth: int, kind: str
) -> None:
    opening, closing = ("[", "]") if kind == "[]" else ('{"a":', "}")
    body = f'["x", {opening * depth}"[{{"{closing * depth}]'.encode()
    if depth + 1 <= MAX_DEPTH:
        decode_json(body)
    else:
        with pytest.raises(RequestNotConformant):
            decode_json(body)


@pytest.mark.parametrize(
    "text", ["1" + "0" * 5000, "-" + "9" * 5000, "0." + "1" * 5000, "1e" + "0" * 5000]
)
def test_J_09_a_number_of_5000_digits_is_refused(text: str) -> None:
    with pytest.raises(RequestNotConformant, match="100 characters"):
        decode_json(f"[{text}]".encode())


def test_J_09_a_number_of_100_digits_is_read() -> None:
    assert decode_json(b"9" * 100) == int("9" * 100)


@pytest.mark.parametrize(
    "text",
    [r'"\ud83d"', r'"\ude00"', r'"\ude00\ud83d"', r'"\\\ud83dx"', r'{"\uDFFF":1}'],
)
def test_J_09_half_a_surrogate_pair_is_refused(text: str) -> None:
    with pytest.raises(RequestNotConformant, match="surrogate"):
        decode_json(text.encode())


@pytest.mark.parametrize(
    ("text", "meant"), [(r'"\ud83d\ude00"', "😀"), (r'"\\ud83d"', r"\ud83d")]
)
def test_J_09_a_whole_pair_and_an_escaped_backslash_are_read(
    text: str, meant: str
) -> None:
    assert decode_json(text.encode()) == meant


@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\u0d8ce1-N', max_size=40))
def test_J_09_no_body_whatever_raises_anything_but_our_errors(
    body: bytes | str,
) -> None:
    try:
        decode_json(body.encode() if isinstance(body, str) else body)
    except CdsHooksError as error:
        assert error.status in (400, 422)


def test_J_10_unknown_members_are_ignored_wherever_they_are() -> None:
    context = changed(call()["context"], unheardOf={"a": 1})
    authorization = changed(AUTHORIZATION, refresh="never")
    payload = changed(
        PATIENT_VIEW,
        context=context,
        fhirAuthorization=authorization,
        extension={"com.example.anything": [None]},
        unheardOf=[],
    )
    assert parsed(payload).context.patient_id == "1288992"


def test_J_10_unknown_members_of_feedback_are_ignored() -> None:
    entry = {
        "card": "9fd1a5ac-f3f5-4d4c-b1b1-2d6e1ef3a1ce",
        "outcome": "overridden",
        "outcomeTimestamp": "2024-05-17T09:30:00Z",
        "unheardOf": 1,
    }
    assert len(parse_feedback({"feedback": [entry], "more": {}}).entries) == 1


@pytest.mark.parametrize("resource", ["<Task/>", '{"resourceType": "Task"}', ["Task"]])
def test_J_06_an_embedded_resource_is_fhir_json_and_no_text(resource: object) -> None:
    action = {"type": "create", "description": "x", "resource": resource}
    found = violations({"cards": [], "systemActions": [action]})
    assert [violation.rule for violation in found] == ["X-03"]
