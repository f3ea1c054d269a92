"""What a kernel model predicts."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from energy_assets.forecasting.forecast import MEDIAN
from energy_assets.forecasting.kernel import KernelSettings, fit_twice, kernel_settings
from energy_assets.forecasting.kernel.training import held_out_rows
from energy_assets.forecasting.naive import SeasonalNaive
from energy_assets.forecasting.series import LEAD_DAYS, TEMPERATURE
from energy_assets.forecasting.timeline import timeline_of
from energy_assets_tests.forecasting.meters import climate, house, meter, with_values

DAYS, CUT = 150, 130
PLAIN = house(DAYS)
WEATHER = climate(DAYS * 24)
INFORMED = replace(PLAIN, future={TEMPERATURE: WEATHER})
FEW = KernelSettings(lead_days=3, narrowness=(0.0025, 0.01), noises=(0.01, 0.1))
ORIGINS = [PLAIN.start_of(day * 24) for day in range(CUT, DAYS)]


@cache
def learned(*, weather=True, slots=(0,)):
    """A model of the first `CUT` days, learned once for all tests."""
    series = INFORMED if weather else PLAIN
    return fit_twice(series.until(ORIGINS[0]), settings=replace(FEW, slots=slots)).model


def actual(series, forecasts):
    """What happened in the first day of each forecast."""
    day = series.steps_per_day
    return np.stack([series.values[series.steps_before(f.origin_at) :][:day] for f in forecasts])


def error(series, forecasts):
    """Mean absolute error of the medians of the first day of each."""
    day = series.steps_per_day
    return np.abs(np.stack([f.median[:day] for f in forecasts]) - actual(series, forecasts)).mean()


def test_it_predicts_a_day_better_than_any_naive_and_better_still_with_weather():
    blind = error(PLAIN, learned(weather=False).predict(PLAIN, ORIGINS))
    informed = error(INFORMED, learned().predict(INFORMED, ORIGINS))
    naive = min(
        error(PLAIN, SeasonalNaive(variant=name).predict(PLAIN, ORIGINS))
        for name in ("yesterday", "blend")
    )
    assert blind < 0.95 * naive
    assert informed < 0.6 * blind


def test_bands_hold_about_what_they_promise_by_the_hour_and_by_the_day():
    forecasts = learned().predict(INFORMED, ORIGINS, days=3)
    hours = actual(INFORMED, forecasts)
    found = np.stack([f.quantiles[:24] for f in forecasts])
    assert (np.diff(found, axis=2) >= 0).all()
    inside = (hours >= found[..., 0]) & (hours <= found[..., -1])
    assert 0.8 < inside.mean() < 0.98
    days = np.stack([f.daily.quantiles[0] for f in forecasts])
    total = hours.sum(axis=1)
    assert ((total >= days[:, 0]) & (total <= days[:, -1])).mean() > 0.75
    # Errors of hours do not all go the same way: the day is surer than their sum.
    assert ((days[:, -1] - days[:, 0]) < 0.8 * (found[..., -1] - found[..., 0]).sum(axis=1)).all()


def test_bands_of_farther_days_are_of_errors_at_that_distance():
    # The level wanders as a random walk: three days ahead errs by sqrt(3) as much as one.
    rng = np.random.default_rng(11)
    days = 400
    level = np.exp(rng.normal(0, 0.05, days).cumsum())
    series = meter(50 * level.repeat(24) * np.exp(rng.normal(0, 0.01, days * 24)))
    model = fit_twice(series, settings=FEW).model
    (forecast,) = model.predict(series, [series.end_at], days=3)
    width = np.log(forecast.quantiles[:, -1] / forecast.quantiles[:, 0]).reshape(3, 24).mean(axis=1)
    assert width[2] / width[0] == pytest.approx(np.sqrt(3), rel=0.2)


def test_the_total_of_a_day_is_the_sum_of_the_means_of_its_intervals():
    for forecast in learned().predict(INFORMED, ORIGINS, days=3):
        np.testing.assert_allclose(
            forecast.daily.mean, forecast.mean.reshape(3, 24).sum(axis=1), rtol=1e-9
        )
        assert (forecast.daily.quantiles[:, 0] < forecast.daily.mean).all()
        assert (forecast.daily.quantiles[:, -1] > forecast.daily.mean).all()


def test_each_row_says_what_made_it_and_on_which_weather_it_rests():
    (informed,) = learned().predict(INFORMED, ORIGINS[:1])
    assert set(informed.intervals.basis) == {"kernel"}
    assert set(informed.intervals.weather) == {"forecast"}
    hours = slice(CUT * 24, (CUT + 1) * 24)
    np.testing.assert_allclose(informed.intervals.temperature_c, WEATHER.predicted[hours, 0])
    (blind,) = learned().predict(PLAIN, ORIGINS[:1])
    assert set(blind.intervals.weather) == {"none"}
    assert np.isnan(blind.intervals.temperature_c).all()
    (plain,) = learned(weather=False).predict(INFORMED, ORIGINS[:1])
    assert set(plain.intervals.weather) == {"none"}
    assert blind.daily.weather.tolist() == ["none"]
    assert informed.daily.weather.tolist() == ["forecast"]


def test_a_day_of_which_the_temperature_is_half_unknown_does_without():
    partly = replace(WEATHER, observed=WEATHER.observed.copy(), predicted=WEATHER.predicted.copy())
    unknown = slice(CUT * 24, CUT * 24 + 12)
    partly.observed[unknown], partly.predicted[unknown] = np.nan, np.nan
    series = replace(PLAIN, future={TEMPERATURE: partly})
    first, second = learned().predict(series, ORIGINS[:2])
    assert set(first.intervals.weather) == {"none"}
    assert set(second.intervals.weather) == {"forecast"}


def test_from_other_times_and_farther_ahead_than_it_learned_the_blend_predicts():
    noon, midnight = PLAIN.start_of(140 * 24 + 12), PLAIN.start_of(140 * 24)
    from_noon, from_midnight = learned(weather=False).predict(PLAIN, [noon, midnight], days=5)
    blends = SeasonalNaive(variant="blend").predict(PLAIN, [noon, midnight], days=5)
    assert set(from_noon.intervals.basis) == {"naive_blend"}
    np.testing.assert_array_equal(from_noon.quantiles, blends[0].quantiles)
    np.testing.assert_allclose(from_noon.daily.quantiles, blends[0].daily.quantiles)
    assert from_midnight.intervals.basis.tolist() == ["kernel"] * 72 + ["naive_blend"] * 48
    assert from_midnight.daily.basis.tolist() == ["kernel"] * 3 + ["naive_blend"] * 2
    np.testing.assert_array_equal(from_midnight.mean[72:], blends[1].mean[72:])
    both = learned(weather=False, slots=(0, 12))
    origins = [PLAIN.start_of(day * 24 + 12) for day in range(CUT, DAYS - 1)]
    found = both.predict(PLAIN, origins)
    assert {f.basis for f in found} == {"kernel"}
    assert error(PLAIN, found) < error(
        PLAIN, SeasonalNaive(variant="yesterday").predict(PLAIN, origins)
    )


def test_a_day_predicted_in_part_is_the_sum_of_its_parts_with_the_bands_of_the_blend():
    # From noon, three days learned: the third whole day is the kernel's up to noon.
    model = learned(weather=False, slots=(12,))
    (forecast,) = model.predict(PLAIN, [PLAIN.start_of(140 * 24 + 12)], days=5)
    assert forecast.intervals.basis.tolist() == ["kernel"] * 72 + ["naive_blend"] * 48
    assert forecast.daily.basis.tolist() == ["kernel", "kernel", "naive_blend", "naive_blend"]
    sums = forecast.mean[12 : 12 + 96].reshape(4, 24).sum(axis=1)
    np.testing.assert_allclose(forecast.daily.mean, sums)
    (blend,) = SeasonalNaive(variant="blend").predict(PLAIN, [forecast.origin_at], days=5)
    off = blend.daily.quantiles[2] - blend.daily.mean[2]
    np.testing.assert_allclose(forecast.daily.quantiles[2] - sums[2], off, atol=1e-9)
    assert abs(sums[2] - blend.daily.mean[2]) > 0.1


@pytest.mark.parametrize("day", ["2025-03-30", "2025-10-26"])
def test_every_hour_of_days_with_a_clock_change_is_predicted(day):
    series = clocked()
    origin = pd.Timestamp(day, tz="Europe/Rome").tz_convert("UTC")
    (forecast,) = clock_model().predict(series, [origin], days=3)
    assert np.isfinite(forecast.quantiles).all()
    hours = {"2025-03-30": 23, "2025-10-26": 25}[day]
    assert set(forecast.intervals.basis[: min(hours, 24)]) == {"kernel"}
    assert forecast.daily.valid_at[1] == origin + pd.Timedelta(hours=hours)
    assert forecast.daily.mean[0] == pytest.approx(forecast.mean[:hours].sum())


@cache
def clocked():
    """A house in a zone whose clock changes, with weather."""
    weather = climate(300 * 24, start="2025-01-06", zone="Europe/Rome")
    series = house(300, start="2025-01-06", zone="Europe/Rome")
    return replace(series, future={TEMPERATURE: weather})


@cache
def clock_model():
    """Its model, as far ahead as any."""
    return fit_twice(clocked(), settings=replace(FEW, lead_days=LEAD_DAYS)).model


def test_two_weeks_over_a_clock_change_are_predicted_with_weather():
    origin = pd.Timestamp("2025-10-20", tz="Europe/Rome").tz_convert("UTC")
    (forecast,) = clock_model().predict(clocked(), [origin], days=LEAD_DAYS)
    assert set(forecast.intervals.basis) == {"kernel"}
    assert set(forecast.intervals.weather) == {"forecast"}


def test_after_weeks_of_silence_the_blend_predicts_and_two_missing_days_widen_the_band():
    gone = PLAIN.values.copy()
    gone[: CUT * 24] = np.nan
    (nothing,) = learned().predict(with_values(PLAIN, gone), ORIGINS[:1])
    assert set(nothing.intervals.basis) == {"naive_blend"}
    assert np.isfinite(nothing.quantiles).all()
    some = PLAIN.values.copy()
    some[(CUT - 3) * 24 : (CUT - 1) * 24] = np.nan
    (whole,) = learned().predict(PLAIN, ORIGINS[:1])
    (holed,) = learned().predict(with_values(PLAIN, some), ORIGINS[:1])
    assert set(holed.intervals.basis) == {"kernel"}
    assert holed.imputed_share == pytest.approx(2 / 14)
    scale = learned().scale
    wide, usual = (
        scale.to_scale(f.quantiles[:, -1]) - scale.to_scale(f.median) for f in (holed, whole)
    )
    np.testing.assert_allclose(wide / usual, 1 + 2 / 14, rtol=0.01)


def test_a_neighbour_is_used_where_it_helps_and_missed_without_harm():
    rng = np.random.default_rng(5)
    days = 200
    front = rng.normal(0, 1, days + 1)
    alone = meter(100 * np.exp(0.1 * np.repeat(front[:-1], 24)))
    past = {"north": 50 + np.repeat(front[1:], 24), "noise": rng.normal(size=days * 24)}
    series = replace(alone, past=past)
    origins = [series.start_of(day * 24) for day in range(180, days)]
    model = fit_twice(series.until(origins[0]), settings=replace(FEW, lead_days=1)).model
    assert model.covariates == ("north",)
    known, missed = model.predict(series, origins), model.predict(alone, origins)
    assert error(series, known) < 0.5 * error(series, missed)
    assert all(np.isfinite(f.quantiles).all() for f in missed)


@pytest.mark.parametrize("minutes", [15, 30, 120, 240, 1440])
def test_it_learns_intervals_from_a_quarter_of_an_hour_to_a_day_alike(minutes):
    steps, days = 1440 // minutes, 120
    rng = np.random.default_rng(2)
    week = np.where(np.arange(days) % 7 >= 5, 0.7, 1.0).repeat(steps)
    shape = 1 + 0.3 * np.sin(2 * np.pi * np.arange(days * steps) / steps)
    level = np.exp(rng.normal(0, 0.05, days)).repeat(steps)
    values = 50 * week * shape * level * np.exp(rng.normal(0, 0.02, days * steps))
    series = meter(values, minutes=minutes)
    origins = [series.start_of(day * steps) for day in range(100, days)]
    model = fit_twice(series.until(origins[0]), settings=FEW).model
    found = model.predict(series, origins, days=3)
    assert {len(f.intervals) for f in found} == {3 * steps}
    assert {len(f.daily) for f in found} == {3}
    assert set(np.concatenate([f.intervals.basis for f in found])) == {"kernel"}
    off = np.stack([f.median[:steps] for f in found]) / actual(series, found) - 1
    # Five per cent of each day and two of each interval cannot be known.
    assert np.abs(off).mean() < 0.06
    assert error(series, found) < error(
        series, SeasonalNaive(variant="yesterday").predict(series, origins)
    )


def test_a_net_metered_site_is_predicted_below_zero():
    rng = np.random.default_rng(4)
    hour = np.arange(DAYS * 24)
    sun = -8 * np.maximum(np.sin(2 * np.pi * (hour % 24 - 6) / 24), 0)
    series = replace(meter(3 + sun + rng.normal(0, 0.3, len(hour))), non_negative=False)
    model = fit_twice(series.until(ORIGINS[0]), settings=FEW).model
    found = model.predict(series, ORIGINS)
    assert error(series, found) < 0.4
    noon = np.stack([f.quantiles[12] for f in found])
    assert (noon < 0).all()
    assert (np.stack([f.mean for f in found])[:, 12] < 0).all()
    clipped = replace(series, non_negative=True, values=np.maximum(series.values, 0.0))
    again = fit_twice(clipped.until(ORIGINS[0]), settings=FEW).model.predict(clipped, ORIGINS)
    assert min(f.quantiles.min() for f in again) >= 0


def test_a_meter_that_runs_wild_is_predicted_within_what_was_learned():
    wild = PLAIN.values.copy()
    wild[(CUT - 7) * 24 : CUT * 24] *= 1_000
    model = learned(weather=False)
    (forecast,) = model.predict(with_values(PLAIN, wild), ORIGINS[:1])
    known = np.log(PLAIN.values[: CUT * 24] / model.scale.usual + model.scale.offset)
    most = known.max() + 0.25 * (known.max() - known.min())
    assert set(forecast.intervals.basis) == {"kernel"}
    assert model.scale.to_scale(forecast.median).max() <= most + 1e-9


def test_held_out_rows_reach_every_day_ahead_from_some_midnights_and_one_day_from_all():
    timeline = timeline_of(house(400))
    rows = held_out_rows(timeline, since=100 * 24, until=390 * 24, steps=14 * 24)
    assert (rows.targets < 390 * 24).all()
    assert (timeline.slot[rows.origins] == 0).all()
    near = np.unique(rows.origins[rows.lead_day == 1])
    assert near.tolist() == [day * 24 for day in range(100, 390)]
    for lead in range(2, 15):
        assert 60 < len(np.unique(rows.origins[rows.lead_day == lead])) <= 120


def test_a_fast_model_keeps_fewer_days():
    fast, accurate = kernel_settings("fast"), kernel_settings("accurate")
    assert fast.most_days < accurate.most_days
    assert fast.far_days < accurate.far_days
    assert accurate.day_ahead().lead_days == 1


def test_two_lessons_of_the_same_days_give_the_same_model():
    again = fit_twice(INFORMED.until(ORIGINS[0]), settings=FEW).model
    assert again.model_id == learned().model_id


def test_a_reach_beyond_two_weeks_is_refused():
    with pytest.raises(ValueError, match="1 to 14"):
        learned().predict(PLAIN, ORIGINS, days=15)


def test_why_names_the_total_of_the_next_day():
    (forecast,) = learned().predict(INFORMED, ORIGINS[:1], explained=True)
    assert f"{forecast.mean.sum():,.3g} kWh" in forecast.explanation.lines[0]
    assert "temperature" in forecast.explanation.lines[1]
    assert forecast.quantiles[:, MEDIAN].sum() == pytest.approx(forecast.mean.sum(), rel=0.05)
