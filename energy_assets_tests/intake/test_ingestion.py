"""Meter files end to end: what is stored, what is refused, and that every row is accounted for."""

from datetime import datetime, timedelta

import pandas as pd
import pytest

from energy_assets.contracts.customers import CUSTOMERS, METERS
from energy_assets_tests.intake.exports import FULL_HEADER, HEADER, MIDNIGHT, rows_of, text

PORTAL_ROWS = [
    "000090000001,0900000001,1.75125E+12,LP,2025-06-30,09:00:00,31245.5,0,7.25,,1.5,,,221.3,240.3,"
    "235.7001,1.02,0.8,0,0.9,0,3.2,230.1",
    "000090000001,0900000001,1.75125E+12,LP,2025-06-30,08:45:00,31245.3,0,7.2,,1.4,,,215.8,230.5,"
    "225.2001,-0.98,0.6,0,0.7,0,,",
]


def test_a_portal_row_is_stored_in_utc_with_every_value_in_its_column(world):
    report = world.take("\n".join([FULL_HEADER, *PORTAL_ROWS]).encode())
    assert (report.rows_in, report.rows_stored, report.rows_quarantined) == (2, 2, 0)
    newest = world.readings().iloc[1]
    # 09:00 in Colombo (UTC+05:30) is 03:30 UTC.
    assert newest["timestamp"] == pd.Timestamp("2025-06-30 03:30", tz="UTC")
    expected = {
        "serial": "90000001", "customer_ref": "900000001", "obis": "LP", "version": 1,
        "import_kwh": 31245.5, "export_kwh": 0, "import_kvarh": 7.25, "phase_a_current": 1.5,
        "phase_a_voltage": 221.3, "phase_b_voltage": 240.3, "phase_c_voltage": 235.7001,
        "power_factor": 1.0, "avg_import_kw": 0.8, "avg_export_kw": 0, "avg_import_kva": 0.9,
        "avg_export_kva": 0, "avg_current": 3.2, "avg_voltage": 230.1,
    }  # fmt: skip
    assert {name: newest[name] for name in expected} == expected
    assert newest[["export_kvarh", "phase_b_current", "phase_c_current"]].isna().all()


def test_meters_and_customers_keep_their_first_spelling(world):
    report = world.take(text(rows_of()))
    meter = world.documents.read(METERS).iloc[0]
    customer = world.documents.read(CUSTOMERS).iloc[0]
    assert (meter["serial"], meter["exported_as"], meter["customer_ref"]) == (
        "90000001", "000090000001", "900000001",
    )  # fmt: skip
    assert (customer["customer_ref"], customer["exported_as"]) == ("900000001", "0900000001")
    assert (meter["interval_minutes"], meter["clock"]) == (15, "standard:+05:30")
    assert report.meters == ("90000001",) and report.customer_refs == ("900000001",)
    assert report.interval_minutes == {"90000001": 15}


@pytest.mark.parametrize("chunk_rows", [3, 100_000])
def test_a_file_newest_first_ends_like_one_oldest_first(world, chunk_rows):
    rows = rows_of(count=20)
    world.take(text(rows[::-1]), chunk_rows=chunk_rows)
    assert world.readings()["import_kwh"].tolist() == [float(row[5]) for row in rows]


@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_the_interval_is_found_from_the_data(world, minutes):
    report = world.take(text(rows_of(minutes=minutes, count=12)))
    assert report.interval_minutes == {"90000001": minutes}


def test_registers_read_every_six_hours_have_no_interval(world):
    assert world.take(text(rows_of(minutes=360, count=12))).interval_minutes == {"90000001": None}


def test_two_meters_of_one_customer_stay_two_meters(world):
    rows = rows_of("1", "7") + rows_of("2", "7", register=31_245)
    report = world.take(text(sorted(rows, key=lambda row: row[4])))
    assert report.meters == ("1", "2") and report.customer_refs == ("7",)
    assert world.readings().groupby("serial")["import_kwh"].max().tolist() == [101.75, 31_246.75]


def test_text_references_of_transformers_stay(world):
    world.take(text(rows_of(customer="071/XX0000")))
    assert set(world.readings()["customer_ref"]) == {"071/XX0000"}


def test_without_a_customer_column_the_meter_is_its_own_customer(world):
    header = [name for name in HEADER if name != "CUSTOMER_REF"]
    report = world.take(text([[r[0], *r[2:]] for r in rows_of()], header))
    assert report.customer_refs == ("90000001",)
    assert world.documents.read(CUSTOMERS)["exported_as"].tolist() == ["000090000001"]


