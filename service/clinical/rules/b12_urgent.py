"""Do not delay treatment where B12 deficiency may be damaging nerves.

Source: NICE NG239 and BSH 2014, key recommendation 4: with neurological involvement,
treat without waiting for results (CLINICAL 2.5, 2.7 card 1).

When  the patient has muscle cramps and a sign of cord, optic nerve or cerebellar damage
      (grade 1); or an acute mental or combined nerve sign (grade 2) in a context that
      makes B12 a likely cause.
Then  assess urgently; critical for grade 1 in such a context, unless B12 was measured
      normal.
"""

from service.clinical.answers import Answer, Concern, Fact, Indicator
from service.clinical.case import Case
from service.clinical.record import DataKind


KEY = "b12-urgent"
_COULD_SHOW_A_RED_FLAG = frozenset({DataKind.CONDITIONS, DataKind.FINDINGS})
_COULD_SHOW_A_B12_CONTEXT = frozenset(
    {
        DataKind.CONDITIONS,
        DataKind.PROCEDURES,
        DataKind.MEDICATIONS,
        DataKind.LABORATORY,
        DataKind.FAMILY_HISTORY,
        DataKind.ALLERGIES,
    }
)


def evaluate(case: Case) -> Answer:
    """Grade 1 always; grade 2 only where B12 is a likely cause."""
    flags = case.red_flags
    if flags.grade_1:
        is_critical = case.has_b12_context and not case.is_reassured
        return _concern(
            case,
            flags.grade_1,
            Indicator.CRITICAL if is_critical else Indicator.WARNING,
            text="grade-1",
            urgency="stat",
        )
    if not flags.grade_2:
        return case.no_concern("no red flag", unless=_COULD_SHOW_A_RED_FLAG)
    if not case.has_b12_context:
        return case.no_concern(
            "a red flag of grade 2, but nothing that points to B12",
            unless=_COULD_SHOW_A_B12_CONTEXT,
        )
    if case.is_reassured:
        return case.no_concern(
            "a red flag of grade 2, but B12 deficiency is unlikely by result",
            unless=frozenset({DataKind.LABORATORY}),
        )
    return _concern(
        case, flags.grade_2, Indicator.WARNING, text="grade-2", urgency="urgent"
    )


def _concern(
    case: Case,
    flags: tuple[Fact, ...],
    indicator: Indicator,
    *,
    text: str,
    urgency: str,
) -> Concern:
    diagnosis = (case.diagnosis,) if case.diagnosis is not None else ()
    markers = ("mma", "homocysteine") if case.uses_nitrous_oxide else ("mma",)
    return Concern(
        indicator=indicator,
        text=text,
        because=(
            *flags,
            *case.cramp_facts(),
            *diagnosis,
            *case.risk_facts(),
            *case.b12.facts(),
            *case.replacement.facts(),
        ),
        notes=case.notes | {text, "neurological"},
        tests=(case.first_b12_test, "cbc", *markers),
        urgency=urgency,
    )
