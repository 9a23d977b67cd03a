"""What the clinician's guide tells to change works as told, without any Python.

Each change of the guide is made in a copy of the knowledge; the card and the printed
manual must then differ, and nothing else is touched.
"""

import re
import shutil
from pathlib import Path

import pytest

from cds_hooks.cards import Card
from service.advice import Adviser
from service.clinical.evaluate import evaluate
from service.fhir.bundles import resources_of
from service.fhir.read import read_record
from service.fhir.terminology import Terminology
from service.knowledge_files import (
    DIRECTORY,
    KnowledgeError,
    awaiting_signature,
    load_knowledge,
    load_terminology,
)
from service.suggested_orders import OrderSituation
from tests.docs.documents import ROOT, code_blocks, read
from tests.spec.manual import pages
from tests.spec.patients import TODAY, Person, adult
from tests.wiring.charts import coded, condition


GUIDE = "docs/clinicians-guide.md"
HOME = "--- service/knowledge/"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The knowledge directory, to be changed."""
    return Path(shutil.copytree(DIRECTORY, tmp_path / "knowledge"))


def make_change(copy: Path, heading: str) -> None:
    """Do to the copy what the section of the guide says."""
    section = read(GUIDE).partition(f"## {heading}\n")[2].partition("\n## ")[0]
    changes = [block for block in code_blocks(GUIDE, "diff") if block in section]
    assert changes, heading
    for change in changes:
        place, *lines = change.splitlines()
        assert place.startswith(HOME)
        path = copy / place.removeprefix(HOME)
        before = "\n".join(line[1:] for line in lines if line[:1] in (" ", "-"))
        after = "\n".join(line[1:] for line in lines if line[:1] in (" ", "+"))
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{place} no longer holds:\n{before}"
        path.write_text(text.replace(before, after), encoding="utf-8")


def cards(patient: Person, directory: Path) -> dict[str, Card]:
    known = load_knowledge("us", directory)
    terminology = load_terminology(directory)
    adviser = Adviser.of(known, terminology, public_url="http://127.0.0.1:8080")
    evaluation = evaluate(patient.record, known, TODAY)
    answer = adviser.answer(
        evaluation, OrderSituation(patient_id="p1", today=TODAY)
    ).response
    return dict(zip((each.key for each in evaluation.shown), answer.cards, strict=True))


def pages_that_differ(copy: Path) -> set[str]:
    before, after = pages(), pages(copy)
    return {name for name in before if before[name] != after[name]}


def test_a_number_that_is_changed_changes_the_cards_and_the_manual(
    copy: Path,
) -> None:
    five_months = adult(58).with_cramps().taking("med-metformin", days=150)
    six_months = adult(58).with_cramps().taking("med-metformin", days=180)
    assert list(cards(five_months, copy)) == ["b12-screen"]
    make_change(copy, "Change a number")
    assert list(cards(five_months, copy)) == []
    assert list(cards(six_months, copy)) == ["b12-screen"]
    assert pages_that_differ(copy) == {"thresholds.md"}
    assert "| exposure.metformin | 180 | 180 | d |" in pages(copy)["thresholds.md"]


def test_words_that_are_changed_stand_on_the_card_and_in_the_manual(
    copy: Path,
) -> None:
    new = "test vibration sense"
    at_risk = adult(58).with_cramps().with_condition("rf-crohn")
    assert new not in str(cards(at_risk, copy)["b12-screen"].detail)
    make_change(copy, "Change words")
    assert new in str(cards(at_risk, copy)["b12-screen"].detail)
    assert pages_that_differ(copy) == {"b12-screen.md"}
    assert new in pages(copy)["b12-screen.md"]


def has_cramps(directory: Path, code: str) -> bool:
    known = load_knowledge("us", directory)
    record = read_record(
        resources_of([condition(coded("snomed", code), id="c1")]),
        terminology=Terminology(load_terminology(directory)),
        units=known.units,
        today=TODAY,
    )
    return any("cramp-trigger" in each.concepts for each in record.conditions)


def test_a_code_that_is_taken_out_no_longer_counts_and_leaves_the_manual(
    copy: Path,
) -> None:
    tetany, cramp = "10629009", "55300003"
    assert has_cramps(copy, tetany)
    make_change(copy, "Change a code list")
    assert not has_cramps(copy, tetany)
    assert has_cramps(copy, cramp)
    assert pages_that_differ(copy) == {"code-lists.md"}
    assert tetany not in pages(copy)["code-lists.md"]


def test_a_signature_is_taken_off_the_list_of_what_is_unsigned(copy: Path) -> None:
    before = awaiting_signature(load_knowledge("us", copy))
    make_change(copy, "Sign")
    after = awaiting_signature(load_knowledge("us", copy))
    assert set(before) - set(after) == {"rules/b12-screen"}
    assert pages_that_differ(copy) == {"b12-screen.md"}
    assert "**checked by** name and role" in pages(copy)["b12-screen.md"]


def test_a_mistake_stops_the_start_and_names_file_and_spelling(copy: Path) -> None:
    path = copy / "thresholds.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("[exposure.metformin]", "[exposure.metformine]"), "utf-8"
    )
    with pytest.raises(KnowledgeError, match=r"thresholds\.toml.*metformin"):
        load_knowledge("us", copy)


@pytest.mark.parametrize("document", [GUIDE, "docs/open-clinical-questions.md"])
def test_every_page_that_is_linked_exists(document: str) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", read(document)):
        if "://" not in link:
            assert (ROOT / "docs" / link).is_file(), link


def test_every_file_that_the_guide_names_exists() -> None:
    for name in re.findall(r"`([a-z_]+\.toml)`", read(GUIDE)):
        assert (DIRECTORY / name).is_file(), name
    for name in re.findall(r"`((?:service|tests|fixtures)/[\w./-]+)`", read(GUIDE)):
        assert (ROOT / name).exists(), name


def test_the_targets_of_make_that_the_guide_names_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)\b", read(GUIDE))) & {"manual", "test"}
    for block in code_blocks(GUIDE, "sh"):
        assert set(re.findall(r"^make ([a-z-]+)", block, re.M)) <= targets
