"""Draft ServiceRequests: the tests a card suggests, ready to be ordered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cds_hooks.cards import Action, ActionType, Suggestion
from service.clinical.knowledge import Order
from service.clinical.record import ResourceRef


REASON_TYPES = frozenset(
    {"Condition", "Observation", "DiagnosticReport", "DocumentReference"}
)
"""What ServiceRequest.reasonReference of R4 may point to."""

REQUESTER_TYPES = ("Practitioner/", "PractitionerRole/")

FALLBACK_REASON = "Muscle cramps"


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderSituation:
    """Whom the tests are for, and in which situation they are suggested."""

    patient_id: str
    today: date
    encounter_id: str | None = None
    user: str | None = None


def suggest_orders(
    orders: Iterable[Order],
    urgency: str,
    reason: ResourceRef | None,
    situation: OrderSituation,
) -> tuple[Suggestion, ...]:
    """One suggestion for each test, so that each can be taken or left by itself.

    The first is marked as recommended: it is the one the card is about.
    """
    return tuple(
        Suggestion(
            label=order.label,
            is_recommended=number == 0,
            actions=(
                Action(
                    type=ActionType.CREATE,
                    description=f"Create a draft order: {order.text}",
                    resource=service_request(order, urgency, reason, situation),
                ),
            ),
        )
        for number, order in enumerate(orders)
    )


def service_request(
    order: Order, urgency: str, reason: ResourceRef | None, situation: OrderSituation
) -> dict[str, object]:
    """A proposal for a clinician to complete and sign, valid FHIR R4.

    ``reason`` is the resource of the cramp: referred to where it has an id and is of a
    type that may be referred to, else the reason is given in words.
    """
    request: dict[str, object] = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "priority": urgency,
        "code": {
            "coding": [
                {"system": order.system, "code": order.code, "display": order.display}
            ],
            "text": order.text,
        },
        "subject": {"reference": f"Patient/{situation.patient_id}"},
        "authoredOn": situation.today.isoformat(),
    }
    if situation.encounter_id is not None:
        request["encounter"] = {"reference": f"Encounter/{situation.encounter_id}"}
    if situation.user is not None and situation.user.startswith(REQUESTER_TYPES):
        request["requester"] = {"reference": situation.user}
    if reason is not None and reason.id and reason.type in REASON_TYPES:
        request["reasonReference"] = [{"reference": str(reason)}]
    else:
        request["reasonCode"] = [{"text": FALLBACK_REASON}]
    return request
