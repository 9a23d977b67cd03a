"""Whatever a record holds, the rules answer, and keep to what they promise."""

import json
from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.clinical.answers import Answer, Concern
from service.clinical.case import Case
from service.clinical.evaluate import MOST_CARDS, RULES, evaluate
from service.clinical.exposures import Moment
from service.clinical.knowledge import ProfileName
from service.clinical.record import DataKind, Patient, Record, ResourceRef, Sex
from service.clinical.trace import trace_of
from tests.properties.answers import adviser
from tests.properties.bounds import examples
from tests.properties.records import DATES, KINDS, TODAY, records


MOMENTS = st.sampled_from(Moment)
PROFILES = st.sampled_from(get_args(ProfileName))
DISMISSED = st.dictionaries(
    st.sampled_from(sorted(RULES)),
    st.integers(-1, 400).map(lambda days: TODAY - timedelta(days=days)),
    max_size=2,
)


@examples(100)
@given(record=records(), moment=MOMENTS, profile=PROFILES, dismissed=DISMISSED)
def test_the_cards_are_few_and_in_order(
    record: Record, moment: Moment, profile: ProfileName, dismissed: dict[str, object]
) -> None:
    knowledge = adviser(profile).knowledge
    evaluation = evaluate(record, knowledge, TODAY, moment=moment, dismissed=dismissed)
    shown = [card.key for card in evaluation.shown]
    raised = {
        answer.key
        for answer in evaluation.answers
        if isinstance(answer.answer, Concern)
    }
    rules = [knowledge.rules[key] for key in shown]

    assert len(shown) <= MOST_CARDS
    assert len(set(shown)) == len(shown)
    assert [rule.priority for rule in rules] == sorted(rule.priority for rule in rules)
    assert {*shown, *(each.key for each in evaluation.suppressed)} == raised
    for rule in rules:
        assert not set(rule.yields_to) & raised
        assert moment is not Moment.ORDERING or rule.on_order_hooks
        assert evaluation.case.palliative_care is None or rule.in_palliative_care
    assert not (shown and evaluation.undecided), "decided and undecided"
    assert not (evaluation.gate and evaluation.answers), "asked after the gate"
    if record.patient is None or record.patient.deceased:
        assert not shown


@examples(60)
@given(record=records(), moment=MOMENTS, profile=PROFILES)
def test_every_rule_answers_and_every_answer_can_be_explained(
    record: Record, moment: Moment, profile: ProfileName
) -> None:
    """Asked directly, past the gate: no rule needs another, or cramps, to work."""
    knowledge = adviser(profile).knowledge
    case = Case(record=record, knowledge=knowledge, today=TODAY, moment=moment)
    for rule in RULES.values():
        answer = rule(case)
        assert isinstance(answer, get_args(Answer))
        if isinstance(answer, Concern):
            assert answer.because, "a concern without a fact"
            assert set(answer.tests) <= set(knowledge.orders)
    trace = trace_of(evaluate(record, knowledge, TODAY, moment=moment))
    assert json.loads(json.dumps(trace))


@pytest.mark.parametrize("key", RULES)
@examples(25)
@given(
    birth=DATES,
    sex=st.sampled_from(Sex),
    absent=KINDS,
    partial=KINDS,
    moment=MOMENTS,
    profile=PROFILES,
)
def test_an_empty_record_never_concerns(
    key: str,
    birth: object,
    sex: Sex,
    absent: frozenset[DataKind],
    partial: frozenset[DataKind],
    moment: Moment,
    profile: ProfileName,
) -> None:
    """Nor does one of which parts are missing; a very old patient's is not empty, since
    age is a finding, but without cramps nothing follows from it."""
    patient = Patient(source=ResourceRef(type="Patient", id="1"), birth=birth, sex=sex)
    for empty in (
        Record(absent=absent, partial=partial),
        Record(patient=patient, absent=absent, partial=partial),
    ):
        knowledge = adviser(profile).knowledge
        assert not evaluate(empty, knowledge, TODAY, moment=moment).shown
        case = Case(record=empty, knowledge=knowledge, today=TODAY, moment=moment)
        if case.risk_factors:
            continue
        assert not isinstance(RULES[key](case), Concern)
