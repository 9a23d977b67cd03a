"""Somebody answers for each piece of knowledge, and not for ever."""

from datetime import date

import pytest

from service.clinical.knowledge import Knowledge, Review
from service.knowledge_files import (
    awaiting_signature,
    load_knowledge,
    unverified_facts,
)


TODAY = date.today()
OF_FILES = {
    *("thresholds", "risk_factors", "companions", "causes"),
    *("treatments", "diets", "interferences", "circumstances", "valuesets"),
}


def reviews(knowledge: Knowledge) -> dict[str, Review]:
    rules = {key: rule.review for key, rule in knowledge.rules.items()}
    return {**knowledge.reviews, **rules}


def test_no_review_is_overdue(knowledge: Knowledge) -> None:
    overdue = {
        name: review.review_by
        for name, review in reviews(knowledge).items()
        if review.review_by < TODAY
    }
    assert overdue == {}


def test_no_review_lies_in_the_future(knowledge: Knowledge) -> None:
    assert all(review.reviewed <= TODAY for review in reviews(knowledge).values())


def test_each_file_that_is_no_rule_has_a_review(knowledge: Knowledge) -> None:
    assert set(knowledge.reviews) == OF_FILES


def test_what_nobody_has_signed_is_listed(knowledge: Knowledge) -> None:
    unsigned = {
        name for name, review in reviews(knowledge).items() if not review.checked_by
    }
    listed = {name.removeprefix("rules/") for name in awaiting_signature(knowledge)}
    assert listed == unsigned


def test_a_signed_rule_is_no_longer_listed(knowledge: Knowledge) -> None:
    rule = knowledge.rules["b12-screen"]
    signed = rule.review.model_copy(update={"checked_by": "Dr Example"})
    with_signature = rule.model_copy(update={"review": signed})
    rules = {**knowledge.rules, "b12-screen": with_signature}
    after = awaiting_signature(knowledge.model_copy(update={"rules": rules}))
    assert set(awaiting_signature(knowledge)) - set(after) == {"rules/b12-screen"}


FROM_MEMORY = {
    "references.ADA",
    "risk_factors.hereditary-cobalamin",
    *(f"thresholds.history.audit_c_{sex}" for sex in ("men", "women")),
    *(
        f"thresholds.companion.haemoglobin_below_{who}"
        for who in ("men", "women", "pregnant")
    ),
    *(f"thresholds.marker.folate_{unit}_low_below" for unit in ("mass", "moles")),
    *(
        f"thresholds.electrolyte.potassium_{limit}"
        for limit in ("low_below", "severe_below", "high_from", "critical_from")
    ),
    *(
        f"thresholds.electrolyte.{analyte}_{unit}_{limit}_below"
        for analyte in ("magnesium", "calcium")
        for unit in ("mass", "moles")
        for limit in ("low", "severe")
    ),
}


@pytest.mark.parametrize(
    ("profile", "more"),
    [("us", {"treatments.neurological", "treatments.review"}), ("uk", set())],
)
def test_what_is_from_memory_is_marked_and_nothing_else(
    profile: str, more: set[str]
) -> None:
    knowledge = load_knowledge("us" if profile == "us" else "uk")
    assert set(unverified_facts(knowledge)) == FROM_MEMORY | more


def test_a_threshold_has_a_source_or_is_our_choice_or_unverified(
    knowledge: Knowledge,
) -> None:
    exempt = {"picomoles_per_picogram"}  # a property of the molecule
    unfounded = [
        name
        for members in vars(knowledge.thresholds).values()
        for name, threshold in vars(members).items()
        if not (threshold.sources or threshold.choice or not threshold.verified)
    ]
    assert set(unfounded) == exempt
