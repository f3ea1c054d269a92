"""Which temperature a row sees."""

from dataclasses import replace

import numpy as np
import pytest

from energy_assets.forecasting.timeline import timeline_of
from energy_assets.forecasting.weather_path import weather_path
from energy_assets_tests.forecasting.meters import climate, meter, rows

HISTORY = meter(np.ones(30 * 24))


def weather():
    """Measured 10 °C throughout; predicted 20 °C a day ahead, 21 two days ahead, and so on."""
    known = climate(30 * 24)
    ahead = np.tile(20.0 + np.arange(14), (len(known.starts), 1))
    return replace(known, observed=np.full(len(known.starts), 10.0), predicted=ahead)


def test_a_row_sees_the_forecast_of_its_lead_day_and_measurements_before_the_origin():
    path = weather_path(timeline_of(HISTORY), weather())
    at = 20 * 24
    chosen = rows(HISTORY, [at, at, at], [at, at + 24, at + 13 * 24])
    assert path.at(chosen.targets, chosen).tolist() == [20.0, 21.0, 33.0]
    assert path.at(chosen.origins - 1, chosen).tolist() == [10.0, 10.0, 10.0]


def test_a_mean_over_the_origin_is_measured_before_it_and_predicted_after_it():
    path = weather_path(timeline_of(HISTORY), weather())
    at = 20 * 24
    chosen = rows(HISTORY, [at, at], [at + 5, at + 30])
    # 18 measured and 6 predicted hours; then 24 predicted hours of the second day.
    expected = [(18 * 10 + 6 * 20) / 24, 21.0]
    assert path.mean(chosen.targets + 1, 24, chosen).tolist() == pytest.approx(expected)


def test_where_no_forecast_was_archived_what_was_measured_later_stands_in_and_is_marked():
    bare = weather()
    bare = replace(bare, predicted=np.full_like(bare.predicted, np.nan))
    path = weather_path(timeline_of(HISTORY), bare)
    chosen = rows(HISTORY, [480], [490])
    assert path.at(chosen.targets, chosen).tolist() == [10.0]
    assert not path.archived[490, 0]


def test_zero_degrees_are_a_temperature_and_what_is_usual_is_no_forecast():
    known = weather()
    frost = np.zeros_like(known.predicted)
    path = weather_path(timeline_of(HISTORY), replace(known, predicted=frost))
    chosen = rows(HISTORY, [480], [490])
    assert path.at(chosen.targets, chosen).tolist() == [0.0]
    usual = replace(
        known, normal=np.ones_like(known.normal), observed=np.full(len(known.starts), np.nan)
    )
    path = weather_path(timeline_of(HISTORY), usual)
    assert np.isnan(path.at(chosen.targets, chosen)).all()


def test_what_is_usual_stands_in_from_the_third_day_on_when_asked_for():
    known = weather()
    usual = replace(known, normal=np.ones_like(known.normal))
    usual.normal[490 + 48] = False  # a real forecast of one hour of the third day
    path = weather_path(timeline_of(HISTORY), usual, normals=True)
    chosen = rows(HISTORY, [480] * 4, [490, 490 + 24, 490 + 47, 490 + 48])
    # Measured later on days 1 and 2 and usual on day 3 (22 °C), but for the hour predicted (22 °C).
    assert path.at(chosen.targets, chosen).tolist() == [10.0, 10.0, 22.0, 22.0]
    at = (chosen.targets, chosen.lead_day - 1)
    assert path.usual[at].tolist() == [False, False, True, False]
    assert path.archived[at].tolist() == [False, False, False, True]
    assert not weather_path(timeline_of(HISTORY), usual).usual.any()


def test_weather_of_other_hours_says_nothing_about_a_meter():
    known = weather()
    late = replace(
        known,
        starts=known.starts[-10:],
        observed=known.observed[-10:],
        predicted=known.predicted[-10:],
        normal=known.normal[-10:],
    )
    path = weather_path(timeline_of(HISTORY), late)
    assert np.isfinite(path.ahead[:, 0]).sum() == 10
