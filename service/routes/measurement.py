"""Every answer is counted and timed, and the counts are shown to Prometheus."""

import time
from collections import Counter

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST

from service.metrics import Metrics


UNKNOWN_ROUTE = "unknown"
"""Paths as sent are the client's text and could be of any number."""


def measure_requests(app: Flask, metrics: Metrics) -> None:
    """Let ``app`` count what it answers in ``metrics``."""

    def start_clock() -> None:
        g.measured_from = time.perf_counter()

    def count(answer: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else UNKNOWN_ROUTE
        metrics.requests.labels(route, str(answer.status_code)).inc()
        metrics.seconds.labels(route).observe(time.perf_counter() - g.measured_from)
        fields = g.get("log_fields", {})
        if "cards" in fields:
            _count_advice(metrics, fields["service"], fields["cards"])
            for element, times in Counter(fields["unread"]).items():
                metrics.unread.labels(element).inc(times)
        return answer

    app.before_request(start_clock)
    app.after_request(count)


def _count_advice(metrics: Metrics, service: str, cards: list[str]) -> None:
    if not cards:
        metrics.silences.labels(service).inc()
    for card in cards:
        key, _, indicator = card.partition(":")
        metrics.cards.labels(service, key, indicator).inc()


def measurement_routes(metrics: Metrics) -> Blueprint:
    """``GET /metrics``."""
    routes = Blueprint("measurement", __name__)

    @routes.get("/metrics")
    def show() -> Response:
        return Response(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)

    return routes
