"""How much is done for a request, counted instead of timed.

A stopwatch shows the machine's mood; counts are the same everywhere. What costs here is
calling functions, so calls are counted, of Python and of C alike. The budgets are a
tenth above what was counted when they were set: whoever needs more says why.
"""

import gc
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from fhir_core.fhirabstractmodel import FHIRAbstractModel

from bench.bodies import SIZES, chart_request, request_body
from tests.speed.two_paths import fast_answer


CALLS_FOR_A_SMALL_CHART = 7_200
CALLS_WITHOUT_CRAMPS = 4_700
CALLS_FOR_EACH_RESOURCE_OF_NO_CONCERN = 9


def calls_of(act: Callable[[], object]) -> int:
    """How many functions are called while ``act`` runs."""
    count = 0

    def see(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    act()  # what happens once in a process is no part of a request
    gc.collect()
    gc.disable()
    sys.setprofile(see)
    try:
        act()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


def calls_for(size: str, *, cramps: bool = True) -> int:
    body = request_body(size, cramps=cramps)
    return calls_of(lambda: fast_answer(body))


def models_made_for(body: bytes, monkeypatch: pytest.MonkeyPatch) -> int:
    made = 0
    make = FHIRAbstractModel.__init__

    def counted(self: Any, /, **data: Any) -> None:
        nonlocal made
        made += 1
        make(self, **data)

    monkeypatch.setattr(FHIRAbstractModel, "__init__", counted)
    fast_answer(body)
    return made


def test_a_small_chart_keeps_to_its_budget() -> None:
    assert calls_for("small") <= CALLS_FOR_A_SMALL_CHART


def test_a_chart_without_cramps_costs_less() -> None:
    assert calls_for("small", cramps=False) <= CALLS_WITHOUT_CRAMPS


def test_each_resource_of_no_concern_costs_little_and_the_same() -> None:
    small, medium, large = map(calls_for, ("small", "medium", "large"))
    each_of_few = (medium - small) / (SIZES["medium"] - SIZES["small"])
    each_of_many = (large - medium) / (SIZES["large"] - SIZES["medium"])
    assert each_of_few <= CALLS_FOR_EACH_RESOURCE_OF_NO_CONCERN
    assert each_of_many <= CALLS_FOR_EACH_RESOURCE_OF_NO_CONCERN
    assert each_of_many == pytest.approx(each_of_few, rel=0.1)


@pytest.mark.parametrize("size", ["small", "medium"])
def test_no_model_is_made_for_what_fits_its_shape(
    size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert models_made_for(request_body(size), monkeypatch) == 0


def test_models_are_made_for_the_one_resource_that_does_not_fit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = chart_request(300)
    for entry in request["prefetch"]["medicationRequests"]["entry"]:
        entry["resource"]["dosageInstruction"] = "twice a day"
    made = models_made_for(json.dumps(request).encode(), monkeypatch)
    assert 0 < made <= 40
