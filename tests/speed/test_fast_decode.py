"""What the fast decoder drops, what it keeps, and what it refuses."""

import json
from typing import Any

import pytest

from bench.bodies import chart_request
from cds_hooks.decoding import decode_json
from cds_hooks.errors import BodyNotJson, RequestNotConformant
from service.fast_decode import MOST_KEPT
from service.fhir.versions import unsupported_version
from tests.speed.test_budget import calls_of
from tests.speed.two_paths import fast_answer, fast_decode, plain_answer


LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"


def coded(system: str, code: str, **more: Any) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}], **more}


SPRAIN = {"resourceType": "Condition", "id": "c1", "code": coded(SNOMED, "44465007")}
CRAMP = {"resourceType": "Condition", "id": "c2", "code": coded(SNOMED, "55300003")}
WEIGHT = {
    "resourceType": "Observation",
    "id": "o1",
    "category": [{"coding": [{"code": "vital-signs"}]}],
    "code": coded(LOINC, "29463-7"),
    "valueQuantity": {"value": 80, "unit": "kg"},
}


def request_with(
    *resources: Any, key: str = "conditions", **context: str
) -> dict[str, Any]:
    return {
        "hook": "patient-view",
        "hookInstance": "3d1b6a2e-5f0c-4c1d-9b7e-2a9f1c0e7d55",
        "context": {"userId": "Practitioner/x", "patientId": "p1", **context},
        "prefetch": {
            "patient": {"resourceType": "Patient", "id": "p1"},
            key: {
                "resourceType": "Bundle",
                "type": "searchset",
                "total": len(resources),
                "entry": [{"resource": resource} for resource in resources],
            },
        },
    }


def body_with(*resources: Any, **more: str) -> bytes:
    return json.dumps(request_with(*resources, **more)).encode()


def left_of(body: bytes, key: str = "conditions") -> list[Any]:
    """The resources that come out of the decoder under a key."""
    payload: Any = fast_decode()(body)
    return [entry["resource"] for entry in payload["prefetch"][key]["entry"]]


def test_what_is_of_no_concern_is_dropped_and_one_stands_in_for_all() -> None:
    other = {**SPRAIN, "id": "c3"}
    assert left_of(body_with(SPRAIN, CRAMP, other)) == [
        CRAMP,
        {"resourceType": "Condition"},
    ]


def test_the_total_is_that_of_what_is_left() -> None:
    payload: Any = fast_decode()(body_with(SPRAIN, CRAMP, {**SPRAIN, "id": "c3"}))
    assert payload["prefetch"]["conditions"]["total"] == 2


def test_nothing_is_left_of_a_chart_but_what_matters_and_stand_ins() -> None:
    payload: Any = fast_decode()(json.dumps(chart_request(300)).encode())
    left = sum(
        len(each["entry"])
        for each in payload["prefetch"].values()
        if each and "entry" in each
    )
    assert left == 5 + 6


@pytest.mark.parametrize(
    "kept",
    [
        {**SPRAIN, "code": {"text": "leg cramps"}},
        {**SPRAIN, "code": coded("http://unknown.example.org", "1")},
        {**SPRAIN, "code": coded(SNOMED, " 55300003 ")},
        {**SPRAIN, "code": [coded(SNOMED, "44465007")]},
        {**SPRAIN, "code": "sprain"},
        {"resourceType": "SomethingNew", "id": "1"},
        {"resourceType": "Medication", "id": "1"},
        {"id": "without a type"},
        {**WEIGHT, "component": [{"code": coded(LOINC, "718-7")}]},
        {**WEIGHT, "valueString": "leg cramps at night"},
        {**WEIGHT, "valueCodeableConcept": coded(SNOMED, "55300003")},
        {
            "resourceType": "MedicationRequest",
            "medicationCodeableConcept": {"text": "Glucophage / metformin 500"},
        },
        {
            "resourceType": "MedicationStatement",
            "medicationReference": {"reference": "#m"},
        },
    ],
    ids=str,
)
def test_what_may_matter_is_kept_as_it_came(kept: Any) -> None:
    assert kept in left_of(body_with(SPRAIN, kept))


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Condition", "dateRecorded": "2015-01-01"},
        {"resourceType": "Condition", "patient": {"reference": "Patient/p1"}},
        {"resourceType": "Encounter", "id": "e", "patient": {"reference": "x"}},
        {"resourceType": "MedicationStatement", "wasNotTaken": True},
        {"resourceType": "MedicationAdministration", "wasNotGiven": True},
        {"resourceType": "MedicationAdministration", "effectiveTimeDateTime": "2015"},
        {"resourceType": "MedicationDispense", "dispenser": {"reference": "x"}},
        {"resourceType": "Procedure", "notPerformed": True},
        {"resourceType": "Procedure", "reasonNotPerformed": [{"text": "x"}]},
        {"resourceType": "MedicationOrder", "id": "m"},
    ],
    ids=str,
)
def test_what_shows_an_old_version_of_fhir_is_kept(resource: Any) -> None:
    named = {"code": coded(SNOMED, "44465007"), **resource}
    assert unsupported_version(named)
    assert named in left_of(body_with(SPRAIN, named))


