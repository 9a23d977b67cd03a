"""Copies and older versions of a resource do not count twice."""

import pytest

from service.clinical.record import MedicationState
from service.fhir.bundles import Resource
from tests.fhir.charts import condition, metformin, observation, read, read_all


def test_a_resource_that_arrives_twice_is_read_once() -> None:
    assert len(read(observation(), observation()).observations) == 1


def test_resources_without_an_id_are_the_same_if_all_they_say_is() -> None:
    first, other = observation(id=None), observation(id=None, status="amended")
    assert len(read(first, dict(first)).observations) == 1
    assert len(read(first, other).observations) == 2


def test_different_ids_are_different_resources() -> None:
    assert len(read(observation(id="1"), observation(id="2")).observations) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"versionId": "2"}, {"versionId": "10"}),
        ({"lastUpdated": "2025-01-01"}, {"lastUpdated": "2025-02-01"}),
        ({}, {"versionId": "1"}),
        (None, {"lastUpdated": "2025-02-01"}),
    ],
)
@pytest.mark.parametrize("in_order", [True, False])
def test_of_two_versions_the_newer_is_read(
    old: object, new: object, in_order: bool
) -> None:
    refuted = {"coding": [{"code": "entered-in-error"}]}
    versions = [condition(meta=old), condition(meta=new, verificationStatus=refuted)]
    if not in_order:
        versions.reverse()
    assert read(versions).conditions == ()


def test_of_equal_versions_the_one_in_hand_is_read() -> None:
    on_chart = Resource(content=condition())
    in_hand = Resource(content=condition(recordedDate="2025-06-30"), in_hand=True)
    (found,) = read_all(on_chart, in_hand).conditions
    assert found.source.in_hand


def test_an_order_in_hand_stands_beside_the_same_order_on_the_chart() -> None:
    on_chart = Resource(content=metformin())
    in_hand = Resource(content=metformin(), in_hand=True)
    states = {found.state for found in read_all(on_chart, in_hand).medications}
    assert states == {MedicationState.CURRENT, MedicationState.DRAFT}
