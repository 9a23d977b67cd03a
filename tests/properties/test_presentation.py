"""How a chart is presented does not change what is said of it."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.answers import answer_to, request_of
from tests.properties.bounds import examples
from tests.properties.patients import TODAY, Patient, patients
from tests.properties.presentations import CHANGES, IRRELEVANT, Change, Pages
from tests.vignettes.code_lists import _lists_of_code


SEEDS = st.integers(0, 10_000)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@examples(40)
@given(patient=patients(), seed=SEEDS)
def test_the_cards_stay_when_the_chart_comes(
    change: Change, patient: Patient, seed: int
) -> None:
    body = request_of(patient.resources())
    changed = change(body, Random(seed))
    assert answer_to(changed, patient.profile, TODAY) == answer_to(
        body, patient.profile, TODAY
    )


@examples(40)
@given(patient=patients(), seed=SEEDS)
def test_the_cards_stay_when_the_chart_comes_in_pages(
    patient: Patient, seed: int
) -> None:
    body = request_of(patient.resources())
    pages = Pages()
    first_pages = pages.cut(body, Random(seed))
    assert answer_to(first_pages, patient.profile, TODAY, pages) == answer_to(
        body, patient.profile, TODAY
    )


@examples(40)
@given(patient=patients(), seed=SEEDS)
def test_the_cards_stay_when_the_chart_comes_in_all_these_ways_at_once(
    patient: Patient, seed: int
) -> None:
    body = changed = request_of(patient.resources())
    random = Random(seed)
    for change in CHANGES.values():
        changed = change(changed, random)
    assert answer_to(changed, patient.profile, TODAY) == answer_to(
        body, patient.profile, TODAY
    )


def test_what_is_called_irrelevant_stands_in_no_list_of_codes() -> None:
    codes = {
        (coding["system"], coding["code"])
        for resource in IRRELEVANT
        if isinstance(resource["code"] if "code" in resource else None, dict)
        for coding in resource["code"].get("coding", ())
    }
    assert codes
    assert not codes & set(_lists_of_code())


def test_the_patients_are_not_all_silent_ones() -> None:
    """A property of silence alone would prove little: there must be cards."""
    seen: set[str] = set()

    @examples(80)
    @given(patient=patients())
    def collect(patient: Patient) -> None:
        answer = answer_to(request_of(patient.resources()), patient.profile, TODAY)
        seen.update(card["source"]["topic"]["code"] for card in answer.get("cards", ()))

    collect()
    assert len(seen) >= 8, f"only {sorted(seen)}"
