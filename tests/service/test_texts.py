"""Texts with placeholders, and summaries that are never too long."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_hooks.cards import utf16_length
from cds_hooks.markdown import escape_markdown
from service.texts import Text, quotation, sentence_start, summary_line


def test_placeholders_are_filled_and_the_rest_is_kept() -> None:
    text = Text.parse("{analyte} {value}: likely {{contributor}}")
    assert text.names == {"analyte", "value"}
    filled = text.fill({"analyte": "Potassium", "value": "3.1 mmol/L"})
    assert filled == "Potassium 3.1 mmol/L: likely {contributor}"


def test_a_value_is_no_template_of_its_own() -> None:
    assert Text.parse("{value}").fill({"value": "{secret}"}) == "{secret}"


def test_values_are_made_inert_and_the_text_itself_is_not() -> None:
    text = Text.parse("**{value}**")
    assert text.fill({"value": "<b>"}, escape_markdown) == "**&lt;b&gt;**"


@pytest.mark.parametrize(
    "template", ["{}", "{0}", "{a.b}", "{a[0]}", "{a!r}", "{a:>9}"]
)
def test_only_plain_names_are_placeholders(template: str) -> None:
    with pytest.raises(ValueError, match="no plain placeholder"):
        Text.parse(template)


def test_a_value_that_a_text_needs_must_be_given() -> None:
    with pytest.raises(KeyError):
        Text.parse("{value}").fill({})


def test_a_summary_of_139_units_is_left_alone_and_one_of_140_is_shortened() -> None:
    text = Text.parse("Cramps with {factors}: test B12")
    fixed = len("Cramps with : test B12")
    just_short_enough = "a" * (139 - fixed - 2) + " b"
    at_limit = summary_line(text, {"factors": just_short_enough})
    assert at_limit == f"Cramps with {just_short_enough}: test B12"
    over = summary_line(text, {"factors": just_short_enough + "b"})
    assert len(over) < 139
    assert over.startswith("Cramps with aaa")
    assert over.endswith("a…: test B12")


def test_the_longest_value_gives_way_first() -> None:
    text = Text.parse("{found} on {day}")
    line = summary_line(text, {"found": "cause " * 40, "day": "2025-06-30"})
    assert line.endswith("… on 2025-06-30")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_whatever_the_value_the_summary_is_one_short_line(value: str) -> None:
    text = Text.parse("Muscle cramps with {factors}: consider testing vitamin B12")
    line = summary_line(text, {"factors": value})
    assert utf16_length(line) <= 139
    assert not re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029]", line)
    assert line.startswith("Muscle cramps with ")
    assert line.endswith(": consider testing vitamin B12")


@pytest.mark.parametrize(
    ("words", "begun"),
    [
        ("metformin for 2 years", "Metformin for 2 years"),
        ("pH of the stomach", "pH of the stomach"),
        ("B12 result", "B12 result"),
        ("", ""),
    ],
)
def test_a_sentence_begins_with_a_capital_unless_that_changes_a_name(
    words: str, begun: str
) -> None:
    assert sentence_start(words) == begun


def test_a_text_of_the_chart_is_repeated_whole_up_to_two_hundred_characters() -> None:
    assert quotation("x" * 200) == "x" * 200
    assert quotation("x" * 201) == "x" * 199 + "…"


def test_a_text_without_end_is_fitted_into_a_summary_in_a_moment() -> None:
    began = time.process_time()
    line = summary_line(Text.parse("Seen: {value}"), {"value": "leg " * 250_000})
    assert time.process_time() - began < 1
    assert line.startswith("Seen: leg leg")
    assert len(line) < 140
