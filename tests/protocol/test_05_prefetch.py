"""Section 5: what each form of a prefetched value stands for."""

import pytest
from hypothesis import given

from cds_hooks import (
    KnownEmpty,
    Missing,
    NeededDataAbsent,
    PrefetchState,
    Supplied,
    Unavailable,
    operation_outcome,
    read_prefetch_value,
    state_of,
)
from tests.protocol.examples import (
    ABSENT,
    PATIENT_VIEW,
    bundle,
    changed,
    outcome,
    parsed,
)
from tests.protocol.test_01_json import JSON_VALUES


PATIENT = {"resourceType": "Patient", "id": "1288992"}
OBSERVATION = {"resourceType": "Observation", "id": "o1"}
PRACTITIONER = {"resourceType": "Practitioner", "id": "p1"}


def supplied(value: object) -> Supplied:
    state = read_prefetch_value(value)
    assert isinstance(state, Supplied), state
    return state


def in_mode(resource: object, mode: str) -> dict[str, object]:
    return {"resource": resource, "search": {"mode": mode}}


def entries(*given: object, **members: object) -> dict[str, object]:
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": list(given),
        **members,
    }


def test_P_01_a_resource_is_supplied_as_it_came() -> None:
    state = supplied(PATIENT)
    assert state.resources == (PATIENT,)
    assert state.complete


def test_P_02_the_entries_of_a_search_are_supplied_in_order() -> None:
    state = supplied(bundle(OBSERVATION, PATIENT, total=2))
    assert state.resources == (OBSERVATION, PATIENT)
    assert state.complete


def test_P_02_included_entries_are_no_matches_and_outcomes_are_skipped() -> None:
    value = entries(
        in_mode(OBSERVATION, "match"),
        in_mode(PRACTITIONER, "include"),
        in_mode(outcome("warning"), "outcome"),
        total=1,
    )
    state = supplied(value)
    assert state.resources == (OBSERVATION,)
    assert state.included == (PRACTITIONER,)
    assert state.complete


def test_P_02_nested_bundles_are_read_as_one() -> None:
    inner = bundle(PATIENT, OBSERVATION)
    assert supplied(bundle(inner, PRACTITIONER)).resources == (
        PATIENT,
        OBSERVATION,
        PRACTITIONER,
    )


def test_P_02_bundles_within_bundles_without_end_are_counted_not_followed() -> None:
    value: dict[str, object] = PATIENT
    for _ in range(50):
        value = bundle(value)
    assert supplied(value).unreadable == 1


def test_P_02_contained_resources_stay_in_their_resource() -> None:
    holder = {**OBSERVATION, "contained": [PATIENT]}
    assert supplied(bundle(holder)).resources == (holder,)


def test_P_02_an_entry_without_resource_type_is_counted_and_makes_it_incomplete() -> (
    None
):
    state = supplied(bundle(OBSERVATION, {"id": "no type"}))
    assert state.resources == (OBSERVATION,)
    assert state.unreadable == 1
    assert not state.complete


def test_P_02_a_bundle_of_unreadable_entries_is_not_known_to_be_empty() -> None:
    assert supplied(bundle({"id": "no type"})).unreadable == 1


def with_next(*resources: object, **members: object) -> dict[str, object]:
    links = [
        {"relation": "self", "url": "https://ehr.example.org/fhir?page=1"},
        {"relation": "next", "url": "https://ehr.example.org/fhir?page=2"},
    ]
    return bundle(*resources, link=links, **members)


def test_P_03_a_next_link_makes_the_data_incomplete() -> None:
    state = supplied(with_next(OBSERVATION))
    assert not state.complete
    assert state.next_links == ("https://ehr.example.org/fhir?page=2",)


def test_P_03_an_empty_first_page_with_a_next_link_is_not_known_to_be_empty() -> None:
    assert not supplied(with_next()).complete


def test_P_03_a_total_above_the_matches_sent_makes_the_data_incomplete() -> None:
    assert not supplied(bundle(OBSERVATION, total=2)).complete
    assert supplied(bundle(OBSERVATION, total=1)).complete
    assert not supplied(bundle(total=3)).complete


@pytest.mark.parametrize(
    "link",
    [
        None,
        {},
        "next",
        [None],
        [{"relation": "next"}],
        [{"relation": "next", "url": 1}],
    ],
)
def test_P_03_a_malformed_link_is_no_next_page(link: object) -> None:
    assert supplied(bundle(OBSERVATION, link=link)).next_links == ()


def test_P_04_null_is_known_to_be_empty() -> None:
    assert read_prefetch_value(None) == KnownEmpty()


@pytest.mark.parametrize(
    "value",
    [
        {"resourceType": "Bundle"},
        bundle(),
        bundle(total=0),
        bundle(outcome("warning"), total=0),
        bundle(outcome("information")),
        entries(in_mode(outcome("warning", "not-found"), "outcome"), total=0),
        {"resourceType": "Bundle", "entry": None},
    ],
    ids=["bare", "no entry", "total 0", "warning", "information", "epic", "null entry"],
)
def test_P_05_a_search_without_matches_is_known_to_be_empty(value: object) -> None:
    assert read_prefetch_value(value) == KnownEmpty()


@pytest.mark.parametrize(
    "value",
    [
        outcome("error", "forbidden"),
        outcome("warning", "forbidden"),
        bundle(outcome("error", "forbidden")),
        bundle(outcome("fatal", "forbidden"), total=0),
        entries(in_mode(outcome("error", "forbidden"), "outcome")),
    ],
    ids=["bare", "bare warning", "entry", "fatal", "outcome entry"],
)
def test_P_06_a_failure_of_the_client_is_neither_data_nor_its_absence(
    value: object,
) -> None:
    state = read_prefetch_value(value)
    assert state == Unavailable(reason="the client reports forbidden")


def test_P_06_an_outcome_that_says_nothing_is_a_failure() -> None:
    state = read_prefetch_value({"resourceType": "OperationOutcome"})
    assert state == Unavailable(reason="the client reports a failure")
    nested = bundle({"resourceType": "OperationOutcome", "issue": "?"})
    assert isinstance(read_prefetch_value(nested), Unavailable)


def test_P_06_matches_beside_a_failure_are_kept_and_incomplete() -> None:
    state = supplied(bundle(OBSERVATION, outcome("error", "timeout")))
    assert state.resources == (OBSERVATION,)
    assert not state.complete
    assert state.failure == "the client reports timeout"


@pytest.mark.parametrize(
    "code", ["Smith, John", 7, None, "SELECT * FROM", ["timeout"], {"timeout": 1}]
)
def test_P_06_the_reason_repeats_no_text_of_the_client(code: object) -> None:
    issue = {"severity": "error", "code": code, "diagnostics": "Smith, John"}
    value = {"resourceType": "OperationOutcome", "issue": [issue]}
    assert read_prefetch_value(value) == Unavailable(
        reason="the client reports a failure"
    )


def test_P_07_a_key_that_was_not_sent_is_missing() -> None:
    assert isinstance(state_of({"other": None}, "patient"), Missing)


@pytest.mark.parametrize(
    "value", [{}, {"id": "1"}, "Patient/1", 7, True, {"resourceType": ""}]
)
def test_P_07_a_value_that_is_no_resource_says_nothing(value: object) -> None:
    assert isinstance(read_prefetch_value(value), Missing)


@pytest.mark.parametrize(
    "value",
    [PATIENT, bundle(PATIENT), [PATIENT], {"resource": PATIENT}, [bundle(PATIENT)]],
)
def test_P_08_the_resource_is_found_in_every_shape(value: object) -> None:
    assert supplied(value).resources == (PATIENT,)


@pytest.mark.parametrize("prefetch", [ABSENT, None])
def test_P_09_without_prefetch_every_key_is_missing(prefetch: object) -> None:
    request = parsed(changed(PATIENT_VIEW, prefetch=prefetch))
    assert isinstance(state_of(request.prefetch, "patient"), Missing)


def test_P_10_missing_and_null_lead_to_different_branches() -> None:
    def branch(state: PrefetchState) -> str:
        match state:
            case Supplied():
                return "use it"
            case KnownEmpty():
                return "believe it"
            case Unavailable():
                return "do without"
            case Missing():
                return "ask the FHIR server"

    prefetch = {"null": None, "data": PATIENT, "failed": outcome("error")}
    branches = [
        branch(state_of(prefetch, key)) for key in ("null", "absent", "data", "failed")
    ]
    assert branches == ["believe it", "ask the FHIR server", "use it", "do without"]


def test_P_11_needed_data_that_cannot_be_had_is_412() -> None:
    assert NeededDataAbsent(keys=["patient"]).status == 412


def test_P_12_the_412_names_the_prefetch_keys_and_no_patient() -> None:
    reply = operation_outcome(NeededDataAbsent(keys=["patient", "observations"]))
    [issue] = reply["issue"]
    assert issue["expression"] == ["prefetch.patient", "prefetch.observations"]
    assert "patient, observations" in issue["details"]["text"]


def test_P_15_a_key_whose_token_had_no_value_arrives_as_missing() -> None:
    request = parsed(changed(PATIENT_VIEW, prefetch={"patient": PATIENT}))
    assert isinstance(state_of(request.prefetch, "encounter"), Missing)


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ({"response": {"status": "200 OK"}, "resource": PATIENT}, Supplied),
        ({"response": {"status": "200 OK"}, "resource": bundle(PATIENT)}, Supplied),
        ({"response": {"status": "200 OK"}, "resource": None}, KnownEmpty),
        ({"response": {"status": "200 OK"}}, KnownEmpty),
        ({"response": {"status": 200}}, KnownEmpty),
        ({"response": {"status": "404"}, "resource": None}, Unavailable),
        ({"response": {"status": "500 Internal Server Error"}}, Unavailable),
        ({"response": None}, Unavailable),
        ({"response": {}, "resource": {}}, Missing),
    ],
)
def test_R_20_the_old_wrapping_is_taken_off(
    value: object, state: type[PrefetchState]
) -> None:
    assert isinstance(read_prefetch_value(value), state)


@given(JSON_VALUES)
def test_P_10_every_value_whatever_has_a_state(value: object) -> None:
    for sent in (
        value,
        {"resourceType": "Bundle", "entry": value},
        {"resource": value},
    ):
        read_prefetch_value(sent)
