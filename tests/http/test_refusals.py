"""Everything that is no answer: a status, an OperationOutcome, nothing else."""

import json
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.http.patients import (
    Json,
    bundle,
    cramps,
    patient,
    prefetch,
    request,
    without,
)
from tests.http.servers import serving


PATIENT_VIEW = "/cds-services/b12-patient-view"


def outcome(answer: requests.Response) -> Json:
    """The one issue of an OperationOutcome sent as JSON."""
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert body["resourceType"] == "OperationOutcome"
    (issue,) = body["issue"]
    assert issue["severity"] in ("error", "fatal")
    assert issue["details"]["text"]
    return dict(issue)


def post(base_url: str, body: Any, path: str = PATIENT_VIEW) -> requests.Response:
    return requests.post(f"{base_url}{path}", json=body, timeout=30)


def post_bytes(base_url: str, body: bytes) -> requests.Response:
    return requests.post(f"{base_url}{PATIENT_VIEW}", data=body, timeout=30)


@pytest.mark.parametrize(
    "body",
    [b"", b"   ", b"{", b"metformin", b"\xff\xfe{}", b'{"hook": "patient-view",}'],
)
def test_H_04_a_body_that_is_not_json_is_answered_400(
    base_url: str, body: bytes
) -> None:
    answer = post_bytes(base_url, body)
    assert answer.status_code == 400
    assert outcome(answer)["code"] == "structure"


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"7", b"null", b"true", b"{}"])
def test_R_13_json_that_is_no_request_is_answered_422(
    base_url: str, body: bytes
) -> None:
    assert post_bytes(base_url, body).status_code == 422


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        (without(request(), "hook"), "hook"),
        (request(hook="order-sign"), "hook"),
        (without(request(), "hookInstance"), "hookInstance"),
        (request(hookInstance=" "), "hookInstance"),
        (without(request(), "context"), "context"),
        (request(context={"userId": "Practitioner/u1"}), "context.patientId"),
        (
            request(context={"userId": "u1", "patientId": "p1"}),
            "context.userId",
        ),
        (request(prefetch=[]), "prefetch"),
        (request(fhirServer="not a url"), "fhirServer"),
    ],
)
def test_HK_01_a_wrong_field_is_named_in_the_422(
    base_url: str, changed: Json, field: str
) -> None:
    answer = post(base_url, changed)
    assert answer.status_code == 422
    assert outcome(answer)["expression"] == [field]


def test_J_09_a_hundred_thousand_levels_of_nesting_are_refused(base_url: str) -> None:
    answer = post_bytes(base_url, b"[" * 100_000 + b"]" * 100_000)
    assert answer.status_code == 422


def test_R_14_an_unknown_service_is_answered_404(base_url: str) -> None:
    answer = post(base_url, request(), "/cds-services/b12-no-such")
    assert answer.status_code == 404
    assert outcome(answer)["code"] == "not-found"


@pytest.mark.parametrize("path", ["/nothing", "/cds-services/a/b/c", "/static/no.png"])
def test_H_08_an_unknown_path_is_answered_404_as_json(base_url: str, path: str) -> None:
    answer = requests.get(f"{base_url}{path}", timeout=30)
    assert answer.status_code == 404
    outcome(answer)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", PATIENT_VIEW, "OPTIONS, POST"),
        ("DELETE", PATIENT_VIEW, "OPTIONS, POST"),
        ("POST", "/cds-services", "GET, HEAD, OPTIONS"),
        ("PUT", "/", "GET, HEAD, OPTIONS"),
        ("POST", "/healthz", "GET, HEAD, OPTIONS"),
    ],
)
def test_H_09_a_wrong_method_is_answered_405_with_the_right_ones(
    base_url: str, method: str, path: str, allowed: str
) -> None:
    answer = requests.request(method, f"{base_url}{path}", timeout=30)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == allowed
    outcome(answer)


