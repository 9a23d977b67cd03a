"""A FHIR server with a small chart, and a reader that may call it."""

from collections.abc import Iterator

import pytest

from service.fhir_server.reader import CallLimits, ServerReader
from tests.fhir_server.calls import (
    DEVELOPMENT,
    condition,
    fhir_servers,
    observation,
    patient,
)
from tests.fhir_server.fhir_test_server import FhirTestServer, running


@pytest.fixture
def fhir() -> Iterator[FhirTestServer]:
    """A server that knows patients p1 and p2."""
    with running() as server:
        server.resources = [
            patient("p1"),
            patient("p2"),
            condition("c1"),
            condition("c2"),
            condition("of-another", patient="p2"),
            observation("b12", "2132-9"),
            observation("sodium", "2951-2"),
        ]
        yield server


@pytest.fixture
def elsewhere() -> Iterator[FhirTestServer]:
    """A server on another origin, which nothing should ever reach."""
    with running() as server:
        server.resources = [condition("stolen")]
        yield server


@pytest.fixture
def reader() -> Iterator[ServerReader]:
    """Reads from any server on this machine, with time enough for a slow one."""
    with fhir_servers(limits=CallLimits(seconds=10)) as servers:
        yield servers.reader(DEVELOPMENT)


@pytest.fixture
def hurried_reader() -> Iterator[ServerReader]:
    """As `reader`, but gives up after half a second."""
    with fhir_servers(limits=CallLimits(seconds=0.5)) as servers:
        yield servers.reader(DEVELOPMENT)
