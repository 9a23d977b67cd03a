"""A card that the clinician has set aside stays away for a while (CLINICAL 2.8)."""

from datetime import timedelta
from typing import Any

import pytest
import requests
from structlog.testing import capture_logs

from service.app import create_app
from service.settings import Settings
from tests.http.patients import bundle, cramps, prefetch, request
from tests.http.servers import TODAY


PATIENT_VIEW = "/cds-services/b12-patient-view"
DISMISSED = "example.b12-cds.dismissed"

tingling = cramps(
    id="t1",
    code={"coding": [{"system": "http://snomed.info/sct", "code": "62507009"}]},
    onsetDateTime="2025-05-01",
)


def set_aside(days_ago: int, card: str = "b12-screen") -> Any:
    day = TODAY - timedelta(days=days_ago)
    return {DISMISSED: [{"card": card, "date": day.isoformat()}]}


def cards(base_url: str, **changes: Any) -> list[str]:
    answer = requests.post(
        f"{base_url}{PATIENT_VIEW}", json=request(**changes), timeout=30
    )
    assert answer.status_code == 200, answer.text
    return [
        f"{card['source']['topic']['code']}:{card['indicator']}"
        for card in answer.json()["cards"]
    ]


@pytest.mark.parametrize(("days_ago", "is_shown"), [(0, 0), (89, 0), (90, 0), (91, 1)])
def test_an_info_card_stays_away_for_ninety_days(
    base_url: str, days_ago: int, is_shown: int
) -> None:
    shown = cards(base_url, extension=set_aside(days_ago))
    assert shown == ["b12-screen:info"] * is_shown


def test_another_card_set_aside_changes_nothing(base_url: str) -> None:
    aside = set_aside(10, card="b12-diet-advice")
    assert cards(base_url, extension=aside) == ["b12-screen:info"]


def test_a_warning_is_shown_although_it_was_set_aside(base_url: str) -> None:
    chart = prefetch(conditions=bundle(cramps(), tingling))
    shown = cards(base_url, prefetch=chart, extension=set_aside(1))
    assert shown == ["b12-screen:warning"]


@pytest.mark.parametrize("extension", [None, {}, {DISMISSED: "b12-screen"}, []])
def test_what_is_not_as_described_sets_nothing_aside(
    base_url: str, extension: Any
) -> None:
    assert cards(base_url, extension=extension) == ["b12-screen:info"]


def test_what_was_ignored_is_in_the_log_without_its_values() -> None:
    client = create_app(Settings(as_of=TODAY)).test_client()
    entry = {"card": "secret-card", "date": "2025-06-01"}
    with capture_logs() as lines:
        client.post(PATIENT_VIEW, json=request(extension={DISMISSED: [entry]}))
    (line,) = (line for line in lines if line["event"] == "request")
    remark = f"{DISMISSED}: card is not the key of a card: entry ignored"
    assert line["remarks"] == [remark]
    assert "secret-card" not in str(lines)
