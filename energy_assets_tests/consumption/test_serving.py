from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from energy_assets.consumption.serving import OWN_FAMILY, forecast_from
from energy_assets.forecasting.series import LEAD_DAYS, KnownFuture, Series
from energy_assets.forecasts.champion import Champion
from energy_assets.forecasts.ladder import steps_of


def champion(family, previous=None):
    return Champion(family=family, previous=previous, pinned=False, reason="")


def week():
    starts = pd.date_range("2026-03-02", periods=7 * 24, freq="h", tz="UTC")
    return Series(
        key="electricity/new",
        unit="kWh",
        start_at=starts[0],
        interval_minutes=60,
        zone="UTC",
        country=None,
        values=np.arange(7 * 24) % 24.0,
    )


def no_weather(starts):
    nothing = np.full((len(starts), LEAD_DAYS), np.nan)
    return KnownFuture(
        starts=starts,
        observed=nothing[:, 0],
        predicted=nothing,
        normal=np.zeros(nothing.shape, dtype=bool),
    )


def test_a_meter_without_a_model_repeats_its_days_for_two_weeks_and_says_so():
    history = week()

    forecast = forecast_from([], history, no_weather(history.starts), now=history.end_at)

    assert set(forecast.intervals.basis) == {"naive_blend"}
    assert forecast.intervals.median.tolist() == (np.arange(14 * 24) % 24.0).tolist()
    assert forecast.daily.median.tolist() == [276.0] * 14


def test_a_champion_that_is_a_naive_serves_in_the_models_place():
    history = week()

    ladder = steps_of(champion("naive_yesterday"), own_family=OWN_FAMILY, own=[], stored={})

    forecast = forecast_from(ladder, history, no_weather(history.starts), now=history.end_at)

    assert set(forecast.intervals.basis) == {"naive_yesterday"}


@pytest.mark.parametrize(
    ("silent", "begins_after"),
    [(timedelta(hours=40), timedelta(0)), (timedelta(days=9, minutes=20), timedelta(days=9))],
)
def test_a_meter_that_has_long_been_silent_is_predicted_from_now_on(silent, begins_after):
    history = week()

    now = history.end_at + silent

    forecast = forecast_from([], history, no_weather(history.starts), now=now)

    assert forecast.origin_at == history.end_at + begins_after
    assert len(forecast.intervals) == 14 * 24
    assert np.isfinite(forecast.intervals.quantiles).all()
