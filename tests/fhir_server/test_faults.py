"""Whatever a FHIR server does wrong becomes a reason, never an error of ours."""

import json
import logging
import time

import pytest

from service.fhir_server.answers import Reason
from service.fhir_server.reader import CallLimits, ServerReader
from tests.fhir_server.calls import (
    CONDITIONS,
    DEVELOPMENT,
    PATIENT,
    TOKEN,
    condition,
    fetch,
    fhir_servers,
    ids_in,
    patient,
    request_to,
)
from tests.fhir_server.fhir_test_server import (
    Fault,
    FhirTestServer,
    body,
    broken_headers,
    closing,
    closing_once,
    delayed,
    dripping_body,
    dripping_headers,
    gzip_bomb,
    hanging,
    huge,
    operation_outcome,
    redirected_to,
    status,
    truncated,
)


GENEROUS = 5.0
"""Seconds that half a second may take on a machine that is busy with other things."""


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (401, Reason.NOT_AUTHORISED),
        (403, Reason.NOT_AUTHORISED),
        (404, Reason.NOT_FOUND),
        (410, Reason.NOT_FOUND),
        (400, Reason.QUERY_REFUSED),
        (422, Reason.QUERY_REFUSED),
        (429, Reason.TOO_MANY_REQUESTS),
        (500, Reason.SERVER_ERROR),
        (503, Reason.SERVER_ERROR),
        (204, Reason.NOT_FHIR),
    ],
)
def test_A_07_a_status_that_is_no_success_makes_that_read_unavailable(
    fhir: FhirTestServer, reader: ServerReader, code: int, reason: Reason
) -> None:
    fhir.faults["Condition"] = status(code)
    fetched = fetch(reader, request_to(fhir.base_url), [PATIENT, CONDITIONS])
    assert fetched.reads["conditions"].content is None
    assert fetched.reads["conditions"].reason == reason
    assert fetched.reads["patient"].content == fhir.resources[0]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (body(b"{"), Reason.NOT_FHIR),
        (body(b""), Reason.NOT_FHIR),
        (body(b"null"), Reason.NOT_FHIR),
        (body([condition("c1")]), Reason.NOT_FHIR),
        (body({"no": "resourceType"}), Reason.NOT_FHIR),
        (body({"resourceType": None}), Reason.NOT_FHIR),
        (body(b'{"resourceType": "Bundle", "total": NaN}'), Reason.NOT_FHIR),
        (body(b"\xff\xfe{}"), Reason.NOT_FHIR),
        (body(b"[" * 100_000), Reason.NOT_FHIR),
        (body(b"<html><body>Sign in</body></html>", "text/html"), Reason.NOT_FHIR),
        (body(operation_outcome("processing")), Reason.OPERATION_OUTCOME),
        (body(condition("c1")), Reason.WRONG_RESOURCE),
        (
            body({"resourceType": "Bundle", "entry": [{"resource": patient("p2")}]}),
            Reason.WRONG_RESOURCE,
        ),
        (truncated, Reason.CONNECTION_FAILED),
        (closing, Reason.CONNECTION_FAILED),
        (
            lambda exchange: exchange.send(200, b"no gzip", Content_Encoding="gzip"),
            Reason.NOT_FHIR,
        ),
    ],
)
def test_an_answer_that_is_not_the_bundle_asked_for_makes_that_read_unavailable(
    fhir: FhirTestServer, reader: ServerReader, fault: Fault, reason: Reason
) -> None:
    fhir.faults["Condition"] = fault
    fetched = fetch(reader, request_to(fhir.base_url), [PATIENT, CONDITIONS])
    assert fetched.reads["conditions"].content is None
    assert fetched.reads["conditions"].reason == reason
    assert fetched.reads["patient"].content == fhir.resources[0]


@pytest.mark.parametrize(
    "given",
    [patient("p2"), {"resourceType": "Patient"}, {**condition("p1")}],
    ids=["another patient", "a patient without id", "another type"],
)
def test_P_01_a_read_must_bring_the_very_resource_that_was_named(
    fhir: FhirTestServer, reader: ServerReader, given: dict[str, object]
) -> None:
    fhir.faults["Patient"] = body(given)
    fetched = fetch(reader, request_to(fhir.base_url), [PATIENT])
    assert fetched.reads["patient"].reason == Reason.WRONG_RESOURCE
    assert fetched.reads["patient"].content is None


