"""ServiceRequests: tests that were ordered, or are being ordered."""

from collections.abc import Iterator

from service.clinical import concepts
from service.clinical.record import OrderedTest, ResourceRef
from service.fhir.elements import Elements
from service.fhir.reading import Reading


TOLD_BY_WORDS = frozenset({concepts.ORDER_B12})
"""What the words of an uncoded order may tell."""

# A result is still to come of an order that is active, on hold or of unknown status.
_PENDING = frozenset({None, "active", "on-hold", "draft", "unknown"})
# A proposal is somebody's advice to order a test, not the order.
_NOT_ORDERS = frozenset({"proposal", "option"})


def read_order(
    elements: Elements, source: ResourceRef, reading: Reading
) -> Iterator[OrderedTest]:
    """The order, if its result can still be expected.

    An order in hand counts as a draft whatever its intent: it is being written.
    """
    status = elements.get("status")
    if status not in _PENDING or elements.get("doNotPerform") is True:
        return
    if elements.get("intent") in _NOT_ORDERS and not source.in_hand:
        return
    yield OrderedTest(
        **reading.named(source, elements.get("code"), TOLD_BY_WORDS),
        is_draft=status == "draft" or source.in_hand,
        authored=reading.day(elements, "authoredOn", source),
    )
