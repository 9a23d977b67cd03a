"""Ask every rule, then decide what is shown (CLINICAL 2.7, 2.8, 2.13)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from service.clinical.answers import (
    Answer,
    CannotTell,
    Concern,
    Fact,
    Indicator,
    NoConcern,
)
from service.clinical.case import Case
from service.clinical.exposures import Moment
from service.clinical.knowledge import Knowledge
from service.clinical.record import DataKind, Record, Unread
from service.clinical.rules import (
    b12_diet_advice,
    b12_indeterminate,
    b12_nitrous_oxide,
    b12_on_treatment_review,
    b12_post_injection_potassium,
    b12_recheck,
    b12_screen,
    b12_treatment_gap,
    b12_urgent,
    cramp_differential,
    electrolyte_abnormal,
    folate_caution,
)
from service.clinical.unusable_results import find_unusable_results


MOST_CARDS = 4
"""At most four cards (2.13)."""

ON_THE_FIRST_CARD = frozenset({"diabetes", "neuropathy-in-diabetes", "restless-legs"})
"""Notes on what adds no card of its own and is told once (2.7)."""

RULES: Mapping[str, Callable[[Case], Answer]] = {
    b12_urgent.KEY: b12_urgent.evaluate,
    b12_post_injection_potassium.KEY: b12_post_injection_potassium.evaluate,
    electrolyte_abnormal.KEY: electrolyte_abnormal.evaluate,
    b12_treatment_gap.KEY: b12_treatment_gap.evaluate,
    b12_nitrous_oxide.KEY: b12_nitrous_oxide.evaluate,
    b12_indeterminate.KEY: b12_indeterminate.evaluate,
    b12_screen.KEY: b12_screen.evaluate,
    folate_caution.KEY: folate_caution.evaluate,
    b12_recheck.KEY: b12_recheck.evaluate,
    b12_on_treatment_review.KEY: b12_on_treatment_review.evaluate,
    cramp_differential.KEY: cramp_differential.evaluate,
    b12_diet_advice.KEY: b12_diet_advice.evaluate,
}
"""Every rule by the key of its card."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleAnswer:
    """What one rule answered."""

    key: str
    answer: Answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A concern that becomes a card."""

    key: str
    concern: Concern


@dataclass(frozen=True, kw_only=True, slots=True)
class Suppressed:
    """A concern that does not become a card, and what set it aside."""

    key: str
    concern: Concern
    by: str


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """All that was found, answered and decided about one patient on one day.

    ``gate`` says why no rule was asked (deceased, under age, no cramps). ``undecided``
    is set only when nothing is shown and what is missing could have changed that.
    ``not_considered`` names the missing kinds that the cards shown did without.
    """

    case: Case
    gate: NoConcern | None = None
    answers: tuple[RuleAnswer, ...] = ()
    shown: tuple[Shown, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    undecided: CannotTell | None = None

    @property
    def not_considered(self) -> frozenset[DataKind]:
        """Kinds of data that were missing, in whole or in part."""
        return self.case.record.absent | self.case.record.partial

    @cached_property
    def unread(self) -> tuple[Unread, ...]:
        """What mattered and could not be read, results without meaning included; by
        resource."""
        unread = (
            *self.case.record.unread,
            *(
                Unread(
                    source=result.source,
                    element="Observation.value",
                    reason=f"B12 result not interpretable: {result.reason}",
                )
                for result in self.case.b12.not_interpretable
            ),
            *find_unusable_results(
                self.case.record, self.case.knowledge, self.case.today
            ),
        )
        return tuple(sorted(unread, key=lambda each: (str(each.source), each.element)))

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every fact found, each once: trigger, risk factors, companions, results, …"""
        case = self.case
        optional = (case.diagnosis, case.pending_test, case.palliative_care)
        found = (
            *case.cramp_facts(),
            *case.risk_facts(),
            *case.companion_facts(),
            *case.red_flags.grade_1,
            *case.red_flags.grade_2,
            *case.b12.facts(),
            *case.replacement.facts(),
            *(fact for fact in optional if fact is not None),
            *(cause.fact for cause in case.other_causes),
        )
        return tuple(dict.fromkeys(found))

    @property
    def absent(self) -> tuple[str, ...]:
        """Names of the facts that were looked for and not found."""
        found = {fact.name for fact in self.facts}
        looked_for = (
            "cramps",
            *self.case.knowledge.risk_factors,
            *self.case.knowledge.companions,
            "b12-result",
            "mma-result",
            "b12-injections",
            "b12-oral",
            "b12-deficiency-diagnosed",
            "b12-test-pending",
            *self.case.knowledge.causes,
        )
        return tuple(name for name in looked_for if name not in found)


