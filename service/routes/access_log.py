"""One log line for each request: which route, how it ended, how long it took.

Neither the path nor the query as sent are logged, since both are the client's text.
"""

import time

import structlog
from flask import Flask, Response, g, request


log = structlog.get_logger()

KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET_ROUTES = frozenset({"/healthz", "/readyz"})
"""Probes ask every few seconds; they are logged only when they fail."""


def log_requests(app: Flask) -> None:
    """Let ``app`` write a line for each request it answered."""

    def start_clock() -> None:
        g.started = time.perf_counter()

    def write_line(answer: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else None
        if route in QUIET_ROUTES and answer.status_code < 400:
            return answer
        log.info(
            "request",
            method=request.method if request.method in KNOWN_METHODS else "other",
            route=route,
            status=answer.status_code,
            client=g.client.name if "client" in g else None,
            milliseconds=round((time.perf_counter() - g.started) * 1000, 1),
            **g.get("log_fields", {}),
        )
        return answer

    app.before_request(start_clock)
    app.after_request(write_line)
