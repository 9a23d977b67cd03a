"""The operator's guide names every setting, and no setting that is not there."""

import re

import pytest

from service.settings import Settings, variable_of
from tests.docs.documents import read


GUIDE = "docs/operators-guide.md"
DOCUMENTS = ("README.md", "DEVELOPERS.md", "Makefile", "Dockerfile", "openapi.yaml")


def table_row(variable: str) -> str:
    rows = [line for line in read(GUIDE).splitlines() if f"| `{variable}` |" in line]
    assert len(rows) == 1, f"{GUIDE} has {len(rows)} rows for {variable}"
    return rows[0]


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_has_its_row_in_the_operator_s_guide(field: str) -> None:
    assert table_row(variable_of(field))


@pytest.mark.parametrize("field", Settings.model_fields)
def test_the_row_says_what_the_setting_itself_says(field: str) -> None:
    assert str(Settings.model_fields[field].description) in table_row(
        variable_of(field)
    )


@pytest.mark.parametrize("field", Settings.model_fields)
def test_the_row_shows_the_default(field: str) -> None:
    default = Settings.model_fields[field].default
    shown = "" if default is None else f"`{default}`"
    assert table_row(variable_of(field)).split("|")[2].strip() == shown


def test_no_document_names_a_setting_that_does_not_exist() -> None:
    known = {variable_of(field) for field in Settings.model_fields}
    for document in (*DOCUMENTS, GUIDE):
        named = set(re.findall(r"\bB12_[A-Z][A-Z_]*[A-Z]\b", read(document)))
        assert named <= known, document
