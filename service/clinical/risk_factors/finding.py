"""All risk factors of a record: the visible list of what is looked for (2.3).

What counts (ValueSets, strengths, durations) is knowledge; how it combines is code.
"""

from collections.abc import Callable, Iterator
from datetime import date

from service.clinical.answers import Fact
from service.clinical.dates import age_on
from service.clinical.exposures import Moment
from service.clinical.knowledge import Knowledge, Strength
from service.clinical.record import Record
from service.clinical.replacement import Replacement
from service.clinical.risk_factors import conditions, food, medicines, operations
from service.clinical.risk_factors.question import Question, RiskFactorFound


def find_risk_factors(
    record: Record,
    knowledge: Knowledge,
    today: date,
    *,
    moment: Moment,
    replacement: Replacement,
    pregnancy: Fact | None,
) -> tuple[RiskFactorFound, ...]:
    """The risk factors of this record, strongest first, each key once.

    Does not say whether the risk criterion is met: a supporting factor needs a
    companion symptom (``Case.is_risk_met``).
    """
    question = Question(
        record=record,
        knowledge=knowledge,
        today=today,
        moment=moment,
        replacement=replacement,
        pregnancy=pregnancy,
    )
    found = [factor for find in _FINDERS for factor in find(question)]
    order = list(knowledge.risk_factors)
    strengths = list(Strength)
    found.sort(
        key=lambda factor: (strengths.index(factor.strength), order.index(factor.key))
    )
    return tuple(found)


def _age(question: Question) -> Iterator[RiskFactorFound]:
    """RF-AGE: 75 and over alone, 65 to 74 as a supporting factor."""
    patient = question.record.patient
    if patient is None or patient.birth is None:
        return
    age = age_on(patient.birth, question.today)
    limits = question.knowledge.thresholds.age
    if age >= limits.risk.value:
        key = "age75"
    elif age >= limits.supporting_risk.value:
        key = "age65-74"
    else:
        return
    yield question.found(
        key, Fact(name=key, label=f"age {age}", sources=(patient.source,))
    )


_FINDERS: tuple[Callable[[Question], Iterator[RiskFactorFound]], ...] = (
    conditions.lifelong_diseases,
    operations.surgery,
    medicines.metformin,
    medicines.acid_suppressants,
    medicines.other_medicines,
    _age,
    food.diet,
    food.dietary_inadequacy,
    conditions.ongoing_conditions,
    conditions.alcohol,
    operations.radiotherapy,
    conditions.family_history,
    conditions.helicobacter,
    conditions.pregnancy,
    conditions.previous_deficiency,
)
