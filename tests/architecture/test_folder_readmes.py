"""Every layer says in its README what code there may not do."""

import pytest

from tests.architecture.sources import ROOT


LAYERS = [
    "cds_hooks",
    "service",
    "service/clinical",
    "service/fhir",
    "service/fhir_server",
    "service/knowledge",
    "service/store",
]


def first_paragraphs(folder: str) -> str:
    """What a reader sees before the first subheading."""
    readme = (ROOT / folder / "README.md").read_text(encoding="utf-8")
    return readme.split("\n## ")[0]


@pytest.mark.parametrize("folder", LAYERS)
def test_a_layer_states_its_prohibition_where_its_readme_begins(folder: str) -> None:
    assert "may not" in first_paragraphs(folder)


@pytest.mark.parametrize("folder", LAYERS)
def test_a_layer_s_statement_is_short_enough_to_be_read(folder: str) -> None:
    lines = [line for line in first_paragraphs(folder).splitlines() if line.strip()]
    assert len(lines) <= 10
