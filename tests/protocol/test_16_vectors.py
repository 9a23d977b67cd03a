"""Section 16: vectors known to trip services, and requests that others wrote."""

import json
from pathlib import Path

import pytest

from cds_hooks import (
    HOOKS,
    CdsHooksError,
    Missing,
    Supplied,
    decode_json,
    drop_optional_violations,
    parse_feedback,
    read_prefetch_value,
    violations,
)
from cds_hooks.decoding import is_nested_deeper_than
from cds_hooks.errors import OutputNotConformant, RequestNotConformant
from cds_hooks.exact_numbers import decode_exactly
from tests.protocol.examples import ABSENT, PATIENT_VIEW, call, changed, parsed


def test_VEC_04_a_paginated_search_with_typographic_hyphens_in_ids_is_accepted() -> (
    None
):
    request = {"resourceType": "MedicationRequest", "id": "smart\u2011103"}
    value = {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}],
        "entry": [{"resource": request, "search": {"mode": "match"}}],
    }
    state = read_prefetch_value(value)
    assert isinstance(state, Supplied)
    assert state.resources == (request,)
    assert state.next_links == ("https://ehr.example.org/fhir?page=2",)
    assert not state.complete


def test_VEC_05_an_autolaunch_card_without_indicator_is_rejected() -> None:
    link = {
        "label": "Open the app",
        "url": "https://app.example.org/launch",
        "type": "smart",
        "autolaunchable": True,
    }
    card = {"summary": "Open it", "source": {"label": "Example"}, "links": [link]}
    assert [each.rule for each in violations({"cards": [card]})] == ["K-02"]
    with pytest.raises(OutputNotConformant, match="K-02"):
        drop_optional_violations({"cards": [card]})


def test_VEC_06_a_patient_view_without_patient_is_refused() -> None:
    with pytest.raises(RequestNotConformant) as refused:
        parsed(call(patientId=ABSENT))
    assert refused.value.expression == ("context.patientId",)


def test_VEC_07_the_parser_accepts_http_and_leaves_trust_to_policy() -> None:
    payload = changed(PATIENT_VIEW, fhirServer="http://localhost:8080/fhir")
    assert parsed(payload).fhir_server == "http://localhost:8080/fhir"


@pytest.mark.parametrize(
    "entry",
    [
        {
            "card": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
            "outcome": "accepted",
            "acceptedSuggestions": [{"id": "e56e1945-20b3-4393-8503-a1a20fd73152"}],
            "outcomeTimestamp": "2020-12-11T00:00:00Z",
        },
        {
            "card": "9368d37b-283f-44a0-93ea-547cebab93ed",
            "outcome": "overridden",
            "overrideReason": {
                "reason": {"code": "d7ecf885", "system": "https://example.org/reasons"}
            },
            "outcomeTimestamp": "2020-12-11T00:00:00Z",
        },
        {
            "card": "f6b95768-b1c8-40cf-ac3f-33c04a1ea6bd",
            "outcome": "overridden",
            "outcomeTimestamp": "2020-12-11T00:00:00Z",
        },
    ],
    ids=["accepted", "overridden with a reason", "overridden"],
)
def test_VEC_08_feedback_of_every_published_form_is_usable(
    entry: dict[str, object],
) -> None:
    assert len(parse_feedback({"feedback": [entry]}).entries) == 1
    assert len(parse_feedback({"feedback": [entry, entry]}).entries) == 2


def request_in(path: Path, body: bytes) -> object:
    """The request in a file; a bare context gets the rest around it."""
    payload = decode_json(body)
    if "context_only" not in path.parent.name or not isinstance(payload, dict):
        return payload
    hook = path.stem.rpartition("_")[0]
    context = payload.get("context", payload)
    return changed(PATIENT_VIEW, hook=hook, context=context)


STATUSES = {
    "requests": {200, 412, 422},
    "context_only_from_hook_definitions": {200, 412, 422},
    "unparseable_hook_requests": {400},
    "unparseable_json": {400},
    "invalid_fhir_parseable": {422},
}
"""Folder of real data → what its files may be answered."""


def answer_to(path: Path) -> int:
    """The status that the library alone comes to for the request in `path`."""
    try:
        request = parsed(request_in(path, path.read_bytes()))
    except CdsHooksError as error:
        return error.status
    for value in (request.prefetch or {}).values():
        read_prefetch_value(value)
    return 200


@pytest.mark.shared_data
@pytest.mark.parametrize("folder", sorted(STATUSES))
def test_VEC_02_requests_that_others_wrote_are_read_or_refused_with_a_reason(
    shared_data: Path, folder: str
) -> None:
    files = [
        path
        for area in ("cds_hooks", "hostile")
        for path in sorted((shared_data / area / folder).glob("*.json"))
    ]
    assert files != []
    answers = {path.name: answer_to(path) for path in files}
    assert {n: s for n, s in answers.items() if s not in STATUSES[folder]} == {}


@pytest.mark.shared_data
def test_VEC_03_every_published_example_context_is_read(shared_data: Path) -> None:
    folder = shared_data / "cds_hooks" / "context_only_from_hook_definitions"
    for path in sorted(folder.glob("*.json")):
        request = parsed(request_in(path, path.read_bytes()))
        assert request.hook in HOOKS
        assert request.context.resources != (), path.name
        assert request.context.unreadable == 0, path.name


SMALL = 400_000
"""Bytes. Larger files of real data hold more of the same."""


@pytest.mark.shared_data
def test_R_17_every_real_resource_is_readable_as_a_prefetch_value(
    shared_data: Path,
) -> None:
    read = 0
    for path in sorted(shared_data.rglob("*.json")):
        if "hostile" in path.parts or path.stat().st_size > SMALL:
            continue
        value = decode_json(path.read_bytes())
        if isinstance(value, dict) and "resourceType" in value:
            assert not isinstance(read_prefetch_value(value), Missing), path.name
            read += 1
    assert read > 100


@pytest.mark.shared_data
def test_J_09_real_data_stays_far_below_the_limit_of_nesting(shared_data: Path) -> None:
    for path in sorted(shared_data.rglob("*.json")):
        body = path.read_bytes()
        if len(body) < SMALL and "hostile" not in path.parts:
            assert not is_nested_deeper_than(60, body), path.name


@pytest.mark.shared_data
def test_X_05_real_numbers_are_equal_in_both_decodings(shared_data: Path) -> None:
    for path in sorted((shared_data / "cds_hooks").rglob("*.json")):
        body = path.read_bytes()
        try:
            value = decode_json(body)
        except CdsHooksError:
            continue
        assert decode_exactly(body) == value == json.loads(body.decode("utf-8-sig"))
