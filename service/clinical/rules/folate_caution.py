"""Folic acid alone can let B12 neuropathy progress.

Source: BSH 2014, NICE via summaries (CLINICAL 2.7 card 8): check or treat B12 first.

When  folic acid of 1 mg a day or more is taken or being ordered, the patient is not
      on B12, and B12 is unknown with a risk factor, indeterminate or deficient, or
      deficiency is diagnosed.
Then  check or treat B12 before or with folic acid.
"""

from service.clinical import concepts
from service.clinical.answers import Answer, Concern, Fact, Indicator
from service.clinical.b12_result import B12Class
from service.clinical.case import Case
from service.clinical.exposures import latest_exposure, taken
from service.clinical.record import DataKind, Medication, MedicationState
from service.clinical.replacement import exposure_fact


KEY = "folate-caution"


def evaluate(case: Case) -> Answer:
    """Folic acid in a treating dose while B12 is not known to be sufficient."""
    folic_acid = _taken_or_drafted(case)
    if folic_acid is None:
        return case.no_concern(
            "no folic acid of 1 mg a day or more",
            unless=frozenset({DataKind.MEDICATIONS}),
        )
    if case.replacement.is_current:
        return case.no_concern("on B12 replacement", unless=frozenset())
    if not _is_b12_in_doubt(case):
        return case.no_concern(
            "nothing casts doubt on B12",
            unless=frozenset({DataKind.CONDITIONS, DataKind.PROCEDURES}),
        )
    return Concern(
        indicator=Indicator.WARNING,
        text="caution",
        because=(
            folic_acid,
            *case.cramp_facts(),
            *case.b12.facts(),
            *case.risk_facts(),
        ),
        notes=case.notes,
        tests=(case.first_b12_test,) if case.pending_test is None else (),
    )


def _is_b12_in_doubt(case: Case) -> bool:
    if case.b12.status is None and case.is_risk_met:
        return True
    if case.b12.status in (B12Class.INDETERMINATE, B12Class.DEFICIENT):
        return True
    return case.diagnosis is not None and not case.is_reassured


def _taken_or_drafted(case: Case) -> Fact | None:
    for entry in case.record.medications:
        if (
            concepts.MED_FOLIC_ACID in entry.concepts
            and entry.state is MedicationState.DRAFT
            and _is_treating_dose(entry, case)
        ):
            return Fact(
                name="folic-acid",
                label=entry.label or "folic acid",
                date=entry.start,
                date_words="being ordered",
                sources=(entry.source,),
            )
    treating = [
        entry
        for entry in taken(case.record, concepts.MED_FOLIC_ACID, case.moment)
        if _is_treating_dose(entry, case)
    ]
    exposure = latest_exposure(
        treating, case.today, case.knowledge.thresholds.exposure.merge_gap.days
    )
    if exposure is None or exposure.ended is not None:
        return None
    return exposure_fact("folic-acid", exposure.label or "folic acid", exposure)


def _is_treating_dose(entry: Medication, case: Case) -> bool:
    limit = case.knowledge.thresholds.treatment.folic_acid_from
    dose = entry.daily_dose_ug
    return dose is not None and dose >= limit.value * 1000
