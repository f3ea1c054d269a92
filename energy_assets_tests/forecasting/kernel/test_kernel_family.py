"""Kernel models behind the door of all families: what is held out, stored, refused and hidden."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from energy_assets.forecasting.boosting import ModelFileError
from energy_assets.forecasting.family import SavedModel
from energy_assets.forecasting.kernel import Kernel, KernelSettings
from energy_assets.forecasting.naive import SeasonalNaive
from energy_assets.forecasting.series import TEMPERATURE
from energy_assets_tests.forecasting.meters import climate, house, with_values

DAYS = 150
FEW = KernelSettings(lead_days=3, narrowness=(0.0025, 0.01), noises=(0.01, 0.1))
FAMILY = Kernel(settings=FEW)
NEIGHBOUR = np.random.default_rng(9).normal(size=DAYS * 24)
SERIES = replace(house(DAYS), past={"north": NEIGHBOUR}, future={TEMPERATURE: climate(DAYS * 24)})


@cache
def fitted():
    """What the family learned of the house, once for all tests."""
    return FAMILY.fit([SERIES])[SERIES.key]


def same(one, other):
    """Whether two forecasts hold the same numbers and words."""
    for name in ("intervals", "daily"):
        for column, values in vars(getattr(one, name)).items():
            again = getattr(getattr(other, name), column)
            np.testing.assert_array_equal(np.asarray(values), np.asarray(again))


def test_a_stored_model_predicts_the_same_and_a_damaged_one_is_refused():
    saved = fitted().model.save()
    written = SavedModel(weights=saved.weights, metadata=json.loads(json.dumps(saved.metadata)))
    again = FAMILY.load(written)
    assert again.model_id == fitted().model.model_id == again.save().metadata["model_id"]
    assert again.learned_until == fitted().model.learned_until == SERIES.end_at
    origins = [SERIES.end_at, SERIES.start_of(100 * 24)]
    for one, other in zip(
        fitted().model.predict(SERIES, origins, days=5, explained=True),
        again.predict(SERIES, origins, days=5, explained=True),
        strict=True,
    ):
        same(one, other)
        assert one.explanation.lines == other.explanation.lines
    damaged = saved.weights[:-1] + bytes([saved.weights[-1] ^ 1])
    with pytest.raises(ModelFileError, match="differ"):
        FAMILY.load(SavedModel(weights=damaged, metadata=saved.metadata))
    with pytest.raises(ModelFileError, match="family"):
        FAMILY.load(
            SavedModel(weights=saved.weights, metadata={**saved.metadata, "family": "xgboost"})
        )


@pytest.mark.parametrize("hour", [0, 9])
def test_what_happens_from_the_origin_on_changes_no_forecast(hour):
    origin = 120 * 24 + hour
    rng = np.random.default_rng(1)
    later = SERIES.values.copy()
    later[origin:] = rng.random(len(later) - origin) * 1e4
    beside = np.append(NEIGHBOUR[:origin], rng.normal(size=len(later) - origin))
    known = SERIES.future[TEMPERATURE]
    measured = known.observed.copy()
    measured[origin:] = -40.0
    other = replace(
        with_values(SERIES, later),
        past={"north": beside},
        future={TEMPERATURE: replace(known, observed=measured)},
    )
    at = [SERIES.start_of(origin)]
    (one,) = fitted().model.predict(SERIES, at, days=5)
    (changed,) = fitted().model.predict(other, at, days=5)
    (cut,) = fitted().model.predict(SERIES.until(at[0]), at, days=5)
    same(one, changed)
    for name in ("quantiles", "mean"):
        np.testing.assert_allclose(getattr(one, name), getattr(cut, name), rtol=1e-9)


def test_live_and_backtest_give_the_same_rows():
    origins = [SERIES.start_of(day * 24) for day in (110, 120, 130)]
    together = fitted().model.predict(SERIES, origins, days=3)
    for origin, one in zip(origins, together, strict=True):
        (alone,) = fitted().model.predict(SERIES.until(origin), [origin], days=3)
        assert alone.origin_at == one.origin_at == origin
        np.testing.assert_allclose(alone.quantiles, one.quantiles, rtol=1e-9)
        np.testing.assert_allclose(alone.daily.quantiles, one.daily.quantiles, rtol=1e-9)


def test_the_last_fifth_of_the_days_is_held_out_from_each_midnight():
    held_out = fitted().held_out
    assert [f.origin_at for f in held_out] == [SERIES.start_of(day * 24) for day in range(120, 150)]
    assert {len(f.intervals) for f in held_out} == {24}
    assert {f.basis for f in held_out} == {"kernel"}


def test_what_was_held_out_is_predicted_by_what_came_before_and_nothing_else():
    # Ten times as much from the held-out days on, at other hours, beside another neighbour.
    since = 120 * 24
    values, beside = SERIES.values.copy(), NEIGHBOUR.copy()
    values[since:] = 10 * values[since:][::-1]
    beside[since:] = values[since:]
    other = replace(with_values(SERIES, values), past={"north": beside})
    changed = FAMILY.fit([other])[SERIES.key].held_out
    same(fitted().held_out[0], changed[0])
    # And bands of the later half know of errors of the earlier half, but of none of its own.
    half = 135 * 24
    values = SERIES.values.copy()
    values[half:] *= 10
    late = FAMILY.fit([with_values(SERIES, values)])[SERIES.key].held_out
    for number in range(16):
        same(fitted().held_out[number], late[number])
    assert not np.array_equal(fitted().held_out[20].quantiles, late[20].quantiles)


def test_bands_of_the_later_half_follow_errors_of_the_earlier_half():
    rng = np.random.default_rng(3)
    values = SERIES.values.copy()
    noisy = slice(120 * 24, 135 * 24)
    values[noisy] = np.maximum(values[noisy] + rng.normal(0, 6, 15 * 24), 0.1)
    held_out = FAMILY.fit([with_values(SERIES, values)])[SERIES.key].held_out
    width = [np.mean(np.diff(f.quantiles[:, [0, -1]], axis=1)) for f in held_out]
    usual = [np.mean(np.diff(f.quantiles[:, [0, -1]], axis=1)) for f in fitted().held_out]
    assert width[0] == pytest.approx(usual[0])
    # Sixteen days later the noise is out of the newest days, and still in the bands.
    assert np.mean(width[-8:]) > 1.3 * np.mean(usual[-8:])


def test_held_out_days_use_no_weather_that_was_measured_later():
    known = SERIES.future[TEMPERATURE]
    measured = replace(known, predicted=np.full_like(known.predicted, np.nan))
    series = replace(SERIES, future={TEMPERATURE: measured})
    found = FAMILY.fit([series])[SERIES.key]
    assert set(np.concatenate([f.intervals.weather for f in found.held_out])) == {"none"}
    # The served model has learned from what was measured, and predicts with it in a backtest.
    (forecast,) = found.model.predict(series, [SERIES.start_of(140 * 24)])
    assert set(forecast.intervals.weather) == {"observation"}


def test_bands_of_held_out_days_hold_about_what_they_promise():
    held_out = fitted().held_out
    actual = SERIES.values[120 * 24 :].reshape(30, 24)
    low, high = (np.stack([f.quantiles[:, column] for f in held_out]) for column in (0, -1))
    assert 0.82 < ((actual >= low) & (actual <= high)).mean() < 0.97


@pytest.mark.parametrize("change", [{"interval_minutes": 30}, {"zone": "Europe/Rome"}])
def test_a_series_of_another_interval_or_clock_is_predicted_by_the_blend(change):
    other = replace(SERIES, past={}, **change)
    origins = [other.end_at]
    (forecast,) = fitted().model.predict(other, origins, days=2)
    (blend,) = SeasonalNaive(variant="blend").predict(other, origins, days=2)
    assert set(forecast.intervals.basis) == {"naive_blend"}
    same(forecast, blend)


def test_too_little_is_refused_with_what_there_is_and_what_is_needed():
    short = house(20)
    assert "electricity/m-1: 480 known values, with 19 whole days" in FAMILY.refusal(short)
    assert "21 such days" in FAMILY.refusal(short)
    assert FAMILY.fit([short]) == {}
    assert FAMILY.refusal(with_values(short, np.full(480, np.nan))).startswith("electricity/m-1: 0")
    assert FAMILY.refusal(SERIES) == ""


def test_a_series_just_long_enough_is_learned():
    short = house(22)
    assert FAMILY.refusal(short) == ""
    found = FAMILY.fit([short])[short.key]
    assert len(found.held_out) == 4
    (forecast,) = found.model.predict(short, [short.end_at], days=1)
    assert set(forecast.intervals.basis) == {"kernel"}
    assert (np.diff(forecast.quantiles, axis=1) > 0).all()


def test_the_family_names_itself_and_how_far_it_reaches():
    assert (FAMILY.name, FAMILY.reach_days) == ("kernel", 3)
    assert Kernel().reach_days == 14
    assert Kernel(quality="fast").reach_days == 14
