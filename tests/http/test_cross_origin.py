"""Web pages of other origins may call the service in development, whatever happens."""

import pytest
import requests

from tests.http.patients import request


SANDBOX = "https://sandbox.cds-hooks.org"
PATHS = ["/cds-services", "/cds-services/b12-patient-view"]


def calls(base_url: str, origin: str | None) -> dict[str, requests.Response]:
    """One call for each status the service has, as a browser on ``origin`` makes it."""
    headers = {"Origin": origin} if origin else {}
    patient_view = f"{base_url}/cds-services/b12-patient-view"
    made = {
        "discovery": ("GET", f"{base_url}/cds-services", None),
        "cards": ("POST", patient_view, request()),
        "page": ("GET", f"{base_url}/", None),
        "not conformant": ("POST", patient_view, {}),
        "data absent": ("POST", patient_view, request(prefetch={})),
        "unknown service": ("POST", f"{base_url}/cds-services/none", {}),
        "wrong method": ("PUT", patient_view, {}),
        "icon": ("GET", f"{base_url}/static/icon.png", None),
    }
    return {
        name: requests.request(method, url, json=body, headers=headers, timeout=30)
        for name, (method, url, body) in made.items()
    }


def test_the_calls_of_this_test_end_in_different_ways(base_url: str) -> None:
    statuses = {answer.status_code for answer in calls(base_url, SANDBOX).values()}
    assert statuses == {200, 422, 412, 404, 405}


def test_CORS_04_every_answer_names_the_origin_that_asked(base_url: str) -> None:
    for name, answer in calls(base_url, SANDBOX).items():
        assert answer.headers["Access-Control-Allow-Origin"] == SANDBOX, name
        assert "Origin" in answer.headers["Vary"], name
        assert "Access-Control-Allow-Credentials" not in answer.headers, name


def test_CORS_05_without_an_origin_there_are_no_cors_headers(base_url: str) -> None:
    for name, answer in calls(base_url, None).items():
        found = [each for each in answer.headers if each.startswith("Access-Control")]
        assert found == [], name
        assert "Origin" in answer.headers["Vary"], name


@pytest.mark.parametrize("path", PATHS)
def test_CORS_01_a_preflight_needs_no_authentication_and_is_not_redirected(
    base_url: str, path: str
) -> None:
    answer = requests.options(
        f"{base_url}{path}",
        headers={
            "Origin": SANDBOX,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
        allow_redirects=False,
        timeout=30,
    )
    assert answer.status_code == 204
    assert answer.content == b""
    assert answer.headers["Access-Control-Allow-Origin"] == SANDBOX
    methods = answer.headers["Access-Control-Allow-Methods"].split(", ")
    assert {"GET", "POST", "OPTIONS"} <= set(methods)
    headers = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"authorization", "content-type"} <= set(headers)


def test_a_public_page_may_call_the_service_on_the_own_machine(base_url: str) -> None:
    answer = requests.options(
        f"{base_url}/cds-services",
        headers={
            "Origin": SANDBOX,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Private-Network": "true",
        },
        timeout=30,
    )
    assert answer.headers["Access-Control-Allow-Private-Network"] == "true"