def evaluate(
    record: Record,
    knowledge: Knowledge,
    today: date,
    *,
    moment: Moment = Moment.VISIT,
    dismissed: Mapping[str, date] | None = None,
) -> Evaluation:
    """What the service has to say about this record on this day.

    ``dismissed`` gives for a card key the day on which the clinician set it aside.
    """
    case = Case(record=record, knowledge=knowledge, today=today, moment=moment)
    gate = _gate(case)
    if isinstance(gate, NoConcern):
        return Evaluation(case=case, gate=gate)
    if isinstance(gate, CannotTell):
        return Evaluation(case=case, undecided=gate)
    answers = tuple(
        RuleAnswer(key=key, answer=RULES[key](case))
        for key in sorted(RULES, key=lambda key: knowledge.rules[key].priority)
    )
    shown, suppressed = _decide(case, answers, dismissed or {})
    return Evaluation(
        case=case,
        answers=answers,
        shown=shown,
        suppressed=suppressed,
        undecided=None if shown else _undecided(case, answers),
    )


def _gate(case: Case) -> NoConcern | CannotTell | None:
    """Who is not looked at: the dead, the under-aged, those without cramps (2.1)."""
    patient = case.record.patient
    if patient is not None and patient.deceased:
        return NoConcern(reason="the patient has died")
    minimum = case.knowledge.thresholds.age.minimum
    if case.age is not None and case.age < minimum.value:
        return NoConcern(reason=f"under the age of {minimum.value}")
    if case.cramps is None:
        return case.no_concern(
            "no muscle cramps on record", unless=frozenset({DataKind.CONDITIONS})
        )
    if patient is None:
        return CannotTell(
            missing=frozenset({DataKind.PATIENT}),
            reason="muscle cramps, but nobody knows whose: the patient is missing",
        )
    return None


def _decide(
    case: Case, answers: tuple[RuleAnswer, ...], dismissed: Mapping[str, date]
) -> tuple[tuple[Shown, ...], tuple[Suppressed, ...]]:
    """Priority, suppression, at most four (2.7, 2.8, 2.13)."""
    raised = {item.key for item in answers if isinstance(item.answer, Concern)}
    shown: list[Shown] = []
    suppressed: list[Suppressed] = []
    for item in answers:
        if not isinstance(item.answer, Concern):
            continue
        by = _set_aside_by(case, item.key, item.answer, raised, dismissed)
        if by is None and len(shown) == MOST_CARDS:
            by = f"the limit of {MOST_CARDS} cards"
        if by is None:
            shown.append(Shown(key=item.key, concern=item.answer))
        else:
            suppressed.append(Suppressed(key=item.key, concern=item.answer, by=by))
    return tuple(_told_once(shown)), tuple(suppressed)


def _told_once(shown: list[Shown]) -> Iterator[Shown]:
    """The concerns shown, without the notes that the first of them has told."""
    for position, each in enumerate(shown):
        concern = each.concern
        if position:
            concern = replace(concern, notes=concern.notes - ON_THE_FIRST_CARD)
        yield Shown(key=each.key, concern=concern)


def _set_aside_by(
    case: Case,
    key: str,
    concern: Concern,
    raised: set[str],
    dismissed: Mapping[str, date],
) -> str | None:
    rule = case.knowledge.rules[key]
    if case.palliative_care is not None and not rule.in_palliative_care:
        return "palliative care"
    for other in rule.yields_to:
        # What gives way itself is not there to give way to.
        if other in raised and raised.isdisjoint(case.knowledge.rules[other].yields_to):
            return other
    if case.moment is Moment.ORDERING and not rule.on_order_hooks:
        return "the moment: it would not change the order in hand"
    if concern.indicator is Indicator.INFO and key in dismissed:
        days = (case.today - dismissed[key]).days
        if 0 <= days <= case.knowledge.thresholds.treatment.dismissal_within.days:
            return "an earlier dismissal"
    return None


def _undecided(case: Case, answers: tuple[RuleAnswer, ...]) -> CannotTell | None:
    """What silence would hide: rules that could not tell and could have been shown.

    The reason is the rules' own words for it (``cannot_tell``). A rule that may keep
    silent (``say_nothing``) has none, and needs none: it is never alone in not telling.
    """
    open_answers = {
        item.key: item.answer
        for item in answers
        if isinstance(item.answer, CannotTell) and _could_be_shown(case, item.key)
    }
    if not open_answers:
        return None
    words = (case.knowledge.rules[key].cannot_tell for key in open_answers)
    reasons = tuple(dict.fromkeys(each for each in words if each is not None))
    return CannotTell(
        missing=frozenset().union(*(each.missing for each in open_answers.values())),
        reason=" ".join(reasons) or next(iter(open_answers.values())).reason,
    )


def _could_be_shown(case: Case, key: str) -> bool:
    rule = case.knowledge.rules[key]
    if case.palliative_care is not None and not rule.in_palliative_care:
        return False
    return case.moment is not Moment.ORDERING or rule.on_order_hooks
