"""Section 10: what users did with cards."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_hooks import CdsHooksError, FeedbackEntry, parse_feedback
from cds_hooks.errors import RequestNotConformant
from tests.protocol.examples import ABSENT, changed
from tests.protocol.test_01_json import JSON_VALUES


OVERRIDDEN = {
    "card": "9fd1a5ac-f3f5-4d4c-b1b1-2d6e1ef3a1ce",
    "outcome": "overridden",
    "overrideReason": {
        "reason": {"code": "declined", "system": "https://example.org/reasons"},
        "userComment": "Zebulon has had it before",
    },
    "outcomeTimestamp": "2024-05-17T09:30:00Z",
}
ACCEPTED = {
    "card": "4f1d4a2c-7a35-4b52-9a39-0c5cbd2d2c59",
    "outcome": "accepted",
    "acceptedSuggestions": [{"id": "e56e1945-20b3-4393-8503-a1a20fd73152"}],
    "outcomeTimestamp": "2024-05-17T09:30:00Z",
}


def read(**members: object) -> FeedbackEntry:
    """The override above with members changed, parsed."""
    [entry] = parse_feedback({"feedback": [changed(OVERRIDDEN, **members)]}).entries
    return entry


def refused(**members: object) -> RequestNotConformant:
    with pytest.raises(RequestNotConformant) as caught:
        read(**members)
    return caught.value


def test_F_03_several_entries_come_in_one_message() -> None:
    batch = parse_feedback({"feedback": [OVERRIDDEN, ACCEPTED]})
    assert [entry.outcome for entry in batch.entries] == ["overridden", "accepted"]
    assert batch.rejected == ()


@pytest.mark.parametrize(
    "payload", [[], None, "x", {}, {"feedback": {}}, {"feedback": None}, OVERRIDDEN]
)
def test_F_03_another_envelope_is_refused(payload: object) -> None:
    with pytest.raises(RequestNotConformant):
        parse_feedback(payload)


@pytest.mark.parametrize("card", ["123456", "not a uuid", "ABC"])
def test_F_04_any_text_is_kept_as_the_card_s_name(card: str) -> None:
    assert read(card=card).card == card


@pytest.mark.parametrize("card", [ABSENT, None, "", " ", 7])
def test_F_04_an_entry_without_card_is_refused(card: object) -> None:
    assert refused(card=card).expression == ("feedback[0].card",)


@pytest.mark.parametrize("outcome", ["accepted", "overridden"])
def test_F_05_both_outcomes_are_read(outcome: str) -> None:
    given = changed(ACCEPTED, outcome=outcome)
    assert parse_feedback({"feedback": [given]}).entries[0].outcome == outcome


def test_F_06_the_accepted_suggestions_are_read() -> None:
    [entry] = parse_feedback({"feedback": [ACCEPTED]}).entries
    assert entry.accepted_suggestions == ("e56e1945-20b3-4393-8503-a1a20fd73152",)


@pytest.mark.parametrize("accepted", [[{}], [{"id": 1}], ["x"], [None], "x"])
def test_F_06_suggestions_of_another_form_are_refused(accepted: object) -> None:
    [where] = refused(acceptedSuggestions=accepted).expression
    assert where.startswith("feedback[0].acceptedSuggestions")


def test_F_07_reason_and_comment_are_read() -> None:
    reason = read().override_reason
    assert reason is not None
    assert (reason.system, reason.code) == ("https://example.org/reasons", "declined")
    assert reason.user_comment == "Zebulon has had it before"


@pytest.mark.parametrize("value", [ABSENT, None])
def test_F_07_an_override_needs_no_reason(value: object) -> None:
    assert read(overrideReason=value).override_reason is None


def test_F_07_a_comment_alone_is_a_reason() -> None:
    reason = read(overrideReason={"userComment": "known"}).override_reason
    assert reason is not None
    assert (reason.code, reason.user_comment) == (None, "known")


@pytest.mark.parametrize(
    "value", ["x", 1, [], {"reason": "x"}, {"reason": {}}, {"userComment": 1}]
)
def test_F_07_a_reason_of_another_form_is_refused(value: object) -> None:
    [where] = refused(overrideReason=value).expression
    assert where.startswith("feedback[0].overrideReason")


def test_F_08_a_reason_without_system_and_display_is_tolerated() -> None:
    reason = read(overrideReason={"reason": {"code": "declined"}}).override_reason
    assert reason is not None
    assert (reason.code, reason.system, reason.display) == ("declined", None, None)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2024-05-17T09:30:00Z", datetime(2024, 5, 17, 9, 30, tzinfo=UTC)),
        ("2024-05-17t09:30:00z", datetime(2024, 5, 17, 9, 30, tzinfo=UTC)),
        ("2024-05-17T09:30:00+00:00", datetime(2024, 5, 17, 9, 30, tzinfo=UTC)),
        ("2024-05-17T11:30:00+02:00", datetime(2024, 5, 17, 9, 30, tzinfo=UTC)),
        ("2024-05-17T04:00:00-05:30", datetime(2024, 5, 17, 9, 30, tzinfo=UTC)),
        ("2024-05-17T09:30:00.5Z", datetime(2024, 5, 17, 9, 30, 0, 500000, tzinfo=UTC)),
        ("2024-05-17T09:30:00.1234567Z", datetime(2024, 5, 17, 9, 30, 0, 123456, UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
    ],
)
def test_F_09_timestamps_are_read_as_utc(text: str, meant: datetime) -> None:
    assert read(outcomeTimestamp=text).outcome_timestamp == meant
    assert read(outcomeTimestamp=text).outcome_timestamp.tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        ABSENT,
        None,
        1715938200,
        "2024-05-17",
        "2024-05-17T09:30:00",
        "2024-05-17T09:30Z",
        "2024-02-30T09:30:00Z",
        "2024-05-17T25:30:00Z",
        "2024-05-17T09:30:61Z",
        "0001-01-01T00:00:00+14:00",
        "2024-05-17T09:30:00+99:00",
        "20240517T093000Z",
        "2024-05-17T09:30:00Z ",
    ],
)
def test_F_09_other_timestamps_are_refused(value: object) -> None:
    error = refused(outcomeTimestamp=value)
    assert error.expression == ("feedback[0].outcomeTimestamp",)


def test_F_10_the_same_entry_has_the_same_key_however_it_is_written() -> None:
    first = parse_feedback({"feedback": [ACCEPTED]}).entries[0]
    rewritten = changed(
        ACCEPTED,
        card=str(ACCEPTED["card"]).upper(),
        outcomeTimestamp="2024-05-17T11:30:00.000+02:00",
    )
    second = parse_feedback({"feedback": [dict(reversed(rewritten.items()))]}).entries[
        0
    ]
    assert first.idempotency_key == second.idempotency_key


@pytest.mark.parametrize(
    "change",
    [
        {"card": "another"},
        {"outcomeTimestamp": "2024-05-17T09:30:01Z"},
        {"overrideReason": ABSENT},
        {"overrideReason": {"userComment": "another"}},
        {"overrideReason": {"reason": {"code": "another"}}},
        {"extension": {"com.example.x": 1}},
        {"outcome": "accepted", "acceptedSuggestions": [{"id": "x"}]},
    ],
)
def test_F_10_an_entry_that_says_something_else_has_another_key(
    change: dict[str, object],
) -> None:
    assert read(**change).idempotency_key != read().idempotency_key


def test_F_10_the_same_card_may_be_reported_twice() -> None:
    later = changed(OVERRIDDEN, outcomeTimestamp="2024-05-18T09:30:00Z")
    assert len(parse_feedback({"feedback": [OVERRIDDEN, later]}).entries) == 2


EPIC = {
    "card": "123456",
    "outcome": "overridden",
    "overrideReasons": {
        "extension": {"com.epic.cdshooks.feedback.overrideReason.id": "1"},
        "userComment": "see note",
    },
    "outcomeTimestamp": "2024-05-17T09:30:00Z",
}


def test_F_13_the_plural_that_epic_documents_is_read() -> None:
    [entry] = parse_feedback({"feedback": [EPIC]}).entries
    assert entry.override_reason is not None
    assert entry.override_reason.user_comment == "see note"
    assert len(entry.override_reason.extension) == 1


@pytest.mark.parametrize("as_array", [True, False])
def test_F_13_an_override_reason_of_only_an_extension_is_read(as_array: bool) -> None:
    reason = {"extension": {"com.epic.cdshooks.feedback.overrideReason.id": "1"}}
    given = changed(EPIC, overrideReasons=[reason] if as_array else reason)
    [entry] = parse_feedback({"feedback": [given]}).entries
    assert entry.override_reason is not None
    assert entry.override_reason.user_comment is None


def test_F_14_a_large_batch_is_read() -> None:
    batch = parse_feedback({"feedback": [OVERRIDDEN, ACCEPTED] * 1000})
    assert len(batch.entries) == 2000


@pytest.mark.parametrize("bad", [None, "x", {}, changed(OVERRIDDEN, card=1)])
def test_F_15_one_bad_entry_does_not_lose_the_good_ones(bad: object) -> None:
    batch = parse_feedback({"feedback": [OVERRIDDEN, bad, ACCEPTED]})
    assert len(batch.entries) == 2
    [rejected] = batch.rejected
    assert rejected.index == 1
    assert rejected.expression[0].startswith("feedback[1]")


def test_F_15_no_usable_entry_at_all_is_refused_naming_each() -> None:
    with pytest.raises(RequestNotConformant, match="No entry") as caught:
        parse_feedback({"feedback": [{}, 7]})
    assert caught.value.expression == ("feedback[0].outcome", "feedback[1]")


def test_F_16_the_comment_shows_in_no_representation_and_no_error() -> None:
    assert "Zebulon" not in repr(parse_feedback({"feedback": [OVERRIDDEN]}))
    assert "Zebulon" not in read().idempotency_key
    assert (
        "Zebulon"
        not in repr(refused(outcome="Zebulon")) + refused(card=["Zebulon"]).message
    )


def test_F_18_no_entries_are_no_fault() -> None:
    assert parse_feedback({"feedback": []}).entries == ()


@given(
    st.dictionaries(
        st.sampled_from([*OVERRIDDEN, "acceptedSuggestions", "overrideReasons"]),
        JSON_VALUES,
    )
)
def test_F_15_no_entry_whatever_raises_anything_but_our_errors(
    members: dict[str, object],
) -> None:
    for entry in (members, {**OVERRIDDEN, **members}):
        try:
            batch = parse_feedback({"feedback": [entry]})
        except CdsHooksError as error:
            assert error.status == 422
        else:
            assert all(len(each.idempotency_key) == 64 for each in batch.entries)
