"""Electricity and water files as they arrive: columns, units, intervals, labels, meters."""

import gzip
import io
from urllib.parse import quote

import openpyxl
import pandas as pd
import pytest

from energy_assets.intake.errors import MeterFileError
from energy_assets_tests.consumption.files import hours, table


def test_an_hourly_file_is_stored_as_its_meter(waterworks):
    report = waterworks.take(
        table("DateTime,Consumption", *hours([1.5, 0, 2.25])), "electricity/house 1.csv"
    )
    assert report.meters == ("electricity/house 1",)
    assert report.interval_minutes == {"electricity/house 1": 60}
    assert waterworks.values() == {
        "2026-05-01 00:00": 1.5, "2026-05-01 01:00": 0.0, "2026-05-01 02:00": 2.25,
    }  # fmt: skip
    (meter,) = waterworks.meters().to_dict("records")
    assert (meter["meter_type"], meter["meter_id"]) == ("electricity", "house 1")
    assert (meter["interval_minutes"], meter["is_register"]) == (60, False)
    assert meter["first_timestamp"] == pd.Timestamp("2026-05-01T00:00Z")
    assert meter["last_timestamp"] == pd.Timestamp("2026-05-01T02:00Z")


@pytest.mark.parametrize(
    ("header", "kind", "stored"),
    [
        ("Consumption (kWh)", "electricity", 1_200.0),
        ("consumption_wh", "electricity", 1.2),
        ("Energy [MWh]", "electricity", 1_200_000.0),
        ("kWh", "electricity", 1_200.0),
        ("usageKWh", "electricity", 1_200.0),
        ("Consumption", "electricity", 1_200.0),
        ("Consumption (m³)", "water", 1_200.0),
        ("Volume (l)", "water", 1.2),
        ("consumption_litres", "water", 1.2),
        # A US gallon is 231 cubic inches of 16.387064 ml; a cubic foot is 1728 of them.
        ("Consumption [gal]", "water", 1_200 * 231 * 16.387064e-6),
        ("Consumption [cf]", "water", 1_200 * 1_728 * 16.387064e-6),
    ],
)
def test_units_in_the_header_become_kwh_and_cubic_metres(waterworks, header, kind, stored):
    waterworks.take(table(f"DateTime,{header}", *hours([1_200, 0])), f"{kind}/a.csv")
    assert waterworks.values()["2026-05-01 00:00"] == pytest.approx(stored, rel=1e-12)


def test_mean_power_becomes_energy_with_the_interval_of_the_file(waterworks):
    quarter = table("Datetime,PJME_MW", *hours([8.0] * 5, freq="15min"))
    waterworks.take(quarter, "electricity/quarter.csv")
    assert set(waterworks.values().values()) == {8.0 / 4 * 1_000}
    waterworks.take(table("Datetime,Load (kW)", *hours([6.0] * 3)), "electricity/hour.csv")
    values = waterworks.points()
    assert set(values[values["meter_id"] == "hour"]["consumption"]) == {6.0}


def test_the_interval_of_power_is_remembered_for_short_files(waterworks):
    waterworks.take(table("Datetime,kW", *hours([4.0] * 30, freq="15min")), "electricity/q.csv")
    waterworks.take(
        table("Datetime,kW", "2026-05-02 00:00,4", "2026-05-02 06:00,4"), "electricity/x/q.csv"
    )
    assert set(waterworks.values().values()) == {1.0}


def test_power_of_a_single_row_is_refused_because_its_interval_is_not_known(waterworks):
    with pytest.raises(MeterFileError, match="mean rates, and the length of the interval"):
        waterworks.take(table("Datetime,kW", "2026-05-02 00:00,4"), "electricity/q.csv")
    assert waterworks.points().empty


