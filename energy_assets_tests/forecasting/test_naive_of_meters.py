"""The baselines two weeks ahead."""

import numpy as np
import pytest

from energy_assets.forecasting.naive import NAIVES, SeasonalNaive
from energy_assets_tests.forecasting.meters import house, meter, with_values


def naive_forecast(history, *, origin_at, variant="blend"):
    return SeasonalNaive(variant=variant).predict(history, [origin_at], days=14)[0]


@pytest.mark.parametrize(
    ("variant", "first", "second", "eighth"),
    [
        # Day n used n an hour; days 0 to 41 are known.
        ("yesterday", 41, 41, 41),
        ("last_week", 35, 36, 35),
        ("four_weeks", 35 - 10.5, 36 - 10.5, 35 - 10.5),
        ("median_28", 27.5, 27.5, 27.5),
    ],
)
def test_each_baseline_repeats_what_is_known_of_its_days(variant, first, second, eighth):
    history = meter(np.repeat(np.arange(42.0), 24))
    forecast = naive_forecast(history, origin_at=history.end_at, variant=variant)
    days = forecast.intervals.median.reshape(14, 24)
    assert days[0].tolist() == [first] * 24
    assert days[1].tolist() == [second] * 24
    assert days[7].tolist() == [eighth] * 24
    assert forecast.daily.median[0] == pytest.approx(24 * first)
    assert set(forecast.intervals.basis) == {f"naive_{variant}"}
    assert set(forecast.intervals.weather) == {"none"}


@pytest.mark.parametrize("variant", NAIVES)
def test_what_happens_after_the_origin_changes_no_baseline(variant):
    history = house(60)
    origin = history.starts[50 * 24 + 5]
    later = history.values.copy()
    later[50 * 24 + 5 :] = 1e6
    one = naive_forecast(history, origin_at=origin, variant=variant)
    other = naive_forecast(with_values(history, later), origin_at=origin, variant=variant)
    np.testing.assert_array_equal(one.intervals.quantiles, other.intervals.quantiles)
    np.testing.assert_array_equal(one.daily.quantiles, other.daily.quantiles)


@pytest.mark.parametrize(
    "history",
    [
        meter([np.nan]),
        meter([3.0]),
        meter(np.zeros(24 * 40), kind="water"),
        meter([5.0, np.nan, 7.0], minutes=1440),
        house(3),
    ],
)
def test_a_baseline_never_fails_for_lack_of_data(history):
    forecast = naive_forecast(history, origin_at=history.end_at)
    for part in (forecast.intervals, forecast.daily):
        assert np.isfinite(part.quantiles).all()
        assert (part.quantiles >= 0).all()
        assert (np.diff(part.quantiles, axis=1) >= 0).all()
    assert forecast.model_id == "naive_blend"


def test_bands_of_a_noisy_meter_hold_about_what_they_promise():
    history = house(90, noise=3.0)
    cut = history.until(history.starts[70 * 24])
    forecast = naive_forecast(cut, origin_at=cut.end_at, variant="last_week")
    actual = history.values[70 * 24 : 84 * 24]
    low, high = forecast.intervals.quantiles[:, 0], forecast.intervals.quantiles[:, -1]
    assert 0.75 < ((actual >= low) & (actual <= high)).mean() <= 1.0
