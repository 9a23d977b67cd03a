"""Words that must not appear: where a layer has no business with them, or at all."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, committed_files, modules


# Whole words only where a part of another word would be met by chance.
CLINICAL_WORDS = re.compile(
    r"b[-_ ]?12|cobalamin|metformin|cramp|anaemia|anemia|vegan|gastritis"
    r"|coeliac|\bceliac|crohn|omeprazole",
    re.IGNORECASE,
)

# Places of one machine or of one person, and folders beside the checkout.
PLACES = re.compile(r"(?<![\w.:/-])/(?:work|root|home)/|(?<!\w)\.\./shared\b")

# Where data outside the checkout may be named, as something that may be absent.
PLACES_ALLOWED_IN = ("Makefile", "tests/")

EMPTY_NAMES = re.compile(
    r"(?:^|_)(?:managers?|engines?|helpers?|handlers?|processors?|utils?|common|misc)$"
)


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", committed_files("cds_hooks"), ids=relative)
def test_the_protocol_holds_no_clinical_word(path: Path) -> None:
    found = CLINICAL_WORDS.findall(text_of(path) + relative(path))
    assert found == [], f"{relative(path)} speaks of {set(found)}"


def test_no_product_file_names_a_place_of_one_machine() -> None:
    found = {
        relative(path): PLACES.findall(text_of(path))
        for path in committed_files()
        if not relative(path).startswith(PLACES_ALLOWED_IN)
    }
    assert {name: places for name, places in found.items() if places} == {}


def test_a_lock_names_no_index_and_no_host() -> None:
    for lock in ROOT.glob("requirements*.txt"):
        assert "://" not in text_of(lock), lock.name
        assert "--index" not in text_of(lock), lock.name
        assert "--hash=sha256:" in text_of(lock), lock.name


@pytest.mark.parametrize("folder", ["cds_hooks", "service"])
def test_modules_are_named_by_their_subject(folder: str) -> None:
    names = [Path(module.path).stem for module in modules(folder)]
    assert [name for name in names if EMPTY_NAMES.search(name)] == []


@pytest.mark.parametrize("name", ["card_manager", "utils", "json_helpers", "common"])
def test_names_that_say_nothing_are_recognised(name: str) -> None:
    assert EMPTY_NAMES.search(name)


@pytest.mark.parametrize("name", ["common_cold", "engineering", "cards", "decoding"])
def test_names_of_a_subject_are_left_alone(name: str) -> None:
    assert not EMPTY_NAMES.search(name)
