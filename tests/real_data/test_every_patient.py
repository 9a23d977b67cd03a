"""Every patient of a folder of real FHIR data gets an answer.

An answer is a 200 with cards or without, or a refusal that says what is wrong. The data
is no part of the project: SHARED_DATA names it, and without it these tests are skipped.
`make data` prints what came out.
"""

import sys
from collections import Counter
from collections.abc import MutableMapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from service.app import create_app
from service.catalogue import SERVICE_BY_ID
from service.settings import Settings
from tests.real_data.documents import Call, calls_of


TODAY = date(2025, 6, 30)

ANSWERS = {200, 412, 422}

pytestmark = [pytest.mark.shared_data, pytest.mark.slow]


class Report:
    """What came out, counted."""

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.cards: Counter[str] = Counter()
        self.unread: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.unanswered: list[str] = []

    def add(
        self, call: Call, status: int, lines: list[MutableMapping[str, Any]]
    ) -> None:
        """Count one call by its answer and by the log lines about it."""
        self.statuses[status] += 1
        for line in lines:
            self.cards.update(line.get("cards", []))
            self.unread.update(line.get("unread", []))
            if line["event"] == "refused":
                self.refusals[f"{line['error']} {' '.join(line['expression'])}"] += 1
        if status not in ANSWERS and not (status == 400 and call.is_no_json):
            self.unanswered.append(f"{call.origin}: {status}")

    def write(self, title: str) -> None:
        lines = [f"{title}: {self.statuses.total()} calls"]
        for name in ("statuses", "cards", "unread", "refusals"):
            for what, count in getattr(self, name).most_common():
                lines.append(f"  {name:9} {count:5}  {what}")
        sys.stdout.write("\n".join(lines) + "\n")


@pytest.fixture
def client() -> FlaskClient:
    """The service as `make run` starts it, on a fixed day."""
    return create_app(Settings(as_of=TODAY)).test_client()


def prefetch_templates(client: FlaskClient) -> dict[str, str]:
    services = client.get("/cds-services").get_json()["services"]
    (patient_view,) = [each for each in services if each["hook"] == "patient-view"]
    return dict(patient_view["prefetch"])


def put_all(
    client: FlaskClient,
    folder: Path,
    *,
    with_cramps: bool,
) -> Report:
    """Send every call that the folder gives rise to and count the answers."""
    templates = prefetch_templates(client)
    report = Report()
    for path in sorted(folder.rglob("*.json")):
        for call in calls_of(path, templates, with_cramps=with_cramps):
            service = f"b12-{call.hook}"
            if service not in SERVICE_BY_ID:
                service = "b12-patient-view"
            with capture_logs() as lines:
                answer = client.post(f"/cds-services/{service}", data=call.body)
            report.add(call, answer.status_code, lines)
            check_form(call, answer.status_code, answer.get_json())
    return report


def check_form(call: Call, status: int, body: Any) -> None:
    if status == 200:
        assert isinstance(body["cards"], list), call.origin
    else:
        assert body["resourceType"] == "OperationOutcome", call.origin
        assert body["issue"][0]["details"]["text"], call.origin


def test_every_patient_is_answered(client: FlaskClient, shared_data: Path) -> None:
    report = put_all(client, shared_data, with_cramps=False)
    report.write("as they are")
    assert report.unanswered == []
    assert report.statuses[200] > 0


def test_every_patient_to_whom_cramps_are_added_is_answered(
    client: FlaskClient, shared_data: Path
) -> None:
    report = put_all(client, shared_data, with_cramps=True)
    report.write("each with muscle cramps added")
    assert report.unanswered == []
    assert report.cards, "real patients on metformin with cramps yield no card at all"
