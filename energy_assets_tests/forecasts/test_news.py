"""Whether a forecast says anything that the one before did not."""

import pandas as pd
import pytest

from energy_assets.forecasts.news import changed
from energy_assets_tests.forecasts.drawn_series import forecast

HOURS = pd.date_range("2026-03-01", periods=4, freq="h", tz="UTC")


def new(rows, previous):
    return set(changed({"m": rows}, {"m": previous}))


def test_a_forecast_of_a_series_that_had_none_is_new():
    assert set(changed({"m": forecast(HOURS, 1.0)}, {})) == {"m"}


def test_a_forecast_that_repeats_the_last_one_is_not_issued_again():
    rows = forecast(HOURS, 1.0)
    issued_before = rows.sample(frac=1.0, random_state=1).assign(issued_at=HOURS[0], basis="x")

    assert new(rows, issued_before) == set()
    assert new(rows, rows.assign(q05=rows["q05"] * (1 + 1e-12))) == set()


@pytest.mark.parametrize(
    "other",
    [
        forecast(HOURS[:3], 1.0),
        forecast(HOURS + pd.Timedelta(hours=1), 1.0),
        forecast(HOURS, 1.0, spread=0.11),
        forecast(HOURS, 1.0, model_id="n"),
        forecast(HOURS, 1.0, weather="normal"),
        forecast(HOURS, 1.0, resolution="daily"),
    ],
    ids=["shorter", "later", "wider", "another model", "other weather", "of days"],
)
def test_a_forecast_that_says_anything_else_is_new(other):
    assert new(forecast(HOURS, 1.0), other) == {"m"}


def test_rows_of_a_flow_without_weather_and_days_are_compared_as_well():
    rows = forecast(HOURS, 1.0).drop(columns=["weather", "resolution"])

    assert new(rows, rows) == set()
    assert new(rows, rows.assign(model_id="n")) == {"m"}
