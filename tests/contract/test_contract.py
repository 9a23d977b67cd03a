"""Calls made from `openapi.yaml`, put to the real server: nothing undescribed happens.

No answer may be a 5xx, and each must have a described status, content type, headers and
form. `make contract` makes ten thousand calls and records them; CONTRACT_CASES says how
many.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.attacks.doors import running
from tests.clients.files import client, written
from tests.conftest import ROOT
from tests.contract.spoilt import spoilt_requests


CASES = int(os.environ.get("CONTRACT_CASES", "200"))
RECORD = os.environ.get("CONTRACT_RECORD")
"""Where the figures of a run without a fault are written."""

DESCRIPTION = schemathesis.openapi.from_path(str(ROOT / "openapi.yaml"))
OPERATIONS = {each.ok().label: each.ok() for each in DESCRIPTION.get_all_operations()}
CALL = OPERATIONS["POST /cds-services/{id}"]
FEEDBACK = OPERATIONS["POST /cds-services/{id}/feedback"]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

# Half of the calls are spoilt real ones; of the others most are calls of a service.
SHARES = {CALL.label: 0.2, FEEDBACK.label: 0.05}
SHARE_OF_SPOILT_REQUESTS = 0.5


def generated(share: float) -> settings:
    """So much of all cases, none of them kept for the next run."""
    return settings(
        max_examples=max(round(share * CASES), 1),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@dataclass(kw_only=True)
class Server:
    """The service, and what it has answered."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)
    answers: Counter[int] = field(default_factory=Counter)

    def put(self, case: schemathesis.Case) -> None:
        """Put the call to the service and check what comes back."""
        answer = case.call(base_url=self.url, session=self.session, timeout=30)
        case.validate_response(answer, checks=CHECKS)
        self.answers[answer.status_code] += 1


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Server]:
    """The service as it is run, with two worker processes and no authentication."""
    folder = tmp_path_factory.mktemp("contract")
    written(folder, client())
    with running(folder, B12_AUTH="off", B12_STRICT_OUTPUT="true") as door:
        served = Server(url=door.url)
        yield served
    if RECORD and not request.session.testsfailed:
        Path(RECORD).write_text(figures(served.answers), encoding="utf-8")


def figures(answers: Counter[int]) -> str:
    """The run in TOML, for the page of conformance."""
    statuses = "".join(
        f'"{status}" = {answers[status]}\n' for status in sorted(answers)
    )
    return (
        "# What `make contract` last came to; printed on docs/conformance.md.\n"
        f'day = "{datetime.now(UTC).date()}"\n'
        f'schemathesis = "{version("schemathesis")}"\n'
        f"cases = {answers.total()}\n\n"
        f"[statuses]\n{statuses}"
    )


@pytest.mark.parametrize("label", OPERATIONS)
def test_a_valid_call_is_answered_as_described(server: Server, label: str) -> None:
    @generated(SHARES.get(label, 0))
    @given(case=OPERATIONS[label].as_strategy())
    def put(case: schemathesis.Case) -> None:
        server.put(case)

    put()


@pytest.mark.parametrize("operation", [CALL, FEEDBACK], ids=lambda each: each.label)
def test_a_spoilt_call_is_refused_as_described(server: Server, operation: Any) -> None:
    @generated(SHARES[operation.label])
    @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def put(case: schemathesis.Case) -> None:
        server.put(case)

    put()


def test_a_real_request_with_spoilt_parts_is_answered_as_described(
    server: Server,
) -> None:
    @generated(SHARE_OF_SPOILT_REQUESTS)
    @given(body=spoilt_requests())
    def put(body: Any) -> None:
        hook = body.get("hook")
        id_ = f"b12-{hook}" if isinstance(hook, str) and hook else "b12-patient-view"
        server.put(
            CALL.Case(
                path_parameters={"id": id_}, body=body, media_type="application/json"
            )
        )

    put()
    assert {200, 422} <= set(server.answers)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "POST"])
@pytest.mark.parametrize("path", DESCRIPTION.raw_schema["paths"])
def test_a_method_that_is_not_described_is_405(
    server: Server, path: str, method: str
) -> None:
    described = {name.upper() for name in DESCRIPTION.raw_schema["paths"][path]}
    address = f"{server.url}{path.format(id='b12-patient-view')}"
    answer = server.session.request(method, address, timeout=30)
    assert (answer.status_code == 405) is (method not in described)
    if answer.status_code == 405:
        assert json.loads(answer.content)["resourceType"] == "OperationOutcome"
