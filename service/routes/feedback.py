"""The feedback endpoint: what users did with the cards (section 10)."""

from flask import Blueprint, Response, g

from cds_hooks.decoding import decode_json
from cds_hooks.errors import UnknownService
from cds_hooks.feedback import parse_feedback
from service.catalogue import SERVICE_BY_ID
from service.feedback_intake import FeedbackIntake
from service.limits import RequestLimits
from service.routes.authentication import ClientAuthentication
from service.routes.json_answers import json_answer
from service.routes.protocol import read_body


def feedback_routes(
    intake: FeedbackIntake,
    authentication: ClientAuthentication,
    limits: RequestLimits,
) -> Blueprint:
    """Routes of feedback; a 200 is given only for what is durably stored."""
    routes = Blueprint("feedback", __name__)

    @routes.post("/cds-services/<service_id>/feedback")
    @routes.post("/cds-services//<service_id>/feedback")
    def feedback(service_id: str) -> Response:
        if service_id not in SERVICE_BY_ID:
            raise UnknownService()
        client = authentication.of_feedback(service_id)
        batch = parse_feedback(decode_json(read_body(limits)))
        receipt = intake.take(batch, service=service_id, client=client.name)
        g.log_fields = {"service": service_id, "feedback": receipt.counts()}
        return json_answer(receipt.as_json())

    return routes
