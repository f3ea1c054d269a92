from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from energy_assets.consumption.serving import better_naives, serve
from energy_assets.forecasting.series import LEAD_DAYS, KnownFuture, Series


def score(meter_id, family, mae, weather="none"):
    return {
        "meter_type": "electricity",
        "meter_id": meter_id,
        "family": family,
        "weather": weather,
        "mae": mae,
    }


def test_a_naive_goes_first_only_where_it_beats_the_model_with_its_best_weather_clearly():
    scores = pd.DataFrame(
        [
            score("drifts", "xgboost", 2.0, "forecast"),
            score("drifts", "xgboost", 3.0),
            score("drifts", "xgboost", 0.5, "observation"),
            score("drifts", "naive_yesterday", 1.0),
            score("drifts", "naive_last_week", 1.5),
            score("close", "xgboost", 1.0, "forecast"),
            score("close", "xgboost", 2.0),
            score("close", "naive_yesterday", 0.95),
            score("unscored", "xgboost", np.nan),
            score("unscored", "naive_yesterday", np.nan),
        ]
    )

    assert better_naives(scores) == {"electricity/drifts": "naive_yesterday"}
    assert better_naives(scores.iloc[:0]) == {}


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

    forecast = serve(history, no_weather(history.starts), now=history.end_at, model=None)

    assert set(forecast.intervals.basis) == {"naive_blend"}
    assert forecast.intervals.median.tolist() == (np.arange(14 * 24) % 24.0).tolist()
    assert forecast.daily.median.tolist() == [276.0] * 14


def test_the_naive_that_beat_a_model_serves_in_its_place():
    history = week()

    forecast = serve(
        history,
        no_weather(history.starts),
        now=history.end_at,
        model=None,
        better_naive="naive_yesterday",
    )

    assert set(forecast.intervals.basis) == {"naive_yesterday"}


@pytest.mark.parametrize(
    ("silent", "begins_after"),
    [(timedelta(hours=40), timedelta(0)), (timedelta(days=9, minutes=20), timedelta(days=9))],
)
def test_a_meter_that_has_long_been_silent_is_predicted_from_now_on(silent, begins_after):
    history = week()

    forecast = serve(history, no_weather(history.starts), now=history.end_at + silent, model=None)

    assert forecast.origin_at == history.end_at + begins_after
    assert len(forecast.intervals) == 14 * 24
    assert np.isfinite(forecast.intervals.quantiles).all()
