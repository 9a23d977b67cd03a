"""Red flags: signs that nerves or the spinal cord are being damaged (CLINICAL 2.5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from service.clinical import concepts
from service.clinical.answers import Fact
from service.clinical.chart import Finding, earliest, findings, is_within
from service.clinical.companions import CompanionFound
from service.clinical.knowledge import Knowledge
from service.clinical.record import Record


@dataclass(frozen=True, kw_only=True, slots=True)
class RedFlags:
    """Facts of grade 1 (cord, optic nerve, ataxia) and of grade 2."""

    grade_1: tuple[Fact, ...]
    grade_2: tuple[Fact, ...]


def find_red_flags(
    record: Record,
    knowledge: Knowledge,
    today: date,
    companions: Mapping[str, CompanionFound],
) -> RedFlags:
    """The red flags of this record."""
    within = knowledge.thresholds.companion.within.days
    grade_1 = []
    for name, concept in (
        ("myelopathy-or-optic-neuropathy", concepts.RED_FLAG_MYELOPATHY_OPTIC),
        ("scotoma-or-optic-atrophy", concepts.RED_FLAG_SCOTOMA),
        ("ataxia", concepts.RED_FLAG_ATAXIA),
    ):
        found = earliest(findings(record, [concept], today, within=within))
        if found is not None:
            grade_1.append(found.as_fact(name, found.item.label or name))
    sphincter = _new_sphincter_or_paresis(record, knowledge, today)
    if sphincter is not None and (
        grade_1 or _has_sensory_or_gait_symptom(knowledge, companions)
    ):
        grade_1.append(
            sphincter.as_fact(
                "sphincter-or-paresis",
                sphincter.item.label or "new bladder or bowel dysfunction",
            )
        )
    return RedFlags(
        grade_1=tuple(grade_1),
        grade_2=tuple(_grade_2(record, knowledge, today, companions)),
    )


def _new_sphincter_or_paresis(
    record: Record, knowledge: Knowledge, today: date
) -> Finding | None:
    """Bladder or bowel dysfunction or paraparesis that is new, or of unknown age."""
    within = knowledge.thresholds.companion.within.days
    return earliest(
        finding
        for finding in findings(
            record, [concepts.RED_FLAG_SPHINCTER_PARESIS], today, within=within
        )
        if finding.began is None or (today - finding.began.last).days <= within
    )


def _has_sensory_or_gait_symptom(
    knowledge: Knowledge, companions: Mapping[str, CompanionFound]
) -> bool:
    return any(knowledge.companions[key].sensory_or_gait for key in companions)


def _grade_2(
    record: Record,
    knowledge: Knowledge,
    today: date,
    companions: Mapping[str, CompanionFound],
) -> list[Fact]:
    flags = [
        companions[key].fact for key in ("psychosis", "confusion") if key in companions
    ]
    decline = _new_cognitive_decline(record, knowledge, today)
    if decline is not None:
        flags.append(decline)
    if "paresthesia" in companions:
        for partner in ("balance-gait", "weakness"):
            if partner in companions:
                flags.append(
                    _together(companions[partner].fact, companions["paresthesia"].fact)
                )
    return flags


def _new_cognitive_decline(
    record: Record, knowledge: Knowledge, today: date
) -> Fact | None:
    """Cognitive decline that began within a year, also on top of an older complaint;
    what has no date is not known to be new."""
    limits = knowledge.thresholds.companion
    new = earliest(
        finding
        for finding in findings(
            record,
            knowledge.companions["cognitive"].concepts,
            today,
            within=limits.within.days,
        )
        if is_within(finding.began, limits.new_cognitive_decline_within.days, today)
    )
    if new is None:
        return None
    return new.as_fact("new-cognitive-decline", new.item.label or "cognitive decline")


def _together(one: Fact, other: Fact) -> Fact:
    return Fact(
        name=f"{one.name}+{other.name}",
        label=f"{one.label} with {other.label}",
        date=one.date,
        date_words=one.date_words,
        sources=tuple(sorted({*one.sources, *other.sources}, key=str)),
    )
