"""What a learned meter predicts."""

import json
import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from energy_assets.contracts.columns import QUANTILE_NAMES, QUANTILES
from energy_assets.forecasting.backtest import backtest
from energy_assets.forecasting.boosting import (
    DEFAULTS,
    Boosting,
    MeterModel,
    ModelFileError,
    TooFewRowsError,
    TreeParams,
)
from energy_assets.forecasting.boosting.explanation import group_of
from energy_assets.forecasting.boosting.training import fit_twice
from energy_assets.forecasting.naive import SeasonalNaive
from energy_assets.forecasting.series import TEMPERATURE
from energy_assets_tests.forecasting.meters import (
    SMALL,
    climate,
    fit,
    house,
    learned,
    meter,
    predicted,
    with_values,
)

HISTORY = house(60)
WEATHER = climate(60 * 24)


def sane(forecast):
    for part in (forecast.intervals, forecast.daily):
        assert np.isfinite(part.quantiles).all()
        assert (part.quantiles >= 0).all()
        assert (np.diff(part.quantiles, axis=1) >= 0).all()
    return forecast


def test_a_forecast_reaches_fourteen_days_in_order_and_widens():
    forecast = sane(predicted(learned(), HISTORY, WEATHER, origin_at=HISTORY.end_at))
    assert forecast.origin_at == HISTORY.end_at
    assert len(forecast.intervals) == 14 * 24
    assert forecast.intervals.valid_at[0] == HISTORY.end_at
    assert forecast.intervals.quantiles.shape == (336, len(QUANTILES))
    on_scale = learned().scale.to_scale(forecast.intervals.quantiles)
    by_day = (on_scale[:, -1] - on_scale[:, 0]).reshape(14, 24)
    assert len(forecast.daily) == 14
    days = forecast.daily.quantiles
    of_days = np.log(days[:, -1] / days[:, 0])
    kind = np.maximum(forecast.daily.valid_at.day_of_week, 4)
    for alike in (kind == 4, kind == 5, kind == 6):  # at each hour of such a day, and of the days
        assert alike.sum() >= 2
        assert (np.diff(by_day[alike], axis=0) > 0).all()
        assert (np.diff(of_days[alike]) > 0).all()


def test_a_day_is_surer_than_the_sum_of_its_hours():
    forecast = predicted(learned(), HISTORY, WEATHER, origin_at=HISTORY.end_at)
    hours = forecast.intervals.quantiles[:24]
    day = forecast.daily.quantiles[0]
    assert day[-1] - day[0] < 0.8 * (hours[:, -1] - hours[:, 0]).sum()
    assert day[3] == pytest.approx(forecast.intervals.mean[:24].sum(), rel=0.05)


def test_heat_to_come_raises_the_forecast_and_the_reason_says_so():
    warm = replace(WEATHER, predicted=WEATHER.predicted + 8.0)
    usual = predicted(learned(), HISTORY, WEATHER, origin_at=HISTORY.end_at)
    hot = predicted(learned(), HISTORY, warm, origin_at=HISTORY.end_at)
    assert hot.intervals.median[:24].sum() > usual.intervals.median[:24].sum() + 20
    line = next(line for line in hot.explanation.lines if line.startswith("Temperature: +"))
    assert "kWh" in line
    assert re.search(r"is warmer than the .*, hence more\.", line)


@pytest.mark.parametrize("weather", [WEATHER, None])
@pytest.mark.parametrize("hours", [0, 7])
def test_contributions_add_up_to_the_stored_total_of_the_first_whole_day(weather, hours):
    origin = HISTORY.end_at - pd.Timedelta(hours=hours)
    forecast = predicted(learned(), HISTORY, weather, origin_at=origin)
    assert len(forecast.explanation.lines) == 5
    assert all(line.endswith(".") for line in forecast.explanation.lines)
    stored = forecast.daily.mean[0]
    total = sum(forecast.explanation.contributions.values())
    assert total == pytest.approx(stored, rel=1e-4)  # trees are float32; no part is a remainder
    first, *others = forecast.explanation.lines
    expected, usual = (float(n) for n in re.findall(r"([\d.]+) kWh", first))
    moved = [float(re.search(r": ([+-][\d.]+) kWh", line)[1]) for line in others]
    assert expected == pytest.approx(stored, rel=0.01)
    assert usual + sum(moved) == pytest.approx(expected, rel=0.01)
    day = forecast.daily.valid_at[0]
    assert f"on {day:%A, %d %B}" in first