def test_a_register_wins_over_the_difference_beside_it(waterworks):
    data = table(
        "user key;datetime;meter reading;diff",
        "home 1;01/03/2016 00:28:55;68321;10",
        "home 1;01/03/2016 01:19:43;68321;0",
        "home 2;13/03/2016 02:19:43;5;3",
    )
    waterworks.rules["units"] = {"water": "l"}
    report = waterworks.take(data, "water/trial.csv")
    assert report.meters == ("water/home 1", "water/home 2")
    assert report.ignored_columns == ("diff",)
    assert waterworks.values("register") == {
        "2016-03-01 00:28": 68.321, "2016-03-01 01:19": 68.321, "2016-03-13 02:19": 0.005,
    }  # fmt: skip
    assert waterworks.points()["consumption"].isna().all()
    assert waterworks.meters()["is_register"].all()
    assert waterworks.meters()["interval_minutes"].isna().all()


def test_labels_at_the_end_are_stored_as_starts(waterworks):
    waterworks.rules["label"] = "end"
    waterworks.take(table("DateTime,Consumption", *hours([1, 2, 3], "2026-05-01 01:00")))
    assert waterworks.values() == {
        "2026-05-01 00:00": 1.0, "2026-05-01 01:00": 2.0, "2026-05-01 02:00": 3.0,
    }  # fmt: skip


def test_a_date_names_its_day_whatever_the_label(waterworks):
    waterworks.rules["label"] = "end"
    waterworks.clock = "local:Europe/Madrid"
    data = table("Date,Consumption", "2026-03-28,1", "2026-03-29,2", "2026-03-30,3")
    report = waterworks.take(data)
    assert report.interval_minutes == {"water/a": 1440}
    # Summer time begins on the 29th: that day has 23 hours.
    assert waterworks.values() == {
        "2026-03-27 23:00": 1.0, "2026-03-28 23:00": 2.0, "2026-03-29 22:00": 3.0,
    }  # fmt: skip


def test_days_that_are_labelled_by_their_end_have_twenty_three_hours_in_spring(waterworks):
    waterworks.rules["label"] = "end"
    waterworks.clock = "local:Europe/Madrid"
    waterworks.take(table("DateTime,Consumption", *hours([1, 2, 3], "2026-03-29 00:00", "D")))
    assert list(waterworks.values()) == ["2026-03-27 23:00", "2026-03-28 23:00", "2026-03-29 22:00"]


@pytest.mark.parametrize(
    ("minutes", "found"), [(5, 5), (10, 10), (15, 15), (30, 30), (60, 60), (360, 360), (1440, 1440)]
)
def test_intervals_from_five_minutes_to_a_day_are_found_across_gaps(waterworks, minutes, found):
    rows = hours([1] * 40, freq=f"{minutes}min")
    report = waterworks.take(table("DateTime,Consumption", *rows[:9], *rows[15:]))
    assert report.interval_minutes == {"water/a": found}


@pytest.mark.parametrize("minutes", [1, 7, 90, 10_080])
def test_other_intervals_are_refused_with_what_is_understood(waterworks, minutes):
    rows = hours([1] * 12, "2026-01-01 00:00", f"{minutes}min")
    with pytest.raises(MeterFileError, match=f"{minutes} min apart"):
        waterworks.take(table("DateTime,Consumption", *rows))
    assert waterworks.points().empty


def test_a_temperature_of_zero_is_zero_and_an_empty_one_is_none(waterworks):
    data = table(
        "DateTime,Consumption,Temperature (°C)",
        "2026-05-01 00:00,1,0",
        "2026-05-01 01:00,1,",
        "2026-05-01 02:00,1,-12.5",
    )
    waterworks.take(data)
    stored = waterworks.points()["temperature_c"]
    assert stored.isna().tolist() == [False, True, False]
    assert stored.dropna().tolist() == [0.0, -12.5]


def test_fahrenheit_becomes_celsius(waterworks):
    rows = ["2026-05-01 00:00,1,122", "2026-05-01 01:00,1,32"]
    waterworks.take(table("DateTime,Consumption,temp_F", *rows))
    assert waterworks.points()["temperature_c"].tolist() == [50.0, 0.0]


