"""The fast path gives the plain path's answer for bodies that are anything but regular.

Requests are taken apart and changed at random: other shapes, other codes, entries
doubled, versions, references, keys of other EHRs; and, as text, cut and spoilt.
"""

import copy
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.bodies import chart_request
from tests.speed.two_paths import fast_answer, plain_answer


JSON_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from(
        [0.5, 2**60, -1e30, "", " ", "x", "active", "\u00e9", "2020-01-01"]
    ),
)
ODD_VALUES = st.one_of(
    JSON_SCALARS,
    st.sampled_from([[], {}, [None], [[]], {"coding": None}, {"text": "leg cramps"}]),
    st.just({"coding": [{"system": " http://snomed.info/sct ", "code": " 55300003 "}]}),
    st.just({"coding": [{"code": "55300003"}], "text": "Muscle cramp"}),
    st.just({"coding": {"system": "http://snomed.info/sct", "code": "55300003"}}),
    st.just({"concept": {"coding": [{"code": "1"}]}}),
)
ODD_ENTRIES: list[Any] = [
    None,
    "entry",
    {},
    {"resource": None},
    {"resource": {"id": "x"}},
    {"resourceType": "Condition", "code": {"text": "leg cramps at night"}},
    {"resource": {"resourceType": "OperationOutcome", "issue": []}},
    {"resource": {"resourceType": "Practitioner", "id": "p"}},
    {"resource": {"resourceType": "Practitioner"}, "search": {"mode": "include"}},
    {"resource": {"resourceType": "Immunization", "code": "not a concept"}},
    {"resource": {"resourceType": "MedicationOrder", "id": "dstu2"}},
    {"resource": {"resourceType": "Condition", "patient": {"reference": "Patient/1"}}},
    {"resource": {"resourceType": "Procedure", "notPerformed": True}},
    {"resource": {"resourceType": "Observation", "valueString": "leg cramps"}},
    {
        "resource": {
            "resourceType": "Observation",
            "code": {"coding": [{"system": "http://loinc.org", "code": "8716-3"}]},
            "component": [
                {
                    "code": {
                        "coding": [{"system": "http://loinc.org", "code": "718-7"}]
                    },
                    "valueQuantity": {"value": 9.1, "unit": "g/dL"},
                }
            ],
        }
    },
    {
        "resource": {
            "resourceType": "MedicationRequest",
            "id": "m",
            "status": "active",
            "intent": "order",
            "medicationReference": {"reference": "Medication/met"},
        }
    },
    {
        "resource": {
            "resourceType": "Medication",
            "id": "met",
            "code": {"text": "Metformin 500 mg"},
        }
    },
    {
        "resource": {
            "resourceType": "MedicationStatement",
            "status": "active",
            "medicationCodeableConcept": {"text": "omeprazole 20 mg daily"},
        }
    },
    {
        "resource": {
            "resourceType": "Encounter",
            "id": "e1",
            "status": "in-progress",
            "reasonCode": [{"text": "leg cramps"}],
            "reasonReference": [{"reference": "Condition/c9", "display": "cramps"}],
        }
    },
    {
        "resource": {
            "resourceType": "Bundle",
            "entry": [{"resource": {"resourceType": "Condition", "id": "nested"}}],
        }
    },
]
KEYS = ["problems", "labs", "vitals", "meds", "everything", "findings", "laboratory"]
SMALL = chart_request(40)


@st.composite
def changed_requests(draw: st.DrawFn) -> Any:
    """A request of forty resources with up to six things changed."""
    request = copy.deepcopy(SMALL)
    for _ in range(draw(st.integers(1, 6))):
        change = draw(st.sampled_from(CHANGES))
        change(request, draw)
    return request


def bundles_of(request: Any) -> list[Any]:
    prefetch = request.get("prefetch")
    values = prefetch.values() if isinstance(prefetch, dict) else ()
    return [
        value
        for value in values
        if isinstance(value, dict) and isinstance(value.get("entry"), list)
    ]


