"""After nitrous oxide, test homocysteine or methylmalonic acid, not B12 alone.

Source: NICE NG239 via Pulse; Practical Neurology, nitrous oxide myelopathy, Table 2
(B12 sensitivity 20-50 %, homocysteine and methylmalonic acid 80-90 %); CLINICAL L-7.

When  nitrous oxide is used recreationally, neither methylmalonic acid (365 days) nor
      homocysteine (90 days) was measured, and the patient is not on replacement.
Then  order them first: serum B12 may be normal.
"""

from service.clinical.answers import Answer, Concern, Indicator
from service.clinical.case import Case
from service.clinical.record import DataKind


KEY = "b12-nitrous-oxide"


def evaluate(case: Case) -> Answer:
    """Nitrous oxide use without the marker that would show its harm."""
    if not case.uses_nitrous_oxide:
        return case.no_concern(
            "no recreational nitrous oxide on record",
            unless=frozenset({DataKind.CONDITIONS}),
        )
    if case.b12.mma_result is not None or case.homocysteine is not None:
        return case.no_concern(
            "homocysteine or methylmalonic acid was measured", unless=frozenset()
        )
    if case.replacement.is_current:
        return case.no_concern("on B12 replacement", unless=frozenset())
    return Concern(
        indicator=Indicator.WARNING,
        text="untested",
        because=(
            *case.cramp_facts(),
            *case.risk_facts(),
            *case.companion_facts(),
            *case.b12.facts(),
        ),
        notes=case.notes,
        tests=("homocysteine", "mma", case.first_b12_test, "cbc"),
        urgency="urgent" if case.neurological_companions else "routine",
    )
