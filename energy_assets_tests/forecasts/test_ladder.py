"""Who serves when a model is missing or cannot, and from when on a silent series is forecast."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import structlog.testing

from energy_assets.forecasting.naive import SeasonalNaive
from energy_assets.forecasts.champion import Champion
from energy_assets.forecasts.ladder import ENDED, LATE, has_ended, origin_of, served, steps_of
from energy_assets_tests.forecasting.histories import history
from energy_assets_tests.forecasting.meters import house, learned, meter

PAST = history(np.tile(np.arange(24.0), 30))
HOUSE = house(60)


def test_the_first_model_that_can_serve_serves_and_names_itself():
    yesterday = SeasonalNaive(variant="yesterday")
    forecast = served(HOUSE, [learned(), yesterday], origin_at=HOUSE.end_at, days=2)
    assert set(forecast.intervals.basis) == {"no_weather"}
    assert forecast.model_id == learned().model_id
    assert len(forecast.intervals) == 48
    first = served(HOUSE, [yesterday, learned()], origin_at=HOUSE.end_at, days=2)
    assert set(first.intervals.basis) == {"naive_yesterday"}


def test_a_model_that_falls_back_itself_leaves_its_place_to_the_next_one():
    coarse = meter(HOUSE.values.reshape(-1, 2).sum(axis=1), minutes=120)
    weekly = SeasonalNaive(variant="last_week")
    forecast = served(coarse, [learned(), weekly], origin_at=coarse.end_at, days=1)
    assert set(forecast.intervals.basis) == {"naive_last_week"}


@pytest.mark.parametrize("series", [PAST, history([]), history([np.nan])])
def test_serving_never_stops_for_want_of_a_model(series):
    forecast = served(series, [], origin_at=series.end_at, days=1)
    assert set(forecast.intervals.basis) == {"naive_blend"}
    assert np.isfinite(forecast.quantiles).all()


def test_values_that_come_late_are_usual_and_silence_moves_the_origin_to_now():
    end = PAST.end_at
    assert origin_of(PAST, now=end + LATE) == end
    silent = end + LATE + pd.Timedelta(hours=1)
    assert origin_of(PAST, now=silent) == silent
    forecast = served(PAST, [], origin_at=origin_of(PAST, now=silent), days=1)
    assert forecast.origin_at == silent
    assert forecast.median == pytest.approx([(hour + 1) % 24 for hour in range(24)])
    assert forecast.imputed_share == pytest.approx(49 / (14 * 24))


def test_a_series_that_ended_long_ago_is_told_from_a_silent_one():
    assert not has_ended(PAST, now=PAST.end_at + ENDED)
    assert has_ended(PAST, now=PAST.end_at + ENDED + pd.Timedelta(minutes=1))


def test_the_champion_goes_first_then_who_served_before_then_the_flows_own_models():
    weekly, blend = SeasonalNaive(variant="last_week"), SeasonalNaive(variant="blend")
    own, shared, kernel = object(), object(), object()
    champion = Champion(family="kernel", previous="naive_last_week", pinned=False, reason="")

    def steps(who, stored):
        return steps_of(who, own_family="bilstm", own=[own, shared], stored=stored)

    assert steps(None, {}) == [own, shared]
    assert steps(champion, {"kernel": kernel}) == [kernel, weekly, own, shared]
    assert steps(champion, {}) == [weekly, own, shared]  # its model is missing
    back = Champion(family="bilstm", previous="kernel", pinned=True, reason="")
    assert steps(back, {"kernel": kernel}) == [own, kernel, own, shared]
    naive = Champion(family="naive_blend", previous=None, pinned=False, reason="")
    assert steps(naive, {}) == [blend, own, shared]


def test_a_family_without_reasons_still_says_what_is_expected_and_what_is_usual():
    class Mute:
        def predict(self, series, origins, *, days=1, explained=False):
            made = SeasonalNaive(variant="yesterday").predict(series, origins, days=days)
            rows = [replace(f.intervals, basis=np.full(len(f.intervals), "mute")) for f in made]
            return [replace(f, intervals=r) for f, r in zip(made, rows, strict=True)]

    forecast = served(HOUSE, [Mute()], origin_at=HOUSE.end_at, days=14, explained=True)
    first, second = forecast.explanation.lines
    total = float(re.search(r"Expected: ([\d.]+) kWh", first)[1])
    usual = float(re.search(r"suggest ([\d.]+) kWh", first)[1])
    blend = SeasonalNaive(variant="blend").predict(HOUSE, [HOUSE.end_at], days=14)[0]
    assert total == pytest.approx(forecast.daily.mean[0], rel=0.01)
    assert usual == pytest.approx(blend.daily.mean[0], rel=0.01)
    assert f"on {forecast.daily.valid_at[0]:%A, %d %B}" in first
    assert "mute" in second


@pytest.mark.parametrize("value", [1e80, np.nan, np.inf])
def test_an_absurd_forecast_is_not_served_and_the_log_names_it(value):
    class Wild:
        def predict(self, series, origins, *, days=1, explained=False):
            made = SeasonalNaive(variant="yesterday").predict(series, origins, days=days)
            rows = [
                replace(f.intervals, basis=np.full(24, "wild"), mean=np.full(24, value))
                for f in made
            ]
            return [replace(f, intervals=r) for f, r in zip(made, rows, strict=True)]

    with structlog.testing.capture_logs() as lines:
        forecast = served(HOUSE, [Wild(), learned()], origin_at=HOUSE.end_at, days=1)
    assert set(forecast.intervals.basis) == {"no_weather"}
    assert [(line["event"], line["series"]) for line in lines] == [
        ("forecast is absurd", HOUSE.key)
    ]
