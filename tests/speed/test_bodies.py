"""The requests that are measured are valid, repeatable and as large as they say."""

import hashlib
import json

import pytest
from fhir.resources.R4B import get_fhir_model_class

from bench.bodies import SIZES, chart_request, request_body
from service.fhir.bundles import resources_of
from tests.speed.two_paths import fast_answer, fast_decode


@pytest.mark.parametrize(
    ("size", "kilobytes"), [("small", 39), ("medium", 428), ("large", 4_200)]
)
def test_a_body_is_about_as_large_as_it_says(size: str, kilobytes: int) -> None:
    assert len(request_body(size)) / 1000 == pytest.approx(kilobytes, rel=0.1)


@pytest.mark.parametrize("size", ["small", "medium", "large"])
@pytest.mark.parametrize("cramps", [True, False])
def test_a_body_has_as_many_resources_as_it_says(size: str, cramps: bool) -> None:
    prefetch = json.loads(request_body(size, cramps=cramps))["prefetch"]
    assert sum(len(resources_of(each)) for each in prefetch.values()) == SIZES[size]


@pytest.mark.parametrize("cramps", [True, False])
def test_every_resource_of_the_small_body_is_valid_r4(cramps: bool) -> None:
    for value in chart_request(SIZES["small"], cramps=cramps)["prefetch"].values():
        if value is not None:
            model = get_fhir_model_class(value["resourceType"])
            assert model.model_validate(value)


def test_the_same_bytes_are_made_everywhere() -> None:
    digest = hashlib.sha256(request_body("small")).hexdigest()
    assert digest == "c0a1c78e7079050e6756254c79e5224769e7d796ec3278726a209f62225b8945"


def test_six_resources_matter_however_large_the_chart() -> None:
    for size in ("small", "medium"):
        payload = json.loads(json.dumps(fast_decode()(request_body(size))))
        kept = [
            resource
            for value in payload["prefetch"].values()
            for resource in resources_of(value)
            if resource.id is not None
        ]
        assert len(kept) == 6


def test_with_cramps_there_is_a_card_and_without_there_is_none() -> None:
    with_cramps = fast_answer(request_body("small"))
    without = fast_answer(request_body("small", cramps=False))
    assert isinstance(with_cramps.cards, dict) and isinstance(without.cards, dict)
    assert len(with_cramps.cards["cards"]) == 1
    assert without.cards["cards"] == []
