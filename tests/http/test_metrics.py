"""``GET /metrics``: what is counted, over all workers, and what is never in it."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.vignettes.running_service import Service, running_service


FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
SCREEN = json.loads((FIXTURES / "metformin-with-tingling" / "request.json").read_text())
SILENT = json.loads((FIXTURES / "resolved-cramps" / "request.json").read_text())


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """The service under gunicorn with two workers."""
    with running_service(B12_AS_OF="2025-06-30", B12_WORKERS="2") as service:
        yield service


def metrics(service: Service) -> dict[str, float]:
    """Samples by name and labels."""
    text = requests.get(f"{service.base_url}/metrics", timeout=10).text
    lines = [line for line in text.splitlines() if line and line[0] != "#"]
    return {name: float(value) for name, value in (li.rsplit(" ", 1) for li in lines)}


SHOWN = (
    'b12_cards_total{indicator="warning",key="b12-screen",service="b12-patient-view"}'
)
CALLS = 'b12_requests_total{route="/cds-services/<service_id>",status="200"}'


def test_cards_of_all_workers_are_counted_together(service: Service) -> None:
    before = metrics(service).get(SHOWN, 0)
    for _ in range(12):
        assert service.post("b12-patient-view", SCREEN).ok
    assert metrics(service)[SHOWN] == before + 12


def test_silence_is_counted_too(service: Service) -> None:
    silences = 'b12_silences_total{service="b12-patient-view"}'
    before = metrics(service).get(silences, 0)
    assert service.post("b12-patient-view", SILENT).json() == {"cards": []}
    assert metrics(service)[silences] == before + 1


def test_refusals_are_counted_by_route_and_status(service: Service) -> None:
    service.post("b12-patient-view", {"hook": "patient-view"})
    service.post("no-such-service", SCREEN)
    requests.get(f"{service.base_url}/Jane-Doe-1950", timeout=10)
    found = metrics(service)
    route = "/cds-services/<service_id>"
    assert found[f'b12_requests_total{{route="{route}",status="422"}}'] >= 1
    assert found[f'b12_requests_total{{route="{route}",status="404"}}'] >= 1
    assert found['b12_requests_total{route="unknown",status="404"}'] >= 1


def test_nothing_of_the_patient_is_in_the_metrics(service: Service) -> None:
    service.post("b12-patient-view", SCREEN)
    text = requests.get(f"{service.base_url}/metrics", timeout=10).text
    for word in ("p1", "Condition/", "Cramps in both", "etformin h", "Jane-Doe"):
        assert word not in text


def test_the_knowledge_that_awaits_a_signature_is_shown(service: Service) -> None:
    kinds = [n for n in metrics(service) if "b12_knowledge_unsigned_facts" in n]
    assert len(kinds) == 2


def test_counts_survive_a_worker_that_is_replaced(service: Service) -> None:
    before = metrics(service)[CALLS]
    old = service.workers()
    os.kill(min(old), signal.SIGTERM)
    deadline = time.monotonic() + 30
    while len(service.workers()) < 2 or service.workers() == old:
        assert time.monotonic() < deadline, "the worker was not replaced"
        time.sleep(0.1)
    assert metrics(service)[CALLS] >= before