def test_compressed_files_and_workbooks_are_the_same_as_text(waterworks):
    rows = hours([1.5, 2.5, 3.5])
    text = table("DateTime,Consumption", *rows)
    waterworks.take(gzip.compress(text), "water/packed.csv.gz")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["DateTime", "Consumption"])
    for row in rows:
        time, value = row.split(",")
        sheet.append([pd.Timestamp(time).to_pydatetime(), float(value)])
    stream = io.BytesIO()
    book.save(stream)
    waterworks.take(stream.getvalue(), "water/book.xlsx")
    waterworks.take(text, "water/plain.csv")
    points = waterworks.points().groupby("meter_id")
    stored = points["consumption"].apply(tuple).to_dict()
    assert stored == dict.fromkeys(("book", "packed", "plain"), (1.5, 2.5, 3.5))
    assert (points["timestamp"].min() == pd.Timestamp("2026-05-01T00:00Z")).all()


ODD_IDS = [
    "a/b",
    'it\'s "quoted"',
    "Zähler Ω 水",
    'x" |> drop(columns: ["_value"]) |> yield() //',
    "'; DROP TABLE energy_consumption; --",
    "a,b=c d\\",
    "100%",
    "000123",
]


@pytest.mark.parametrize("meter_id", ODD_IDS)
def test_a_meter_may_be_called_anything(waterworks, meter_id):
    data = table("DateTime,Consumption", *hours([1, 2]))
    report = waterworks.take(data, f"water/{quote(meter_id, safe='')}.csv")
    assert report.meters == (f"water/{meter_id}",)
    again = waterworks.take(data, f"water/again/{quote(meter_id, safe='')}.csv")
    assert (again.rows_stored, again.rows_duplicate) == (0, 2)
    assert set(waterworks.points()["meter_id"]) == {meter_id}
    assert waterworks.meters()["meter_id"].tolist() == [meter_id]


def test_a_name_that_is_not_encoded_is_kept_as_it_is(waterworks):
    waterworks.take(table("DateTime,Consumption", *hours([1, 2])), "water/50% off.v2.csv")
    assert waterworks.meters()["meter_id"].tolist() == ["50% off.v2"]


def test_meter_ids_in_a_column_are_kept_exactly_and_empty_ones_refused(waterworks):
    rows = ["007,2026-05-01 00:00,1", "7,2026-05-01 00:00,2", ",2026-05-01 00:00,3"]
    rows.append(f"{'x' * 300},2026-05-01 00:00,4")
    report = waterworks.take(table("Meter ID,DateTime,Consumption", *rows))
    assert report.meters == ("water/007", "water/7")
    assert waterworks.reasons() == {4: "missing_meter", 5: "overlong_meter"}


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("gas/a.csv", table("DateTime,Consumption", *hours([1])), "unknown meter type. Move it to"),
        ("a.csv", table("DateTime,Consumption", *hours([1])), "raw/consumption/water/"),
        ("waters/a.csv", table("DateTime,Consumption", *hours([1])), "unknown meter type"),
        ("water/a.csv", table("DateTime,Consumption (kWh)", *hours([1])), "has the unit 'kWh'"),
        ("water/a.csv", table("DateTime,Consumption (foo)", *hours([1])), "has the unit 'foo'"),
        ("electricity/a.csv", table("DateTime,Register (kW)", *hours([1])), "has the unit 'kW'"),
        ("water/a.csv", table("DateTime,Rain", *hours([1])), "lacks Consumption"),
        ("water/a.csv", table("Meter,Consumption", "a,1"), "lacks DATE and TIME"),
        ("water/a.csv", table("DateTime,Usage,Value", "2026-05-01 00:00,1,2"), "both mean"),
        ("water/a.csv", table("DateTime,Consumption"), "no reading below it"),
        ("water/a.csv", b"", "empty"),
        ("water/a.csv", b"<html>", "not a table"),
        ("water/.csv", table("DateTime,Consumption", *hours([1])), "no meter id"),
        (
            "water/a.csv",
            table("DateTime,Consumption", "03/04/2026 00:00,1", "05/06/2026 00:00,1"),
            "nothing in the file decides",
        ),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why_and_stores_nothing(waterworks, name, data, message):
    with pytest.raises(MeterFileError, match=message):
        waterworks.take(data, name)
    assert waterworks.points().empty
    assert waterworks.meters().empty
    assert waterworks.everything()["processed_files"] == []
