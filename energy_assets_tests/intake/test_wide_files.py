"""Files with a row for each day and a column for each part of it."""

import csv
import io
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from energy_assets.consumption.file_kind import consumption_kind
from energy_assets.intake import errors
from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.layouts import layout_of
from energy_assets.intake.opening import ReadingOptions, table_file
from energy_assets.intake.readers.raw_blocks import TablePlan
from energy_assets.intake.readers.wide_errors import (
    SecondHeaderError,
    ShortDayError,
    UnclearPartsError,
)
from energy_assets_tests.consumption.files import Waterworks, waterworks_at
from energy_assets_tests.intake.exports import World

HOURS = [f"{hour:02d}:00" for hour in range(24)]
HALVES = [f"{i // 2:02d}:{i % 2 * 30:02d}" for i in range(48)]
ENDS = [*HALVES[1:], "24:00"]
SPANS = [f"{a}-{b}" for a, b in zip(HALVES, ENDS, strict=True)]


@pytest.fixture
def works(tmp_path):
    works = waterworks_at(str(tmp_path))
    yield works
    works.close()


def lines(header, *rows, mark=","):
    return ("\n".join(mark.join(map(str, cells)) for cells in (header, *rows)) + "\n").encode()


def book(*rows) -> bytes:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def at(day, place, minutes=60):
    """When a part of a day begins, in UTC."""
    moment = datetime.fromisoformat(day) + timedelta(minutes=minutes * place)
    return f"{moment:%Y-%m-%d %H:%M}"


def mended(works: Waterworks) -> list[dict[str, str]]:
    """The rows of the only mending file."""
    (info,) = works.objects.list("quarantine/")
    return list(csv.DictReader(io.StringIO(works.objects.get(info.key).decode())))


@pytest.mark.parametrize(
    ("titles", "minutes"),
    [
        ([f"{hour}:00" for hour in range(24)], 60),
        ([f"{hour}h00" for hour in range(24)], 60),
        ([f"{i:02d}00" for i in range(24)], 60),
        ([f"{i // 4:02d}{i % 4 * 15:02d}" for i in range(96)], 15),
        ([f"{(hour - 1) % 12 + 1}:00 {'AM' if hour < 12 else 'PM'}" for hour in range(24)], 60),
        ([f"HE{hour:02d}" for hour in range(1, 25)], 60),
        ([f"H{hour}" for hour in range(24)], 60),
        ([f"Hour {hour}" for hour in range(1, 25)], 60),
        ([f"Interval {i}" for i in range(1, 97)], 15),
        ([f"QH{i:03d}" for i in range(1, 97)], 15),
        ([f"Consumption {each}" for each in HOURS], 60),
        ([f"{each} to {ENDS[i]}" for i, each in enumerate(HALVES)], 30),
        (ENDS, 30),
        ([*HALVES[1:], "00:00"], 30),
        ([f"Usage m3 {i}" for i in range(1, 25)], 60),
    ],
)
def test_each_column_is_the_part_of_the_day_that_its_header_names(works, titles, minutes):
    values = [place * 7 % 25 / 8 for place in range(len(titles))]
    report = works.take(lines(["Date", *titles], ["2026-05-03", *values]))
    expected = {at("2026-05-03", i, minutes): value for i, value in enumerate(values)}
    assert works.values() == pytest.approx(expected)
    assert report.rows_in == report.rows_stored == len(titles)


@pytest.mark.parametrize(
    "titles",
    [
        [*HOURS[6:], *HOURS[:6]],  # a gas day begins at six
        HOURS[:20],
        HALVES[2:],
        [*HALVES, *HALVES],
        [*HALVES[:5], *HALVES[6:9], *HALVES[10:]],
        [f"{i}" for i in range(2, 26)],
        [f"HB{i}" for i in range(1, 25)],
        [f"HE{i}" for i in range(24)],
        [f"Register {each}" for each in HOURS],
        [f"Export {each} (m3)" for each in HOURS],
        [f"Flag {each}" for each in HOURS],
        ["00:00", "00:30", *HOURS[1:-1]],
        [f"{a}-{b}" for a, b in zip(HOURS, ENDS[:24], strict=True)],
    ],
)
def test_columns_that_are_not_the_parts_of_a_day_are_not_guessed(works, titles):
    with pytest.raises(errors.MeterFileError, match=r"Consumption|both mean"):
        works.take(lines(["Date", *titles], ["2026-05-03", *range(len(titles))]))
    assert works.points().empty


@pytest.mark.parametrize(("unit", "factor"), [("l", 1e-3), ("US gal", 0.003785411784), ("m3", 1)])
def test_the_unit_of_the_columns_or_of_a_column_of_units_counts(works, unit, factor):
    values = [100 + hour for hour in range(24)]
    works.take(
        lines(["Date", *(f"{each} ({unit})" for each in HOURS)], ["2026-05-03", *values]),
        name="water/header.csv",
    )
    works.take(
        lines(["Date", "Unit", *HOURS], ["2026-05-04", unit, *values]), name="water/column.csv"
    )
    report = works.take(
        lines(["Date", *HOURS], ["", *[unit] * 24], ["2026-05-05", *values]), name="water/row.csv"
    )
    assert report.rows_in == 24
    points = works.points()
    assert points["consumption"].tolist() == pytest.approx([v * factor for v in values] * 3)
    assert set(points["meter_id"]) == {"header", "column", "row"}


def test_a_unit_of_another_quantity_refuses_the_file(works):
    with pytest.raises(errors.UnknownUnitError, match="kWh"):
        works.take(lines(["Date", *(f"{each} (kWh)" for each in HOURS)], ["2026-05-03", *HOURS]))


def test_totals_and_temperatures_of_the_day_are_not_values_of_its_parts(works):
    header = ["Meter", "Date", "Daily Total (m3)", *HOURS, "Temperature", "Consumption"]
    report = works.take(lines(header, ["w-1", "2026-05-03", 24, *[1] * 24, 31.5, 24]))
    points = works.points()
    assert points["consumption"].tolist() == [1.0] * 24
    assert set(points["meter_id"]) == {"w-1"}
    assert points["temperature_c"].isna().all()
    assert "whole day: Daily Total (m3)" in report.ignored_columns
    assert "whole day: Consumption" in report.ignored_columns


def test_a_broken_cell_is_shown_in_the_long_form_and_its_mended_row_is_taken(works):
    values = [f"{hour},5" for hour in range(24)]
    values[6] = "6;5"
    data = lines(["Zaehler", "Datum", *HOURS], ["w", "13.05.2026", *values], mark="\t")
    report = works.take(data)
    assert (report.rows_in, report.rows_stored, report.rows_quarantined) == (24, 23, 1)
    assert works.reasons() == {2009: "not_a_number"}  # line 2, column 9
    (row,) = mended(works)
    assert (row["Date"], row["Time"], row["Consumption"]) == ("2026-05-13", "06:00", "6;5")
    (info,) = works.objects.list("quarantine/")
    text = works.objects.get(info.key).decode().replace("6;5", "6.5")
    assert works.take(text.encode(), name="water/mended.csv").rows_stored == 1
    assert works.values()["2026-05-13 06:00"] == 6.5
    assert set(works.points()["meter_id"]) == {"a"}


def test_empty_cells_are_no_rows_and_a_line_without_any_is_none(works):
    rows = [["2026-05-03", *["", "-", "n/a"], *[2] * 21], ["2026-05-04", *[""] * 24], []]
    report = works.take(lines(["Date", *HOURS], *rows, ["2026-05-05", *[""] * 23, 7]))
    assert report.rows_in == report.rows_stored == 22
    assert works.values()["2026-05-05 23:00"] == 7


def test_a_line_with_too_many_cells_is_refused_as_one_row(works):
    good = ["2026-05-03", *[1] * 24]
    report = works.take(lines(["Date", *HOURS], good, ["2026-05-04", *[1] * 25], good[:10]))
    assert (report.rows_in, report.rows_stored) == (26, 24)
    assert works.reasons() == {3000: "wrong_column_count", 4000: "wrong_column_count"}


def test_a_header_that_comes_again_is_no_row_and_another_one_refuses_the_file(works):
    header, row = ["Date", *HOURS], ["2026-05-03", *range(24)]
    report = works.take(lines(header, row, header, ["2026-05-04", *range(24)]))
    assert (report.rows_in, report.left_out) == (48, {"repeated header": 1})
    with pytest.raises(SecondHeaderError, match="line 3"):
        works.take(lines(header, row, ["Date", *HOURS[::-1]], row), name="water/b.csv")
    assert set(works.points()["meter_id"]) == {"a"}


def test_lines_that_add_up_the_days_are_no_readings(works):
    report = works.take(lines(["Date", *HOURS], ["2026-05-03", *[1] * 24], ["Total", *[1] * 24]))
    assert report.rows_in == report.rows_stored == 24


def test_small_chunks_give_the_same_values(works):
    days = [[f"2026-05-{day:02d}", *(i * day % 9 for i in range(48))] for day in range(1, 9)]
    report = works.take(lines(["Date", *HALVES], *days, ["2026-05-09", 1]), chunk_rows=5)
    assert (report.rows_in, report.rows_quarantined) == (8 * 48 + 1, 1)
    expected = {
        at(f"2026-05-{day:02d}", i, 30): i * day % 9 for day in range(1, 9) for i in range(48)
    }
    assert works.values() == expected