def test_a_newer_version_of_no_concern_replaces_an_older_one_that_mattered() -> None:
    newer = {**SPRAIN, "id": CRAMP["id"], "meta": {"versionId": "2"}}
    body = body_with(CRAMP, newer)
    assert fast_decode()(body) == decode_json(body)


def test_the_reason_of_the_visit_is_found_among_conditions_of_no_concern() -> None:
    visit = {
        "resourceType": "Encounter",
        "id": "e1",
        "reasonReference": [{"reference": "Condition/c1", "display": "leg cramps"}],
    }
    body = body_with(SPRAIN, visit, encounterId="e1")
    assert fast_decode()(body) == decode_json(body)
    assert fast_answer(body) == plain_answer(body)


@pytest.mark.parametrize("key", ["vitals", "labs", "results", "laboratory"])
def test_vital_signs_do_not_pass_for_laboratory_results(key: str) -> None:
    body = body_with(WEIGHT, {**WEIGHT, "id": "o2"}, key=key)
    assert fast_answer(body) == plain_answer(body)
    # Under a key of ours, whose name says what it is, categories are not looked at.
    if key != "laboratory":
        assert left_of(body, key) == [
            {"resourceType": "Observation", "category": WEIGHT["category"]}
        ]


def spoilt(resource: Any, member: str) -> bytes:
    """A body with one resource that has ``member``, written out, in addition."""
    text = json.dumps(request_with(SPRAIN, resource))
    end = json.dumps(resource)
    return text.replace(end, f"{end[:-1]}, {member}}}").encode()


FAULTS = {
    "a member twice": '"note": 1, "note": 2',
    "a number without end": f'"note": {"1" * 200}',
    "nesting": f'"note": {"[" * 300}{"]" * 300}',
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_in_what_is_kept_is_refused_as_ever(fault: str) -> None:
    body = spoilt(CRAMP, fault)
    with pytest.raises(RequestNotConformant) as refusal:
        decode_json(body)
    with pytest.raises(RequestNotConformant) as fast:
        fast_decode()(body)
    assert str(fast.value) == str(refusal.value)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_in_what_nobody_reads_does_no_harm(fault: str) -> None:
    body = spoilt({**SPRAIN, "id": "c3"}, fault)
    assert left_of(body) == [{"resourceType": "Condition"}]


@pytest.mark.parametrize(
    "body",
    [
        b'{"hook": "a", "hook": "b", "prefetch": {}}',
        b'{"prefetch": {"conditions": null, "conditions": {}}}',
        b'{"prefetch": {"c": {"resourceType": "Bundle", "entry": [], "entry": []}}}',
        b'{"prefetch": {"p": {"resourceType": "Patient", "id": "1", "id": "2"}}}',
        b'{"prefetch": {}, "context": {"patientId": "1", "patientId": "2"}}',
        b'{"prefetch": {}, "context": {"a": {"b": {"c": 1, "c": 2}}}}',
    ],
)
def test_a_member_that_occurs_twice_around_the_entries_is_refused(body: bytes) -> None:
    with pytest.raises(RequestNotConformant, match="twice"):
        fast_decode()(body)


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (rb"\ud800", RequestNotConformant),
        (rb"\udc00", RequestNotConformant),
        (b"\xff", BodyNotJson),
        (b"\x01", BodyNotJson),
        (rb"\x", BodyNotJson),
    ],
)
def test_a_fault_of_the_text_is_refused_wherever_it_is(
    spoil: bytes, error: type[Exception]
) -> None:
    body = body_with({**SPRAIN, "id": "spoil"}).replace(b'"spoil"', b'"' + spoil + b'"')
    with pytest.raises(error):
        fast_decode()(body)


@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"[]", b"null", b"1", b'{"prefetch": 1}', b'{"hook": 1.5}', b"{"],
)
def test_what_is_no_request_is_decoded_or_refused_as_ever(body: bytes) -> None:
    def outcome(decode: Any) -> object:
        try:
            return decode(body)
        except BodyNotJson as refusal:
            return str(refusal)

    assert outcome(fast_decode()) == outcome(decode_json)


def test_a_byte_order_mark_is_allowed() -> None:
    body = body_with(CRAMP)
    assert fast_decode()(b"\xef\xbb\xbf" + body) == decode_json(body)


def test_a_bundle_of_odd_entries_is_decoded_at_once_and_not_one_by_one() -> None:
    request = request_with(CRAMP)
    request["prefetch"]["conditions"]["entry"] += [0] * (MOST_KEPT + 1)
    body = json.dumps(request).encode()
    assert fast_decode()(body) == decode_json(body)
    assert calls_of(lambda: fast_decode()(body)) < 10 * MOST_KEPT