def test_contributions_are_those_of_a_second_way():
    forecast = predicted(learned(), HISTORY, WEATHER, origin_at=HISTORY.end_at)
    parts = forecast.explanation.contributions
    blend = SeasonalNaive(variant="blend").predict(HISTORY, [HISTORY.end_at])[0]
    # The baseline is the blend on the learned scale: a geometric mean, below the arithmetic one.
    assert 0.97 * blend.mean.sum() < parts["usual"] <= blend.mean.sum() * 1.001
    assert parts["skew"] == pytest.approx(
        forecast.intervals.mean[:24].sum() - forecast.intervals.median[:24].sum(), abs=1e-6
    )
    assert parts["limits"] == 0.0
    colder = replace(WEATHER, predicted=WEATHER.predicted - 8.0)
    other = predicted(learned(), HISTORY, colder, origin_at=HISTORY.end_at)

    def heat(contributions):
        return sum(v for name, v in contributions.items() if group_of(name) == "Temperature")

    moved = forecast.intervals.median[:24].sum() - other.intervals.median[:24].sum()
    told = heat(parts) - heat(other.explanation.contributions)
    assert moved > 20
    assert told == pytest.approx(moved, rel=0.35)


def test_each_row_says_what_made_it_and_on_which_weather_it_rests():
    known_for = 5 * 24
    partly = replace(
        WEATHER,
        starts=WEATHER.starts[: 60 * 24 + known_for],
        observed=WEATHER.observed[: 60 * 24 + known_for],
        predicted=WEATHER.predicted[: 60 * 24 + known_for],
        normal=WEATHER.normal[: 60 * 24 + known_for],
    )
    rows = sane(predicted(learned(), HISTORY, partly, origin_at=HISTORY.end_at)).intervals
    assert set(rows.basis[:known_for]) == {"xgboost"}
    assert set(rows.weather[:known_for]) == {"forecast"}
    assert set(rows.basis[known_for:]) == {"no_weather"}
    assert set(rows.weather[known_for:]) == {"none"}
    blind = predicted(learned(), HISTORY, None, origin_at=HISTORY.end_at)
    assert set(blind.intervals.basis) == set(blind.daily.basis) == {"no_weather"}
    assert np.isnan(blind.intervals.temperature_c).all()


def test_beyond_two_days_what_is_usual_serves_with_the_bands_of_no_weather():
    usual = replace(WEATHER, observed=WEATHER.observed.copy(), normal=WEATHER.normal.copy())
    usual.observed[60 * 24 :], usual.normal[60 * 24 :] = np.nan, True
    rows = sane(predicted(learned(), HISTORY, usual, origin_at=HISTORY.end_at)).intervals
    known = predicted(learned(), HISTORY, WEATHER, origin_at=HISTORY.end_at).intervals
    blind = predicted(learned(), HISTORY, None, origin_at=HISTORY.end_at).intervals
    assert set(rows.weather[:48]) == {"none"}
    assert set(rows.weather[48:]) == {"normal"}
    assert set(rows.basis[48:]) == {"xgboost"}
    np.testing.assert_array_equal(rows.median[:48], blind.median[:48])
    # The same temperatures, so the same medians; but a guess errs more than a forecast.
    np.testing.assert_allclose(rows.median[48:], known.median[48:])
    width = [
        np.log(r.quantiles[48:, -1] / r.quantiles[48:, 0]).mean() for r in (rows, blind, known)
    ]
    assert width[0] == pytest.approx(width[1], rel=0.1)
    assert width[0] > 1.2 * width[2]


def test_a_model_learned_without_weather_does_without_it():
    forecast = predicted(learned(weather=False), HISTORY, WEATHER, origin_at=HISTORY.end_at)
    assert set(forecast.intervals.basis) == {"no_weather"}


def test_what_happens_after_the_origin_changes_no_forecast():
    origin = HISTORY.starts[50 * 24 + 7]
    later = HISTORY.values.copy()
    later[50 * 24 + 7 :] = 1e6
    one = predicted(learned(), HISTORY, WEATHER, origin_at=origin)
    other = predicted(learned(), with_values(HISTORY, later), WEATHER, origin_at=origin)
    cut = predicted(learned(), HISTORY.until(origin), WEATHER, origin_at=origin)
    np.testing.assert_array_equal(one.intervals.quantiles, other.intervals.quantiles)
    np.testing.assert_array_equal(one.daily.quantiles, cut.daily.quantiles)


