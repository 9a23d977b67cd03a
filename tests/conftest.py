"""What tests of several kinds share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgresql import Cluster, running_cluster


ROOT = Path(__file__).resolve().parent.parent

# A shared build machine is slow at odd moments; a deadline would make a property test
# fail for a reason that is not in the product. The same examples are tried every time,
# so that a red build is red again when it is looked into. HYPOTHESIS_PROFILE=search
# looks for new ones.
settings.register_profile("build", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "build"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """A folder of real FHIR data, which is no part of the product."""
    named = os.environ.get("SHARED_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"there is no folder of real FHIR data at {folder} (SHARED_DATA)")
    return folder


@pytest.fixture(scope="session", autouse=True)
def strict_output_in_tests() -> Iterator[None]:
    """A card that breaks a rule of the protocol is a failure here, not a log line."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("B12_STRICT_OUTPUT", "true")
        yield


@pytest.fixture(scope="session", autouse=True)
def store_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whatever is started without naming a store gets one that is thrown away."""
    file = tmp_path_factory.mktemp("store") / "store.sqlite3"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("B12_DATABASE_URL", f"sqlite:///{file}")
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A real PostgreSQL server; each test takes a database of its own from it."""
    with running_cluster() as cluster:
        yield cluster
