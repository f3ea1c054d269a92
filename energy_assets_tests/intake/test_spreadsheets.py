"""Workbooks: native dates, times and numbers, and what a trip through Excel does to an export."""

import io
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
import xlwt

from energy_assets_tests.intake.exports import HEADER, MIDNIGHT, rows_of, text


def xlsx(rows, header=HEADER, *, formats=None, above=0) -> bytes:
    book = openpyxl.Workbook()
    notes = book.active
    notes.title = "Notes"
    notes.append(["exported for", "nobody"])
    sheet = book.create_sheet("Readings")
    for _ in range(above):
        sheet.append([])
    for row in [header, *rows]:
        sheet.append(row)
    for column, pattern in (formats or {}).items():
        for cell in sheet[column][1:]:
            cell.number_format = pattern
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def native(rows):
    """Rows as a spreadsheet holds them: numbers, dates and times."""
    return [
        [int(row[0]), int(row[1]), row[2], date.fromisoformat(row[3]), time.fromisoformat(row[4]),
         float(row[5]), float(row[6])]
        for row in rows
    ]  # fmt: skip


def readings(world):
    return world.readings().drop(columns=["file_id", "known_at"])


@pytest.mark.parametrize("chunk_rows", [3, 100_000])
def test_a_workbook_of_native_cells_ends_like_the_same_file_as_text(world, chunk_rows):
    rows = rows_of(count=100, register=31_245.1)
    world.take(text(rows))
    expected = readings(world)
    report = world.take(xlsx(native(rows)), "b.xlsx", chunk_rows=chunk_rows)
    assert (report.rows_in, report.rows_duplicate) == (100, 100)
    assert readings(world).equals(expected)


def test_a_workbook_of_texts_is_read_like_text(world):
    assert world.take(xlsx(rows_of()), "a.xlsx").rows_stored == 8


def test_day_first_texts_in_a_workbook_are_understood(world):
    rows = rows_of(count=24 * 20, minutes=60)
    for row in rows:
        row[3] = f"{date.fromisoformat(row[3]):%d/%m/%Y}"
    assert world.take(xlsx(rows), "a.xlsx").rows_stored == len(rows)


def test_date_cells_with_their_time_in_one_column(world):
    rows = [[1, MIDNIGHT + timedelta(minutes=15 * i), 5.0 + i] for i in range(96)]
    report = world.take(xlsx(rows, ["Serial", "Date Time", "Import kWh"]), "a.xlsx")
    assert report.rows_stored == 96
    assert set(world.readings()["timestamp"].diff().dropna()) == {timedelta(minutes=15)}


def test_bare_day_numbers_and_shares_of_a_day_are_dates_and_times(world):
    # Day 45,838 is 30 June 2025; 0.375 of a day is 9 o'clock.
    rows = [[1, 2, "LP", 45838, 0.375, 5.0, 1.0]]
    world.take(xlsx(rows), "a.xlsx")
    assert f"{world.readings()['timestamp'][0]:%Y-%m-%d %H:%M}" == "2025-06-30 03:30"


def test_midnight_as_a_whole_day_is_the_next_day(world):
    rows = [[1, 2, "LP", date(2025, 6, 30), timedelta(days=1), 5.0, 1.0]]
    world.take(xlsx(rows, formats={"E": "[h]:mm:ss"}), "a.xlsx")
    assert f"{world.readings()['timestamp'][0]:%Y-%m-%d %H:%M}" == "2025-06-30 18:30"


def test_blank_rows_do_not_count_and_rows_above_the_header_shift_numbers(world):
    rows = native(rows_of(count=3))
    rows[1][5] = "broken"
    data = xlsx([rows[0], [], rows[1], rows[2], [], []], above=2)
    report = world.take(data, "a.xlsx")
    assert (report.rows_in, report.rows_stored) == (3, 2)
    # Two empty rows, the header on 3, a reading on 4, a blank on 5, the broken one on 6.
    assert world.reasons() == {6: "not_a_number"}


def test_an_old_workbook_is_read(world):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Readings")
    styles = {
        3: xlwt.easyxf(num_format_str="DD/MM/YYYY"),
        4: xlwt.easyxf(num_format_str="HH:MM:SS"),
    }
    for i, row in enumerate([HEADER, *native(rows_of(count=20))]):
        for j, cell in enumerate(row):
            if isinstance(cell, date):
                cell = datetime.combine(cell, time())
            if i and j in styles:
                sheet.write(i, j, cell, styles[j])
            else:
                sheet.write(i, j, cell)
    out = io.BytesIO()
    book.save(out)
    report = world.take(out.getvalue(), "a.xls")
    assert (report.rows_in, report.rows_stored) == (20, 20)
    world.take(text(rows_of(count=20)), "b.csv")
    assert len(world.readings()) == 20