def change_a_member(request: Any, draw: st.DrawFn) -> None:
    """Anywhere: another value, or none."""
    place = request
    while True:
        if isinstance(place, dict) and place:
            step: Any = draw(st.sampled_from(sorted(place)))
        elif isinstance(place, list) and place:
            step = draw(st.integers(0, len(place) - 1))
        else:
            return
        inner = place[step]
        if isinstance(inner, dict | list) and inner and draw(st.integers(0, 9)):
            place = inner
            continue
        if draw(st.booleans()):
            del place[step]
        else:
            place[step] = draw(ODD_VALUES)
        return


def change_a_resource(request: Any, draw: st.DrawFn) -> None:
    """One element of one resource."""
    for bundle in bundles_of(request)[: draw(st.integers(1, 6))][-1:]:
        entry = draw(st.sampled_from(bundle["entry"])) if bundle["entry"] else None
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and resource:
            name = draw(
                st.sampled_from(
                    [*sorted(resource), "code", "component", "category", "medication"]
                )
            )
            resource[name] = draw(ODD_VALUES)


def add_an_entry(request: Any, draw: st.DrawFn) -> None:
    for bundle in bundles_of(request)[: draw(st.integers(1, 6))][-1:]:
        entry = copy.deepcopy(draw(st.sampled_from(ODD_ENTRIES)))
        bundle["entry"].insert(draw(st.integers(0, len(bundle["entry"]))), entry)


def repeat_an_entry(request: Any, draw: st.DrawFn) -> None:
    """The same once more, of another version and with another code."""
    for bundle in bundles_of(request)[: draw(st.integers(1, 6))][-1:]:
        if not bundle["entry"]:
            return
        entry = copy.deepcopy(draw(st.sampled_from(bundle["entry"])))
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            resource["meta"] = {"versionId": draw(st.sampled_from(["0", "1", "2"]))}
            if draw(st.booleans()):
                resource["code"] = {
                    "coding": [{"system": "http://snomed.info/sct", "code": "55300003"}]
                }
        bundle["entry"].append(entry)


def rename_a_key(request: Any, draw: st.DrawFn) -> None:
    """As another EHR would have called it."""
    prefetch = request.get("prefetch")
    if isinstance(prefetch, dict) and prefetch:
        old = draw(st.sampled_from(sorted(prefetch)))
        prefetch[draw(st.sampled_from(KEYS))] = prefetch.pop(old)


def change_the_frame(request: Any, draw: st.DrawFn) -> None:
    """What is around the entries of a Bundle."""
    for bundle in bundles_of(request)[: draw(st.integers(1, 6))][-1:]:
        name, value = draw(
            st.sampled_from(
                [
                    ("total", 0),
                    ("total", 1_000),
                    ("total", 2**70),
                    ("total", 3.5),
                    ("total", None),
                    ("entry", None),
                    ("entry", {}),
                    ("resourceType", "Parameters"),
                    ("link", [{"relation": "next", "url": "https://x.example/2"}]),
                    (
                        "link",
                        [
                            {
                                "relation": "self",
                                "url": "https://x.example/Observation"
                                "?patient=1&category=vital-signs",
                            }
                        ],
                    ),
                ]
            )
        )
        bundle[name] = value


def set_the_encounter(request: Any, draw: st.DrawFn) -> None:
    if isinstance(request.get("context"), dict):
        request["context"]["encounterId"] = draw(
            st.sampled_from(["e1", "Encounter/e1", "other"])
        )


CHANGES = [
    change_a_member,
    change_a_resource,
    change_a_resource,
    add_an_entry,
    add_an_entry,
    repeat_an_entry,
    rename_a_key,
    change_the_frame,
    set_the_encounter,
]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changed_requests(), st.sampled_from([None, 2]), st.booleans())
def test_a_changed_request(request: Any, indent: int | None, ascii_only: bool) -> None:
    body = json.dumps(request, indent=indent, ensure_ascii=ascii_only).encode()
    assert fast_answer(body) == plain_answer(body)


SPOILT = st.sampled_from(
    [b"", b" ", b'"', b"\\", b"}", b"]", b",", b"\xff", b"\x00", b"NaN", b"-", b"01"]
)
TEXT = json.dumps(chart_request(25)).encode()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(TEXT)), st.integers(0, 3), SPOILT)
def test_a_spoilt_text(place: int, cut: int, put: bytes) -> None:
    body = TEXT[:place] + put + TEXT[place + cut :]
    assert fast_answer(body) == plain_answer(body)
