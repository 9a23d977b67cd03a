"""The same, of whole calls: some charts over HTTP, presented in all ways at once."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from random import Random

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from service.catalogue import SERVICES
from tests.http.servers import serving
from tests.properties.answers import Answer, answer_to, request_of, without_uuids
from tests.properties.bounds import examples
from tests.properties.patients import TODAY, Patient, patients
from tests.properties.presentations import CHANGES, Body
from tests.properties.test_time import moved_by_days


LATER = timedelta(days=1234)
PROFILES = ("us", "uk")
PATIENT_VIEW = next(each.id for each in SERVICES if each.hook.name == "patient-view")


@pytest.fixture(scope="module")
def services() -> Iterator[dict[tuple[str, int], str]]:
    """One service for each profile, on the day and some years later."""
    with ExitStack() as running:
        yield {
            (profile, days): running.enter_context(
                serving(profile=profile, as_of=TODAY + timedelta(days=days))
            )
            for profile in PROFILES
            for days in (0, LATER.days)
        }


def answer_over_http(base_url: str, body: Body) -> Answer:
    """The cards, or the keys of what is needed, read from a real response."""
    response = requests.post(
        f"{base_url}/cds-services/{PATIENT_VIEW}", json=body, timeout=30
    )
    content = response.json()
    if response.status_code == 412:
        named = [
            expression.removeprefix("prefetch.")
            for issue in content["issue"]
            for expression in issue["expression"]
        ]
        return {"needed": sorted(named)}
    assert response.status_code == 200, content
    return without_uuids(content)


def _without_icons(answer: Answer) -> Answer:
    """The icon is served by the service itself, wherever that is."""
    for card in answer.get("cards", ()):
        del card["source"]["icon"]
    return answer


@examples(8)
@given(patient=patients(encodings=("us",)), seed=st.integers(0, 10_000))
def test_the_cards_are_the_same_over_http(
    services: dict[tuple[str, int], str], patient: Patient, seed: int
) -> None:
    body = request_of(patient.resources())
    presented = body
    for change in CHANGES.values():
        presented = change(presented, Random(seed))
    answer = answer_over_http(services[patient.profile, 0], body)
    assert answer_over_http(services[patient.profile, 0], presented) == answer
    assert _without_icons(answer) == _without_icons(
        answer_to(body, patient.profile, TODAY)
    )


@examples(8)
@given(patient=patients(encodings=("us",)))
def test_the_cards_move_with_the_days_over_http(
    services: dict[tuple[str, int], str], patient: Patient
) -> None:
    body = request_of(patient.resources())
    later = answer_over_http(
        services[patient.profile, LATER.days], moved_by_days(body, LATER.days)
    )
    assert moved_by_days(later, -LATER.days) == answer_over_http(
        services[patient.profile, 0], body
    )