def test_a_workbook_of_times_and_dates_below_a_title(works):
    header = ["Date", *(time(hour) for hour in range(24)), "Total"]
    rows = [[datetime(2026, 5, day), *[day / 4] * 24, day * 6.0] for day in (3, 4)]  # noqa: DTZ001
    works.take(book(["Water of the pool"], [], header, *rows), name="water/pool.xlsx")
    expected = {at(f"2026-05-0{day}", hour): day / 4 for day in (3, 4) for hour in range(24)}
    assert works.values() == expected


def test_sheets_of_wide_and_long_tables_have_rows_of_different_numbers(works):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(["Date", *HOURS])
    sheet.append(["2026-05-03", "broken", *[1.0] * 23])
    other = workbook.create_sheet("long")
    other.append(["DateTime", "Consumption"])
    other.append([None, "l"])
    for hour in range(5):
        other.append([f"2026-05-04 {hour:02d}:00", 2000.0 if hour else "broken"])
    out = io.BytesIO()
    workbook.save(out)
    report = works.take(out.getvalue(), name="water/pool.xlsx")
    assert (report.rows_in, report.rows_stored) == (29, 27)
    assert works.values()["2026-05-04 04:00"] == 2.0
    assert works.reasons() == {2002: "not_a_number", ((1 << 20) + 3) * 1000: "not_a_number"}


LONDON = ZoneInfo("Europe/London")
SPRING, AUTUMN = "2026-03-29", "2025-10-26"


def elapsed(day, count, minutes=30):
    """Instants of the parts of a local day, one after the other."""
    first = datetime.fromisoformat(day).replace(tzinfo=LONDON).astimezone(UTC)
    return [f"{first + timedelta(minutes=minutes * i):%Y-%m-%d %H:%M}" for i in range(count)]


def value(place):
    """What a part of a day used: different from its neighbours, and no register."""
    return place * 7 % 50 + 1


def numbered(day, filled, columns=50):
    cells = [f"{value(i)}" if i < filled else "" for i in range(columns)]
    return lines(["Settlement Date", *(f"HH{i + 1}" for i in range(columns))], [day, *cells])


@pytest.mark.parametrize(("day", "count"), [(SPRING, 46), (AUTUMN, 50), ("2026-04-02", 48)])
def test_settlement_periods_follow_the_clock_of_the_meter(works, day, count):
    works.clock = "local:Europe/London"
    report = works.take(numbered(day, count))
    assert works.values() == {when: value(i) for i, when in enumerate(elapsed(day, count))}
    assert report.rows_quarantined == 0


def test_columns_of_a_short_day_alone_are_read_on_a_clock_that_has_one(works):
    works.clock = "local:Europe/London"
    works.take(numbered("29/03/2026", 46, columns=46))
    assert works.values() == {when: value(i) for i, when in enumerate(elapsed(SPRING, 46))}
    works.clock = "utc"
    with pytest.raises(ShortDayError, match="46"):
        works.take(numbered(SPRING, 46, columns=46), name="water/b.csv")


def test_numbers_of_the_wall_clock_leave_the_skipped_hour_empty(works):
    works.clock = "local:Europe/London"
    cells = ["1", "", *["2"] * 22]
    works.take(lines(["Date", *(f"H{i + 1}" for i in range(24))], [SPRING, *cells]))
    hours = elapsed(SPRING, 23, minutes=60)
    assert works.values() == {when: (2.0 if i else 1.0) for i, when in enumerate(hours)}


@pytest.mark.parametrize(
    ("day", "filled", "columns"),
    [(AUTUMN, 48, 48), (AUTUMN, 48, 50), (SPRING, 48, 48), (SPRING, 40, 48)],
)
def test_numbers_that_do_not_show_how_the_clock_changed_are_refused_from_there_on(
    works, day, filled, columns
):
    works.clock = "local:Europe/London"
    report = works.take(numbered(day, filled, columns))
    expected = {when: value(i) for i, when in enumerate(elapsed(day, 2))}
    if filled == 40:  # values in the hour that the wall clock skips: elapsed time
        expected = {when: value(i) for i, when in enumerate(elapsed(day, 40))}
    assert works.values() == expected
    assert report.rows_quarantined == filled - len(expected)
    assert set(works.reasons().values()) <= {"unreadable_time"}


def test_a_broken_cell_of_elapsed_time_is_shown_with_the_time_that_it_means(works):
    works.clock = "local:Europe/London"
    titles = [f"HH{i + 1}" for i in range(50)]
    cells = [str(value(i)) for i in range(50)]
    cells[4] = cells[30] = "broken"
    works.take(lines(["Date", *titles], [AUTUMN, *cells]))
    shown = [(row["Start Time"], row["QUARANTINE_COLUMN"]) for row in mended(works)]
    assert shown == [("01:00+00:00", "Consumption"), ("14:00", "Consumption")]


