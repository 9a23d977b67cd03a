"""Section 0: where the sources disagree, what was chosen."""

import inspect

import pytest

from cds_hooks import (
    Action,
    ActionType,
    Dialect,
    HookResponse,
    KnownEmpty,
    SelectionBehavior,
    ServiceDescription,
    discovery_document,
    parse_feedback,
    read_prefetch_value,
    serialise,
)
from tests.protocol.examples import (
    PATIENT_VIEW,
    bundle,
    card,
    changed,
    outcome,
    parsed,
    sent,
    suggestion,
)


def test_C_01_the_dialect_is_given_by_the_caller_and_2_0_by_default() -> None:
    parameters = inspect.signature(serialise).parameters
    assert list(parameters) == ["response", "dialect"]
    assert parameters["dialect"].default is Dialect.V2_0


@pytest.mark.parametrize(
    ("dialect", "behavior"),
    [(Dialect.V1_0, "at-most-one"), (Dialect.EPIC, "any"), (Dialect.V2_0, "any")],
)
def test_C_02_both_selection_behaviors_can_be_sent(
    dialect: Dialect, behavior: str
) -> None:
    advice = card(suggestions=(suggestion(),), selection_behavior=SelectionBehavior.ANY)
    [only] = serialise(HookResponse(cards=(advice,)), dialect)["cards"]  # type: ignore[misc]
    assert only["selectionBehavior"] == behavior


@pytest.mark.parametrize("dialect", list(Dialect))
def test_C_03_a_delete_has_one_form_or_the_other_and_never_both(
    dialect: Dialect,
) -> None:
    delete = Action(type=ActionType.DELETE, description="x", resource_id="Task/1")
    response = serialise(HookResponse(system_actions=(delete,)), dialect)
    for action in response.get("systemActions", []):  # type: ignore[attr-defined]
        assert len({"resource", "resourceId"} & set(action)) == 1


def test_C_05_system_actions_are_left_out_when_there_are_none() -> None:
    assert "systemActions" not in sent(card())


def test_C_06_the_version_is_semantic() -> None:
    with pytest.raises(ValueError, match="semantic"):
        ServiceDescription(
            id="x", hook="patient-view", title="x", description="x", version="STU2"
        )


@pytest.mark.parametrize(
    "value", ["test", "f3945c39-dfbe-444f-ba6d-3e05e123b2va", "unicode-test"]
)
def test_C_13_a_hook_instance_that_is_no_uuid_is_accepted_with_a_remark(
    value: str,
) -> None:
    request = parsed(changed(PATIENT_VIEW, hookInstance=value))
    assert request.hook_instance == value
    assert any("hookInstance" in remark for remark in request.remarks)


@pytest.mark.parametrize(
    "value",
    ["d1577c69-dfbe-44ad-ba6d-3e05e953b2ea", "3F1DDE72-162B-11EC-99E8-0050568B7BE6"],
    ids=["v4", "v1 in capitals"],
)
def test_C_13_a_uuid_of_any_version_needs_no_remark(value: str) -> None:
    assert parsed(changed(PATIENT_VIEW, hookInstance=value)).remarks == ()


@pytest.mark.parametrize(
    "value",
    [None, bundle(), bundle(total=0), bundle(outcome("warning"), total=0)],
    ids=["null", "empty Bundle", "total 0", "outcome entry"],
)
def test_C_14_all_ways_to_say_no_data_mean_the_same(value: object) -> None:
    assert read_prefetch_value(value) == KnownEmpty()


def test_C_17_the_fhir_server_is_optional() -> None:
    payload = changed(PATIENT_VIEW, fhirServer=None, fhirAuthorization=None)
    assert parsed(payload).fhir_server is None


def test_C_18_feedback_without_entries_is_no_fault() -> None:
    assert parse_feedback({"feedback": []}).rejected == ()


def test_C_19_no_services_are_an_empty_array() -> None:
    assert discovery_document([]) == {"services": []}
