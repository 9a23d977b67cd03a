"""Resources are found in whatever holds them."""

import pytest

from service.fhir.bundles import resources_of
from service.fhir.subjects import patient_ids
from tests.fhir.charts import Json, condition, read


def bundle(*entries: Json, **elements: object) -> Json:
    return {"resourceType": "Bundle", "entry": list(entries), **elements}


PATIENT = {"resourceType": "Patient", "id": "p1"}


@pytest.mark.parametrize(
    "payload",
    [
        PATIENT,
        [PATIENT],
        bundle({"resource": PATIENT}),
        bundle({"resource": PATIENT}, type="searchset"),
        bundle(PATIENT),
        {"resourceType": "Bundle", "entry": {"resource": PATIENT}},
        bundle({"resource": bundle({"resource": PATIENT})}),
        [bundle({"resource": PATIENT}), None, {}],
        {"resourceType": "Parameters", "parameter": [{"resource": PATIENT}]},
        {"response": {"status": "200 OK"}, "resource": PATIENT},
    ],
)
def test_a_resource_is_found(payload: object) -> None:
    assert [resource.id for resource in resources_of(payload)] == ["p1"]


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "Patient",
        7,
        [],
        {},
        {"resourceType": "Bundle"},
        bundle({"request": {"method": "DELETE", "url": "Patient/1"}}),
        bundle({"resource": {"resourceType": "OperationOutcome"}}),
        bundle({"resource": None}, {"resource": "x"}, {"resource": []}),
    ],
)
def test_what_holds_no_resource_yields_none(payload: object) -> None:
    assert resources_of(payload) == ()


def test_a_bundle_nested_without_end_is_left_after_a_while() -> None:
    payload: Json = PATIENT
    for _ in range(5_000):
        payload = bundle({"resource": payload})
    assert resources_of(payload) == ()


def test_full_urls_and_what_is_in_hand_are_kept() -> None:
    entry = {"fullUrl": "urn:uuid:1", "resource": PATIENT}
    (resource,) = resources_of(bundle(entry), in_hand=True)
    assert resource.full_url == "urn:uuid:1"
    assert resource.in_hand
    (read_later,) = read(condition(), in_hand=True).conditions
    assert read_later.source.in_hand


def test_the_patients_one_may_ask_about_are_listed_once_each_in_order() -> None:
    second = {"resourceType": "Patient", "id": "p0"}
    unnamed = {"fullUrl": "urn:uuid:u1", "resource": {"resourceType": "Patient"}}
    resources = resources_of([PATIENT, second, PATIENT, bundle(unnamed)])
    assert patient_ids(resources) == ("p1", "p0", "u1")
