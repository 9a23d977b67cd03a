"""Days as a chart writes them."""

from datetime import date

import pytest

from service.clinical.dates import PartialDate, age_on, days_before


class TestADayOfTheChart:
    @pytest.mark.parametrize(
        ("text", "first", "last"),
        [
            ("2024", date(2024, 1, 1), date(2024, 12, 31)),
            ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
            ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
            ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
            (" 2024-03-05 ", date(2024, 3, 5), date(2024, 3, 5)),
        ],
    )
    def test_is_as_exact_as_it_was_written(
        self, text: str, first: date, last: date
    ) -> None:
        assert PartialDate.parse(text) == PartialDate(first=first, last=last)

    def test_is_taken_as_written_whatever_the_time_zone(self) -> None:
        written = PartialDate.parse("2024-03-05T23:59:59.123-11:00")
        assert written == PartialDate.on(date(2024, 3, 5))

    @pytest.mark.parametrize(
        "text", ["", "yesterday", "05.03.2024", "2024-3-5", "2024-13", "2023-02-29"]
    )
    def test_that_cannot_be_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError):
            PartialDate.parse(text)

    def test_that_is_no_date_is_called_so(self) -> None:
        with pytest.raises(ValueError, match=r"^not a FHIR date$"):
            PartialDate.parse("2024-3-5")

    def test_cannot_end_before_it_begins(self) -> None:
        with pytest.raises(ValueError, match=r"^a date cannot end before it begins$"):
            PartialDate(first=date(2024, 3, 6), last=date(2024, 3, 5))

    def test_may_begin_and_end_on_one_day(self) -> None:
        assert PartialDate(first=date(2024, 3, 5), last=date(2024, 3, 5)).is_whole

    @pytest.mark.parametrize("text", ["2024", "2024-02", "2024-12", "2024-02-29"])
    def test_is_shown_as_it_was_written(self, text: str) -> None:
        assert str(PartialDate.parse(text)) == text

    def test_over_two_years_in_one_month_of_the_year_is_shown_as_a_year(self) -> None:
        months_apart = PartialDate(first=date(2023, 2, 1), last=date(2024, 2, 29))
        assert str(months_apart) == "2023"


class TestAge:
    @pytest.mark.parametrize(
        ("birth", "today", "age"),
        [
            ("1950-06-30", date(2025, 6, 29), 74),
            ("1950-06-30", date(2025, 6, 30), 75),
            ("1950-06-30", date(2025, 7, 1), 75),
            ("1950-06-30", date(2025, 7, 29), 75),
            ("1950-06-30", date(2025, 5, 31), 74),
            ("1952-02-29", date(2025, 2, 28), 72),
            ("1952-02-29", date(2025, 3, 1), 73),
        ],
    )
    def test_grows_on_the_birthday(self, birth: str, today: date, age: int) -> None:
        assert age_on(PartialDate.parse(birth), today) == age

    def test_of_a_year_of_birth_is_the_greater_one(self) -> None:
        assert age_on(PartialDate.parse("1950"), date(2025, 1, 1)) == 75


def test_days_before_counts_back() -> None:
    assert days_before(date(2024, 3, 1), 1) == date(2024, 2, 29)
