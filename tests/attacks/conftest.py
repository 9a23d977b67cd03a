"""One guarded service for all attacks that leave no trace."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.doors import Door, clients_file, running
from tests.clients.key_server import KeyServer, body, serving_keys
from tests.protocol.tokens import jwk, key_set


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the clients file and the store are."""
    made = tmp_path_factory.mktemp("attacked")
    clients_file(made)
    return made


@pytest.fixture(scope="session")
def door(folder: Path) -> Iterator[Door]:
    """The service with two gunicorn workers, asking every client for a token."""
    with running(folder) as opened:
        yield opened


@pytest.fixture(scope="session")
def replica(folder: Path, door: Door) -> Iterator[Door]:
    """The same service once more, on the same store."""
    with running(folder) as opened:
        yield opened


@pytest.fixture
def thief_keys() -> Iterator[KeyServer]:
    """A server of the attacker's own keys that counts who asks it."""
    with serving_keys() as server:
        server.answer = body(key_set(jwk("ES384", owner="thief")))
        yield server
