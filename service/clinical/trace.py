"""An evaluation as data: what was found, what was not, and why."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from service.clinical.answers import Answer, CannotTell, Concern, Fact, NoConcern
from service.clinical.evaluate import Evaluation
from service.clinical.record import Unread


Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"


def trace_of(evaluation: Evaluation) -> Mapping[str, Json]:
    """The trace, fit for JSON: strings, lists and objects only.

    It holds patient data (labels and references) and is for the caller alone.
    """
    case = evaluation.case
    return {
        "asOf": case.today.isoformat(),
        "profile": case.knowledge.profile.name,
        "moment": case.moment.value,
        "gate": evaluation.gate.reason if evaluation.gate else "passed",
        "found": [_fact(fact) for fact in evaluation.facts],
        "lookedForAndAbsent": list(evaluation.absent),
        "states": {
            "b12Status": case.b12.status.value if case.b12.status else "none",
            "adjustments": list(case.b12.adjustments),
            "mma": case.b12.mma.value if case.b12.mma else "none",
            "onB12": case.replacement.is_current,
            "riskMet": case.is_risk_met,
            "diagnosed": case.diagnosis is not None,
            "pending": case.pending_test is not None,
            "notes": sorted(case.notes),
        },
        "rules": [
            {"key": item.key, **_answer(item.answer)} for item in evaluation.answers
        ],
        "shown": [
            {"key": shown.key, "indicator": shown.concern.indicator.value}
            for shown in evaluation.shown
        ],
        "suppressed": [
            {"key": suppressed.key, "by": suppressed.by}
            for suppressed in evaluation.suppressed
        ],
        "undecided": _undecided(evaluation.undecided),
        "notConsidered": sorted(evaluation.not_considered),
        "notRead": [_unread(unread) for unread in evaluation.unread],
    }


def _fact(fact: Fact) -> Mapping[str, Json]:
    return {
        "name": fact.name,
        "label": fact.label,
        "date": str(fact.date) if fact.date else None,
        "dateWords": fact.date_words,
        "sources": [str(source) for source in fact.sources],
    }


def _answer(answer: Answer) -> Mapping[str, Json]:
    match answer:
        case Concern():
            return {
                "answer": "concern",
                "indicator": answer.indicator.value,
                "text": answer.text,
                "because": [fact.name for fact in answer.because],
            }
        case NoConcern():
            return {"answer": "no concern", "reason": answer.reason}
        case CannotTell():
            return {
                "answer": "cannot tell",
                "reason": answer.reason,
                "missing": sorted(answer.missing),
            }


def _undecided(undecided: CannotTell | None) -> Mapping[str, Json] | None:
    if undecided is None:
        return None
    return {"reason": undecided.reason, "missing": sorted(undecided.missing)}


def _unread(unread: Unread) -> Mapping[str, Json]:
    return {
        "source": str(unread.source),
        "element": unread.element,
        "reason": unread.reason,
    }
