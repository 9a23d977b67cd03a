"""Section 9: HTTP statuses and the OperationOutcome of each."""

import json

import pytest

from cds_hooks import CdsHooksError, NeededDataAbsent, decode_json, operation_outcome
from cds_hooks.errors import (
    INTERNAL_FAULT_TEXT,
    STATUS,
    BodyNotJson,
    BodyTooLarge,
    InternalFault,
    MethodNotAllowed,
    NotAuthenticated,
    OutputNotConformant,
    RequestNotConformant,
    ServiceBusy,
    UnknownService,
    UnsupportedFhirVersion,
    UnsupportedMedia,
)


ONE_OF_EACH: list[CdsHooksError] = [
    BodyNotJson("x"),
    RequestNotConformant("hook is required.", expression=["hook"], diagnostics="y"),
    UnsupportedFhirVersion("x"),
    NotAuthenticated(),
    UnknownService(),
    MethodNotAllowed(["POST", "GET"]),
    NeededDataAbsent(keys=["patient"]),
    BodyTooLarge("x"),
    UnsupportedMedia("x"),
    ServiceBusy(retry_after=3),
    InternalFault("Zebulon"),
    OutputNotConformant("Zebulon"),
]

ISSUE_TYPES = set(
    "structure invalid not-supported login not-found too-long transient"
    " exception".split()
)
"""Codes of FHIR's issue types that are in use here."""


def issue_of(error: CdsHooksError) -> dict[str, object]:
    [issue] = operation_outcome(error)["issue"]
    assert isinstance(issue, dict)
    return issue


def test_H_13_there_is_an_example_of_every_kind_of_error() -> None:
    assert {type(error) for error in ONE_OF_EACH} == set(STATUS)


@pytest.mark.parametrize("error", ONE_OF_EACH, ids=lambda error: type(error).__name__)
def test_H_13_every_error_has_a_complete_operation_outcome(
    error: CdsHooksError,
) -> None:
    outcome = operation_outcome(error)
    assert outcome["resourceType"] == "OperationOutcome"
    issue = issue_of(error)
    assert issue["severity"] in ("error", "fatal")
    assert issue["code"] in ISSUE_TYPES
    assert str(issue["details"]["text"]).strip()
    assert None not in issue.values()
    assert [] not in issue.values()
    json.dumps(outcome)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BodyNotJson, 400),
        (NotAuthenticated, 401),
        (UnknownService, 404),
        (MethodNotAllowed, 405),
        (NeededDataAbsent, 412),
        (BodyTooLarge, 413),
        (UnsupportedMedia, 415),
        (RequestNotConformant, 422),
        (UnsupportedFhirVersion, 422),
        (InternalFault, 500),
        (OutputNotConformant, 500),
        (ServiceBusy, 503),
    ],
)
def test_H_13_the_one_table_of_statuses(
    error: type[CdsHooksError], status: int
) -> None:
    assert STATUS[error] == error.status == status


def test_H_03_needed_data_is_412_and_may_say_in_its_own_words_what_is_missing() -> None:
    error = NeededDataAbsent("context.x was not supplied.", expression=["context.x"])
    assert error.status == 412
    assert issue_of(error)["expression"] == ["context.x"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"'a'", b"{'a': 1}", b"[1,]"])
def test_H_04_what_is_not_json_is_400(body: bytes) -> None:
    with pytest.raises(BodyNotJson) as caught:
        decode_json(body)
    assert caught.value.status == 400


def test_H_04_the_message_tells_the_place_and_not_the_text() -> None:
    with pytest.raises(BodyNotJson, match="line 2, column 12") as caught:
        decode_json(b'{"name":\n "Zebulon" "x"}')
    assert "Zebulon" not in caught.value.message


def test_H_05_a_refusal_names_the_field() -> None:
    issue = issue_of(RequestNotConformant("hook is required.", expression=["hook"]))
    assert issue["expression"] == ["hook"]
    assert issue["details"] == {"text": "hook is required."}


def test_H_05_diagnostics_are_a_second_sentence() -> None:
    issue = issue_of(RequestNotConformant("x", diagnostics="Send one."))
    assert issue["diagnostics"] == "Send one."


def test_H_06_a_401_is_always_the_same_and_asks_for_a_bearer_token() -> None:
    assert NotAuthenticated().headers == {"WWW-Authenticate": "Bearer"}
    assert operation_outcome(NotAuthenticated()) == operation_outcome(
        NotAuthenticated()
    )
    assert sorted(issue_of(NotAuthenticated())) == ["code", "details", "severity"]


def test_H_08_an_unknown_service_says_where_to_look() -> None:
    assert "GET /cds-services" in UnknownService().message
    assert UnknownService().headers == {}


def test_H_09_a_wrong_method_lists_the_right_ones() -> None:
    assert MethodNotAllowed(["POST", "GET"]).headers == {"Allow": "GET, POST"}


def test_H_11_a_busy_service_says_when_to_come_back() -> None:
    assert ServiceBusy(retry_after=3).headers == {"Retry-After": "3"}


@pytest.mark.parametrize("error", [InternalFault, OutputNotConformant])
def test_H_12_a_fault_of_ours_tells_nothing_of_its_cause(
    error: type[InternalFault],
) -> None:
    fault = error("Zebulon", expression=["Zebulon"], diagnostics="Zebulon")
    assert "Zebulon" not in json.dumps(operation_outcome(fault))
    assert issue_of(fault)["details"] == {"text": INTERNAL_FAULT_TEXT}
    assert "not the answer" in INTERNAL_FAULT_TEXT


@pytest.mark.parametrize("error", ONE_OF_EACH, ids=lambda error: type(error).__name__)
def test_E_03_no_error_is_answered_with_cards(error: CdsHooksError) -> None:
    assert "cards" not in operation_outcome(error)
    assert error.status >= 400
