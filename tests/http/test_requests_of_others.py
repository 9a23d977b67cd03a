"""Requests that other projects and HL7's hook pages hold, put to a running service.

They lie in the folder of real data (SHARED_DATA) and are skipped without it. Each has
its answer here, with the reason; a file that is not here fails the test.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from service.catalogue import SERVICE_BY_ID
from tests.http.patients import Json, bundle, patient


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A status, the fields that its OperationOutcome names, and why it is right."""

    status: int
    fields: tuple[str, ...] = ()
    why: str


NOTHING_TO_SAY = Expected(status=200, why="problems were sent, and no cramps in them")
NO_PROBLEMS = Expected(
    status=412,
    fields=("prefetch.conditions",),
    why="no problems were sent: there may be cramps",
)
STRIPPED = Expected(
    status=412, fields=("context.draftOrders",), why="draftOrders were left out"
)
ANOTHER_HOOK = Expected(
    status=422, fields=("hook",), why="a hook for which no service is offered"
)
PREFIXED_ID = Expected(
    status=422, fields=("context.patientId",), why="patientId is Patient/…"
)
ANOTHER_PATIENT = Expected(
    status=422,
    fields=("prefetch.patient", "context.patientId"),
    why="the Patient is not the one of the context",
)
DSTU2 = Expected(status=422, fields=("context",), why="resources of FHIR DSTU2")

REQUESTS: Mapping[str, Expected] = {
    "appointment-book__davinci-crd-test-kit__appointment_book": NO_PROBLEMS,
    "encounter-start__davinci-crd-test-kit__encounter_start": NO_PROBLEMS,
    "medication-prescribe__": ANOTHER_HOOK,
    "order-dispatch__": ANOTHER_HOOK,
    "order-review__": ANOTHER_HOOK,
    "order-select__cds-hooks-for-pama__": NO_PROBLEMS,
    "order-select__cqf-ruler__opioidcds-04": PREFIXED_ID,
    "order-select__davinci-crd-test-kit__": NO_PROBLEMS,
    "order-select__fimea-risk-medications-cds__": NO_PROBLEMS,
    "order-select__sero__real_epic_2021_connectathon": NO_PROBLEMS,
    "order-select__test-cases__cdshooks-request-order-select-ext": STRIPPED,
    "order-select__test-cases__cdshooks-request-order-select-good": NO_PROBLEMS,
    "order-sign__CRD__deviceRequest": NO_PROBLEMS,
    "order-sign__cds-hooks-proto__scenario1": NO_PROBLEMS,
    "order-sign__cds-hooks-proto__scenario4": NOTHING_TO_SAY,
    "order-sign__davinci-crd__CRDServiceRequest": NO_PROBLEMS,
    "order-sign__rems-admin__ExampleHook": NO_PROBLEMS,
    "order-sign__test-cases__cdshooks-request-order-sign-bad-2": PREFIXED_ID,
    "patient-view__AHRQ-CDS-Connect-CQL-SERVI__": ANOTHER_PATIENT,
    "patient-view__cds-services__PatientViewSampleRequest": NOTHING_TO_SAY,
    "patient-view__cqf-ruler__": PREFIXED_ID,
    "patient-view__hapi-jpaserver-starter__": NO_PROBLEMS,
    "patient-view__opioid-cds-r4__": PREFIXED_ID,
    "patient-view__test-cases__": NO_PROBLEMS,
}
"""Beginning of a file's name → its answer."""

HOOK_PAGES: Mapping[str, Expected] = {
    "allergyintolerance-create_": ANOTHER_HOOK,
    "medication-prescribe_": ANOTHER_HOOK,
    "medication-refill_1": NO_PROBLEMS,
    "medication-refill_2": DSTU2,
    "medication-verify_": ANOTHER_HOOK,
    "order-review_": ANOTHER_HOOK,
    "order-select_1": NO_PROBLEMS,
    "order-select_2": NO_PROBLEMS,
    "order-select_3": DSTU2,
    "order-sign_": NO_PROBLEMS,
    "problem-list-item-create_1": NO_PROBLEMS,
    "problem-list-item-create_2": NO_PROBLEMS,
    "problem-list-item-create_3": DSTU2,
}

pytestmark = pytest.mark.shared_data


def files(shared_data: Path, folder: str) -> Iterator[Path]:
    found = sorted((shared_data / "cds_hooks" / folder).glob("*.json"))
    assert found, folder
    yield from found


def expected(path: Path, table: Mapping[str, Expected]) -> Expected:
    answers = [table[start] for start in table if path.name.startswith(start)]
    assert len(answers) == 1, path.name
    return answers[0]


def posted(base_url: str, body: Json) -> requests.Response:
    own = f"b12-{body.get('hook')}"
    service = own if own in SERVICE_BY_ID else "b12-patient-view"
    return requests.post(f"{base_url}/cds-services/{service}", json=body, timeout=30)


def check(answer: requests.Response, wanted: Expected, name: str) -> None:
    assert answer.status_code == wanted.status, (name, wanted.why, answer.text)
    if wanted.status == 200:
        assert answer.json() == {"cards": []}, name
    else:
        (issue,) = answer.json()["issue"]
        assert tuple(issue["expression"]) == wanted.fields, (name, wanted.why)


def request_around(path: Path, **members: Any) -> Json:
    """The request that a hook page's context stands in."""
    payload = json.loads(path.read_bytes())
    return {
        "hook": path.stem.rpartition("_")[0],
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": payload.get("context", payload),
        **members,
    }


def test_VEC_02_every_request_of_another_project_is_answered_for_a_reason(
    base_url: str, shared_data: Path
) -> None:
    for path in files(shared_data, "requests"):
        answer = posted(base_url, json.loads(path.read_bytes()))
        check(answer, expected(path, REQUESTS), path.name)


def test_VEC_03_every_example_of_a_hook_page_is_answered_for_a_reason(
    base_url: str, shared_data: Path
) -> None:
    for path in files(shared_data, "context_only_from_hook_definitions"):
        answer = posted(base_url, request_around(path))
        check(answer, expected(path, HOOK_PAGES), path.name)


def test_VEC_03_with_the_chart_beside_it_every_readable_example_is_200(
    base_url: str, shared_data: Path
) -> None:
    answered = 0
    for path in files(shared_data, "context_only_from_hook_definitions"):
        if expected(path, HOOK_PAGES) is not NO_PROBLEMS:
            continue
        body = request_around(path)
        body["prefetch"] = {
            "patient": patient(id=body["context"]["patientId"]),
            "conditions": bundle(),
        }
        check(posted(base_url, body), NOTHING_TO_SAY, path.name)
        answered += 1
    assert answered >= 7