def test_live_and_backtest_give_the_same_rows():
    series = replace(HISTORY, future={TEMPERATURE: WEATHER})
    origins = [HISTORY.starts[at] for at in (40 * 24, 41 * 24, 42 * 24)]
    rows = backtest(series, {"xgboost": learned().predict}, origins)
    for origin in origins:
        live = predicted(learned(), HISTORY.until(origin), WEATHER, origin_at=origin)
        tried = rows.loc[rows["origin_at"] == origin, list(QUANTILE_NAMES)].iloc[:24]
        np.testing.assert_allclose(tried, live.intervals.quantiles[:24], rtol=1e-5)


def test_a_stored_model_gives_the_same_forecast_and_the_same_name():
    saved = learned().save()
    data, metadata = saved.weights, saved.metadata
    again = MeterModel.from_bytes(data, json.loads(json.dumps(dict(metadata))))
    assert again.model_id == learned().model_id == metadata["model_id"]
    one = predicted(learned(), HISTORY, WEATHER, origin_at=HISTORY.end_at)
    other = predicted(again, HISTORY, WEATHER, origin_at=HISTORY.end_at)
    np.testing.assert_array_equal(one.intervals.quantiles, other.intervals.quantiles)
    assert one.explanation.lines == other.explanation.lines


def test_damaged_or_foreign_files_are_refused():
    saved = learned().save()
    data, metadata = saved.weights, saved.metadata
    with pytest.raises(ModelFileError, match="differ from what was stored"):
        MeterModel.from_bytes(data[:-1], metadata)
    with pytest.raises(ModelFileError, match="differ"):
        MeterModel.from_bytes(data, {**metadata, "seed": 7})
    with pytest.raises(ModelFileError, match="family 'bilstm'"):
        MeterModel.from_bytes(data, {**metadata, "family": "bilstm"})


@pytest.mark.parametrize("layout", [1, 2])
def test_a_model_of_an_earlier_version_is_refused_as_such(layout):
    saved = learned().save()
    data, metadata = saved.weights, saved.metadata
    with pytest.raises(ModelFileError, match=r"written by an earlier version .*; train the meter"):
        MeterModel.from_bytes(data, {**metadata, "format": layout})


def test_bands_follow_the_errors_of_days_that_were_not_learned_from():
    longer = np.concatenate([HISTORY.values, house(74, noise=6.0).values[60 * 24 :]])
    history, weather = with_values(HISTORY, longer), climate(74 * 24)
    model = learned()
    trained_now = replace(model, learned_from=(HISTORY.start_at, history.end_at))
    wild = predicted(model, history, weather, origin_at=history.end_at)
    usual = predicted(trained_now, history, weather, origin_at=history.end_at)

    for one, other in ((wild.intervals, usual.intervals), (wild.daily, usual.daily)):
        upper = one.quantiles[:, -1] - other.quantiles[:, -1]
        lower = other.quantiles[:, 0] - one.quantiles[:, 0]
        assert min(upper.min(), lower.min()) >= 0.0
        # No quantile is farther than the largest error allows, so a few stay as they were.
        assert min((upper > 0.0).mean(), (lower > 0.0).mean()) > 0.95
    np.testing.assert_array_equal(wild.intervals.median, usual.intervals.median)
    offsets = [model.scale.to_scale(f.intervals.quantiles) for f in (wild, usual)]
    ratio = [table[:, -1] - table[:, 3] for table in offsets]
    # Errors are at most four times the usual ones, and bands follow with the power of 0.4.
    assert 1.2 < (ratio[0] / ratio[1]).mean() < 4**0.4


def test_several_origins_at_once_give_the_bands_of_each_alone():
    history, weather = house(80), climate(80 * 24)
    origins = [history.starts[at] for at in (62 * 24, 70 * 24 + 5, 79 * 24)]
    together = learned().predict(replace(history, future={TEMPERATURE: weather}), origins, days=2)
    for origin, forecast in zip(origins, together, strict=True):
        alone = predicted(learned(), history, weather, origin_at=origin, days=2)
        np.testing.assert_allclose(forecast.quantiles, alone.quantiles, rtol=1e-6)
        np.testing.assert_allclose(forecast.daily.quantiles, alone.daily.quantiles, rtol=1e-6)


