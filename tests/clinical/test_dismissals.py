"""A card that was set aside, and when it comes again (CLINICAL 2.13)."""

import pytest

from service.clinical.evaluate import evaluate
from tests.spec.examples import knowledge
from tests.spec.patients import TODAY, Person, adult, day


at_risk = adult().with_cramps().taking("med-metformin", days=900)
tingling = at_risk.with_condition("sx-paresthesia-numbness", days=30)


def keys(person: Person, *, days_ago: int) -> list[str]:
    evaluation = evaluate(
        person.record,
        knowledge("us"),
        TODAY,
        dismissed={"b12-screen": day(days_ago).first},
    )
    assert [each.by for each in evaluation.suppressed] == (
        [] if evaluation.shown else ["an earlier dismissal"]
    )
    return [each.key for each in evaluation.shown]


@pytest.mark.parametrize(
    ("days_ago", "shown"),
    [(-1, True), (0, False), (1, False), (89, False), (90, False), (91, True)],
)
def test_a_card_of_level_info_stays_away_for_ninety_days(
    days_ago: int, shown: bool
) -> None:
    assert keys(at_risk, days_ago=days_ago) == (["b12-screen"] if shown else [])


def test_a_warning_is_not_set_aside() -> None:
    assert keys(tingling, days_ago=1) == ["b12-screen"]
