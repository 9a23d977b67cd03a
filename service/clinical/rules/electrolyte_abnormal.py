"""Potassium, magnesium or calcium out of range: a direct and treatable cause.

Source: CLINICAL 2.6 and 2.7 card 3; severity bands from memory, to be signed off.

When  potassium, magnesium or calcium of the last 30 days is out of range. Low potassium
      is left to the post-injection card when that one speaks, and no less urgently.
Then  correct it; critical where it endangers life.
"""

from service.clinical.answers import Answer, Concern, Fact, Indicator
from service.clinical.case import Case
from service.clinical.companions import lab_fact
from service.clinical.electrolytes import OutOfRange
from service.clinical.record import DataKind


KEY = "electrolyte-abnormal"


def evaluate(case: Case) -> Answer:
    """The electrolytes that are out of range, most dangerous first."""
    found = tuple(
        out
        for out in case.electrolytes_out_of_range
        if not _is_told_after_injection(out, case)
    )
    if not found:
        return case.no_concern(
            "no electrolyte out of range in the last 30 days",
            unless=frozenset({DataKind.LABORATORY}),
        )
    worst = found[0]
    return Concern(
        indicator=Indicator.CRITICAL if worst.is_critical else Indicator.WARNING,
        text="result",
        because=(*(_fact(out) for out in found), *case.cramp_facts()),
        values={
            "analyte": worst.analyte.capitalize(),
            "value": worst.result.shown,
        },
        notes=case.notes | {_note(out) for out in found},
        tests=tuple(out.analyte for out in found),
        urgency="stat" if worst.is_critical else "urgent",
    )


def _is_told_after_injection(out: OutOfRange, case: Case) -> bool:
    """Whether the post-injection card says of this potassium all that is to be said."""
    told = case.post_injection_cramps
    if told is None or out.analyte != "potassium" or not out.is_low:
        return False
    return told.indicator is Indicator.CRITICAL or not out.is_critical


def _fact(out: OutOfRange) -> Fact:
    return lab_fact(
        out.analyte, f"{'low' if out.is_low else 'high'} {out.analyte}", out.result
    )


def _note(out: OutOfRange) -> str:
    return f"{out.analyte}-{'low' if out.is_low else 'high'}"