@pytest.mark.parametrize(
    ("delimiter", "comma"), [(",", False), (";", False), (";", True), ("\t", True), ("|", False)]
)
def test_delimiters_and_decimal_commas(world, delimiter, comma):
    rows = rows_of()
    rows = [[*row[:5], row[5][:-1], "1.0"] for row in rows]
    if comma:
        rows = [[*row[:5], row[5].replace(".", ","), "1,0"] for row in rows]
    report = world.take(text(rows, delimiter=delimiter))
    assert report.rows_stored == 8
    assert world.readings()["import_kwh"].tolist() == [100 + 0.25 * i for i in range(8)]


def test_thousands_separators_are_read_where_they_are_unambiguous(world):
    rows = rows_of(register=1_234_567, count=4)
    for i, row in enumerate(rows):
        row[5] = f"1.234.{567 + i},5"
    world.take(text(rows, delimiter=";"))
    assert world.readings()["import_kwh"].tolist() == [1_234_567.5 + i for i in range(4)]


def test_bom_blanks_quotes_carriage_returns_and_trailing_lines_do_not_matter(world):
    lines = text(rows_of()).decode().splitlines()
    quoted = ",".join(f'" {cell} "' for cell in lines[1].split(","))
    data = "\r\n".join(["\ufeff" + lines[0], quoted, *lines[2:], "", ",,,,,,", "  ", ""]).encode()
    report = world.take(data)
    assert (report.rows_in, report.rows_stored) == (8, 8)


def test_utf16_and_a_declared_delimiter_are_understood(world):
    rows = [[*row[:5], row[5][:-1], "1.0"] for row in rows_of()]
    body = text(rows, delimiter=";").decode()
    report = world.take(("sep=;\r\n" + body).encode("utf-16"))
    assert report.rows_stored == 8


def test_old_line_ends_are_understood(world):
    assert world.take(text(rows_of()).replace(b"\n", b"\r")).rows_stored == 8


def test_a_carriage_return_inside_a_line_ends_no_row(world):
    lines = text(rows_of()).split(b"\n")
    lines[2] = lines[2].replace(b"100.250", b"100\r250")
    lines[3] += b"\r\r"
    report = world.take(b"\n".join(lines))
    assert (report.rows_in, report.rows_stored) == (8, 7)
    assert world.reasons() == {3: "not_a_number"}


def test_row_numbers_count_as_a_spreadsheet_does(world):
    lines = text(rows_of()).decode().splitlines()
    lines.insert(3, "")
    lines[5] = lines[5].replace("100.750", "a lot")
    world.take("\n".join(lines).encode(), chunk_rows=2)
    row = world.quarantine().iloc[0]
    # Header 1, rows 2 and 3, the blank line 4, and the faulty row on line 6.
    assert (row["row_number"], row["column"], row["value"], row["reason"]) == (
        6, "IMPORT_KWH (kWh)", "a lot", "not_a_number",
    )  # fmt: skip
    assert row["raw_row"]["SERIAL"] == "000090000001" and row["remedy"]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        (0, "", "missing_serial"), (0, "NaN", "missing_serial"), (0, "9E+07", "rounded_serial"),
        (1, "", "missing_customer"), (1, "9.0E+08", "rounded_customer"),
        (3, "31/06/25", "unreadable_date"), (3, "05/06/2025", "ambiguous_date"),
        (3, "1900-01-01", "implausible_year"), (3, "2200-01-01", "future"),
        (3, "", "unreadable_date"),
        (4, "25:00:00", "unreadable_time"), (4, "", "unreadable_time"),
        (5, "-1", "negative"), (5, "inf", "not_finite"), (5, "nan", "not_finite"),
        (5, "1e11", "out_of_range"), (5, "12 kWh", "not_a_number"), (6, "2e6", "out_of_range"),
    ],
)  # fmt: skip
def test_a_bad_cell_quarantines_its_row_and_no_other(world, column, value, reason):
    rows = rows_of(count=40)
    rows[3][column] = value
    report = world.take(text(rows))
    assert world.reasons() == {5: reason}
    assert (report.rows_in, report.rows_stored, report.rows_quarantined) == (40, 39, 1)
    assert report.quarantine_reasons == {reason: 1}


