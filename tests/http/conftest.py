"""One running service for all tests of a module, and patients to send to it."""

from collections.abc import Iterator

import pytest

from tests.http.servers import serving


@pytest.fixture(scope="session")
def base_url() -> Iterator[str]:
    """The service with the settings of `make run`, on a fixed day."""
    with serving() as url:
        yield url
