"""What a client may say of cards set aside before."""

from datetime import date

import pytest

from service.dismissals import DISMISSED, MOST_DISMISSALS, read_dismissals


TODAY = date(2025, 6, 30)
CARDS = {"b12-screen", "b12-diet-advice"}
SCREEN = {"card": "b12-screen", "date": "2025-05-20"}


def dismissed(*entries: object) -> tuple[dict[str, date], tuple[str, ...]]:
    read = read_dismissals({DISMISSED: list(entries)}, CARDS, TODAY)
    return dict(read.days), read.remarks


def test_a_card_and_its_day_are_read() -> None:
    assert dismissed(SCREEN) == ({"b12-screen": date(2025, 5, 20)}, ())


def test_of_two_days_the_later_counts() -> None:
    later = {**SCREEN, "date": "2025-06-01"}
    assert dismissed(later, SCREEN)[0] == {"b12-screen": date(2025, 6, 1)}
    assert dismissed(SCREEN, later)[0] == {"b12-screen": date(2025, 6, 1)}


def test_today_is_a_day_like_any_other() -> None:
    assert dismissed({**SCREEN, "date": "2025-06-30"})[0]


def test_without_the_extension_nothing_is_dismissed() -> None:
    read = read_dismissals({"org.example.other": 1}, CARDS, TODAY)
    assert (read.days, read.remarks) == ({}, ())


def test_null_is_nothing() -> None:
    read = read_dismissals({DISMISSED: None}, CARDS, TODAY)
    assert (read.days, read.remarks) == ({}, ())


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ("b12-screen", "not an object"),
        ({"date": "2025-05-20"}, "card is not the key of a card"),
        ({**SCREEN, "card": "b12-scren"}, "card is not the key of a card"),
        ({**SCREEN, "card": ["b12-screen"]}, "card is not the key of a card"),
        ({"card": "b12-screen"}, "date is not a day as YYYY-MM-DD"),
        ({**SCREEN, "date": 20250520}, "date is not a day as YYYY-MM-DD"),
        ({**SCREEN, "date": "20250520"}, "date is not a day as YYYY-MM-DD"),
        ({**SCREEN, "date": "2025-02-30"}, "date is not a day as YYYY-MM-DD"),
        ({**SCREEN, "date": "2025-05"}, "date is not a day as YYYY-MM-DD"),
        ({**SCREEN, "date": "2025-07-01"}, "date lies in the future"),
    ],
)
def test_an_entry_that_is_not_as_described_is_ignored_with_a_remark(
    entry: object, what: str
) -> None:
    days, remarks = dismissed(entry, {**SCREEN, "card": "b12-diet-advice"})
    assert days == {"b12-diet-advice": date(2025, 5, 20)}
    assert remarks == (f"{DISMISSED}: {what}: entry ignored",)


@pytest.mark.parametrize("content", [{}, "b12-screen", 1, True, SCREEN])
def test_what_is_no_list_is_ignored_with_a_remark(content: object) -> None:
    read = read_dismissals({DISMISSED: content}, CARDS, TODAY)
    assert read.days == {}
    assert read.remarks == (f"{DISMISSED} is not a list: ignored",)


def test_the_same_fault_is_remarked_on_once() -> None:
    assert len(dismissed("a", "b", "c")[1]) == 1


def test_a_long_list_is_cut() -> None:
    advice = {**SCREEN, "card": "b12-diet-advice"}
    days, remarks = dismissed(*[SCREEN] * MOST_DISMISSALS, advice)
    assert set(days) == {"b12-screen"}
    assert remarks == (f"{DISMISSED} has over 100 entries: rest ignored",)
