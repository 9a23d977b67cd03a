"""Procedures that were done."""

from collections.abc import Iterator

from service.clinical.record import Procedure, ResourceRef
from service.fhir.codings import label_of
from service.fhir.conditions import SITES_TOLD_BY_WORDS
from service.fhir.elements import Elements
from service.fhir.reading import FUTURE_DATE, Reading


# "unknown": that it was done or not is not known; a stomach that may be missing counts.
_DONE = frozenset({None, "completed", "unknown"})


def read_procedure(
    elements: Elements, source: ResourceRef, reading: Reading
) -> Iterator[Procedure]:
    """The procedure, if it was done: completed, or without a status that tells."""
    status = elements.get("status")
    if status not in _DONE:
        return
    if "performedPeriod" in elements:
        start, end = reading.period(elements, "performedPeriod", source)
        performed = start or end
    else:
        performed = reading.day(elements, "performedDateTime", source)
    if reading.is_to_come(performed):
        reading.cannot_read(source, "Procedure.performed", FUTURE_DATE)
        return
    yield Procedure(
        **reading.named(source, elements.get("code")),
        status=status,
        performed=performed,
        site_concepts=reading.sites(elements.get("bodySite"), SITES_TOLD_BY_WORDS),
        site_label=", ".join(map(label_of, elements.get("bodySite", ()))),
    )
