"""One guarded service for all attacks that leave no trace."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.doors import Door, clients_file, running
from tests.clients.key_server import KeyServer, body, serving_keys
from tests.protocol.tokens import jwk, key_set


OPEN = {
    "B12_CLIENTS_FILE": "",
    "B12_BASE_URL": "",
    "B12_LOG_LEVEL": "debug",
    "B12_CLIENT_SECONDS": "60",
    "B12_MAX_WAIT_SECONDS": "60",
}
"""Settings of the open service; a loaded machine shall not make clients late."""


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


@pytest.fixture(scope="session")
def open_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """The service with two gunicorn workers for whoever calls, telling all it can."""
    folder = tmp_path_factory.mktemp("open")
    with running(folder, B12_AUTH="off", **OPEN) as opened:
        yield opened


@pytest.fixture
def thief_keys() -> Iterator[KeyServer]:
    """A server of the attacker's own keys that counts who asks it."""
    with serving_keys() as server:
        server.answer = body(key_set(jwk("ES384", owner="thief")))
        yield server
