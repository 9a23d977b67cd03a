"""What a platform asks: does the process answer, and can it do its work."""

from flask import Blueprint, Response

from service.routes.json_answers import json_answer


def operation_routes(knowledge_version: str) -> Blueprint:
    """Routes for probes; the knowledge was loaded before they exist."""
    routes = Blueprint("operations", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        return json_answer({"status": "up"})

    @routes.get("/readyz")
    def readyz() -> Response:
        return json_answer({"status": "ready", "knowledge": knowledge_version})

    return routes
