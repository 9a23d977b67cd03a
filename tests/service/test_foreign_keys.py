"""Prefetch keys that are not ours count for what they hold."""

from typing import Any

import pytest

from service.foreign_keys import reads_answered_by
from service.knowledge_files import load_terminology
from service.reads import Read, load_reads
from tests.http.patients import Json, bundle, cramps, metformin, patient


@pytest.fixture(scope="module")
def reads() -> tuple[Read, ...]:
    return load_reads(load_terminology())


def keys(key: str, value: Any, reads: tuple[Read, ...]) -> list[str]:
    return [read.key for read in reads_answered_by(key, value, reads)]


def observation(category: str | None) -> Json:
    resource: Json = {"resourceType": "Observation", "id": "o1", "code": {"text": "x"}}
    if category:
        resource["category"] = [{"coding": [{"code": category}]}]
    return resource


def came_from(url: str, *resources: Json) -> Json:
    return {**bundle(*resources), "link": [{"relation": "self", "url": url}]}


@pytest.mark.parametrize(
    ("value", "answered"),
    [
        (bundle(cramps()), ["conditions"]),
        (bundle(metformin()), ["medicationRequests"]),
        (bundle(cramps(), metformin()), ["conditions", "medicationRequests"]),
        (patient(), ["patient"]),
        (bundle(patient()), ["patient"]),
        (bundle(observation("laboratory")), ["laboratory"]),
        (bundle(observation("social-history")), ["findings", "symptoms"]),
    ],
)
def test_a_bundle_answers_for_the_types_it_holds(
    value: Json, answered: list[str], reads: tuple[Read, ...]
) -> None:
    assert keys("item1", value, reads) == answered


def test_vital_signs_are_not_taken_for_laboratory_results(
    reads: tuple[Read, ...],
) -> None:
    assert keys("labs", bundle(observation("vital-signs")), reads) == []


def test_observations_without_category_are_told_by_the_name_of_the_key(
    reads: tuple[Read, ...],
) -> None:
    value = bundle(observation(None))
    assert keys("labResults", value, reads) == ["laboratory"]
    assert keys("observations", value, reads) == ["laboratory", "findings", "symptoms"]
    assert keys("item7", value, reads) == []


def test_one_condition_by_itself_is_not_all_there_is(reads: tuple[Read, ...]) -> None:
    assert keys("diagnosis", cramps(), reads) == []


@pytest.mark.parametrize(
    ("key", "answered"),
    [
        ("problemList", ["conditions"]),
        ("Active Problems", ["conditions"]),
        ("currentMeds", ["medicationRequests"]),
        ("labs", ["laboratory"]),
        ("lab-results", ["laboratory"]),
        ("surgicalHistory", ["procedures"]),
        ("Allergies", ["allergies"]),
        ("family_hx", ["familyHistory"]),
        ("item3", []),
        ("-user", []),
    ],
)
def test_an_empty_answer_is_told_by_words_in_the_key(
    key: str, answered: list[str], reads: tuple[Read, ...]
) -> None:
    assert keys(key, None, reads) == answered
    assert keys(key, bundle(), reads) == answered


def test_an_empty_answer_is_told_by_its_own_search_before_its_key(
    reads: tuple[Read, ...],
) -> None:
    value = came_from("https://ehr.example/fhir/Condition?patient=p1")
    assert keys("item3", value, reads) == ["conditions"]
    assert keys("meds", value, reads) == ["conditions"]


def test_a_search_by_category_answers_for_that_category(
    reads: tuple[Read, ...],
) -> None:
    search = "https://ehr.example/fhir/Observation?patient=p1&category="
    assert keys("item3", came_from(f"{search}laboratory"), reads) == ["laboratory"]
    assert keys("labs", came_from(f"{search}vital-signs"), reads) == []


def test_what_was_chosen_by_id_is_not_all_there_is(reads: tuple[Read, ...]) -> None:
    value = came_from("https://ehr.example/fhir/Condition?_id=c1", cramps())
    assert keys("conditionsInFocus", value, reads) == []


def test_everything_answers_everything(reads: tuple[Read, ...]) -> None:
    value = came_from("https://ehr.example/fhir/Patient/p1/$everything", patient())
    assert keys("chart", value, reads) == [read.key for read in reads]


def test_a_link_that_is_no_url_is_no_search(reads: tuple[Read, ...]) -> None:
    value = came_from("http://[broken", cramps())
    assert keys("item1", value, reads) == ["conditions"]
