"""A shape says yes only where the model would: it is an answer sooner, not another."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bench.bodies import chart_request
from service.fhir.bundles import resources_of
from service.fhir.elements import READ, Group, Many, Take, pruned
from service.fhir.models import MODELS
from service.fhir.shapes import fits
from service.fhir.typed import complete


WORDS = [
    "x",
    "final",
    "1.5",
    "2020-01-01",
    "2020-01-01T00:00:00Z",
    " ",
    "a  b",
    "08:00",
]
WORDS += ["0001-01-01", "2020-13-01", "2020-02-30", "24:00:00", "urn:x", "a\nb", "\x00"]
SCALARS = st.one_of(
    st.sampled_from(WORDS),
    st.booleans(),
    st.integers(-(2**33), 2**33),
    st.sampled_from([0.5, 1e300, 2**31, -1, 0]),
    st.just([]),
    st.just({"x": 1}),
)


def values_of(take: Take) -> st.SearchStrategy[Any]:
    """Values of the right form with anything in them, and of the wrong form."""
    if isinstance(take, Many):
        right = st.lists(values_of(take.part), max_size=2)
    elif isinstance(take, Group):
        right = st.fixed_dictionaries(
            {}, optional={name: values_of(part) for name, part in take.parts.items()}
        )
    else:
        return SCALARS
    return st.one_of(right, right, right, SCALARS)


def accepted_by_the_model(name: str, elements: dict[str, Any]) -> bool:
    try:
        MODELS[name].model_validate(complete(name, elements))
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", sorted(READ))
def test_what_fits_the_shape_fits_the_model(name: str) -> None:
    @settings(max_examples=60, deadline=None)
    @given(values_of(Group(READ[name])))
    def holds(content: Any) -> None:
        if isinstance(content, dict):
            elements = pruned(name, content)
            if fits(name, elements):
                assert accepted_by_the_model(name, elements)

    holds()


def test_what_a_regular_chart_holds_fits() -> None:
    for value in chart_request(100)["prefetch"].values():
        for resource in resources_of(value):
            assert fits(resource.type, pruned(resource.type, resource.content))


@pytest.mark.parametrize(
    ("name", "elements"),
    [
        ("Observation", {"valueString": "x", "valueBoolean": True}),
        ("Observation", {"component": [{"valueString": "x"}]}),
        ("Observation", {"status": "a  b"}),
        ("Observation", {"valueQuantity": {"value": "much"}}),
        ("Condition", {"onsetDateTime": "last year"}),
        ("Condition", {"code": {"coding": [{"code": 1}]}}),
        ("Medication", {"ingredient": [{"strength": {}}]}),
        ("Patient", {"birthDate": "2020-13-01"}),
    ],
)
def test_what_does_not_fit_the_model_does_not_fit_the_shape(
    name: str, elements: dict[str, Any]
) -> None:
    assert not accepted_by_the_model(name, elements)
    assert not fits(name, elements)
