"""Local clocks: 92 and 100 quarter hours, and wall times that come twice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.errors import ClockError
from energy_assets_tests.intake.exports import HEADER, World, text

LONDON = ZoneInfo("Europe/London")
AUTUMN = datetime(2025, 10, 26, tzinfo=UTC)
"""Clocks go back from 02:00 BST to 01:00 GMT at 01:00 UTC."""
SPRING = datetime(2025, 3, 30, tzinfo=UTC)
"""Clocks go forward from 01:00 GMT to 02:00 BST at 01:00 UTC."""


@pytest.fixture
def london(world: World) -> World:
    world.clock = "local:Europe/London"
    return world


def local_rows(first, count, *, serial="1", minutes=15, register=100.0, zone=LONDON):
    """Rows as a meter in London shows them, and their true instants."""
    rows, instants = [], []
    for i in range(count):
        moment = first + timedelta(minutes=minutes * i)
        wall = moment.astimezone(zone)
        value = f"{register + 0.25 * i}"
        rows.append([serial, "7", "LP", f"{wall:%Y-%m-%d}", f"{wall:%H:%M:%S}", value, "1.0"])
        instants.append(pd.Timestamp(moment))
    return rows, instants


@pytest.mark.parametrize("chunk_rows", [3, 7, 100_000])
@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_the_hour_that_comes_twice_is_kept_twice(london, newest_first, minutes, chunk_rows):
    rows, instants = local_rows(AUTUMN - timedelta(hours=3), 10 * 60 // minutes, minutes=minutes)
    ordered = rows[::-1] if newest_first else rows
    report = london.take(text(ordered), chunk_rows=chunk_rows)
    assert report.rows_stored == report.rows_in == len(rows)
    found = london.readings()
    assert found["timestamp"].tolist() == instants
    assert found["import_kwh"].tolist() == [float(row[5]) for row in rows]


@pytest.mark.parametrize("chunk_rows", [2, 7, 100_000])
@pytest.mark.parametrize("minutes", [30, 60])
def test_meters_that_take_turns_newest_first_keep_the_order_of_the_hour_that_comes_twice(
    london, minutes, chunk_rows
):
    count = 10 * 60 // minutes
    meters = [
        local_rows(AUTUMN - timedelta(hours=3), count, minutes=minutes, serial=serial)
        for serial in ("1", "2", "3")
    ]
    rows = [meter[0][i] for i in reversed(range(count)) for meter in meters]
    assert london.take(text(rows), chunk_rows=chunk_rows).rows_stored == 3 * count
    found = london.readings()
    for serial, own in found.groupby("serial"):
        expected, instants = meters[int(str(serial)) - 1]
        assert own["timestamp"].tolist() == instants
        assert own["import_kwh"].tolist() == [float(row[5]) for row in expected]


def test_a_day_of_a_clock_change_has_100_or_92_quarter_hours(london):
    for midnight_utc, quarters in ((datetime(2025, 10, 25, 23, tzinfo=UTC), 100), (SPRING, 92)):
        rows, _ = local_rows(midnight_utc, quarters, serial=str(quarters))
        assert len({row[3] for row in rows}) == 1
        assert london.take(text(rows), f"{quarters}.csv").rows_stored == quarters


def test_rows_sorted_by_their_wall_time_come_in_pairs(london):
    rows, instants = local_rows(AUTUMN - timedelta(hours=2), 24)
    london.take(text(sorted(rows, key=lambda row: (row[3], row[4]))))
    assert london.readings()["timestamp"].tolist() == instants
    assert london.readings()["import_kwh"].tolist() == [float(row[5]) for row in rows]


def test_several_meters_in_turn_are_each_resolved(london):
    first, instants = local_rows(AUTUMN - timedelta(hours=2), 24)
    second, _ = local_rows(AUTUMN - timedelta(hours=2), 24, serial="2", register=900)
    turns = [row for pair in zip(first, second, strict=True) for row in pair]
    london.take(text(turns), chunk_rows=5)
    found = london.readings()
    assert found[found["serial"] == "2"]["timestamp"].tolist() == instants
    assert found[found["serial"] == "2"]["import_kwh"].tolist() == [float(r[5]) for r in second]


def test_equal_registers_in_both_passes_are_two_readings(london):
    rows, _ = local_rows(AUTUMN - timedelta(hours=2), 24)
    rows = [[*row[:5], "5", "0"] for row in rows]
    assert london.take(text(rows)).rows_stored == 24


def test_a_file_that_begins_in_the_second_pass_is_told_by_what_follows(london):
    # 01:00 UTC is 01:00 GMT for the second time.
    rows, instants = local_rows(AUTUMN + timedelta(hours=1), 12)
    london.take(text(rows))
    assert london.readings()["timestamp"].tolist() == instants


def test_a_file_that_ends_in_the_first_pass_is_told_by_what_precedes(london):
    # Its last row is 01:45 BST for the first time.
    rows, instants = local_rows(AUTUMN - timedelta(hours=2), 12)
    london.take(text(rows[::-1]))
    assert london.readings()["timestamp"].tolist() == instants


def test_files_cut_at_the_clock_change_fit_together(london):
    rows, instants = local_rows(AUTUMN - timedelta(hours=4), 48)
    london.take(text(rows[:20]), "a.csv")
    report = london.take(text(rows[20:]), "b.csv")
    assert report.rows_corrected == 0
    assert london.readings()["timestamp"].tolist() == instants


def test_more_readings_than_a_clock_change_allows_are_refused_in_plain_words(london):
    rows, _ = local_rows(AUTUMN - timedelta(hours=2), 24)
    extra = [row for row in rows if row[4] == "01:30:00"]
    report = london.take(text([*rows, *extra]))
    assert report.rows_stored == 22
    assert report.quarantine_reasons == {"too_many_for_clock_change": 4}
    remedy = london.quarantine()["remedy"].iloc[0]
    assert remedy == (
        "raw/load_profiles/a.csv: meter 1 has 4 readings for 01:30 on 2025-10-26, where a clock "
        "change allows 2. Send UTC offsets, or set the meter's `clock`."
    )


def test_a_wall_time_that_clocks_skipped_is_refused(london):
    row = ["1", "7", "LP", "2025-03-30", "01:30:00", "5", "1"]
    assert london.take(text([row])).quarantine_reasons == {"nonexistent_local_time": 1}


def test_stated_offsets_need_no_order(london):
    rows, instants = local_rows(AUTUMN - timedelta(hours=2), 24)
    stated = [
        [row[0], f"{m.astimezone(LONDON).isoformat()}", row[5]]
        for row, m in zip(rows, instants, strict=True)
    ]
    order = np.random.default_rng(5).permutation(len(stated))
    london.take(text([stated[i] for i in order], ["SERIAL", "DateTime", HEADER[5]]))
    assert london.readings()["timestamp"].tolist() == instants


@pytest.mark.parametrize(
    "zone", ["Europe/London", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Colombo"]
)
def test_the_clock_agrees_with_the_time_zone_database(zone):
    instants = pd.date_range("2017-01-01", "2019-01-01", freq="15min", tz="UTC")
    wall = instants.tz_convert(zone).tz_localize(None)
    found = MeterClock.parse(f"local:{zone}").to_utc(wall.as_unit("ms").asi8)
    first = ~pd.Series(wall).duplicated().to_numpy()
    assert (found.utc_ms[first] == instants.as_unit("ms").asi8[first]).all()
    assert found.repeated.sum() == 2 * pd.Series(wall).duplicated().sum()
    assert not found.skipped.any()


def test_a_standard_offset_may_be_negative():
    clock = MeterClock.parse("standard:-03:30")
    assert clock.to_utc(np.array([0])).utc_ms.tolist() == [12_600_000]


@pytest.mark.parametrize(
    "text", ["", "local", "local:Mars/Olympus", "standard:5", "GMT", "local:../etc"]
)
def test_an_unknown_clock_says_what_is_known(text):
    with pytest.raises(ClockError, match="write `utc`, `standard"):
        MeterClock.parse(text)
