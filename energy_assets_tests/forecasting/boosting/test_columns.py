"""What rows look like, and that nothing from the origin on is in them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_assets.forecasting.boosting.columns import design
from energy_assets.forecasting.past import lags_of
from energy_assets.forecasting.timeline import timeline_of
from energy_assets.forecasting.weather_path import weather_path
from energy_assets_tests.forecasting.meters import (
    climate,
    house,
    meter,
    past,
    rows,
    with_values,
)


def tree_columns(history, chosen, weather=None):
    path = None if weather is None else weather_path(timeline_of(history), weather)
    made = design(past(history), chosen, path, seasons=True)
    return {name: made.trees[:, n] for n, name in enumerate(made.tree_names)}, made


def test_lags_of_a_day_ahead_are_the_same_hour_of_the_days_before():
    history = meter(np.arange(40 * 24.0))  # the value of an hour is its number
    at = 30 * 24
    lags = lags_of(past(history), rows(history, [at], [at + 5]))
    assert lags.newest[0].tolist() == [at + 5 - 24 * day for day in range(1, 8)]
    assert lags.weeks[0].tolist() == [at + 5 - 168 * week for week in range(1, 5)]
    mean_newest, mean_weeks = at + 5 - 24 * 4, at + 5 - 168 * 2.5
    blend = 0.35 * mean_weeks + 0.45 * mean_newest + 0.2 * (at + 5 - 24)
    assert lags.baseline[0] == pytest.approx(blend)


def test_lags_of_the_ninth_day_ahead_are_the_newest_that_are_known():
    history = meter(np.arange(60 * 24.0))
    at = 50 * 24
    target = at + 8 * 24 + 5
    lags = lags_of(past(history), rows(history, [at], [target]))
    assert lags.newest[0, :2].tolist() == [target - 9 * 24, target - 10 * 24]
    assert lags.weeks[0, 0] == target - 14 * 24


@pytest.mark.parametrize(
    ("day", "hour", "expected"),
    [
        ("2025-03-31", 9, 9.0),  # the day after the clock went forward: 23 hours back
        ("2025-10-27", 9, 9.0),  # the day after it went back: 25 hours back
        ("2025-07-01", 9, 9.0),
    ],
)
def test_a_lag_of_a_day_is_the_same_clock_hour_across_a_clock_change(day, hour, expected):
    zone = "Europe/Berlin"
    grid = pd.date_range("2025-01-01", "2025-12-01", freq="h", tz=zone).tz_convert("UTC")
    history = meter(grid.tz_convert(zone).hour, start="2025-01-01", zone=zone)
    target = int(grid.searchsorted(pd.Timestamp(f"{day} {hour:02d}:00", tz=zone)))
    lags = lags_of(past(history), rows(history, [target], [target]))
    assert lags.newest[0].tolist() == [expected] * 7
    assert lags.weeks[0].tolist() == [expected] * 4


def test_a_lag_that_the_spring_clock_puts_behind_the_origin_is_unknown():
    zone = "Europe/Berlin"
    history = meter(np.ones(20 * 24), start="2025-03-15", zone=zone)
    clock = timeline_of(history)
    midnight = int(clock.starts.searchsorted(pd.Timestamp("2025-03-30", tz=zone)))
    # 23 hours after that midnight it is midnight again, and the same time a day before the origin.
    chosen = rows(history, [midnight, midnight], [midnight + 22, midnight + 23])
    newest = lags_of(past(history), chosen).newest[:, 0]
    assert newest[0] == 1.0
    assert np.isnan(newest[1])


def test_what_is_missing_stays_missing_and_is_no_constant():
    values = np.arange(40 * 24.0)
    values[29 * 24 + 5] = np.nan
    history = meter(values)
    columns, _ = tree_columns(history, rows(history, [30 * 24], [30 * 24 + 5]))
    assert np.isnan(columns["consumption_newest_1"][0])
    assert np.isfinite(columns["consumption_newest_2"][0])


def test_rolling_means_end_before_the_origin():
    history = meter(np.arange(40 * 24.0))
    at = 30 * 24
    columns, _ = tree_columns(history, rows(history, [at, at], [at, at + 100]))
    day_before = np.arange(at - 24, at).mean()
    assert columns["consumption_rolling_mean_24h"].tolist() == [day_before, day_before]
    week = np.arange(at - 168, at).mean()
    assert columns["week_mean"][0] == pytest.approx(week - day_before)
    assert columns["day_mean_2"][0] == pytest.approx(-24)


def test_holidays_bridges_and_their_neighbours_follow_the_country():
    # 1 May 2025 is a Thursday and a holiday in Germany; Friday is a bridge to the weekend.
    history = meter(np.ones(80 * 24), start="2025-03-15", zone="Europe/Berlin", country="DE")
    clock = timeline_of(history)
    monday, wednesday, thursday, friday = (
        int(clock.starts.searchsorted(pd.Timestamp(f"2025-{day} 12:00", tz="Europe/Berlin")))
        for day in ("04-28", "04-30", "05-01", "05-02")
    )
    targets = [monday, wednesday, thursday, friday]
    columns, _ = tree_columns(history, rows(history, np.array(targets) - 12, targets))
    assert columns["holiday"].tolist() == [0, 0, 1, 0]
    assert columns["before_holiday"].tolist() == [0, 1, 0, 0]
    assert columns["after_holiday"].tolist() == [0, 0, 0, 1]
    assert columns["bridge_day"].tolist() == [0, 0, 0, 1]
    nowhere = meter(np.ones(80 * 24), start="2025-03-15", zone="Europe/Berlin")
    columns, _ = tree_columns(nowhere, rows(nowhere, np.array(targets) - 12, targets))
    assert not columns["holiday"].any()


@pytest.mark.parametrize("minutes", [60, 120, 360, 720, 1440])
def test_every_interval_of_a_day_and_every_lead_day_has_a_row(minutes):
    per_day = 1440 // minutes
    history = meter(np.arange(60.0 * per_day), minutes=minutes, zone="America/New_York")
    at = 50 * per_day
    steps = np.arange(14 * per_day)
    chosen = rows(history, np.full(len(steps), at), at + steps)
    columns, made = tree_columns(history, chosen)
    assert columns["lead_day"].tolist() == np.repeat(np.arange(1, 15), per_day).tolist()
    assert np.isfinite(made.baseline).all()


@settings(max_examples=40, deadline=None)
@given(
    origin=st.integers(30 * 24, 44 * 24),
    ahead=st.integers(0, 14 * 24 - 1),
    noise=st.integers(0, 5),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu"]),
)
def test_no_value_from_the_origin_on_changes_a_row(origin, ahead, noise, zone):
    history = house(60, seed=noise, zone=zone)
    weather = climate(60 * 24, seed=noise, zone=zone)
    chosen = rows(history, [origin], [origin + ahead])
    one, made = tree_columns(history, chosen, weather)
    other_values = history.values.copy()
    other_values[origin:] = 1e6
    lead = ahead // 24 + 1
    observed, predicted = weather.observed.copy(), weather.predicted.copy()
    observed[origin:] = -50.0  # measured after the origin
    predicted[:, : lead - 1] = 99.0  # issued after it, for hours as far ahead as this one
    changed = replace(weather, observed=observed, predicted=predicted)
    other, made_too = tree_columns(with_values(history, other_values), chosen, changed)
    for name, column in one.items():
        np.testing.assert_array_equal(column, other[name], err_msg=name)
    np.testing.assert_array_equal(made.linear, made_too.linear)
    np.testing.assert_array_equal(made.baseline, made_too.baseline)
