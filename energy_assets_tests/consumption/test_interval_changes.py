"""Meters that changed their interval: no older value is taken for one of the new interval."""

import numpy as np
import pandas as pd
import pytest

from energy_assets.consumption.interval_grid import MeterPoints, register_on_grid, values_on_grid
from energy_assets.consumption.interval_reasons import CODES
from energy_assets_tests.consumption.files import hours, table

DAY_MS = 86_400_000


def points_of(*stretches):
    """A meter that uses 24 a day, evenly: stretches of (days, interval in minutes)."""
    at, values, start = [], [], 0
    for days, minutes in stretches:
        count = days * 1440 // minutes
        at += (start + np.arange(count) * minutes * 60_000).tolist()
        values += [24.0 * minutes / 1440] * count
        start += days * DAY_MS
    return MeterPoints(
        at_ms=np.array(at, dtype=np.int64),
        values=np.array(values),
        temperature_c=np.full(len(at), np.nan),
    )


def daily_sums(grid):
    days = grid.starts_ms // DAY_MS
    return pd.Series(grid.consumption).groupby(days).sum(min_count=1)


@pytest.mark.parametrize(("before", "after"), [(15, 60), (60, 15), (5, 30), (30, 5)])
def test_parts_of_an_hour_before_and_after_a_change_become_the_same_hours(before, after):
    points = points_of((20, before), (20, after))

    grid = values_on_grid(points, interval_minutes=after, zone="UTC")

    assert grid.interval_minutes == 60
    assert len(grid.starts_ms) == 40 * 24
    assert daily_sums(grid).tolist() == pytest.approx([24.0] * 40)
    assert set(grid.codes) == {CODES["ok"]}


@pytest.mark.parametrize(
    ("before", "after", "per_interval"),
    [(60, 1440, 24.0), (60, 120, 2.0), (15, 360, 6.0), (180, 720, 12.0), (30, 1440, 24.0)],
)
def test_finer_values_from_before_a_change_are_added_up_to_the_new_intervals(
    before, after, per_interval
):
    points = points_of((40, before), (40, after))

    grid = values_on_grid(points, interval_minutes=after, zone="UTC")

    assert grid.interval_minutes == after
    assert int(grid.starts_ms[0]) == 0
    assert len(grid.starts_ms) == 80 * 1440 // after
    assert grid.consumption.tolist() == pytest.approx([per_interval] * len(grid.starts_ms))
    assert set(grid.codes) == {CODES["ok"]}


@pytest.mark.parametrize(("before", "after"), [(1440, 60), (1440, 15), (120, 60), (720, 180)])
def test_coarser_values_from_before_a_change_are_unknown_and_say_why(before, after):
    points = points_of((40, before), (40, after))

    grid = values_on_grid(points, interval_minutes=after, zone="UTC")

    old = grid.starts_ms < 40 * DAY_MS
    assert grid.interval_minutes == max(after, 60)
    assert old.sum() == 40 * 1440 // grid.interval_minutes
    assert np.isnan(grid.consumption[old]).all()
    assert set(grid.codes[old]) == {CODES["coarse"]}
    assert set(grid.consumption[~old].round(9)) == {24.0 * grid.interval_minutes / 1440}


def test_hours_become_local_days_of_twenty_three_to_twenty_five_hours():
    start = pd.Timestamp("2025-10-01", tz="Europe/Madrid")
    hourly = pd.date_range(start, periods=31 * 24 + 1, freq="h")
    daily = pd.date_range("2025-11-01", periods=40, freq="D", tz="Europe/Madrid")
    at = hourly.append(daily).tz_convert("UTC").as_unit("ms").asi8
    values = np.concatenate([np.full(len(hourly), 1.0), np.full(40, 24.0)])
    points = MeterPoints(at_ms=at, values=values, temperature_c=np.full(len(at), np.nan))

    grid = values_on_grid(points, interval_minutes=None, zone="Europe/Madrid")

    assert grid.interval_minutes == 1440
    # The 26th of October has 25 hours, all others 24.
    assert grid.consumption.tolist() == [24.0] * 25 + [25.0] + [24.0] * 45


