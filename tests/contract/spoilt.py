"""Real requests with parts of them spoilt: deeper than a description can lead."""

import copy
import json
from typing import Any

from hypothesis import strategies

from tests.conftest import ROOT


MOST_FAULTS = 4
PARTS = ["prefetch", "prefetch", "prefetch", "prefetch", "context", "the frame"]

FIXTURES = [
    json.loads(file.read_bytes())
    for file in sorted((ROOT / "fixtures").glob("*/request.json"))
]

OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "timeout", "diagnostics": "p1"}],
}
NO_DATA = [
    OUTCOME,
    {"response": {"status": "404", "outcome": OUTCOME}},
    {"response": {"status": "200"}, "resource": OUTCOME},
    {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": OUTCOME}]},
]
"""What clients prefetch in place of data that they could not get."""

WORDS = strategies.sampled_from(
    [
        "Patient/p1",
        "p1",
        "active",
        "2025-02-30",
        "9999-12-31T23:59:60Z",
        "http://loinc.org",
        "2132-9",
        "Bundle",
        "MedicationRequest",
        "<b>&amp;",
        "\u202e\ud7ff",
        "x" * 2000,
    ]
)
VALUES = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers(-(10**20), 10**20)
    | strategies.floats(allow_nan=False, allow_infinity=False)
    | strategies.text(max_size=20)
    | WORDS,
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(
            strategies.text(max_size=8) | WORDS, inner, max_size=3
        )
    ),
    max_leaves=6,
)


@strategies.composite
def spoilt_requests(draw: strategies.DrawFn) -> Any:
    """A request of `fixtures/` in which up to four places hold something else.

    In one of five, a part of the data could not be prefetched, and what stands in its
    place is spoilt too.
    """
    request = copy.deepcopy(draw(strategies.sampled_from(FIXTURES)))
    prefetch = request.get("prefetch")
    if prefetch and not draw(strategies.integers(0, 4)):
        key = draw(strategies.sampled_from(list(prefetch)))
        prefetch[key] = copy.deepcopy(draw(strategies.sampled_from(NO_DATA)))
        _spoil(prefetch[key], draw)
    for _ in range(draw(strategies.integers(0, MOST_FAULTS))):
        # The frame has few members and the chart many: a fault is in the chart mostly.
        part = request.get(draw(strategies.sampled_from(PARTS)))
        _spoil(part if isinstance(part, dict) else request, draw)
    return request


def _spoil(tree: Any, draw: strategies.DrawFn) -> None:
    """Take out, replace or double something at a place anywhere in `tree`."""
    while True:
        places: list[Any] = (
            list(tree) if isinstance(tree, dict) else list(range(len(tree)))
        )
        if not places:
            return
        place = draw(strategies.sampled_from(places))
        below = tree[place]
        if isinstance(below, dict | list) and below and draw(strategies.integers(0, 4)):
            tree = below
            continue
        match draw(strategies.sampled_from(["replace", "remove", "double"])):
            case "replace":
                tree[place] = draw(VALUES)
            case "remove":
                del tree[place]
            case "double":
                tree[place] = [below, below]
        return
