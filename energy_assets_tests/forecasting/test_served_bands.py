"""Bands and totals as they are served, by every family, where averages hide what is wrong."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from energy_assets.calendar import is_holiday
from energy_assets.forecasting.bilstm import BiLstm, BiLstmModel, BiLstmSettings, pretrain
from energy_assets.forecasting.boosting import Boosting
from energy_assets.forecasting.naive import NAIVES, SeasonalNaive
from energy_assets_tests.forecasting.histories import history
from energy_assets_tests.forecasting.meters import SMALL, fit, meter

NETWORK = BiLstmSettings(hidden=8, head=8, shared_epochs=3, own_epochs=2, own_rate=2e-3)


def midnights(series, first, last):
    """Local midnights of a series whose days have 24 hours."""
    return [series.starts[day * series.steps_per_day] for day in range(first, last)]


def actual_of(series, forecast):
    at = series.steps_before(forecast.origin_at)
    return series.values[at : at + len(forecast.intervals)]


def inside(values, quantiles):
    return (values >= quantiles[:, 0]) & (values <= quantiles[:, -1])


def uneven_meter():
    """Four years of use whose errors are three times as large at noon and on German holidays."""
    zone, days = "Europe/Berlin", 4 * 365
    empty = meter(np.zeros(days * 24), zone=zone, country="DE", start="2021-01-01")
    local = empty.starts.tz_convert(zone)
    clock = local.hour.to_numpy()
    free = {day: is_holiday(day, zone, "DE") for day in set(local.date)}
    holiday = np.array([free[day] for day in local.date])
    noon = 1.0 + 2.0 * np.exp(-(((clock - 12) / 3.0) ** 2))
    wide = noon * np.where(holiday, 3.0, 1.0)
    rng = np.random.default_rng(0)
    shape = 20 + 5 * np.sin(2 * np.pi * (clock - 8) / 24)
    values = shape * np.exp(rng.normal(0.0, 0.03 * wide))
    return replace(empty, values=values), local, holiday


def test_the_served_band_holds_nine_tenths_at_noon_at_night_and_on_holidays():
    series, local, holiday = uneven_meter()
    first = 3 * 365 * 24
    model = fit(series.cut(0, first), None, params=SMALL)
    starts = np.flatnonzero(local.hour == 0)
    starts = starts[(starts >= first) & (starts + 24 <= len(series))]

    forecasts = model.predict(series, [series.starts[at] for at in starts])

    rows = np.concatenate([np.arange(at, at + 24) for at in starts])
    quantiles = np.concatenate([forecast.quantiles for forecast in forecasts])
    held = inside(series.values[rows], quantiles)
    hour = local.hour.to_numpy()[rows]
    for one in range(24):
        assert held[hour == one].mean() == pytest.approx(0.9, abs=0.06), one
    assert holiday[rows].sum() > 200
    assert held[holiday[rows]].mean() == pytest.approx(0.9, abs=0.07)
    assert held.mean() == pytest.approx(0.9, abs=0.02)
    width = quantiles[:, -1] - quantiles[:, 0]
    noon, night, usual = hour == 12, hour == 2, ~holiday[rows]
    assert width[noon & usual].mean() > 2.0 * width[night & usual].mean()
    assert width[noon & ~usual].mean() > 1.5 * width[noon & usual].mean()


def check_totals(series, forecasts):
    """The mean gives the total where medians are a fifth too low."""
    used = np.concatenate([actual_of(series, forecast) for forecast in forecasts])
    total = used.sum()
    assert sum(forecast.median.sum() for forecast in forecasts) < 0.85 * total
    assert sum(forecast.mean.sum() for forecast in forecasts) == pytest.approx(total, rel=0.03)
    for forecast in forecasts:
        assert forecast.daily.mean[0] == pytest.approx(forecast.mean.sum())


def bursty(days, *, seed):
    """A home in bursts: the median of each hour is a quarter below its mean."""
    rng = np.random.default_rng(seed)
    hour = np.tile(np.arange(24), days)
    shape = 0.4 + np.exp(-(((hour - 19) / 2.5) ** 2)) + 0.5 * np.exp(-(((hour - 7) / 1.5) ** 2))
    energy = rng.uniform(0.2, 2.0) * shape * rng.lognormal(0, 0.75, len(hour))
    return history(energy, others=1.0, customer_ref=str(seed))


def test_boosted_means_of_a_bursty_home_make_its_total():
    series = bursty(400, seed=1)
    model = fit(series.cut(0, 280 * 24), None, params=SMALL)
    check_totals(series, model.predict(series, midnights(series, 280, 400)))


@cache
def homes():
    """Bursty homes with all that follows, and their models, which know 70 days."""
    series = [bursty(160, seed=seed) for seed in range(4)]
    known = [one.cut(0, 70 * 24) for one in series]
    shared = pretrain(known, seed=0, settings=NETWORK)
    family = BiLstm(settings=NETWORK, shared={60: shared})
    fitted = family.fit(known)
    return series, {key: one.model for key, one in fitted.items()}, shared


def test_means_of_a_network_make_the_totals_of_bursty_homes():
    series, models, _ = homes()
    forecasts = [models[one.key].predict(one, midnights(one, 70, 160)) for one in series]
    used = [
        sum(actual_of(one, forecast).sum() for forecast in own)
        for one, own in zip(series, forecasts, strict=True)
    ]
    mean, median = (
        np.array([sum(getattr(f, name).sum() for f in own) for own in forecasts])
        for name in ("mean", "median")
    )
    assert (median < 0.9 * np.array(used)).all()
    assert mean.sum() == pytest.approx(sum(used), rel=0.03)


@pytest.mark.parametrize("kind", ["own", "shared"])
def test_the_daily_band_of_a_network_covers_totals_of_days(kind):
    series, models, shared = homes()
    held: list[bool] = []
    for one in series:
        model = models[one.key] if kind == "own" else BiLstmModel(shared)
        for forecast in model.predict(one, midnights(one, 70, 160 if kind == "own" else 90)):
            (quantiles,) = forecast.daily.quantiles
            total = actual_of(one, forecast).sum()
            held.append(bool(quantiles[0] <= total <= quantiles[-1]))
            hours = forecast.quantiles
            assert quantiles[-1] - quantiles[0] < 0.7 * (hours[:, -1] - hours[:, 0]).sum()
    assert np.mean(held) == pytest.approx(0.9, abs=0.06)


def net_metered(days, *, seed=0):
    """A site with a roof: more sun than use from ten to six, a third of the values negative."""
    rng = np.random.default_rng(seed)
    hour = np.tile(np.arange(24), days)
    sun = np.maximum(np.sin(2 * np.pi * (hour - 7) / 28), 0.0) * np.where(hour < 21, 1.0, 0.0)
    cloud = np.repeat(rng.uniform(0.6, 1.0, days), 24)
    values = 4.0 + rng.normal(0, 0.7, days * 24) - 16.0 * sun**2 * cloud
    return replace(history(values, others=1.0, customer_ref="roof"), non_negative=False)


def families(series):
    yield from (SeasonalNaive(variant=variant) for variant in NAIVES)
    yield Boosting(params=SMALL).fit([series])[series.key].model
    yield BiLstm(settings=NETWORK).fit([series])[series.key].model


def test_a_net_metered_site_is_forecast_below_zero_by_every_family():
    series = net_metered(110)
    assert 0.28 < (series.values < 0).mean() < 0.4
    names = []
    for model in families(series.cut(0, 90 * 24)):
        forecasts = model.predict(series, midnights(series, 90, 110))
        names.append(forecasts[0].basis)
        actual = np.concatenate([actual_of(series, forecast) for forecast in forecasts])
        quantiles = np.concatenate([forecast.quantiles for forecast in forecasts])
        mean = np.concatenate([forecast.mean for forecast in forecasts])
        assert np.isfinite(quantiles).all()
        assert (np.diff(quantiles, axis=1) >= 0).all()
        noon = np.tile(np.arange(24) == 14, len(forecasts))
        assert (quantiles[noon, 3] < 0).all()
        assert (mean[noon] < 0).all()
        assert 0.8 < inside(actual, quantiles).mean() < 0.98
        assert inside(actual, quantiles)[noon].mean() > 0.6
        assert mean.sum() == pytest.approx(actual.sum(), abs=0.15 * np.abs(actual).sum())
        total = np.array([actual_of(series, forecast).sum() for forecast in forecasts])
        days = np.concatenate([forecast.daily.quantiles for forecast in forecasts])
        assert (days[:, 0] < 0).any()
        assert inside(total, days).mean() >= 0.7
    assert names[-2] == "no_weather"
    assert names[-1] in ("shared", "customer")
    assert len(set(names)) == len(NAIVES) + 2


def test_a_series_that_is_never_negative_has_no_quantile_below_zero():
    series = replace(net_metered(60), non_negative=True)
    series = replace(series, values=np.maximum(series.values, 0.0))
    for model in families(series):
        (forecast,) = model.predict(series, [series.end_at])
        for rows in (forecast.intervals, forecast.daily):
            assert (rows.quantiles >= 0).all()
            assert (rows.mean >= 0).all()


def test_a_holiday_next_week_is_less_sure_than_the_same_weekday_after_it():
    series, local, holiday = uneven_meter()
    at = int(np.flatnonzero(holiday & (local.hour == 0) & (local.year == 2024))[5])
    origin = series.starts[at - 24]
    model = fit(series.cut(0, 3 * 365 * 24), None, params=SMALL)
    (forecast,) = model.predict(series, [origin], days=10)
    days = forecast.daily.quantiles
    relative = (days[:, -1] - days[:, 0]) / days[:, 3]
    position = forecast.daily.valid_at.get_loc(pd.Timestamp(series.starts[at]))
    assert relative[position] > 1.2 * relative[position + 7]


def still_nights(seed):
    """A home's water: nothing at night, draws of a few litres by day, rare large ones."""
    rng = np.random.default_rng(seed)
    hour = np.arange(150 * 24) % 24
    draws = rng.poisson(np.where((hour >= 6) & (hour < 23), 1.2, 0.0)) * rng.gamma(2.0, 0.008)
    large = np.where(rng.random(len(hour)) < 0.01, 0.15, 0.0) * (hour >= 7)
    return meter(np.round(draws + large, 3), kind="water", start="2026-01-01")


@pytest.mark.parametrize("seed", range(6))
def test_bands_of_a_meter_that_stands_still_at_night_stay_within_what_can_happen(seed):
    home = still_nights(seed)
    model = fit(home, None, seed=seed)
    (forecast,) = model.predict(home, [home.end_at], days=14)
    day = home.values.reshape(-1, 24).sum(axis=1)
    assert forecast.quantiles.max() <= 4.0 * home.values.max()
    assert forecast.daily.quantiles.max() <= 4.0 * day.max()
    assert forecast.daily.mean.mean() == pytest.approx(day.mean(), rel=0.25)
    night = forecast.quantiles.reshape(14, 24, 7)[:, 1:5]
    assert night.max() <= 0.25 * home.values.max()