def test_a_change_in_the_middle_of_a_day_loses_no_hour_before_and_after_it():
    noon = 20 * DAY_MS + DAY_MS // 2
    at = np.concatenate([np.arange(0, noon, 900_000), np.arange(noon, noon * 2, 3_600_000)])
    values = np.where(at < noon, 0.25, 1.0)
    points = MeterPoints(at_ms=at, values=values, temperature_c=np.full(len(at), np.nan))

    for zone in ("UTC", "Asia/Tokyo"):
        grid = values_on_grid(points, interval_minutes=15, zone=zone)
        assert set(grid.consumption.tolist()) == {1.0}
        assert len(grid.starts_ms) == 2 * noon // 3_600_000


@pytest.mark.parametrize("thin", [30, 60, 120, 1440])
@pytest.mark.parametrize("place", [0, 9, 29])
def test_one_thin_day_does_not_overrule_a_month_of_quarter_hours(thin, place):
    points = points_of((place, 15), (1, thin), (29 - place, 15))

    grid = values_on_grid(points, interval_minutes=thin, zone="UTC")

    days = daily_sums(grid).reindex(range(30))
    assert grid.interval_minutes == 60
    assert days.drop(place).tolist() == pytest.approx([24.0] * 29)
    assert not days[place] > 0  # whether three of four were lost is not known


@pytest.mark.parametrize("place", [0, 9, 29])
def test_one_day_of_quarter_hours_in_a_month_of_hours_is_added_up(place):
    points = points_of((place, 60), (1, 15), (29 - place, 60))

    grid = values_on_grid(points, interval_minutes=60, zone="UTC")

    assert daily_sums(grid).tolist() == pytest.approx([24.0] * 30)


