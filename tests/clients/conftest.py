"""A server of keys for the tests of this folder."""

from collections.abc import Iterator

import pytest

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
