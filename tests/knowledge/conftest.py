"""Copies of the knowledge directory that a test may spoil."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from service.clinical.knowledge import Knowledge
from service.knowledge_files import (
    DIRECTORY,
    TerminologySource,
    load_knowledge,
    load_terminology,
)


Edit = Callable[[str, str, str], None]


@pytest.fixture(scope="session")
def terminology() -> TerminologySource:
    return load_terminology()


@pytest.fixture(scope="session", params=["us", "uk"])
def knowledge(
    request: pytest.FixtureRequest, terminology: TerminologySource
) -> Knowledge:
    """The knowledge of each profile in turn."""
    return load_knowledge(request.param, terminology=terminology)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The knowledge directory, to be changed."""
    return Path(shutil.copytree(DIRECTORY, tmp_path / "knowledge"))


@pytest.fixture
def edit(copy: Path) -> Edit:
    """Replaces words in a file of the copy, which must be there exactly once."""

    def replace(file: str, old: str, new: str) -> None:
        path = copy / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace
