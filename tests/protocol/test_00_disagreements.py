"""Section 0: where the sources disagree, what was chosen."""

import inspect
from typing import Any

import pytest

from cds_hooks import (
    Action,
    ActionType,
    CdsHooksError,
    Dialect,
    HookResponse,
    KnownEmpty,
    SelectionBehavior,
    ServiceDescription,
    decode_json,
    discovery_document,
    parse_feedback,
    read_prefetch_value,
    serialise,
)
from cds_hooks.errors import OutputNotConformant
from tests.protocol.examples import (
    PATIENT_VIEW,
    bundle,
    call,
    card,
    changed,
    create,
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
    [only] = serialise(HookResponse(cards=(advice,)), dialect)["cards"]
    assert only["selectionBehavior"] == behavior


@pytest.mark.parametrize("dialect", list(Dialect))
def test_C_03_a_delete_has_one_form_or_the_other_and_never_both(
    dialect: Dialect,
) -> None:
    delete = Action(type=ActionType.DELETE, description="x", resource_id="Task/1")
    response = serialise(HookResponse(system_actions=(delete,)), dialect)
    for action in response.get("systemActions", []):
        assert len({"resource", "resourceId"} & set(action)) == 1


@pytest.mark.parametrize("dialect", [Dialect.V2_0, Dialect.V1_0, Dialect.EPIC])
def test_C_04_system_actions_always_have_their_description(dialect: Dialect) -> None:
    response = HookResponse(system_actions=(create("Annotate the order"),))
    [action] = serialise(response, dialect)["systemActions"]
    assert action["description"] == "Annotate the order"


def test_C_05_system_actions_are_left_out_when_there_are_none() -> None:
    assert "systemActions" not in sent(card())


def test_C_06_the_version_is_semantic() -> None:
    with pytest.raises(ValueError, match="semantic"):
        ServiceDescription(
            id="x", hook="patient-view", title="x", description="x", version="STU2"
        )


def greeting(**members: Any) -> ServiceDescription:
    given = {"id": "x", "hook": "order-sign", "title": "x", "description": "x"}
    return ServiceDescription(**{**given, **members})


def test_C_07_the_hook_version_is_sent() -> None:
    assert greeting(hook_version="1.0").to_json()["hookVersion"] == "1.0"


@pytest.mark.parametrize(
    ("hook", "metadata_table", "change_log"),
    [
        ("order-sign", "1.0", "1.1.0"),
        ("order-select", "1.0", "1.0.2"),
        ("medication-verify", "0.1.0", "1.0"),
    ],
)
def test_C_08_the_published_hook_version_is_that_of_the_metadata_table(
    hook: str, metadata_table: str, change_log: str
) -> None:
    greeting(hook=hook, hook_version=metadata_table)
    with pytest.raises(ValueError, match="D-11"):
        greeting(hook=hook, hook_version=change_log)


def test_C_09_services_are_told_apart_by_id_and_hook() -> None:
    services = [greeting(hook="order-sign"), greeting(hook="order-select")]
    assert len(discovery_document(services)["services"]) == 2
    with pytest.raises(ValueError, match="listed twice"):
        discovery_document([*services, services[0]])


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"", 400), (b"[]", 422), (b"{}", 422), (b"null", 422)],
)
def test_C_12_not_json_is_400_and_not_conformant_is_422(
    body: bytes, status: int
) -> None:
    with pytest.raises(CdsHooksError) as refused:
        parsed(decode_json(body))
    assert refused.value.status == status


@pytest.mark.parametrize(
    "template",
    [
        "Basic?x={{context.draftOrders.entry.resource.id}}",
        "Basic?date=ge{{today()}}",
        "Basic?subject={{context.selections}}",
    ],
)
def test_C_15_what_only_3_0_clients_understand_needs_to_be_switched_on(
    template: str,
) -> None:
    with pytest.raises(ValueError, match="T-03"):
        greeting(prefetch={"x": template})


def test_C_15_extended_templates_are_published_once_switched_on() -> None:
    templates = {"x": "Basic?date=ge{{today() - 90 days}}"}
    service = greeting(prefetch=templates, extended_prefetch=True)
    assert service.to_json()["prefetch"] == templates


def test_C_16_the_form_of_the_table_and_that_of_its_example_are_both_read() -> None:
    appointment = {"resourceType": "Appointment", "id": "a1"}
    for form in (bundle(appointment), [appointment]):
        request = parsed(call("appointment-book", appointments=form))
        assert request.context.resources == (appointment,)


def test_C_20_a_summary_ends_at_139_of_the_strictest_count() -> None:
    card(summary="x" * 137 + "😀")
    with pytest.raises(OutputNotConformant):
        card(summary="x" * 138 + "😀")


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
