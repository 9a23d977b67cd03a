"""Methylmalonic acid beside the laboratory's own limit."""

from dataclasses import replace

import pytest

from service.clinical.laboratory import LabResult
from service.clinical.mma import MmaReading, read_mma
from service.clinical.record import Comparator, Record
from tests.spec.examples import knowledge
from tests.spec.patients import TODAY, Person, adult, day


KNOWLEDGE = knowledge("us")


def reading(text: str, record: Record | None = None) -> MmaReading:
    """What ``<=400`` says where the laboratory's upper limit is 400."""
    number = text.lstrip("<>=")
    comparator = text.removesuffix(number)
    (observation,) = (
        adult().with_result("lab-mma", number, "nmol/L", high="400").record.observations
    )
    assert observation.value is not None
    value = replace(
        observation.value, comparator=Comparator(comparator) if comparator else None
    )
    result = LabResult(observation=observation, quantity=value, effective=day(3))
    return read_mma(result, record or adult().record, KNOWLEDGE, TODAY)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("399", MmaReading.NORMAL),
        ("400", MmaReading.NORMAL),
        ("401", MmaReading.RAISED),
        (">399", MmaReading.INCONCLUSIVE),
        (">400", MmaReading.RAISED),
        (">401", MmaReading.RAISED),
        (">=400", MmaReading.INCONCLUSIVE),
        (">=401", MmaReading.RAISED),
        ("<400", MmaReading.NORMAL),
        ("<=400", MmaReading.NORMAL),
        ("<401", MmaReading.INCONCLUSIVE),
        ("<=401", MmaReading.INCONCLUSIVE),
    ],
)
def test_only_what_is_sure_beside_the_laboratory_s_limit_is_said(
    text: str, read: MmaReading
) -> None:
    assert reading(text) == read


@pytest.mark.parametrize(
    ("kidneys", "read"),
    [
        (adult(), MmaReading.RAISED),
        (
            adult().with_condition("ddx-ckd-dialysis", days=2000),
            MmaReading.INCONCLUSIVE,
        ),
        (
            adult().with_condition("ddx-ckd-dialysis", days=365, status=None),
            MmaReading.INCONCLUSIVE,
        ),
        (
            adult().with_condition("ddx-ckd-dialysis", days=366, status=None),
            MmaReading.RAISED,
        ),
        (
            adult().with_condition("ddx-dialysis", days=365, status=None),
            MmaReading.INCONCLUSIVE,
        ),
        (
            adult().with_condition("ddx-dialysis", days=366, status=None),
            MmaReading.RAISED,
        ),
        (
            adult().with_condition(
                "ddx-ckd-dialysis", days=900, abated=True, abated_on=day(0)
            ),
            MmaReading.RAISED,
        ),
    ],
)
def test_a_raised_value_is_not_trusted_while_the_kidneys_are_known_to_be_ill(
    kidneys: Person, read: MmaReading
) -> None:
    assert reading("500", kidneys.record) == read
