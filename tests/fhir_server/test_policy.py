"""Which servers may be called for a client (A-01, A-06)."""

import pytest

from service.fhir_server.answers import Reason, Unreadable
from service.fhir_server.policy import CallPolicy
from tests.fhir_server.calls import PATIENT, fetch, fhir_servers, request_to
from tests.fhir_server.fhir_test_server import FhirTestServer


LISTED = "https://ehr.example.org/fhir"

PRODUCTION = CallPolicy.of([LISTED, "https://10.0.0.5/fhir", "http://127.0.0.1:8090"])
DEVELOPMENT = CallPolicy.of([LISTED, "http://plain.example.org"], development=True)


def refusal(policy: CallPolicy, url: str, *, has_token: bool = True) -> Reason | None:
    try:
        policy.admitted(url, has_token=has_token)
    except Unreadable as fault:
        return fault.reason
    return None


@pytest.mark.parametrize("url", [LISTED, f"{LISTED}/", f"{LISTED}/tenant"])
def test_A_06_a_listed_server_may_be_called(url: str) -> None:
    assert refusal(PRODUCTION, url) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/fhir",
        "https://ehr.example.org/other",
        "http://ehr.example.org/fhir",
        "https://ehr.example.org:444/fhir",
        "https://ehr.example.org@evil.example/fhir",
        "https://169.254.169.254/latest/meta-data",
        "not a url",
    ],
)
@pytest.mark.parametrize("policy", [PRODUCTION, DEVELOPMENT])
def test_A_06_a_server_that_is_not_listed_may_not_be_called(
    policy: CallPolicy, url: str
) -> None:
    assert refusal(policy, url) == Reason.SERVER_NOT_ALLOWED


def test_A_06_a_private_address_may_be_called_where_it_is_listed() -> None:
    assert refusal(PRODUCTION, "https://10.0.0.5/fhir") is None
    assert refusal(PRODUCTION, "https://10.0.0.6/fhir") == Reason.SERVER_NOT_ALLOWED


def test_A_01_a_server_is_called_with_a_token_only() -> None:
    assert refusal(PRODUCTION, LISTED, has_token=False) == Reason.NO_TOKEN


def test_A_06_https_is_required_outside_development_even_where_http_is_listed() -> None:
    assert refusal(PRODUCTION, "http://127.0.0.1:8090") == Reason.SERVER_NOT_ALLOWED


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8090/fhir", "http://localhost:8090", "http://[::1]:8090/baseR4"],
)
def test_in_development_any_server_of_this_machine_may_be_called_without_a_token(
    url: str,
) -> None:
    assert refusal(DEVELOPMENT, url, has_token=False) is None


def test_in_development_a_listed_server_may_be_called_without_a_token() -> None:
    assert refusal(DEVELOPMENT, LISTED, has_token=False) is None


def test_in_development_http_is_for_this_machine_alone() -> None:
    """A token in clear text goes over no network."""
    assert refusal(DEVELOPMENT, "http://plain.example.org") == Reason.SERVER_NOT_ALLOWED


def test_A_06_no_connection_is_made_to_a_server_that_may_not_be_called(
    fhir: FhirTestServer,
) -> None:
    with fhir_servers() as servers:
        reader = servers.reader(CallPolicy())
        fetched = fetch(
            reader, request_to(fhir.base_url), [PATIENT], next_pages={"a": "?page=2"}
        )
    assert fetched.reads["patient"].reason == Reason.SERVER_NOT_ALLOWED
    assert fetched.pages["a"].reason == Reason.SERVER_NOT_ALLOWED
    assert fhir.connections == 0
