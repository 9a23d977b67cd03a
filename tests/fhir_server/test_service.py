"""The service and a FHIR server together: prefetch alone, server alone, and between."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.fhir_server.fhir_test_server import (
    FhirTestServer,
    hanging,
    next_page_at,
    running,
    status,
)
from tests.http.patients import (
    Json,
    bundle,
    cramps,
    metformin,
    patient,
    prefetch,
    request,
    without,
)
from tests.http.servers import serving


AUTHORIZATION = {
    "access_token": "opaque-token-of-one-call",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "patient/*.read",
    "subject": "cds-service",
}


@pytest.fixture
def chart() -> Iterator[FhirTestServer]:
    """The FHIR server that holds what `prefetch()` would have brought."""
    with running() as server:
        server.resources = [patient(), cramps(), metformin()]
        yield server


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with serving(fhir_failures=1_000, fhir_deadline_seconds=5) as url:
        yield f"{url}/cds-services/b12-patient-view"


def call(service: str, chart: FhirTestServer, **changes: Any) -> requests.Response:
    """A call that names `chart` and has no prefetch but what `changes` bring."""
    payload = {**without(request(), "prefetch"), "fhirServer": chart.base_url}
    return requests.post(service, json={**payload, **changes}, timeout=60)


def card_keys(response: requests.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [card["source"]["topic"]["code"] for card in response.json()["cards"]]


def test_P_14_the_service_works_from_the_fhir_server_alone(
    service: str, chart: FhirTestServer
) -> None:
    assert card_keys(call(service, chart)) == ["b12-screen"]
    types = set(chart.types_seen())
    assert {"Patient", "Condition", "MedicationRequest", "Observation"} <= types
    assert "Encounter" not in types


def test_P_14_both_routes_lead_to_the_same_card(
    service: str, chart: FhirTestServer
) -> None:
    (from_server,) = call(service, chart).json()["cards"]
    by_prefetch = requests.post(service, json=request(), timeout=60)
    (from_prefetch,) = by_prefetch.json()["cards"]
    assert from_server["summary"] == from_prefetch["summary"]
    assert (
        from_server["suggestions"][0]["label"]
        == (from_prefetch["suggestions"][0]["label"])
    )


def test_a_complete_prefetch_makes_no_call_though_a_fhir_server_is_named(
    service: str, chart: FhirTestServer
) -> None:
    keys = (
        "medicationDispenses medicationAdministrations symptoms serviceRequests"
        " familyHistory allergies nutritionOrders"
    ).split()
    complete = prefetch(**dict.fromkeys(keys))
    response = call(service, chart, prefetch=complete, fhirAuthorization=AUTHORIZATION)
    assert card_keys(response) == ["b12-screen"]
    assert chart.connections == 0


def test_P_04_null_is_not_asked_for_again(service: str, chart: FhirTestServer) -> None:
    response = call(service, chart, prefetch={"conditions": None})
    assert card_keys(response) == []
    assert "Condition" not in chart.types_seen()


def test_P_07_only_the_key_that_is_missing_is_read(
    service: str, chart: FhirTestServer
) -> None:
    response = call(service, chart, prefetch=without(prefetch(), "medicationRequests"))
    assert card_keys(response) == ["b12-screen"]
    types = chart.types_seen()
    assert "MedicationRequest" in types
    assert not {"Patient", "Condition", "Procedure"} & set(types)


def test_P_03_the_page_that_follows_a_prefetched_bundle_counts(
    service: str, chart: FhirTestServer
) -> None:
    """The medicine is on the second page."""
    first = bundle()
    first["total"] = 1
    link = f"{chart.base_url}/MedicationRequest?patient=p1"
    first["link"] = [{"relation": "next", "url": link}]
    response = call(service, chart, prefetch=prefetch(medicationRequests=first))
    assert card_keys(response) == ["b12-screen"]


def test_a_medicine_known_by_reference_alone_is_found(
    service: str, chart: FhirTestServer
) -> None:
    concept = metformin()["medicationCodeableConcept"]
    order = without(metformin(), "medicationCodeableConcept")
    order["medicationReference"] = {"reference": "Medication/tablet"}
    tablet = {"resourceType": "Medication", "id": "tablet", "code": concept}
    chart.resources = [patient(), cramps(), order, tablet]
    assert card_keys(call(service, chart)) == ["b12-screen"]


@pytest.mark.parametrize("code", [401, 403, 404, 500])
def test_P_11_what_the_fhir_server_does_not_give_is_named_in_a_412(
    service: str, chart: FhirTestServer, code: int
) -> None:
    chart.faults["MedicationRequest"] = status(code)
    chart.faults["MedicationStatement"] = status(code)
    response = call(service, chart)
    assert response.status_code == 412
    assert "medicationRequests" in response.text
    for private in ("Smith", "p1", chart.base_url):
        assert private not in response.text


def test_P_11_pages_elsewhere_are_data_that_is_missing(
    service: str, chart: FhirTestServer
) -> None:
    chart.resources = [patient(), cramps()]
    chart.faults["MedicationRequest"] = next_page_at("https://evil.example/fhir")
    response = call(service, chart)
    assert response.status_code == 412
    assert "medicationRequests" in response.text


def test_P_13_what_only_adds_to_the_advice_may_be_missing(
    service: str, chart: FhirTestServer
) -> None:
    chart.faults["FamilyMemberHistory"] = status(404)
    assert card_keys(call(service, chart)) == ["b12-screen"]


def test_without_cramps_nothing_else_needs_to_be_had(
    service: str, chart: FhirTestServer
) -> None:
    chart.resources = [patient()]
    chart.faults["MedicationRequest"] = status(500)
    assert card_keys(call(service, chart)) == []


def test_A_02_the_token_of_the_call_goes_with_every_query(
    service: str, chart: FhirTestServer
) -> None:
    call(service, chart, fhirAuthorization=AUTHORIZATION)
    assert {seen.headers["authorization"] for seen in chart.seen} == {
        f"Bearer {AUTHORIZATION['access_token']}"
    }


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "http://10.0.0.1/fhir",
        "https://ehr.example.org/fhir",
        "http://[::ffff:127.0.0.1]:{port}/fhir",
        "http://2130706433:{port}/fhir",
        "http://0x7f.1:{port}/fhir",
    ],
)
def test_A_06_a_server_that_is_not_ours_is_missing_data_and_no_call(
    service: str, chart: FhirTestServer, url: str
) -> None:
    named = url.format(port=chart.server_port)
    assert call(service, chart, fhirServer=named).status_code == 412
    assert chart.connections == 0


def test_a_server_that_hangs_does_not_hold_an_answer_up(chart: FhirTestServer) -> None:
    chart.faults["MedicationRequest"] = hanging
    chart.faults["MedicationStatement"] = hanging
    with serving(fhir_deadline_seconds=0.5) as url:
        response = call(f"{url}/cds-services/b12-patient-view", chart)
    assert response.elapsed.total_seconds() < 10
    assert response.status_code == 412
    assert "medicationRequests" in response.text


def test_calls_at_the_same_time_are_kept_apart(
    service: str, chart: FhirTestServer
) -> None:
    """Two patients, two tokens, eight calls at once."""
    other: list[Json] = [
        patient(id="p2"),
        cramps(id="c9", subject={"reference": "Patient/p2"}),
    ]
    chart.resources += other
    found: dict[int, list[str]] = {}

    def one(number: int) -> None:
        who = "p1" if number % 2 else "p2"
        context = {"userId": "Practitioner/u1", "patientId": who}
        token = {**AUTHORIZATION, "access_token": f"token-of-{who}"}
        found[number] = card_keys(
            call(service, chart, context=context, fhirAuthorization=token)
        )

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: ["b12-screen"] * (number % 2) for number in range(8)}
    for seen in chart.seen:
        who = (seen.query.get("patient") or [seen.path.rsplit("/", 1)[-1]])[0]
        assert seen.headers["authorization"] == f"Bearer token-of-{who}"