def test_what_came_later_changes_no_band_of_a_held_out_day():
    history = house(150)
    middle = fit_twice(history, params=SMALL).held_out.middle
    values = history.values.copy()
    values[middle:] *= np.random.default_rng(0).lognormal(0, 0.5, len(values) - middle)
    changed = with_values(history, values)
    family = Boosting(params=SMALL)

    def of_day(series):
        fitted = family.fit([series])[series.key]
        (own,) = (f for f in fitted.held_out if f.origin_at == series.starts[middle])
        (serving,) = fitted.model.predict(series, [series.starts[middle]])
        return own, serving

    (one, serving), (two, changed_serving) = of_day(history), of_day(changed)

    def width(forecast):
        table = np.log(forecast.quantiles)
        return table[:, -1] - table[:, 0]

    # The scale of the columns, and what trees were to correct, know a little of all of it.
    assert width(two) == pytest.approx(width(one), rel=0.06)
    assert two.mean - two.median == pytest.approx(one.mean - one.median, abs=0.1)
    daily = width(one.daily)
    assert width(two.daily) == pytest.approx(daily, rel=0.15)
    assert (width(changed_serving) > 1.5 * width(serving)).all()


def test_held_out_days_are_predicted_by_a_model_that_has_not_learned_their_noise():
    history = house(100, noise=4.0)
    deep = TreeParams(n_estimators=200, max_depth=9, learning_rate=0.3)
    fitted = Boosting(params=deep).fit([history])[history.key]

    def error(forecasts):
        at = [history.steps_before(forecast.origin_at) for forecast in forecasts]
        return np.mean(
            [
                np.abs(history.values[a : a + 24] - f.median)
                for a, f in zip(at, forecasts, strict=True)
            ]
        )

    origins = [forecast.origin_at for forecast in fitted.held_out]
    noise = 4.0 * np.sqrt(2 / np.pi)
    assert error(fitted.held_out) > noise
    assert error(fitted.model.predict(history, origins)) < 0.6 * noise


def test_the_same_history_and_seed_give_the_same_model():
    short = house(20)
    one, other = fit(short, None, params=SMALL, seed=3), fit(short, None, params=SMALL, seed=3)
    assert one.model_id == other.model_id
    assert fit(short, None, params=SMALL, seed=4).model_id != one.model_id


@pytest.mark.parametrize(("value", "kind"), [(7.0, "electricity"), (0.0, "water")])
def test_a_meter_that_never_changes_is_predicted_as_it_is(value, kind):
    still = meter(np.full(30 * 24, value), kind=kind)
    model = fit(still, climate(30 * 24), params=SMALL)
    forecast = sane(predicted(model, still, climate(30 * 24), origin_at=still.end_at))
    np.testing.assert_allclose(forecast.intervals.quantiles, value, atol=1e-4)
    np.testing.assert_allclose(forecast.daily.quantiles, 24 * value, atol=1e-2)
    assert len(forecast.explanation.lines) == 5


@pytest.mark.parametrize(
    ("history", "says"),
    [
        (meter(np.full(30 * 24, np.nan)), "no known value"),
        (house(14), "336 known values over 14 days"),
        (meter(np.where(np.arange(60 * 24) % 25 == 0, 1.0, np.nan)), "known values over 60 days"),
        (meter(np.where(np.arange(125 * 24) % 25 == 0, 1.0, np.nan)), "follow others"),
    ],
)
def test_too_little_to_learn_from_is_refused_with_what_is_there_and_what_is_needed(history, says):
    with pytest.raises(TooFewRowsError, match=says) as refused:
        fit(history, None, params=SMALL)
    assert "m-1" in str(refused.value)


@pytest.mark.parametrize(("harm", "share"), [("weeks missing", 0.1), ("one spike", 0.05)])
def test_a_gap_of_weeks_or_a_single_spike_does_little_harm(harm, share):
    values = HISTORY.values.copy()
    if harm == "weeks missing":
        values[20 * 24 : 40 * 24] = np.nan
    else:
        values[500] = 1e9
    broken = with_values(HISTORY, values)
    model = fit(broken, WEATHER, params=SMALL)
    forecast = sane(predicted(model, broken, WEATHER, origin_at=broken.end_at)).intervals
    whole = predicted(learned(), HISTORY, WEATHER, origin_at=HISTORY.end_at).intervals
    apart = np.abs(forecast.median - whole.median).mean()
    assert apart < share * whole.median.mean()


