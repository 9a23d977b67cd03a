"""The fast path gives every answer that the plain path gives."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bench.bodies import request_body
from service.catalogue import SERVICE_BY_ID
from tests.real_data.documents import calls_of
from tests.speed.two_paths import (
    adviser_of,
    fast_answer,
    plain_answer,
)
from tests.vignettes.requests_of_patients import patient_view
from tests.vignettes.test_vignettes import ENCODINGS, VIGNETTES


FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
SITUATIONS = sorted(FIXTURES.glob("*/request.json"))
PREFETCH = {read.key: read.template for read in adviser_of().reads}
HOOKS = [service.hook.name for service in SERVICE_BY_ID.values()]


def vignette_body(vignette: dict[str, Any], encoding: str) -> bytes:
    as_of = date.fromisoformat(vignette["asOf"])
    resources = ENCODINGS[encoding](vignette["facts"], as_of, 0)
    return json.dumps(patient_view(resources, PREFETCH)).encode()


@pytest.mark.parametrize("path", SITUATIONS, ids=lambda path: path.parent.name)
def test_for_every_situation(path: Path) -> None:
    body = path.read_bytes()
    hook = json.loads(body)["hook"]
    for profile in ("us", "uk"):
        assert fast_answer(body, hook, profile=profile) == plain_answer(
            body, hook, profile=profile
        )


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda each: each["id"])
def test_for_every_vignette(vignette: dict[str, Any], encoding: str) -> None:
    body = vignette_body(vignette, encoding)
    profile = vignette["facts"]["profile"]
    assert fast_answer(body, profile=profile) == plain_answer(body, profile=profile)


@pytest.mark.parametrize("cramps", [True, False])
@pytest.mark.parametrize("size", ["small", "medium", "large"])
def test_for_the_charts_that_are_measured(size: str, cramps: bool) -> None:
    body = request_body(size, cramps=cramps)
    assert fast_answer(body) == plain_answer(body)


@pytest.mark.shared_data
@pytest.mark.slow
@pytest.mark.parametrize("with_cramps", [False, True])
def test_for_real_patients(shared_data: Path, with_cramps: bool) -> None:
    unequal = [
        call.origin
        for path in sorted(shared_data.rglob("*.json"))
        for call in calls_of(path, PREFETCH, with_cramps=with_cramps)
        if call.hook in HOOKS
        and fast_answer(call.body, call.hook) != plain_answer(call.body, call.hook)
    ]
    assert unequal == []