def test_a_row_needs_a_register_or_a_mean_power(world):
    rows = rows_of()
    rows[0][5] = ""
    rows[1][5] = rows[1][6] = ""
    assert world.take(text(rows)).rows_stored == 7
    assert world.reasons() == {3: "no_energy_value"}


def test_a_power_factor_a_little_beyond_one_is_clipped_and_a_larger_one_left_out(world):
    rows = [
        [*row, factor]
        for row, factor in zip(rows_of(count=3), ["1.04", "-1.05", "1.06"], strict=True)
    ]
    report = world.take(text(rows, [*HEADER, "POWER_FACTOR"]))
    readings = world.readings()
    assert readings["power_factor"].fillna(0).tolist() == [1.0, -1.0, 0.0]
    assert readings["import_kwh"].tolist() == [100.0, 100.25, 100.5]
    assert report.cells_dropped == {"power_factor: out_of_range": 1}


def test_rows_of_another_length_and_stray_quotes_are_refused_alone(world):
    lines = text(rows_of()).decode().splitlines()
    lines[2] += ",1"
    lines[3] = lines[3].replace("LP", '"LP')
    lines[4] = "LP"
    assert world.take("\n".join(lines).encode()).rows_stored == 5
    assert world.reasons() == dict.fromkeys((3, 4, 5), "wrong_column_count")


def test_windows_text_is_read_and_what_no_encoding_knows_is_refused(world):
    rows = [[*row, "ok"] for row in rows_of()]
    data = text(rows, [*HEADER, "Remarks"]).split(b"\n")
    data[2] = data[2].replace(b"ok", "Gästehaus".encode("cp1252"))
    data[3] = data[3].replace(b"ok", "Gästehaus".encode())
    data[4] = data[4].replace(b"ok", b"\x81\x8d")
    report = world.take(b"\n".join(data))
    assert (report.rows_stored, report.fallback_rows) == (7, 1)
    assert world.reasons() == {5: "undecodable"}
    assert report.ignored_columns == ("Remarks",)


def test_midnight_may_be_written_as_the_end_of_the_day(world):
    rows = rows_of(count=1)
    rows[0][4] = "24:00:00"
    world.take(text(rows))
    assert world.readings()["timestamp"][0] == pd.Timestamp("2025-06-30 18:30", tz="UTC")


def test_labels_of_interval_starts_are_moved_to_the_end(world):
    world.take(text(rows_of(minutes=30)), label="start")
    assert world.readings()["timestamp"][0] == pd.Timestamp("2025-06-29 19:00", tz="UTC")


def test_stated_offsets_win_over_the_clock(world):
    rows = [[row[0], f"{row[3]}T{row[4]}+02:00", row[5]] for row in rows_of(count=1)]
    world.take(text(rows, ["SERIAL", "DateTime", "IMPORT_KWH"]))
    assert world.readings()["timestamp"][0] == pd.Timestamp("2025-06-29 22:00", tz="UTC")


@pytest.mark.parametrize("pattern", ["%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y"])
def test_the_order_of_day_and_month_is_found_from_the_file(world, pattern):
    rows = rows_of(count=24 * 20, minutes=60, start=MIDNIGHT - timedelta(days=29))
    for row in rows:
        row[3] = datetime.fromisoformat(row[3]).strftime(pattern)
        row[5], row[6] = f"{float(row[5]):.2f}", "1.0"
    world.take(text(rows), chunk_rows=50)
    times = world.readings()["timestamp"]
    assert times.diff().dropna().unique().tolist() == [pd.Timedelta(hours=1)]
    assert times[0] == pd.Timestamp("2025-05-31 18:30", tz="UTC")


def test_equal_rows_of_a_file_are_duplicates_and_different_ones_a_conflict(world):
    rows = rows_of()
    other = [*rows[5][:5], "999.0", "1"]
    report = world.take(text([*rows, rows[2], other]))
    assert (report.rows_in, report.rows_stored, report.rows_duplicate) == (10, 7, 1)
    assert world.reasons() == {7: "conflicting_values", 11: "conflicting_values"}


def test_a_contradiction_far_away_in_the_file_leaves_the_first_value(world):
    rows = rows_of()
    other = [*rows[1][:5], "999.0", "1"]
    report = world.take(text([*rows, rows[2], other, other]), chunk_rows=3)
    assert (report.rows_in, report.rows_stored, report.rows_duplicate) == (11, 8, 1)
    assert world.reasons() == {11: "conflicting_values", 12: "conflicting_values"}
    assert world.readings()["import_kwh"][1] == 100.25