def test_missing_days_before_the_origin_are_stated_and_widen_the_band():
    values = HISTORY.values.copy()
    values[-7 * 24 :] = np.nan
    forecast = sane(
        predicted(learned(), with_values(HISTORY, values), WEATHER, origin_at=HISTORY.end_at)
    )
    assert forecast.imputed_share == 0.5
    whole = predicted(learned(), HISTORY, WEATHER, origin_at=HISTORY.end_at)

    def width(f):
        return np.log(f.intervals.quantiles[:, -1] / f.intervals.quantiles[:, 0]).mean()

    assert width(forecast) > 1.3 * width(whole)


def test_a_year_of_silence_gives_what_is_typical_of_the_hour():
    origin = HISTORY.end_at + pd.Timedelta(days=365)
    forecast = sane(predicted(learned(), HISTORY, None, origin_at=origin))
    assert forecast.imputed_share == 1.0
    assert forecast.intervals.valid_at[0] == origin
    assert 10 < forecast.intervals.median.mean() < 40


@pytest.mark.parametrize("minutes", [120, 720])
def test_longer_intervals_are_learned_as_well(minutes):
    per_day = 1440 // minutes
    values = HISTORY.values.reshape(-1, minutes // 60).sum(axis=1)
    coarse = meter(values, minutes=minutes)
    forecast = predicted(
        fit(coarse, WEATHER, params=SMALL), coarse, WEATHER, origin_at=coarse.end_at
    )
    assert len(sane(forecast).intervals) == 14 * per_day
    assert forecast.intervals.median.mean() == pytest.approx(values.mean(), rel=0.25)


def test_local_days_are_learned_as_well_and_are_their_own_days():
    zone = "Europe/Berlin"
    number = np.arange(200)
    days = meter(
        100 + 30 * (number % 7 >= 5) + np.random.default_rng(0).normal(0, 2, 200),
        minutes=1440,
        zone=zone,
        start="2025-04-01",
    )
    model = fit(days, None, params=SMALL)
    forecast = sane(predicted(model, days, None, origin_at=days.end_at))
    local = forecast.intervals.valid_at.tz_convert(zone)
    assert (local.hour == 0).all()  # midnights on both sides of 26 October
    assert len(forecast.daily) == 14
    expected = 100 + 30 * (np.arange(200, 214) % 7 >= 5)
    np.testing.assert_allclose(forecast.daily.median, expected, rtol=0.08)


def test_days_of_23_and_25_hours_are_whole_days():
    zone = "Europe/Berlin"
    history = house(60, zone=zone, start="2025-08-25")
    model = fit(history, None, params=SMALL)
    forecast = predicted(model, history, None, origin_at=history.end_at)  # from 23 or 24 October
    local = forecast.daily.valid_at.tz_convert(zone)
    assert (local.hour == 0).all()
    steps = np.diff(forecast.daily.valid_at) / np.timedelta64(1, "h")
    assert 25.0 in steps
    long_day = int(np.flatnonzero(steps == 25.0)[0])
    assert math.isclose(
        forecast.daily.median[long_day] / forecast.daily.median[long_day + 1], 25 / 24, rel_tol=0.2
    )


def test_a_forecast_from_within_a_day_covers_the_whole_days_after_it():
    origin = HISTORY.end_at - pd.Timedelta(hours=9)
    forecast = predicted(learned(), HISTORY, WEATHER, origin_at=origin)
    assert len(forecast.intervals) == 336
    assert len(forecast.daily) == 13
    assert forecast.daily.valid_at[0] == HISTORY.end_at


def test_another_interval_is_served_by_the_blend_and_a_longer_reach_is_refused():
    coarse = meter(np.ones(400), minutes=120)
    forecast = predicted(learned(), coarse, None, origin_at=coarse.end_at)
    assert set(forecast.intervals.basis) == {"naive_blend"}
    assert forecast.model_id == "naive_blend"
    with pytest.raises(ValueError, match="ask for 1 to 14"):
        predicted(learned(), HISTORY, None, origin_at=HISTORY.end_at, days=15)


def test_the_documented_defaults_stand():
    electricity, water = DEFAULTS["kWh"], DEFAULTS["m3"]
    assert (electricity.n_estimators, electricity.max_depth, electricity.learning_rate) == (
        100,
        6,
        0.1,
    )
    assert (water.n_estimators, water.max_depth, water.learning_rate) == (150, 8, 0.08)
