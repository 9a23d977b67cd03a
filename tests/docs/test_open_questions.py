"""Each open clinical question is told in full, and what holds it exists."""

import importlib
import pkgutil
import re

import pytest

import tests.spec
from tests.docs.documents import ROOT, read
from tests.wiring.wires import WIRES


QUESTIONS = "docs/open-clinical-questions.md"
PARTS = ["Specification", "Service", "Why", "Who decides", "Held by"]
DECIDERS = re.compile(r"clinical lead|laboratory|informatics", re.I)


def questions() -> dict[str, str]:
    sections = re.split(r"^### ", read(QUESTIONS), flags=re.M)[1:]
    return {
        title: re.split(r"^## ", body, flags=re.M)[0]
        for title, _, body in (each.partition("\n") for each in sections)
    }


def part(body: str, name: str) -> str:
    found = re.search(rf"^- \*\*{name}\*\*: (.*?)(?=^- \*\*|\Z)", body, re.M | re.S)
    assert found, name
    return " ".join(found[1].split())


def sentences() -> set[str]:
    modules = (
        importlib.import_module(f"tests.spec.{module.name}")
        for module in pkgutil.iter_modules(tests.spec.__path__)
        if module.name.startswith("test_")
    )
    return {
        each.sentence for module in modules for each in getattr(module, "EXAMPLES", ())
    }


SENTENCES = sentences()
ASKED = pytest.mark.parametrize("title", questions())


@ASKED
def test_a_question_is_told_in_its_five_parts(title: str) -> None:
    body = questions()[title]
    assert re.findall(r"^- \*\*(.+?)\*\*:", body, re.M) == PARTS
    assert all(part(body, name) for name in PARTS)
    assert DECIDERS.search(part(body, "Who decides"))


@ASKED
def test_what_holds_a_decision_exists(title: str) -> None:
    for held in part(questions()[title], "Held by").split("; "):
        if held.startswith("tests/"):
            folder, _, name = held.partition(": ")
            assert (ROOT / folder).is_dir()
            assert name in WIRES or (ROOT / folder / f"{name}.py").is_file(), held
        else:
            assert held in SENTENCES, held
