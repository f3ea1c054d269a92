"""Which of day and month comes first, over whole files. Dates are written by `strftime`."""

from datetime import date, timedelta

import numpy as np
import pytest

from energy_assets.intake.cells.date_order import date_orders
from energy_assets.intake.cells.dates import day_of
from energy_assets.intake.cells.native_dates import swapped_natives

DMY, MDY, ISO = "%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d"
ORDERS = {0: None, 1: "dmy", 2: "mdy"}


def days(first, count, step=1):
    start = date.fromisoformat(first)
    return [start + timedelta(days=step * i) for i in range(count)]


def firsts(first, count, day=1):
    start = date.fromisoformat(first)
    months = [start.year * 12 + start.month - 1 + i for i in range(count)]
    return [date(month // 12, month % 12 + 1, day) for month in months]


def spelled(dates, order):
    return [f"{day:{order}}" for day in dates]


def decide(texts, *, rows=24, subdaily=True, native=None):
    counts = np.array(rows if isinstance(rows, list) else [rows] * len(texts), dtype=np.int64)
    first = np.concatenate(([0], np.cumsum(counts)[:-1])) + 2 if len(texts) else np.zeros(0, int)
    return date_orders(
        texts,
        first.astype(np.int64),
        counts,
        subdaily=subdaily,
        native=np.zeros(len(texts), bool) if native is None else np.array(native),
    )


def read(texts, **how):
    """The day that each run is stored for, None where it is refused."""
    orders = decide(texts, **how)
    found = orders.order_of_rows(orders.first_row)
    return [
        day_of(text, order=ORDERS[code])[0]
        for text, code in zip(texts, found.tolist(), strict=True)
    ]


@pytest.mark.parametrize("subdaily", [True, False])
@pytest.mark.parametrize(("order", "name"), [(DMY, "dmy"), (MDY, "mdy"), ("%d.%m.%y", "dmy")])
@pytest.mark.parametrize("first", ["2025-06-01", "2024-02-20", "2025-12-05"])
def test_a_number_above_twelve_decides_for_every_row(first, order, name, subdaily):
    dates = days(first, 40)
    orders = decide(spelled(dates, order), subdaily=subdaily)
    assert (orders.file_order, orders.mixed, orders.refused) == (name, False, None)
    assert read(spelled(dates, order), subdaily=subdaily) == dates


@pytest.mark.parametrize(("order", "name"), [(DMY, "dmy"), (MDY, "mdy"), ("%m-%d-%y", "mdy")])
@pytest.mark.parametrize("step", [1, -1])
@pytest.mark.parametrize("first", ["2025-06-04", "2025-11-06"])
def test_hourly_rows_of_a_few_days_show_their_order_by_following_each_other(
    first, step, order, name
):
    dates = days(first, 4, step)
    assert decide(spelled(dates, order)).file_order == name
    assert read(spelled(dates, order)) == dates


@pytest.mark.parametrize("order", [DMY, MDY, "%d.%m.%y"])
def test_daily_rows_below_thirteen_may_be_monthly_readings_and_are_refused(order):
    texts = spelled(days("2025-06-01", 12), order)
    orders = decide(texts, rows=1, subdaily=False)
    assert orders.file_order is None and orders.refused == texts[0]
    assert decide(texts).file_order is not None


@pytest.mark.parametrize("order", [DMY, MDY])
def test_two_meters_read_once_a_month_are_no_days_of_two_months(order):
    dates = sorted(firsts("2025-01-01", 12, day=6) + firsts("2025-01-01", 12, day=7))
    orders = decide(spelled(dates, order), rows=1, subdaily=False)
    assert orders.file_order is None and orders.refused is not None


@pytest.mark.parametrize("order", [DMY, MDY])
def test_hourly_rows_of_every_other_day_show_their_order_by_filling_a_month(order):
    dates = days("2025-06-01", 6, 2)
    assert read(spelled(dates, order)) == dates


def test_one_ambiguous_day_decides_nothing():
    assert decide(["05/06/2025"]).refused == "05/06/2025"
    assert decide(["06/06/2025"]).refused is None and read(["06/06/2025"]) == [date(2025, 6, 6)]


@pytest.mark.parametrize("share", [(8, 2), (51, 49)])
def test_a_file_is_refused_only_where_most_rows_are_ambiguous(share):
    iso, odd = share
    texts = ["2025-06-30", "05/07/2025"]
    assert decide(texts, rows=[iso, odd]).refused is None
    assert decide(texts, rows=[odd, iso]).refused == "05/07/2025"
    assert read(texts, rows=[iso, odd]) == [date(2025, 6, 30), None]


@pytest.mark.parametrize(("order", "other"), [(DMY, MDY), (MDY, DMY), ("%d-%m-%y", "%m-%d-%y")])
def test_a_stray_date_of_the_other_order_is_refused_and_the_rest_is_read(order, other):
    dates = days("2025-06-01", 30)
    texts = spelled(dates, order)
    texts.insert(20, f"{date(2025, 6, 25):{other}}")
    orders = decide(texts)
    assert orders.mixed and orders.file_order is not None
    assert read(texts) == [*dates[:20], None, *dates[20:]]


@pytest.mark.parametrize("subdaily", [True, False])
def test_an_ambiguous_date_beside_a_stray_one_is_unknown_unless_its_neighbours_prove_it(subdaily):
    weeks = days("2025-01-01", 52, 7)
    texts = spelled(weeks, DMY)
    at = weeks.index(date(2025, 6, 11))
    texts.insert(at, "06/25/2025")
    found = read(texts, subdaily=subdaily, rows=1)
    assert found[at] is None and found[at + 1] is None
    # The week before, 4 June, stands beside the stray one as well; 28 May is certain.
    assert found[at - 1] is None and found[at - 2] == date(2025, 5, 28)
    assert [day for day in found if day] == [w for w in weeks if w not in weeks[at - 1 : at + 1]]


@pytest.mark.parametrize("subdaily", [True, False])
@pytest.mark.parametrize(("first", "then"), [(DMY, MDY), (MDY, DMY)])
def test_two_exports_in_one_file_are_read_each_in_its_order(first, then, subdaily):
    one, two = days("2025-05-01", 31), days("2025-06-01", 30)
    texts = spelled(one, first) + spelled(two, then)
    orders = decide(texts, subdaily=subdaily)
    assert orders.file_order is None and orders.mixed
    assert read(texts, subdaily=subdaily) == one + two


@pytest.mark.parametrize("subdaily", [True, False])
@pytest.mark.parametrize(("first", "then"), [(DMY, MDY), (MDY, DMY)])
@pytest.mark.parametrize("month", ["2025-06-01", "2025-09-01", "2025-02-01"])
def test_a_second_export_that_proves_nothing_is_not_read_in_the_order_of_the_first(
    month, first, then, subdaily
):
    one, two = days("2025-03-13", 60), days(month, 11)
    texts = spelled(one, first) + spelled(two, then)
    found = read(texts, subdaily=subdaily)
    assert found[:60] == one
    assert all(day in (None, true) for day, true in zip(found[60:], two, strict=True))


def test_between_proofs_of_both_orders_an_ambiguous_date_is_unknown():
    weeks = [date(2025, 5, 16), date(2025, 5, 23), date(2025, 6, 6), date(2025, 6, 7)]
    texts = [f"{weeks[0]:{DMY}}", f"{weeks[1]:{DMY}}", "07/08/2025", "06/20/2025", "06/27/2025"]
    assert read(texts, subdaily=False)[2] is None
    # Between two proofs of one order it is read in that order, before the first one it is not.
    texts = ["03/04/2025", "16/05/2025", "07/08/2025", "23/05/2025", "06/20/2025", "06/27/2025"]
    assert read(texts, subdaily=False)[:3] == [None, date(2025, 5, 16), date(2025, 8, 7)]


@pytest.mark.parametrize("count", [2, 3, 6])
def test_first_days_of_months_are_not_taken_for_days_in_january(count):
    # 01/03 and 01/04 follow each other if the month comes first; the file says that it does not.
    dates = days("2025-01-05", 20) + firsts("2025-03-01", count)
    found = read(spelled(dates, DMY))
    assert found[:20] == dates[:20]
    assert all(day in (None, true) for day, true in zip(found, dates, strict=True))


def test_a_day_typed_in_the_other_order_below_thirteen_is_not_stored_in_another_month():
    texts = spelled(days("2025-06-01", 30), DMY)
    texts[4] = "06/05/2025"
    assert read(texts)[4] is None
    texts.insert(10, "06/10/2025")
    assert read(texts)[10] is None


@pytest.mark.parametrize("pattern", ["%y/%m/%d", "%y-%m-%d", "%y.%m.%d"])
@pytest.mark.parametrize("first", ["2025-06-01", "2011-05-03", "2008-01-20"])
def test_a_year_of_two_digits_that_comes_first_is_not_read_as_a_day(first, pattern):
    texts = spelled(days(first, 30), pattern)
    orders = decide(texts)
    same_in_every_order = [text for text in texts if len(set(text.split(pattern[2]))) == 1]
    assert orders.file_order is None
    assert sum(day is not None for day in read(texts)) == len(same_in_every_order)


def test_rows_are_found_in_their_runs():
    orders = decide(["13/05/2025", "14/05/2025", "06/20/2025", "06/21/2025"], rows=[2, 3, 1, 4])
    # Rows 2 and 3, 4 to 6, 7, 8 to 11.
    numbers = np.array([2, 3, 4, 6, 7, 8, 11, 500])
    assert orders.order_of_rows(numbers).tolist() == [1, 1, 1, 1, 2, 2, 2, 2]
    assert decide([]).order_of_rows(np.array([5])).tolist() == [0]


def excel(dates, order):
    """What a spreadsheet of the other order makes of day/month texts: texts and natives."""
    swapped = [day.day <= 12 for day in dates]
    texts = [
        f"{date(day.year, day.day, day.month):{ISO}}" if turned else f"{day:{order}}"
        for day, turned in zip(dates, swapped, strict=True)
    ]
    return texts, swapped


@pytest.mark.parametrize("subdaily", [True, False])
@pytest.mark.parametrize("order", [DMY, MDY])
@pytest.mark.parametrize(
    ("first", "count"), [("2025-06-01", 20), ("2025-03-05", 60), ("2025-01-01", 365)]
)
def test_dates_swapped_by_a_spreadsheet_are_found_by_their_days(first, count, order, subdaily):
    texts, native = excel(days(first, count), order)
    orders = decide(texts, native=native, subdaily=subdaily)
    assert orders.natives == "swapped"
    assert orders.file_order == ("dmy" if order == DMY else "mdy")


@pytest.mark.parametrize("order", [DMY, MDY])
@pytest.mark.parametrize(("first", "count"), [("2025-06-01", 20), ("2025-03-05", 60)])
def test_native_dates_that_are_right_stay_as_they_are(first, count, order):
    dates = days(first, count)
    native = [day.day <= 12 for day in dates]
    texts = [f"{day:{ISO if kept else order}}" for day, kept in zip(dates, native, strict=True)]
    assert decide(texts, native=native).natives == "as_is"
    assert read(texts, native=native) == dates


def test_swapped_dates_of_a_few_readings_are_neither_right_nor_wrong():
    assert swapped_natives([date(2025, 1, 6)], [date(2025, 8, 13)]) == "unknown"
    texts, native = excel(days("2025-01-03", 30, 13), DMY)
    assert decide(texts, native=native, subdaily=False).natives == "unknown"


def test_nothing_was_swapped_where_natives_have_days_above_twelve_or_texts_are_certain():
    june = [date(2025, 6, day) for day in range(13, 31)]
    swapped = [date(2025, month, 6) for month in range(1, 13)]
    assert swapped_natives(swapped, june) == "swapped"
    assert swapped_natives([*swapped, date(2025, 1, 13)], june) == "as_is"
    assert swapped_natives(swapped, []) == "as_is"
    assert swapped_natives([], june) == "as_is"
    texts = spelled(june, "%d %B %Y") + spelled(swapped, ISO)
    assert decide(texts, native=[False] * 18 + [True] * 12).natives == "as_is"


def test_doubtful_native_dates_prove_no_order():
    # As they stand, 4 and 5 May would follow 03/05 and prove that the day comes first.
    texts = ["2025-05-04", "03/05/2025", "2025-05-02"]
    assert decide(texts, native=[True, False, True]).file_order is None


@pytest.mark.parametrize(("order", "other"), [(DMY, MDY), (MDY, DMY)])
def test_two_dates_of_the_other_order_in_a_row_are_no_strays(order, other):
    dates = days("2025-05-13", 60)
    texts = spelled(dates, order)
    odd = [date(2025, 6, 25), date(2025, 6, 26)]
    texts[30:30] = spelled(odd, other)
    assert decide(texts).file_order is None
    assert read(texts)[30:32] == odd


@pytest.mark.parametrize(("order", "other"), [(DMY, MDY), (MDY, DMY)])
def test_a_few_rows_that_follow_each_other_in_the_other_order_only_are_refused(order, other):
    dates = days("2025-06-01", 10)
    texts = spelled(dates, order) + spelled([date(2025, 3, 1), date(2025, 3, 2)], other)
    assert read(texts, rows=[24] * 10 + [3, 3]) == [*dates, None, None]


def test_a_date_that_follows_one_neighbour_in_each_order_is_unknown():
    # 3 and 4 May if the day comes first; 5 and 6 April if the month does.
    texts = ["03/05/2025", "04/05/2025", "04/06/2025"]
    assert read(texts) == [date(2025, 5, 3), None, date(2025, 4, 6)]


@pytest.mark.parametrize("order", [DMY, MDY])
def test_exports_sorted_newest_first_show_their_order_as_well(order):
    other = MDY if order == DMY else DMY
    one, two = days("2025-05-31", 31, -1), days("2025-06-30", 30, -1)
    assert read(spelled(one, order) + spelled(two, other)) == one + two


def test_daily_rows_after_certain_ones_may_still_be_monthly():
    texts = spelled(days("2025-06-01", 30), ISO) + spelled(days("2025-07-01", 6), DMY)
    assert read(texts, subdaily=False)[30:] == [None] * 6
    assert read(texts)[30:] == days("2025-07-01", 6)


@pytest.mark.parametrize("right", [[], [date(2025, 6, 25)]])
def test_native_dates_beside_texts_of_both_orders_are_unknown(right):
    natives = [date(2025, month, 6) for month in range(1, 13)] + right
    texts = ["13/06/2025", "14/06/2025", "06/15/2025", "06/16/2025", *spelled(natives, ISO)]
    native = [False] * 4 + [True] * len(natives)
    assert decide(texts, native=native).natives == "unknown"


def test_one_right_native_date_among_swapped_ones_leaves_them_unknown():
    texts, native = excel(days("2025-06-01", 30), DMY)
    assert decide([*texts, "2025-07-25"], native=[*native, True]).natives == "unknown"


def test_monthly_natives_beside_weekly_texts_are_not_taken_for_days():
    # 6 January to 6 December may as well be the first twelve days of June.
    weeks = [day for day in days("2025-01-03", 52, 7) if day.day > 12]
    texts = spelled(weeks, DMY) + spelled([date(2025, month, 6) for month in range(1, 13)], ISO)
    native = [False] * len(weeks) + [True] * 12
    assert decide(texts, native=native, subdaily=False).natives == "unknown"
