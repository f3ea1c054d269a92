"""A series as days on its own clock."""

import numpy as np

from energy_assets.forecasting.kernel.day_grid import day_grid, shift_days
from energy_assets.forecasting.timeline import timeline_of
from energy_assets_tests.forecasting.meters import meter

ROME = "Europe/Rome"


def on_days(history, *, slot=0):
    """Its days, and the table of its values, later intervals unknown."""
    timeline = timeline_of(history)
    values = np.full(len(timeline.starts), np.nan)
    values[: len(history.values)] = history.values
    grid = day_grid(timeline, slot=slot)
    return timeline, grid, grid.table(values)


def test_every_interval_lies_on_the_day_and_slot_that_its_clock_shows():
    history = meter(np.arange(4 * 24 - 1), start="2025-03-28", zone=ROME)
    timeline, grid, _ = on_days(history)
    day, slot = grid.of(timeline, np.arange(4 * 24 - 1))
    local = history.starts.tz_convert(ROME)
    assert day.tolist() == [at.day - 28 for at in local]
    assert slot.tolist() == local.hour.tolist()


def test_the_hour_that_a_clock_skips_is_as_the_one_after_it():
    # Values count the hours; on 30 March 2025 the hour from 02:00 does not exist.
    _, _, table = on_days(meter(np.arange(5 * 24 - 1.0), start="2025-03-28", zone=ROME))
    assert table[2, :5].tolist() == [48, 49, 50, 50, 51]
    assert table[3, 0] == 71


def test_an_hour_that_occurs_twice_is_the_mean_of_both():
    _, _, table = on_days(meter(np.arange(4 * 24 + 1.0), start="2025-10-25", zone=ROME))
    # 26 October: 02:00 occurs as hours 26 and 27 of the series.
    assert table[1, :5].tolist() == [24, 25, 26.5, 28, 29]


def test_short_gaps_are_bridged_within_a_day_and_never_from_the_next_one():
    values = np.arange(72.0)
    values[[5, 6, 7, 12, 13, 14, 15, 23]] = np.nan
    _, _, table = on_days(meter(values))
    assert table[0, 5:8].tolist() == [5, 6, 7]
    assert np.isnan(table[0, 12:16]).all()
    assert np.isnan(table[0, 23])


def test_days_may_begin_at_any_slot():
    _, grid, table = on_days(meter(np.arange(72.0)), slot=18)
    # The first of them began at 18:00 on the day before the series.
    assert np.isnan(table[0, :6]).all()
    assert table[0, 6:].tolist() == list(range(18))
    assert table[1].tolist() == list(range(18, 42))
    assert grid.position[1, 0] == 18


def test_an_earlier_table_begins_with_nothing_known():
    moved = shift_days(np.arange(6.0).reshape(3, 2), 2)
    assert np.isnan(moved[:2]).all()
    assert moved[2].tolist() == [0, 1]
    assert np.isnan(shift_days(np.ones((2, 1)), 5)).all()
