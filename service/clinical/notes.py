"""Circumstances that switch on lines of a card: who the patient is, what else is there.

The names are those that the knowledge files use in ``when`` (a test holds the two
together).
"""

from collections.abc import Iterator, Mapping
from datetime import date

from service.clinical import concepts
from service.clinical.chart import concepts_found, findings
from service.clinical.companions import CompanionFound
from service.clinical.folic_acid import FolicAcid
from service.clinical.knowledge import Knowledge, Threshold
from service.clinical.laboratory import Worst, is_above, is_below, newest_in, results
from service.clinical.mma import has_renal_impairment
from service.clinical.record import Record
from service.clinical.replacement import Replacement
from service.clinical.risk_factors import RiskFactorFound


_BY_RISK_FACTOR = {
    "metformin": "metformin",
    "ppi": "acid-suppressant",
    "h2ra": "acid-suppressant",
    "vegan": "dietary",
    "vegan-supplemented": "dietary",
    "vegetarian": "dietary",
    "dietary-inadequacy": "dietary",
    "crohn": "malabsorption",
    "coeliac": "malabsorption",
    "malabsorption": "malabsorption",
    "small-bowel-resection": "malabsorption",
    "atrophic-gastritis": "lifelong",
    "pernicious-anaemia": "lifelong",
    "gastrectomy": "lifelong",
    "ileal-resection": "lifelong",
    "bariatric-surgery": "bariatric",
    "hereditary-cobalamin": "hereditary",
    "alcohol": "alcohol",
    "nitrous-oxide": "nitrous-oxide",
    "pregnancy": "pregnancy",
    "breastfeeding": "breastfeeding",
    "age75": "older-adult",
    "age65-74": "older-adult",
}

_OF_IMPAIRED_ABSORPTION = {"malabsorption", "lifelong", "bariatric"}


def find_notes(
    record: Record,
    knowledge: Knowledge,
    today: date,
    *,
    risk_factors: tuple[RiskFactorFound, ...],
    companions: Mapping[str, CompanionFound],
    replacement: Replacement,
    folic_acid: FolicAcid,
) -> frozenset[str]:
    """The notes that hold for this record; ``companions`` are those found, by key.

    A rule may add notes of its own.
    """
    notes = {
        _BY_RISK_FACTOR[factor.key]
        for factor in risk_factors
        if factor.key in _BY_RISK_FACTOR
    }
    if any(factor.is_higher for factor in risk_factors):
        notes.add("higher-risk")
    if notes & _OF_IMPAIRED_ABSORPTION:
        notes.add("absorption-impaired")
    if replacement.is_current:
        notes.add("on-b12")
    if any(knowledge.companions[key].neurological for key in companions):
        notes.add("neurological")
    if folic_acid.has_unknown_dose:
        notes.add("folic-acid-dose-unknown")
    if has_renal_impairment(record, knowledge, today):
        notes.add("renal-impairment")
    notes.update(_conditions(record, knowledge, today))
    notes.update(_results(record, knowledge, today))
    if "neuropathy" in companions and (
        "diabetes" in notes
        or any(factor.key == "type1-diabetes" for factor in risk_factors)
        # Diabetes may be recorded by its complication alone.
        or "diabet" in companions["neuropathy"].fact.label.casefold()
    ):
        notes.add("neuropathy-in-diabetes")
    return frozenset(notes)


_BY_CONDITION = {
    "restless-legs": concepts.RESTLESS_LEGS,
    "diabetes": concepts.DIABETES,
    "leber": concepts.LEBER_OPTIC_NEUROPATHY,
}


def _conditions(record: Record, knowledge: Knowledge, today: date) -> Iterator[str]:
    within = knowledge.thresholds.companion.within.days
    for note, concept in _BY_CONDITION.items():
        if any(findings(record, [concept], today, within=within)):
            yield note


def _results(record: Record, knowledge: Knowledge, today: date) -> Iterator[str]:
    marker = knowledge.thresholds.marker
    differential = knowledge.thresholds.differential
    if _newest_is_below(
        record,
        concepts.LAB_FOLATE,
        (marker.folate_mass_low_below, marker.folate_moles_low_below),
        knowledge,
        today,
        Worst.LOWEST,
    ):
        yield "folate-low"
    if _has_hypersegmented_neutrophils(record, knowledge, today):
        yield "hypersegmented"
    if _b12_was_high_twice(record, knowledge, today):
        yield "high-b12"
    if _tsh_is_out_of_range(record, knowledge, today):
        yield "tsh-abnormal"
    if (
        _newest_is_below(
            record,
            concepts.LAB_HBA1C,
            (differential.hba1c_percent_from, differential.hba1c_moles_from),
            knowledge,
            today,
            Worst.HIGHEST,
        )
        is False
    ):
        yield "hba1c-high"


def _newest_is_below(
    record: Record,
    concept: str,
    limits: tuple[Threshold, ...],
    knowledge: Knowledge,
    today: date,
    worst: Worst,
) -> bool | None:
    newest = newest_in(
        record,
        [concept],
        today,
        knowledge,
        within=knowledge.thresholds.companion.within.days,
        units=[limit.unit for limit in limits],
        worst=worst,
    )
    if newest is None:
        return None
    for limit in limits:
        answer = is_below(newest.quantity, limit, knowledge)
        if answer is not None:
            return answer
    return None


def _has_hypersegmented_neutrophils(
    record: Record, knowledge: Knowledge, today: date
) -> bool:
    within = knowledge.thresholds.companion.within.days
    for observation in record.observations:
        if concepts.LAB_HYPERSEGMENTED_NEUTROPHILS not in concepts_found(observation):
            continue
        if observation.effective is None:
            continue
        if (today - observation.effective.last).days > within:
            continue
        if observation.value is None or observation.value.value > 0:
            return True
    return False


def _b12_was_high_twice(record: Record, knowledge: Knowledge, today: date) -> bool:
    limit = knowledge.thresholds.b12.high_above
    high = [
        result
        for result in results(
            record,
            [concepts.LAB_B12_TOTAL],
            today,
            within=knowledge.thresholds.b12.deficient_result_within.days,
        )
        if is_above(result.quantity, limit, knowledge)
    ]
    return len({result.sampled for result in high}) >= 2


def _tsh_is_out_of_range(record: Record, knowledge: Knowledge, today: date) -> bool:
    """Outside the laboratory's own range where it gives one, else the general one."""
    limits = knowledge.thresholds.differential
    tsh = newest_in(
        record,
        [concepts.LAB_TSH],
        today,
        knowledge,
        within=limits.endocrine_missing_after.days,
        units=[limits.tsh_low_below.unit],
        worst=Worst.HIGHEST,
    )
    if tsh is None:
        return False
    own = tsh.observation.reference_range
    if own is not None and (own.low is not None or own.high is not None):
        value = tsh.quantity.value
        return (own.low is not None and value < own.low) or (
            own.high is not None and value > own.high
        )
    return bool(
        is_below(tsh.quantity, limits.tsh_low_below, knowledge)
        or is_above(tsh.quantity, limits.tsh_high_above, knowledge)
    )
