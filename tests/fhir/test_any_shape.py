"""Reading never raises, and what is beside the point changes nothing."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.clinical.record import Record
from service.fhir.bundles import resources_of
from service.fhir.elements import READ
from service.fhir.versions import unsupported_version
from tests.fhir.charts import (
    CRAMP,
    METFORMIN,
    Json,
    condition,
    metformin,
    observation,
    read,
)


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.sampled_from(
        ["2025-01-01", "2025-13-45", "leg cramps", "metformin 500 mg", "active", "#m"]
    ),
)
KEYS = st.sampled_from(
    [
        "coding",
        "system",
        "code",
        "display",
        "text",
        "value",
        "unit",
        "start",
        "end",
        "reference",
        "concept",
        "repeat",
        "frequency",
        "item",
        "answer",
        "versionId",
        "resourceType",
        "resource",
        "entry",
    ]
)
ANYTHING = st.recursive(
    LEAVES | st.sampled_from([CRAMP, METFORMIN]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=8,
)
ALWAYS_THERE = ["id", "meta", "subject", "patient", "contained", "medicationReference"]
OF_OTHER_VERSIONS = [
    "reason",
    "medication",
    "taken",
    "adherence",
    "asNeeded",
    "assertedDate",
    "doseQuantity",
    "ingredient",
    "notDone",
]


@st.composite
def resources(draw: st.DrawFn) -> Json:
    name = draw(st.sampled_from([*READ, "ProcedureRequest", "MedicationOrder"]))
    elements = [*READ.get(name, ()), *ALWAYS_THERE, *OF_OTHER_VERSIONS]
    drawn = draw(st.dictionaries(st.sampled_from(elements), ANYTHING, max_size=6))
    matters: Json = {}
    if draw(st.booleans()) and "code" in elements:
        matters = {"code": CRAMP}
    if draw(st.booleans()) and name.startswith("Medication"):
        matters = {"medicationCodeableConcept": METFORMIN, "code": METFORMIN}
    return {"resourceType": name, **drawn, **matters}


@given(st.lists(resources(), max_size=4), st.booleans())
def test_no_shape_of_a_known_resource_raises(chart: list[Json], in_hand: bool) -> None:
    record = read(chart, patient="p1", encounter="e1", in_hand=in_hand)
    assert isinstance(record, Record)
    for resource in chart:
        unsupported_version(resource)


@given(ANYTHING)
def test_no_payload_raises(payload: Any) -> None:
    resources_of(payload)
    assert isinstance(read(payload), Record)


PATIENT = {"resourceType": "Patient", "id": "p1", "birthDate": "1950-04-01"}
CHART = [PATIENT, condition(), observation(), metformin()]


@given(st.permutations(CHART))
def test_the_order_of_resources_changes_nothing(chart: list[Json]) -> None:
    assert read(chart) == read(CHART)


@given(st.sampled_from(CHART))
def test_a_repeated_resource_changes_nothing(repeated: Json) -> None:
    assert read(CHART, repeated) == read(CHART)


@given(st.sampled_from(range(len(CHART))), ANYTHING)
def test_an_unknown_element_changes_nothing(place: int, value: Any) -> None:
    chart = list(CHART)
    chart[place] = {**chart[place], "unheardOf": value}
    assert read(chart) == read(CHART)


@given(ANYTHING)
def test_an_irrelevant_resource_changes_nothing(value: Any) -> None:
    other = {"resourceType": "Immunization", "id": "i1", "vaccineCode": value}
    assert read(CHART, other) == read(CHART)


@given(st.integers(min_value=0, max_value=len(CHART)))
def test_pages_change_nothing(cut: int) -> None:
    def page(resources: list[Json]) -> Json:
        entries = [{"resource": resource} for resource in resources]
        return {"resourceType": "Bundle", "entry": entries}

    assert read(page(CHART[:cut]), page(CHART[cut:])) == read(CHART)
