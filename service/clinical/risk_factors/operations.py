"""Risk factors that stay once they happened: surgery, radiotherapy (2.3)."""

from collections.abc import Iterator
from datetime import date

from service.clinical import concepts
from service.clinical.answers import Fact
from service.clinical.chart import Finding, earliest
from service.clinical.dates import PartialDate
from service.clinical.record import Condition, Procedure
from service.clinical.risk_factors.question import (
    Question,
    RiskFactorFound,
    condition_fact,
    established,
)


_SURGERY = (
    "bariatric-surgery",
    "gastrectomy",
    "ileal-resection",
    "small-bowel-resection",
)


def surgery(question: Question) -> Iterator[RiskFactorFound]:
    """RF-SURG: what was cut out stays out, whatever the status of the entry."""
    for key in _SURGERY:
        fact = _ever(question, key)
        if fact is not None:
            yield question.found(key, fact)


def radiotherapy(question: Question) -> Iterator[RiskFactorFound]:
    """RF-RADIO: abdominal or pelvic; a bare history of irradiation needs the site."""
    fact = _ever(question, "radiotherapy") or _irradiated_abdomen(question)
    if fact is not None:
        yield question.found("radiotherapy", fact)


def _irradiated_abdomen(question: Question) -> Fact | None:
    dated: list[tuple[Condition | Procedure, PartialDate | None]] = [
        *((condition, condition.began) for condition in question.record.conditions),
        *((procedure, procedure.performed) for procedure in question.record.procedures),
    ]
    for item, day in dated:
        if (
            concepts.HISTORY_OF_IRRADIATION in item.concepts
            and concepts.BODY_SITE_ABDOMEN_OR_PELVIS in item.site_concepts
        ):
            return Fact(
                name="radiotherapy",
                label=item.label,
                date=day,
                date_words="on" if day else "date not recorded",
                sources=(item.source,),
            )
    return None


def _ever(question: Question, key: str) -> Fact | None:
    """A procedure done, or a condition that records it, at any time."""
    wanted = question.concepts_of(key)
    done = [
        procedure
        for procedure in question.record.procedures
        if wanted & procedure.concepts
    ]
    if done:
        first = min(
            done,
            key=lambda p: (
                p.performed.first if p.performed else date.max,
                str(p.source),
            ),
        )
        return Fact(
            name=key,
            label=first.label or question.phrase(key),
            date=first.performed,
            date_words="on" if first.performed else "date not recorded",
            sources=(first.source,),
        )
    found = earliest(
        Finding(item=condition, began=condition.began)
        for condition in established(question, key)
    )
    return condition_fact(question, key, found) if found is not None else None
