"""The printed manual is what the knowledge and the examples say today."""

from tests.spec.manual import DOCS, pages


def test_the_printed_manual_is_current() -> None:
    printed = pages()
    stale = [
        name
        for name, text in printed.items()
        if not (DOCS / name).is_file()
        or (DOCS / name).read_text(encoding="utf-8") != text
    ]
    assert not stale, "print the manual again with `make manual`"


def test_the_manual_holds_no_page_that_is_no_longer_printed() -> None:
    assert {page.name for page in DOCS.glob("*.md")} == set(pages())
