"""What a platform asks: does the process answer, and can it do its work."""

from collections.abc import Callable

from flask import Blueprint, Response

from service.routes.json_answers import json_answer
from service.store import StoreUnavailable


def operation_routes(
    knowledge_version: str, store_is_reachable: Callable[[], bool]
) -> Blueprint:
    """Routes for probes; the knowledge was loaded before they exist."""
    routes = Blueprint("operations", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        return json_answer({"status": "up"})

    @routes.get("/readyz")
    def readyz() -> Response:
        if not store_is_reachable():
            raise StoreUnavailable()
        return json_answer({"status": "ready", "knowledge": knowledge_version})

    return routes