@pytest.mark.parametrize("share", [0.02, 0.2, 0.4])
def test_lost_values_are_no_change_of_the_interval(share):
    points = points_of((30, 15), (30, 60))
    kept = np.random.default_rng(5).random(len(points.at_ms)) >= share * (
        points.at_ms < 30 * DAY_MS
    )
    points = MeterPoints(
        at_ms=points.at_ms[kept],
        values=points.values[kept],
        temperature_c=points.temperature_c[kept],
    )

    grid = values_on_grid(points, interval_minutes=60, zone="UTC")

    whole = pd.Series(points.at_ms // 3_600_000).value_counts().reindex(range(30 * 24)) == 4
    known = pd.Series(grid.consumption, index=grid.starts_ms // 3_600_000).reindex(range(30 * 24))
    assert known.notna().tolist() == whole.tolist()
    assert set(known.dropna().round(9)) == {1.0}


@pytest.mark.parametrize("read_minutes", [(60, 1440), (1440, 60)])
def test_a_register_that_is_read_at_other_times_than_before_counts_by_its_newest(read_minutes):
    before, after = read_minutes
    points = points_of((200 if before == 60 else 20, before), (40, after))
    level = np.cumsum(points.values) - points.values
    points = MeterPoints(at_ms=points.at_ms, values=level, temperature_c=points.temperature_c)

    grid = register_on_grid(points, zone="UTC", smallest_limit=25.0)

    assert grid.interval_minutes == after
    assert grid.consumption[-30:].tolist() == pytest.approx([24.0 * after / 1440] * 30)
    if after == 1440:
        assert np.nansum(grid.consumption[:200]) == pytest.approx(200 * 24.0)


def test_hours_on_both_sides_of_some_daily_values_stay_with_a_gap_between():
    points = points_of((20, 60), (20, 1440), (20, 60))

    grid = values_on_grid(points, interval_minutes=60, zone="UTC")

    known = daily_sums(grid).reindex(range(60))
    assert known[:20].tolist() == pytest.approx([24.0] * 20)
    assert known[20:40].isna().all()
    assert known[40:].tolist() == pytest.approx([24.0] * 20)


def test_every_second_value_missing_for_a_day_is_no_change_of_the_interval():
    points = points_of((30, 60))
    kept = np.ones(len(points.at_ms), dtype=bool)
    kept[240:264:2] = False
    points = MeterPoints(
        at_ms=points.at_ms[kept],
        values=points.values[kept],
        temperature_c=points.temperature_c[kept],
    )

    grid = values_on_grid(points, interval_minutes=60, zone="UTC")

    assert len(grid.starts_ms) == 30 * 24
    assert int(np.isnan(grid.consumption).sum()) == 12


@pytest.mark.parametrize("after", [120, 1440])
def test_a_hole_or_a_disputed_hour_before_a_change_spoils_its_own_interval_only(after):
    points = points_of((20, 60), (40, after))
    values = points.values.copy()
    values[50] = 65_535.0
    kept = np.arange(len(values)) != 100
    points = MeterPoints(
        at_ms=points.at_ms[kept],
        values=values[kept],
        temperature_c=points.temperature_c[kept],
    )

    grid = values_on_grid(points, interval_minutes=after, zone="UTC", smallest_limit=25.0)

    unknown = np.isnan(grid.consumption)
    assert grid.starts_ms[unknown].tolist() == [
        hour * 3_600_000 // (after * 60_000) * after * 60_000 for hour in (50, 100)
    ]
    assert grid.codes[unknown].tolist() == [CODES["disputed"], CODES["partial"]]
    assert set(grid.consumption[~unknown].round(9)) == {after / 60}


def test_hours_that_begin_within_a_day_that_is_known_leave_it_known():
    days = points_of((40, 1440))
    hourly = 39 * DAY_MS + DAY_MS // 2 + np.arange(30) * 3_600_000
    points = MeterPoints(
        at_ms=np.concatenate([days.at_ms, hourly]),
        values=np.concatenate([days.values, np.ones(30)]),
        temperature_c=np.full(70, np.nan),
    )

    grid = values_on_grid(points, interval_minutes=1440, zone="UTC")

    assert grid.consumption[:40].tolist() == [24.0] * 40
    assert set(grid.codes[:40]) == {CODES["ok"]}


@pytest.mark.parametrize("number", [65_535.0 / 4, 65_535.0, 327.67])
def test_what_an_overflown_power_or_energy_left_behind_is_disputed_however_often(number):
    points = points_of((30, 15))
    faulty = np.random.default_rng(6).random(len(points.values)) < 0.2
    faulty[0] = True
    values = np.where(faulty, number, points.values)
    points = MeterPoints(at_ms=points.at_ms, values=values, temperature_c=points.temperature_c)

    grid = values_on_grid(points, interval_minutes=15, zone="UTC", smallest_limit=25.0)

    spoilt = pd.Series(faulty).groupby(points.at_ms // 3_600_000).any().to_numpy()
    assert np.isnan(grid.consumption).tolist() == spoilt.tolist()
    assert set(grid.codes[spoilt]) == {CODES["disputed"]}
    assert set(grid.consumption[~spoilt].round(9)) == {1.0}


def test_the_stored_interval_is_that_of_the_newest_stretch_in_any_order_of_files(waterworks):
    month = table("DateTime,Consumption", *hours([1] * 30 * 96, "2026-04-01 00:00", "15min"))
    thin = table("DateTime,Consumption", *hours([4] * 24, "2026-05-01 00:00"))
    for number, file in enumerate([thin, month]):
        waterworks.take(file, f"water/{number}/a.csv")
    assert waterworks.meters()["interval_minutes"].tolist() == [15]
    for day in (2, 3, 4):
        more = table("DateTime,Consumption", *hours([4] * 24, f"2026-05-0{day} 00:00"))
        waterworks.take(more, f"water/{day}/a.csv")
    assert waterworks.meters()["interval_minutes"].tolist() == [60]
