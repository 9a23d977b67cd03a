"""Counts and durations for Prometheus. Nothing of any patient goes in.

Labels hold only words of our own: routes, service ids, card keys, indicators, element
names of FHIR, the knowledge version.
"""

import os
from collections.abc import Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector


# Around what a clinician notices: half a second is the specification's own figure.
SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """What the service counts, of this process or, under gunicorn, of all workers.

    Under gunicorn the variable PROMETHEUS_MULTIPROC_DIR names the folder the workers
    share (``service.gunicorn_conf`` makes it).
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "b12_requests",
            "Requests answered.",
            ("route", "status"),
            registry=self._registry,
        )
        self.seconds = Histogram(
            "b12_request_seconds",
            "Time from the request to its answer.",
            ("route",),
            buckets=SECONDS,
            registry=self._registry,
        )
        self.cards = Counter(
            "b12_cards",
            "Cards answered.",
            ("service", "key", "indicator"),
            registry=self._registry,
        )
        self.silences = Counter(
            "b12_silences",
            "Calls answered with no card.",
            ("service",),
            registry=self._registry,
        )
        self.unread = Counter(
            "b12_unread_elements",
            "Elements that matter and could not be read.",
            ("element",),
            registry=self._registry,
        )
        self._knowledge = Gauge(
            "b12_knowledge_unsigned_facts",
            "Facts that no source was read for or no clinician has signed.",
            ("version", "profile", "kind"),
            registry=self._registry,
            multiprocess_mode="max",
        )

    def describe_knowledge(
        self, version: str, profile: str, counts: Mapping[str, int]
    ) -> None:
        """Show how much of the knowledge awaits what, by kind."""
        for kind, count in counts.items():
            self._knowledge.labels(version, profile, kind).set(count)

    def exposition(self) -> bytes:
        """Everything counted, in the text format of Prometheus."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # not annotated
        return generate_latest(registry)