def test_medications_that_come_along_with_a_search_are_kept(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    medication = {"resourceType": "Medication", "id": "m1"}
    fhir.faults["Condition"] = body(
        {
            "resourceType": "Bundle",
            "entry": [
                {"resource": condition("c1")},
                {"resource": medication, "search": {"mode": "include"}},
                {"resource": operation_outcome("informational", "warning")},
            ],
        }
    )
    fetched = fetch(reader, request_to(fhir.base_url), [CONDITIONS])
    assert fetched.reads["conditions"].reason is None
    assert medication in [
        entry["resource"] for entry in fetched.reads["conditions"].content["entry"]
    ]


def test_nobody_listening_makes_every_read_unavailable(reader: ServerReader) -> None:
    nobody = "http://127.0.0.1:1/fhir"
    fetched = fetch(reader, request_to(nobody), [PATIENT, CONDITIONS])
    assert {answer.reason for answer in fetched.all_answers()} == {
        Reason.CONNECTION_FAILED
    }


def test_a_connection_that_breaks_before_any_answer_is_tried_once_more(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fhir.faults["Condition"] = closing_once()
    fetched = fetch(reader, request_to(fhir.base_url), [CONDITIONS])
    assert ids_in(fetched.reads["conditions"].content) == ["c1", "c2"]
    assert len(fhir.seen) == 2


@pytest.mark.parametrize(
    "fault",
    [hanging, dripping_body, dripping_headers, delayed(30)],
    ids=["hanging", "dripping body", "dripping headers", "late"],
)
def test_A_08_no_call_is_held_up_beyond_its_deadline(
    fhir: FhirTestServer, hurried_reader: ServerReader, fault: Fault
) -> None:
    fhir.faults["Condition"] = fault
    begun = time.monotonic()
    fetched = fetch(hurried_reader, request_to(fhir.base_url), [PATIENT, CONDITIONS])
    assert 0.4 < time.monotonic() - begun < GENEROUS
    assert fetched.reads["conditions"].reason == Reason.TIMEOUT
    assert fetched.reads["patient"].content == fhir.resources[0]


@pytest.mark.parametrize(
    "fault",
    [hanging, dripping_body, dripping_headers],
    ids=["hanging", "dripping body", "dripping headers"],
)
def test_a_thread_is_free_again_soon_after_the_deadline(
    fhir: FhirTestServer, fault: Fault
) -> None:
    """With one thread: were it still held, the second call could not be answered."""
    limits = CallLimits(seconds=0.5)
    with fhir_servers(limits=limits, threads=1) as servers:
        reader = servers.reader(DEVELOPMENT)
        fhir.faults["Condition"] = fault
        fetch(reader, request_to(fhir.base_url), [CONDITIONS])
        servers.threads.submit(lambda: None).result(timeout=GENEROUS)
        fetched = fetch(reader, request_to(fhir.base_url), [PATIENT])
    assert fetched.reads["patient"].content == fhir.resources[0]


def test_A_04_a_token_that_is_out_of_time_is_not_used(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fetched = fetch(reader, request_to(fhir.base_url, expires_in=0), [PATIENT])
    assert fetched.reads["patient"].reason == Reason.TOKEN_EXPIRED
    assert fhir.connections == 0


def test_A_04_no_query_goes_on_when_its_token_s_time_is_over(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fhir.faults["Condition"] = hanging
    begun = time.monotonic()
    fetched = fetch(reader, request_to(fhir.base_url, expires_in=1), [CONDITIONS])
    assert 0.9 < time.monotonic() - begun < GENEROUS
    assert fetched.reads["conditions"].reason == Reason.TIMEOUT


@pytest.mark.parametrize("fault", [huge(3_000_000), gzip_bomb(3_000_000)])
def test_an_answer_larger_than_allowed_is_given_up(
    fhir: FhirTestServer, fault: Fault
) -> None:
    fhir.faults["Condition"] = fault
    limits = CallLimits(seconds=10, max_bytes=1_000_000)
    with fhir_servers(limits=limits) as servers:
        reader = servers.reader(DEVELOPMENT)
        fetched = fetch(reader, request_to(fhir.base_url), [CONDITIONS])
    assert fetched.reads["conditions"].reason == Reason.TOO_LARGE


@pytest.mark.parametrize(("spare", "reason"), [(0, None), (-1, Reason.TOO_LARGE)])
def test_the_allowance_counts_decompressed_bytes_of_the_whole_call(
    fhir: FhirTestServer, spare: int, reason: Reason | None
) -> None:
    content = json.dumps(patient()).encode()
    fhir.faults["Patient"] = body(content)
    limits = CallLimits(seconds=10, max_bytes=len(content) + spare)
    with fhir_servers(limits=limits) as servers:
        reader = servers.reader(DEVELOPMENT)
        fetched = fetch(reader, request_to(fhir.base_url), [PATIENT])
    assert fetched.reads["patient"].reason == reason


def test_A_05_a_redirect_to_another_origin_is_not_followed(
    fhir: FhirTestServer, elsewhere: FhirTestServer, reader: ServerReader
) -> None:
    fhir.faults["Condition"] = redirected_to(f"{elsewhere.base_url}/Condition")
    fetched = fetch(reader, request_to(fhir.base_url), [CONDITIONS])
    assert fetched.reads["conditions"].reason == Reason.REDIRECTED
    assert elsewhere.connections == 0


def test_A_05_a_redirect_on_the_same_origin_is_not_followed_either(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fhir.faults["Condition"] = redirected_to(f"{fhir.origin}/elsewhere")
    fetched = fetch(reader, request_to(fhir.base_url), [CONDITIONS])
    assert fetched.reads["conditions"].reason == Reason.REDIRECTED
    assert len(fhir.seen) == 1


def test_A_03_what_is_logged_of_a_failure_names_our_keys_and_reasons_only(
    fhir: FhirTestServer,
    reader: ServerReader,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    fhir.faults["Condition"] = status(500)
    fhir.faults["Patient"] = broken_headers
    fetch(reader, request_to(fhir.base_url), [PATIENT, CONDITIONS])
    written = "".join(capfd.readouterr()) + caplog.text
    assert "server-error" in written
    for private in (TOKEN, "Patient/p1", "p1", "Smith", fhir.base_url):
        assert private not in written
