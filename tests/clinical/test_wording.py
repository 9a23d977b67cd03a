"""Lists of words in a one-line summary."""

import pytest

from service.clinical.wording import SUMMARY_LIMIT, fitting_list, in_words


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((), ""),
        (("metformin",), "metformin"),
        (("metformin", "age"), "metformin and age"),
        (("metformin", "age", "alcohol"), "metformin, age and alcohol"),
    ],
)
def test_words_are_listed_as_one_says_them(words: tuple[str, ...], text: str) -> None:
    assert in_words(words) == text


def template(room: int) -> str:
    """A summary that leaves ``room`` characters for its placeholder."""
    return "x" * (SUMMARY_LIMIT - room) + "{factors}"


WORDS = ("aaaa", "bbbb", "cccc", "dddd")


@pytest.mark.parametrize(
    ("room", "text"),
    [
        (139, "aaaa, bbbb, cccc and dddd"),
        (25, "aaaa, bbbb, cccc and dddd"),
        (24, "aaaa, bbbb and 2 more"),
        (21, "aaaa, bbbb and 2 more"),
        (20, "aaaa and 3 more"),
        (15, "aaaa and 3 more"),
        (1, "aaaa and 3 more"),
    ],
)
def test_as_many_are_named_as_fit_and_the_rest_is_a_number(
    room: int, text: str
) -> None:
    """All four take 25 characters; three and "1 more" would take 27."""
    assert fitting_list(WORDS, template(room)) == text


def test_three_are_named_beside_a_number_where_the_last_is_long() -> None:
    words = (*WORDS[:3], "d" * 30)
    assert fitting_list(words, template(27)) == "aaaa, bbbb, cccc and 1 more"
    assert fitting_list(words, template(26)) == "aaaa, bbbb and 2 more"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((), ""),
        (("aaaa",), "aaaa"),
        (("aaaa", "b" * 9), "aaaa and 1 more"),
    ],
)
def test_the_first_is_named_however_little_room_there_is(
    words: tuple[str, ...], text: str
) -> None:
    assert fitting_list(words, template(1)) == text
