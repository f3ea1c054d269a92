from datetime import date

import pytest

from energy_assets.intake.cells.dates import day_of, read_date, read_time, split_instant


@pytest.mark.parametrize(
    "text",
    ["2025-06-30", "2025/06/30", "2025.6.30", "20250630", "30-Jun-2025", "30 June 2025", "45838",
     "2025-06-30 00:00:00", "2025-06-30T00:00"],
)  # fmt: skip
def test_a_date_with_one_reading_is_certain(text):
    # 45838: 30 June 2025 is day 45,838 of a spreadsheet, 36,526 being 1 January 2000.
    assert read_date(text).certain == date(2025, 6, 30)


@pytest.mark.parametrize(
    "text", ["", "2025-13-01", "30/02/2025", "31/04/25", "1/1/025", "yesterday", "2025-06-30 09:00"]
)
def test_what_is_no_date_has_no_reading(text):
    assert (
        day_of(text, order="dmy") == (None, "unreadable_date")
        or day_of(text, order=None)[0] is None
    )


@pytest.mark.parametrize(
    "text",
    ["May 1, 2026", "May 1 2026", "may 1st, 2026", "1 May 2026", "1st May 2026", "01-May-26",
     "1/MAY/2026", "2026-May-01", "2026 May 1", "1. May 2026", "01 May 26", "May 1, 26"],
)  # fmt: skip
def test_a_named_month_is_certain_wherever_it_stands(text):
    assert read_date(text).certain == date(2026, 5, 1)


@pytest.mark.parametrize(
    ("text", "month"), [("5 Sept 2025", 9), ("Oct. 5, 2025", 10), ("5-AUGUST-2025", 8)]
)
def test_months_have_short_and_long_names(text, month):
    assert read_date(text).certain == date(2025, month, 5)


@pytest.mark.parametrize(
    "text",
    ["Mayor 1, 2026", "May 26", "May-26", "26-May", "31 Feb 2026", "1 May 026", "1 Mai 2026"],
)
def test_half_a_date_with_a_name_is_none(text):
    assert day_of(text, order="dmy") == (None, "unreadable_date")


@pytest.mark.parametrize(
    ("text", "day_first", "month_first"),
    [
        ("3/4/26", (2026, 4, 3), (2026, 3, 4)), ("03.04.69", (2069, 4, 3), (2069, 3, 4)),
        ("03-04-70", (1970, 4, 3), (1970, 3, 4)), ("25/06/00", (2000, 6, 25), None),
        ("06/25/99", None, (1999, 6, 25)), ("26/05/13", (2013, 5, 26), None),
    ],
)  # fmt: skip
def test_a_year_of_two_digits_comes_last(text, day_first, month_first):
    reading = read_date(text)
    assert reading.certain is None
    assert reading.day_first == (day_first and date(*day_first))
    assert reading.month_first == (month_first and date(*month_first))


@pytest.mark.parametrize("text", ["3/4.26", "3-4/26", "3.4-26"])
def test_a_year_of_two_digits_needs_the_same_mark_twice(text):
    assert day_of(text, order="dmy") == (None, "unreadable_date")


def test_the_same_day_and_month_is_no_ambiguity():
    assert day_of("06/06/2025", order=None) == (date(2025, 6, 6), "")


def test_an_ambiguous_date_without_an_order_is_a_row_fault():
    assert day_of("05/07/2025", order=None) == (None, "ambiguous_date")


def test_a_date_against_the_order_of_its_file_is_refused():
    assert day_of("06/25/2025", order="dmy") == (None, "mixed_date_order")


@pytest.mark.parametrize(
    ("text", "hours"),
    [("09:30", 9.5), ("9:30:00", 9.5), ("09:30:00.000", 9.5), ("9:30 AM", 9.5), ("09:30 pm", 21.5),
     ("12:15 am", 0.25), ("24:00:00", 24), ("0.375", 9), ("1", 24), ("0", 0)],
)  # fmt: skip
def test_times_of_a_day(text, hours):
    assert read_time(text) == (hours * 3_600_000, None)


@pytest.mark.parametrize("text", ["", "24:01", "25:00", "9", "09:60", "13:00 PM", "0.5x", "noon"])
def test_what_is_no_time(text):
    assert read_time(text) is None


@pytest.mark.parametrize(
    ("text", "minutes"), [("09:00Z", 0), ("09:00:00+05:30", 330), ("09:00-0330", -210)]
)
def test_a_time_may_state_its_utc_offset(text, minutes):
    assert read_time(text) == (9 * 3_600_000, minutes)


def test_one_text_may_hold_date_and_time():
    assert split_instant("2025-06-30T09:00Z") == ("2025-06-30", "09:00Z")
    assert split_instant("30/06/2025 9:00 AM") == ("30/06/2025", "9:00 AM")
    assert split_instant("45838.375") == ("45838", "0.375")
