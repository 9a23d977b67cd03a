"""Every test of the store runs against both databases that it can be in."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.store import Store, open_store
from tests.postgresql import Cluster


NOW = datetime(2025, 6, 30, 12, 0, tzinfo=UTC)


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite3'}"
    cluster: Cluster = request.getfixturevalue("postgresql")
    return cluster.new_database()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store of this version, on 30 June 2025 at noon."""
    opened = open_store(database_url, now=lambda: NOW)
    yield opened
    opened.close()
