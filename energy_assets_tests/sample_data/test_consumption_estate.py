"""The demo estate of electricity and water has every kind of file, and nothing gets lost on it."""

import gzip
import io
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from energy_assets.consumption.consumption_grid import meter_histories
from energy_assets.consumption.consumption_records import known_meters, stored_points
from energy_assets.sample_data.consumption_estate import consumption_files
from energy_assets_tests.consumption.files import waterworks_at

END_AT = datetime(2026, 5, 30, 18, 30, tzinfo=UTC)
"""Midnight in Colombo."""

DAYS = 30


def weather(at):
    return 24.0 + 6.0 * np.sin((at.hour.to_numpy() - 3) / 24 * 2 * np.pi)


def files(seed=5, temperature_c=weather, days=DAYS):
    return list(consumption_files(end_at=END_AT, days=days, seed=seed, temperature_c=temperature_c))


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    """Reports by key, and histories by meter, of the estate once it was taken in."""
    world = waterworks_at(str(tmp_path_factory.mktemp("estate")))
    world.clock, world.arrived = "standard:+05:30", 300
    reports = {
        key: world.take(content, key.removeprefix("raw/consumption/"))
        for key, content in files()
        if "/electricity/" in key or "/water/" in key
    }
    meters = known_meters(world.documents)
    keys = [f"{a}/{b}" for a, b in zip(meters["meter_type"], meters["meter_id"], strict=True)]
    zones = dict.fromkeys(keys, ("Asia/Colombo", "LK"))
    points = stored_points(world.series, keys)
    histories = {g.key: g for g in meter_histories(points, meters, zones=zones)}
    world.close()
    return reports, histories


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not():
    assert files() == files()
    assert (
        dict(files())["raw/consumption/water/home-a.csv"]
        != dict(files(seed=6))["raw/consumption/water/home-a.csv"]
    )


def test_heating_and_cooling_follow_the_weather_that_is_given():
    mild, hot = (
        pd.read_csv(io.BytesIO(dict(files(temperature_c=lambda at, t=t: np.full(len(at), t)))[
            "raw/consumption/electricity/office.csv"
        ]))["Consumption"].sum()
        for t in (20.0, 32.0)
    )  # fmt: skip
    cold = pd.read_csv(
        io.BytesIO(
            dict(files(temperature_c=lambda at: np.full(len(at), 2.0)))[
                "raw/consumption/electricity/office.csv"
            ]
        )
    )["Consumption"].sum()
    assert hot > 1.1 * mild and cold > 1.1 * mild


def test_every_row_of_the_estate_is_accounted_for(estate):
    reports, _ = estate
    assert all(report.rows_in == report.rows_accounted > 0 for report in reports.values())
    refused = {key: r.rows_quarantined for key, r in reports.items() if r.rows_quarantined}
    assert refused == {"raw/consumption/water/home-b.csv": 5}
    corrected = reports["raw/consumption/water/corrected/home-b.csv"]
    assert 1 <= corrected.rows_corrected <= 6
    assert corrected.rows_in == 14 * 24


def test_the_estate_has_every_interval_a_temperature_and_a_register(estate):
    reports, histories = estate
    intervals = {meter: m for r in reports.values() for meter, m in r.interval_minutes.items()}
    assert sorted({minutes or 0 for minutes in intervals.values()}) == [0, 5, 15, 60, 1440]
    assert len(histories) == len(intervals) == 10
    assert not np.isnan(histories["electricity/house-02"].temperature_c).any()
    register = histories["water/7f/12-d"]
    assert (np.asarray(register.reason) == "reset").sum() >= 1
    assert {g.history.interval_minutes for g in histories.values()} == {60, 1440}


def test_homes_use_no_water_at_night_unless_they_leak(estate):
    _, histories = estate

    def night_flow(key, last_days):
        history = histories[key].history
        local = history.starts.tz_convert("Asia/Colombo")
        nights = (local.hour >= 1) & (local.hour < 4) & (history.starts >= pd.Timestamp(last_days))
        return history.values[nights]

    assert night_flow("water/home-a", "2026-05-01T00:00Z").max() == 0
    assert night_flow("water/home-c", "2026-05-20T19:00Z").min() > 0
    before = night_flow("water/home-c", "2026-05-01T00:00Z")[: 3 * 15]
    assert before.max() == 0


def test_a_compressed_file_and_a_workbook_are_among_the_files():
    contents = dict(files(days=2))
    packed = contents["raw/consumption/electricity/house-02.csv.gz"]
    assert gzip.decompress(packed).startswith(b"DateTime,Consumption,Temperature\n")
    assert contents["raw/consumption/electricity/shop floor 2.xlsx"].startswith(b"PK")
    assert contents["raw/consumption/locations.csv"].startswith(b"name,latitude,longitude,zone")


def test_an_estate_of_one_day_or_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="two at least"):
        files(days=1)
    naive = END_AT.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        list(consumption_files(end_at=naive, days=3, seed=1, temperature_c=weather))
