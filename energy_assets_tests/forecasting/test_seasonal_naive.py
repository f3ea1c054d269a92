import numpy as np
import pandas as pd
import pytest

from energy_assets.forecasting.bilstm.profiles import PROFILES, profiles_of, recent_use
from energy_assets.forecasting.naive import NAIVES, SeasonalNaive
from energy_assets_tests.forecasting.histories import daily_pattern, history, local_days

VARIANTS = NAIVES


def predicted(past, variant, origin=None):
    return SeasonalNaive(variant=variant).predict(past, [past.end_at if origin is None else origin])


def test_each_baseline_repeats_its_own_days():
    energy = np.repeat(np.arange(28.0), 24)  # day 0 uses 0 kWh an hour, day 27 uses 27
    past = history(energy)
    for variant, expected in (
        ("yesterday", 27.0),
        ("last_week", 21.0),
        ("four_weeks", (21 + 14 + 7 + 0) / 4),
        ("median_28", 13.5),
        ("blend", 0.35 * 10.5 + 0.45 * 24 + 0.2 * 27),
    ):
        (forecast,) = predicted(past, variant)
        assert forecast.median.tolist() == pytest.approx([expected] * 24)
        assert forecast.basis == f"naive_{variant}"
        assert forecast.imputed_share == 0


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_happens_after_the_origin_changes_no_baseline(variant):
    past = daily_pattern(40, seed=1, minutes=30)
    origin = past.start_at + pd.Timedelta(days=33, hours=5)
    future = past.values.copy()
    future[33 * 48 + 10 :] = 1e6
    changed = history(future, minutes=30)
    (one,), (other,) = predicted(past, variant, origin), predicted(changed, variant, origin)
    (cut,) = predicted(past.until(origin), variant, origin)
    np.testing.assert_array_equal(one.quantiles, other.quantiles)
    np.testing.assert_array_equal(one.quantiles, cut.quantiles)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(
    "day",
    ["2025-03-30", "2025-03-31", "2025-10-26", "2025-10-27"],  # clocks changed on 30 and 26
)
@pytest.mark.parametrize("minutes", [15, 60])
def test_same_clock_time_is_repeated_across_a_clock_change(variant, day, minutes):
    start = str(pd.Timestamp(day) - pd.Timedelta(days=35))[:10]
    past = local_days(35, start=start, zone="Europe/Berlin", minutes=minutes)
    (forecast,) = predicted(past, variant)
    local = forecast.valid_at.tz_convert("Europe/Berlin")
    clock = (local.hour + local.minute / 60).to_numpy()
    difference = np.abs(forecast.median - clock)
    # An hour that the clock skips or repeats has no equal on the other days.
    odd = (local.hour >= 1) & (local.hour <= 3) & np.isin(local.day, [30, 31, 26, 27])
    assert difference[~odd].max() == pytest.approx(0.0, abs=1e-5)
    assert difference.max() <= 1.0 + 1e-5


def test_a_lag_of_a_day_never_reaches_behind_the_origin_when_the_clock_springs_forward():
    past = local_days(60, start="2025-02-15", zone="Europe/Berlin")
    origin = past.start_at + pd.Timedelta(days=43)  # 30 March 00:00, two hours before the change
    assert origin.tz_convert("Europe/Berlin") == pd.Timestamp("2025-03-30", tz="Europe/Berlin")
    changed = past.values.copy()
    changed[43 * 24 :] = 1e6
    full = profiles_of(past).known_at(np.array([43 * 24]), steps=24)
    later = history(changed, start="2025-02-15", zone="Europe/Berlin")
    np.testing.assert_array_equal(full, profiles_of(later).known_at(np.array([43 * 24]), steps=24))
    assert np.isfinite(full).all()


@pytest.mark.parametrize("variant", VARIANTS)
def test_baselines_survive_customers_without_usable_readings(variant):
    unknown = history(np.full(48, np.nan))
    (forecast,) = predicted(unknown, variant)
    assert forecast.median.tolist() == [0.0] * 24
    assert forecast.imputed_share == 1.0
    (forecast,) = predicted(history([]), variant)
    assert forecast.median.tolist() == [0.0] * 24
    (forecast,) = predicted(history(np.array([2.0, np.nan, 4.0])), variant)
    assert np.isfinite(forecast.quantiles).all()
    (forecast,) = predicted(history(np.zeros(24 * 30)), variant)
    assert forecast.quantiles.max() == 0.0


def test_a_baseline_serves_an_origin_after_the_last_reading_and_between_grid_instants():
    past = history(np.repeat(np.arange(28.0), 24))
    (late,) = predicted(past, "last_week", past.end_at + pd.Timedelta(hours=12))
    assert late.median.tolist() == [21.0] * 12 + [22.0] * 12
    assert late.imputed_share == pytest.approx(12 / (14 * 24))
    (odd,) = predicted(past, "yesterday", past.end_at + pd.Timedelta(minutes=20))
    assert odd.origin_at == past.end_at  # the interval that contains it is the first one
    assert odd.median.tolist() == [27.0] * 24


def test_bands_are_ordered_and_hold_about_the_nominal_share():
    past = daily_pattern(70, seed=3)
    origins = [past.start_at + pd.Timedelta(days=day) for day in range(56, 69)]
    forecasts = SeasonalNaive(variant="blend").predict(past, origins)
    inside = []
    for forecast in forecasts:
        assert (np.diff(forecast.quantiles, axis=1) >= 0).all()
        assert (forecast.quantiles >= 0).all()
        at = past.steps_before(forecast.origin_at)
        actual = past.values[at : at + 24]
        inside.append((actual >= forecast.quantiles[:, 0]) & (actual <= forecast.quantiles[:, -1]))
    assert 0.8 < np.mean(inside) < 0.97


def test_profiles_agree_with_a_slow_loop_over_days_with_holes():
    past = daily_pattern(40, seed=5)
    past.values[np.random.default_rng(0).uniform(size=960) < 0.3] = np.nan
    profiles = profiles_of(past)
    for at in (35 * 24 + 7, 40 * 24 + 3):
        days = np.array([past.values[at - 24 * k] for k in range(1, 29)], dtype=np.float64)
        slow = {
            "mean_7": np.nanmean(days[:7]),
            "mean_28": np.nanmean(days),
            "four_weeks": np.nanmean(days[[6, 13, 20, 27]]),
            "median_7": np.nanmedian(days[:7]),
            "median_28": np.nanmedian(days),
            "spread_28": np.nanstd(days),
        }
        row = dict(zip(PROFILES, profiles.values[at], strict=True))
        assert {name: row[name] for name in slow} == pytest.approx(slow, rel=1e-5)


def test_level_and_spread_look_back_only_and_never_vanish():
    past = history(np.concatenate([np.full(24 * 40, 2.0), np.full(24, 1e6)]))
    scale = recent_use(past)
    assert scale.level[24 * 40] == pytest.approx(2.0)
    assert scale.spread[24 * 40] == pytest.approx(1.0)  # half the mean, no deviation
    assert recent_use(history(np.zeros(48))).spread.min() > 0
    assert len(scale.level) == len(past.values) + 1
