"""The cards that an evaluation comes to, as they go out."""

from functools import cache

from cds_hooks.cards import Card
from service.advice import Adviser
from service.clinical.evaluate import Evaluation
from service.clinical.knowledge import ProfileName
from service.knowledge_files import load_terminology
from service.suggested_orders import OrderSituation
from tests.spec.examples import knowledge
from tests.spec.patients import TODAY


@cache
def adviser(profile: ProfileName) -> Adviser:
    """The adviser of a profile, made once."""
    return Adviser.of(
        knowledge(profile), load_terminology(), public_url="http://127.0.0.1:8080"
    )


def cards_sent(evaluation: Evaluation) -> dict[str, Card]:
    """The cards of an evaluation by key, in their order."""
    profile = evaluation.case.knowledge.profile.name
    situation = OrderSituation(patient_id="p1", today=TODAY)
    advice = adviser(profile).answer(evaluation, situation)
    return {
        shown.key: card
        for shown, card in zip(evaluation.shown, advice.response.cards, strict=True)
    }
