"""Meters that changed their interval: no older value is taken for one of the new interval."""

import numpy as np
import pandas as pd
import pytest

from energy_assets.consumption.interval_grid import MeterPoints, values_on_grid
from energy_assets.consumption.interval_reasons import CODES

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
    ("before", "after", "per_interval"), [(60, 1440, 24.0), (1440, 60, 1.0), (60, 120, 2.0)]
)
def test_values_of_another_grid_are_unknown_rather_than_taken_for_new_ones(
    before, after, per_interval
):
    points = points_of((40, before), (40, after))

    grid = values_on_grid(points, interval_minutes=after, zone="UTC")

    assert grid.interval_minutes == after
    assert int(grid.starts_ms[0]) == 40 * DAY_MS
    assert set(grid.consumption) == {per_interval}


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
