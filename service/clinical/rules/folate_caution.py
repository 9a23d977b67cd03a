"""Folic acid alone can let B12 neuropathy progress.

Source: BSH 2014, NICE via summaries (CLINICAL 2.7 card 8): check or treat B12 first.

When  folic acid of 1 mg a day or more is taken or being ordered, the patient is not
      on B12, and B12 is unknown with a risk factor, indeterminate or deficient, or
      deficiency is diagnosed.
Then  check or treat B12 before or with folic acid.
"""

from service.clinical.answers import Answer, Concern, Indicator
from service.clinical.b12_result import B12Class
from service.clinical.case import Case
from service.clinical.record import DataKind


KEY = "folate-caution"


def evaluate(case: Case) -> Answer:
    """Folic acid in a treating dose while B12 is not known to be sufficient."""
    folic_acid = case.folic_acid.treating
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
