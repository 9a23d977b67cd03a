"""The 95 vignettes of the clinical specification, through HTTP, in two encodings.

``vignettes.json`` is the specification's own file; expected cards stand there. Each
vignette is sent as a US EHR and as a UK GP system would send it, and again with other
codes of the same lists.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.vignettes import uk, us_core
from tests.vignettes.chart import Resource
from tests.vignettes.requests_of_patients import patient_view
from tests.vignettes.running_service import Service, running_service


VIGNETTES = json.loads(
    Path(__file__).with_name("vignettes.json").read_text(encoding="utf-8")
)
ENCODINGS: dict[str, Callable[[dict[str, Any], date, int], list[Resource]]] = {
    "us-core": us_core.chart_of,
    "uk": uk.chart_of,
}
OTHER_CODES = range(1, 9)


@pytest.fixture(scope="module")
def services() -> Iterator[dict[str, Service]]:
    """One service for each profile, on the day of the vignettes."""
    with (
        running_service(B12_PROFILE="us", B12_AS_OF="2025-06-30") as us,
        running_service(B12_PROFILE="uk", B12_AS_OF="2025-06-30") as gb,
    ):
        yield {"us": us, "uk": gb}


def cards_of(
    vignette: dict[str, Any], encoding: str, variant: int, services: dict[str, Service]
) -> list[dict[str, str]]:
    """Keys and indicators of the cards the service answers with, in order."""
    facts = vignette["facts"]
    resources = ENCODINGS[encoding](
        facts, date.fromisoformat(vignette["asOf"]), variant
    )
    service = services[facts["profile"]]
    response = service.post(
        "b12-patient-view", patient_view(resources, service.prefetch)
    )
    assert response.status_code == 200, response.text
    return [
        {"key": card["source"]["topic"]["code"], "indicator": card["indicator"]}
        for card in response.json()["cards"]
    ]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda v: v["id"])
def test_a_vignette_gives_the_cards_of_the_specification(
    vignette: dict[str, Any], encoding: str, services: dict[str, Service]
) -> None:
    assert cards_of(vignette, encoding, 0, services) == vignette["expected"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda v: v["id"])
def test_other_codes_of_the_same_lists_give_the_same_cards(
    vignette: dict[str, Any], encoding: str, services: dict[str, Service]
) -> None:
    answers = {
        variant: cards_of(vignette, encoding, variant, services)
        for variant in OTHER_CODES
    }
    assert answers == dict.fromkeys(OTHER_CODES, vignette["expected"])


def test_no_vignette_of_the_specification_is_left_out() -> None:
    assert len(VIGNETTES) == 95
    assert len({vignette["id"] for vignette in VIGNETTES}) == 95
