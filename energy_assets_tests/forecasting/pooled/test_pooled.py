"""One model of many series: what it may look at, how it is kept, and whom it serves."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_assets.forecasting.errors import TooFewRowsError
from energy_assets.forecasting.naive import raw_past
from energy_assets.forecasting.pooled import PooledModel, PooledParams, Shared, fit_pooled
from energy_assets.forecasting.pooled.columns import table_of
from energy_assets.forecasting.pooled.sampling import drawn_rows
from energy_assets.forecasting.raw_errors import AS_PREDICTED
from energy_assets.forecasting.weather_path import weather_path
from energy_assets_tests.forecasting.meters import (
    house,
    meter,
    rows,
    with_values,
)

SMALL = PooledParams(trees=10, outer_trees=6, most_rows=4_000)


def street(count=4, days=60):
    return [
        with_values(house(days, seed=n), house(days, seed=n).values * 3**n) for n in range(count)
    ]


@cache
def shared():
    return fit_pooled(street(), params=SMALL)


def serving(trees):
    """Trees as they serve a series without any calibration."""
    return PooledModel(
        key="s",
        shared=Shared(trees=trees, calibration=AS_PREDICTED),
        calibration=AS_PREDICTED,
        learned_until=trees.learned_until,
    )


def columns_of(history, chosen, weather=None):
    past = raw_past(history)
    path = None if weather is None else weather_path(past.timeline, weather)
    return table_of(past, chosen, path, seasons=True)


@settings(max_examples=40, deadline=None)
@given(
    origin=st.integers(30 * 24, 44 * 24),
    ahead=st.integers(0, 14 * 24 - 1),
    zone=st.sampled_from(["UTC", "Europe/Berlin"]),
)
def test_no_value_from_the_origin_on_changes_a_row(origin, ahead, zone):
    history = house(60, zone=zone)
    chosen = rows(history, [origin], [origin + ahead])
    changed = history.values.copy()
    changed[origin:] = 1e6
    one, other = columns_of(history, chosen), columns_of(with_values(history, changed), chosen)
    np.testing.assert_array_equal(one.columns, other.columns)
    assert one.baseline[0] == other.baseline[0]
    assert one.spread[0] == other.spread[0]


def test_every_column_but_the_calendar_changes_with_the_past():
    history = house(60)
    chosen = rows(history, [50 * 24], [50 * 24 + 5])
    shuffled = np.random.default_rng(3).permutation(history.values)
    one, other = columns_of(history, chosen), columns_of(with_values(history, shuffled), chosen)
    same = {
        n for n, a, b in zip(one.names, one.columns[0], other.columns[0], strict=True) if a == b
    }
    calendar = {"hour", "day_of_week", "free", "newest_day_free", "lead_day", "hours_ahead"}
    assert calendar <= same
    assert {n for n in same - calendar if "holiday" not in n and "year" not in n} <= {
        "bridge_day",
        "idle_share",
    }


def test_a_meter_in_other_units_has_the_same_columns():
    history = house(60)
    chosen = rows(history, [50 * 24, 50 * 24], [50 * 24 + 5, 52 * 24])
    one = columns_of(history, chosen)
    other = columns_of(with_values(history, history.values * 1000.0), chosen)
    np.testing.assert_allclose(one.columns, other.columns, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(other.spread, 1000 * one.spread)


def test_medians_and_means_look_at_the_same_clock_hour_of_28_days():
    values = np.tile(np.arange(24.0), 60)
    at = 40 * 24
    values[at - 24 * 3 + 7] = 700.0  # three days before, at seven
    history = meter(values)
    table = columns_of(history, rows(history, [at], [at + 7]))
    named = dict(zip(table.names, table.columns[0], strict=True))
    in_unit = {n: named[n] * table.spread[0] + table.baseline[0] for n in ("median", "mean_28")}
    assert in_unit["median"] == pytest.approx(7.0, abs=1e-3)
    assert in_unit["mean_28"] == pytest.approx((27 * 7.0 + 700.0) / 28, rel=1e-4)


def test_a_series_that_was_not_learned_is_predicted_better_than_by_its_baseline():
    history = house(60, seed=11)
    past = raw_past(history)
    day = np.arange(50 * 24, 59 * 24)
    chosen = rows(history, day - day % 24, day)
    found = shared().predict_rows(past, chosen, None, non_negative=True)
    actual = history.values[day]
    baseline = table_of(past, chosen, None, seasons=shared().seasons).baseline
    assert np.abs(actual - found.mean).mean() < np.abs(actual - baseline).mean()
    assert (np.diff(found.quantiles, axis=1) >= 0).all()


def test_a_meter_in_other_units_has_the_same_forecast_in_those():
    history = house(60, seed=7)
    larger = with_values(history, history.values * 1000.0)
    one, other = (
        serving(shared()).predict(series, [history.end_at], days=2)[0]
        for series in (history, larger)
    )
    np.testing.assert_allclose(other.quantiles, one.quantiles * 1000.0, rtol=1e-3)
    np.testing.assert_allclose(other.mean, one.mean * 1000.0, rtol=1e-3)


def test_the_mean_is_above_the_median_where_use_comes_in_bursts():
    rng = np.random.default_rng(0)
    bursts = [meter(np.where(rng.random(60 * 24) < 0.2, 5.0, 0.1)) for _ in range(3)]
    model = fit_pooled(bursts, params=SMALL)
    (forecast,) = serving(model).predict(bursts[0], [bursts[0].end_at], days=2)
    assert forecast.quantiles[:, 3].mean() < 0.5
    assert forecast.mean.mean() == pytest.approx(0.2 * 5.0 + 0.8 * 0.1, rel=0.2)


@pytest.mark.parametrize("minutes", [15, 30, 1440])
def test_short_intervals_and_days_are_learned_as_well(minutes):
    per_day = 1440 // minutes
    days = 400 if minutes == 1440 else 40
    rng = np.random.default_rng(1)
    place = np.arange(days * per_day)
    values = 10 + 3 * np.sin(2 * np.pi * place / (7 * per_day)) + rng.normal(0, 0.1, len(place))
    series = [meter(values * k, minutes=minutes) for k in (1.0, 2.0)]
    model = fit_pooled(series, params=SMALL)
    (forecast,) = serving(model).predict(series[0], [series[0].end_at], days=3)
    assert len(forecast.valid_at) == 3 * per_day
    ahead = len(values) + np.arange(3 * per_day)
    true = 10 + 3 * np.sin(2 * np.pi * ahead / (7 * per_day))
    assert np.abs(forecast.quantiles[:, 3] - true).mean() < 1.0


def test_the_same_series_and_seed_give_the_same_model_and_another_seed_another():
    known = serving(shared()).model_id
    assert serving(fit_pooled(street(), params=SMALL)).model_id == known
    assert serving(fit_pooled(street(), params=SMALL, seed=1)).model_id != known


def test_rows_are_drawn_from_known_intervals_and_from_near_and_far_origins():
    values = np.where(np.arange(60 * 24) % 3 == 0, np.nan, 1.0)
    past = raw_past(meter(values))
    params = PooledParams(midnight_share=0.5, far_share=0.3)
    chosen = drawn_rows(past, count=3_000, params=params, rng=np.random.default_rng(0))
    assert np.isfinite(past.values[chosen.targets]).all()
    assert (chosen.ahead >= 0).all()
    assert (chosen.lead_day > 1).mean() == pytest.approx(0.3, abs=0.05)
    assert chosen.lead_day.max() == 14


def test_too_little_is_refused_and_so_are_other_intervals():
    with pytest.raises(TooFewRowsError):
        fit_pooled([meter(np.ones(24 * 9))], params=SMALL)
    with pytest.raises(ValueError, match="cannot share"):
        fit_pooled([house(40), meter(np.ones(4_000), minutes=15)], params=SMALL)