def test_dates_of_a_spreadsheet_are_known_from_texts_for_each_part():
    rows = [[datetime(2026, 5, 3), *[1] * 24], ["2026-05-04", *[2] * 24]]  # noqa: DTZ001
    data = book(["Date", *HOURS], *rows)
    kind = consumption_kind("water", unit="m3")
    options = ReadingOptions(clock=MeterClock.parse("utc"))
    file = table_file(lambda: iter([data]), object_key="a.xlsx", kind=kind, options=options)
    plan = TablePlan(layout=layout_of(file.tables[0].header, kind, object_key="a.xlsx"))
    ((_, block),) = file.blocks([plan])
    assert block.native is not None
    assert block.native.tolist() == [True] * 24 + [False] * 24


def test_a_fiftieth_half_hour_of_a_usual_day_is_refused(works):
    works.clock = "local:Europe/London"
    report = works.take(numbered("2026-04-02", 50))
    assert (report.rows_stored, report.rows_quarantined) == (48, 2)


def test_the_day_of_the_change_is_found_where_other_rows_prove_the_order_of_dates(works):
    works.clock = "local:Europe/London"
    header = ["Date", *(f"HH{i + 1}" for i in range(50))]
    usual = [[f"{day:02d}/10/2025", *[1] * 48, "", ""] for day in (24, 25)]
    works.take(lines(header, *usual, ["26/10/2025", *map(value, range(50))]))
    found = works.values()
    assert [found[when] for when in elapsed(AUTUMN, 50)] == list(map(value, range(50)))


@pytest.mark.parametrize(
    ("before", "change"), [("31/10/2025", "02/11/2025"), ("10/31/2025", "11/02/2025")]
)
def test_a_day_of_change_that_could_be_another_is_read_as_the_other_dates_are(
    works, before, change
):
    works.clock = "local:America/New_York"
    header = ["Date", *(f"Hour {i + 1}" for i in range(25))]
    works.take(lines(header, [before, *[1] * 24, ""], [change, *map(value, range(25))]))
    first = datetime(2025, 11, 2, 4, tzinfo=UTC)
    hours = [f"{first + timedelta(hours=i):%Y-%m-%d %H:%M}" for i in range(25)]
    assert [works.values()[when] for when in hours] == list(map(value, range(25)))


def test_an_hour_with_a_column_of_its_own_for_the_second_pass(works):
    works.clock = "local:Europe/London"
    titles = [*HALVES[:4], "01:00*", "01:30*", *HALVES[4:]]
    plain = ["2025-10-25", *[0] * 4, "", "", *[0] * 44]
    works.take(lines(["Date", *titles], plain, [AUTUMN, *map(value, range(50))]))
    found = works.values()
    assert [found[when] for when in elapsed(AUTUMN, 50)] == list(map(value, range(50)))


def test_spans_of_a_load_profile_are_stamped_with_their_ends(world: World):
    world.clock = "utc"
    header = ["SERIAL", "CUSTOMER_REF", "DATE", *(f"{each} (kWh)" for each in SPANS)]
    rows = [["4711", "C1", f"2026-04-0{day}", *[0.5] * 48] for day in (1, 2)]
    report = world.take(lines(header, *rows))
    found = world.readings()
    assert report.rows_stored == 96
    assert f"{found['timestamp'].iloc[0]:%Y-%m-%d %H:%M}" == "2026-04-01 00:30"
    assert set(found["avg_import_kw"]) == {1.0}


def test_a_load_profile_without_a_quantity_or_a_sure_end_is_refused(world: World):
    row = ["4711", "C1", "2026-04-01", *[0.5] * 48]
    header = ["SERIAL", "CUSTOMER_REF", "DATE"]
    with pytest.raises(errors.MissingColumnsError, match="IMPORT_KWH"):
        world.take(lines([*header, *SPANS], row))
    with pytest.raises(UnclearPartsError, match="00:00"):
        world.take(lines([*header, *(f"kWh {each}" for each in HALVES)], row))


def test_two_values_for_each_part_of_a_day_are_not_guessed(works):
    titles = [f"{name} {each}" for name in ("Consumption", "Usage") for each in HOURS]
    with pytest.raises(errors.MissingColumnsError):
        works.take(lines(["Date", *titles], ["2026-05-03", *range(48)]))


def test_flags_beside_the_values_are_ignored(works):
    titles = [text for each in HOURS for text in (each, f"Quality {each}")]
    cells = [cell for hour in range(24) for cell in (hour, "A")]
    report = works.take(lines(["Date", *titles], ["2026-05-03", *cells]))
    assert works.values() == {at("2026-05-03", hour): hour for hour in range(24)}
    assert "Quality 00:00" in report.ignored_columns
