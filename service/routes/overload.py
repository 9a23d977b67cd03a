"""Calls that come in faster than they can be answered: a prompt 503 for those too late.

A worker answers one call at a time, and the kernel keeps those that wait. Nobody reads
an answer that comes after the clinician has gone on, but working it out would make all
behind it late as well. So whoever waited too long is told to come again, at next to no
cost, until the line is short.
"""

from flask import Flask, request

from cds_hooks.errors import ServiceBusy
from service.incoming import seconds_waited


RETRY_AFTER_SECONDS = 2
BUSY = "More calls came than can be answered in time; try again in a moment."
CALLED = "/cds-services/"


def refuse_when_late(app: Flask, max_wait: float) -> None:
    """Let ``app`` answer 503 to calls that waited longer than ``max_wait`` seconds.

    Probes, pages and discovery are answered however late they are.
    """

    def refuse() -> None:
        route = request.url_rule.rule if request.url_rule else ""
        if request.method != "POST" or not route.startswith(CALLED):
            return
        waited = seconds_waited(request.environ.get("gunicorn.socket"))
        if waited is not None and waited > max_wait:
            raise ServiceBusy(BUSY, retry_after=RETRY_AFTER_SECONDS)

    app.before_request(refuse)