def test_P_12_conditions_that_nobody_sent_are_answered_412_with_their_key(
    base_url: str,
) -> None:
    answer = post(base_url, request(prefetch=without(prefetch(), "conditions")))
    assert answer.status_code == 412
    assert outcome(answer)["expression"] == ["prefetch.conditions"]


def test_P_09_without_any_prefetch_the_answer_is_412(base_url: str) -> None:
    answer = post(base_url, without(request(), "prefetch"))
    assert answer.status_code == 412
    assert "prefetch.conditions" in outcome(answer)["expression"]


def test_P_16_cramps_of_nobody_known_are_answered_412(base_url: str) -> None:
    answer = post(base_url, request(prefetch=prefetch(patient=None)))
    assert answer.status_code == 412
    assert outcome(answer)["expression"] == ["prefetch.patient"]


def test_P_06_a_failed_search_for_conditions_is_no_absence_of_cramps(
    base_url: str,
) -> None:
    failed = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "forbidden"}],
    }
    answer = post(base_url, request(prefetch=prefetch(conditions=failed)))
    assert answer.status_code == 412
    assert outcome(answer)["expression"] == ["prefetch.conditions"]


def test_P_03_conditions_of_which_a_page_is_missing_are_not_all_conditions(
    base_url: str,
) -> None:
    first_page = {
        **bundle(cramps(code={"text": "hay fever"})),
        "link": [{"relation": "next", "url": "https://ehr.example/fhir?page=2"}],
    }
    answer = post(base_url, request(prefetch=prefetch(conditions=first_page)))
    assert answer.status_code == 412


def test_P_01_another_patient_s_data_is_refused(base_url: str) -> None:
    other = prefetch(patient=patient(id="somebody-else"))
    answer = post(base_url, request(prefetch=other))
    assert answer.status_code == 422
    assert "context.patientId" in outcome(answer)["expression"]


def test_HK_10_draft_orders_that_were_stripped_are_answered_412(base_url: str) -> None:
    stripped = request(hook="order-sign")
    answer = post(base_url, stripped, "/cds-services/b12-order-sign")
    assert answer.status_code == 412
    assert outcome(answer)["expression"] == ["context.draftOrders"]


def test_a_compressed_body_is_answered_415(base_url: str) -> None:
    answer = requests.post(
        f"{base_url}{PATIENT_VIEW}",
        data=b"\x1f\x8b",
        headers={"Content-Encoding": "gzip"},
        timeout=30,
    )
    assert answer.status_code == 415
    outcome(answer)


def test_H_10_a_body_over_the_limit_is_answered_413_before_it_is_read() -> None:
    with serving(max_body_bytes=2000) as url:
        at_limit = json.dumps(request(prefetch={})).encode().ljust(2000)
        assert post_bytes(url, at_limit).status_code == 412
        answer = post_bytes(url, at_limit + b" ")
        assert answer.status_code == 413
        assert outcome(answer)["code"] == "too-long"


def test_a_body_that_breaks_off_is_answered_400(base_url: str) -> None:
    # What arrives is valid JSON: only its length says that it is not all.
    body = json.dumps(request()).encode()
    head = (
        f"POST {PATIENT_VIEW} HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body) + 500}\r\n\r\n"
    )
    address = urlsplit(base_url)
    assert address.hostname
    assert address.port
    with socket.create_connection((address.hostname, address.port), 30) as client:
        client.sendall(head.encode() + body)
        client.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"OperationOutcome" in answer


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/fhir+json",
        "text/plain",
        None,
    ],
)
def test_J_12_any_content_type_is_read_as_json(
    base_url: str, content_type: str | None
) -> None:
    answer = requests.post(
        f"{base_url}{PATIENT_VIEW}",
        data=json.dumps(request()).encode(),
        headers={"Content-Type": content_type} if content_type else {},
        timeout=30,
    )
    assert answer.status_code == 200
