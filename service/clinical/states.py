"""States that change which test or which card fits: pregnancy, palliative care, …"""

from datetime import date

from service.clinical import concepts
from service.clinical.answers import Fact
from service.clinical.chart import earliest, findings
from service.clinical.knowledge import Knowledge
from service.clinical.record import Record


def find_state(
    record: Record, concept: str, label: str, today: date, *, within: int
) -> Fact | None:
    """The state as a fact, if a condition or recent observation says so."""
    found = earliest(findings(record, [concept], today, within=within))
    return found.as_fact(concept, label) if found is not None else None


def find_pregnancy(record: Record, knowledge: Knowledge, today: date) -> Fact | None:
    """Pregnancy now.

    A pregnancy left active on the chart beyond its possible length does not count: it
    would turn a deficient result into an indeterminate one (L-2).
    """
    longest = knowledge.thresholds.history.pregnancy_at_most.days
    current = [
        finding
        for finding in findings(record, [concepts.PREGNANCY], today, within=longest)
        if finding.began is None or (today - finding.began.last).days <= longest
    ]
    found = earliest(current)
    return found.as_fact("pregnancy", "pregnancy") if found is not None else None


def find_palliative_care(record: Record, today: date, *, within: int) -> Fact | None:
    """Hospice or palliative care now: an active condition, or a recent procedure."""
    found = find_state(
        record, concepts.PALLIATIVE, "palliative or hospice care", today, within=within
    )
    if found is not None:
        return found
    for procedure in record.procedures:
        if (
            concepts.PALLIATIVE in procedure.concepts
            and procedure.performed is not None
            and (today - procedure.performed.last).days <= within
        ):
            return Fact(
                name=concepts.PALLIATIVE,
                label="palliative or hospice care",
                date=procedure.performed,
                date_words="on",
                sources=(procedure.source,),
            )
    return None
