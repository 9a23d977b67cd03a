"""A server of keys for the tests of this folder."""

from collections.abc import Iterator

import pytest

from service.fhir_server.dialling import Dialler
from service.fhir_server.networks import NetworkRule
from service.fhir_server.transport import Transport
from service.key_fetching import KeyFetcher
from tests.clients.key_server import KeyServer, serving_keys


@pytest.fixture
def keys() -> Iterator[KeyServer]:
    """A key server that nobody has asked yet."""
    with serving_keys() as server:
        yield server


@pytest.fixture
def elsewhere() -> Iterator[KeyServer]:
    """Another, which no client's entry names."""
    with serving_keys() as server:
        yield server


@pytest.fixture
def transport() -> Iterator[Transport]:
    """Connections to public addresses, and to those that a URL itself names."""
    opened = Transport(Dialler(rule=NetworkRule()), connections=1)
    yield opened
    opened.close()


@pytest.fixture
def fetch(transport: Transport) -> KeyFetcher:
    """What gets key sets."""
    return KeyFetcher(transport)
