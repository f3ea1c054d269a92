"""Meters read more often than by the hour."""

import numpy as np
import pytest

from energy_assets.forecasting.boosting.columns import design
from energy_assets.forecasting.boosting.linear import cell_of_day
from energy_assets.forecasting.timeline import timeline_of
from energy_assets_tests.forecasting.meters import (
    SMALL,
    fit,
    meter,
    past,
    rows,
    with_values,
)


def quarter_hours(days=40):
    return meter(np.arange(days * 96.0), minutes=15)


@pytest.mark.parametrize("minutes", [5, 15, 30])
def test_a_shape_within_the_hour_is_learned(minutes):
    per_day, per_hour = 1440 // minutes, 60 // minutes
    place = np.arange(40 * per_day)
    values = 10.0 + 4.0 * (place % per_hour == 0) + 3.0 * (place // per_day % 7 >= 5)
    noise = np.random.default_rng(0).normal(0, 0.2, len(place))
    history = meter(values + noise, minutes=minutes)
    (forecast,) = fit(history, None, params=SMALL).predict(history, [history.end_at], days=2)
    ahead = len(values) + np.arange(2 * per_day)
    true = 10.0 + 4.0 * (ahead % per_hour == 0) + 3.0 * (ahead // per_day % 7 >= 5)
    assert np.abs(forecast.intervals.quantiles[:, 3] - true).mean() < 0.6


def test_quarter_hours_share_the_cell_of_their_hour():
    history = quarter_hours()
    cells = cell_of_day(timeline_of(history), np.arange(96))
    assert cells.tolist() == np.repeat(np.arange(24), 4).tolist()


def test_the_newest_day_is_seen_as_hourly_means_that_end_at_the_origin():
    history = quarter_hours()
    at = 30 * 96 + 2
    made = design(past(history), rows(history, [at], [at]), None, seasons=False)
    named = dict(zip(made.linear_names, made.linear[0], strict=True))
    level = np.arange(at - 96, at).mean()
    assert named["shape_1_back"] == pytest.approx(np.arange(at - 4, at).mean() - level)
    assert named["shape_24_back"] == pytest.approx(np.arange(at - 96, at - 92).mean() - level)
    assert named["newest_interval"] == at - 1 - level
    assert "shape_25_back" not in named


def test_no_quarter_hour_from_the_origin_on_changes_a_row():
    history = quarter_hours()
    at = 30 * 96 + 2
    chosen = rows(history, [at, at], [at, at + 200])
    changed = history.values.copy()
    changed[at:] = 1e6
    one = design(past(history), chosen, None, seasons=False)
    other = design(past(with_values(history, changed)), chosen, None, seasons=False)
    np.testing.assert_array_equal(one.linear, other.linear)
    np.testing.assert_array_equal(one.trees, other.trees)


@pytest.mark.parametrize("minutes", [7, 45, 50])
def test_an_interval_that_fits_no_hour_is_refused(minutes):
    with pytest.raises(ValueError, match="divides neither"):
        meter(np.ones(10), minutes=minutes)
