"""What boosted models of meters cost in processor seconds, on one thread, on seeded hourly data.

`python -m benchmarks.boosting_cost [--quick]`. The baseline is the published way at 26,000 rows:
nine features, 50 trials of five shuffled folds each with 100 to 1,000 trees; 3 trials are run and
the rest extrapolated. `--quick` takes 20 meters and one trial. `--data` is accepted and not needed.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import xgboost as xgb

from benchmarks.reporting import Figure, report
from energy_assets.contracts.consumption import UNITS, MeterType
from energy_assets.forecasting.boosting import MeterModel, fit_twice
from energy_assets.forecasting.boosting.columns import design
from energy_assets.forecasting.past import Rows, past_of
from energy_assets.forecasting.scale import scale_of
from energy_assets.forecasting.series import LEAD_DAYS, TEMPERATURE, KnownFuture, Series
from energy_assets.forecasting.timeline import timeline_of
from energy_assets.forecasting.weather_path import weather_path

ROWS = 26_000
"""Known hours of the meters that are trained."""

PUBLISHED_TRIALS = 50


def main() -> None:
    """Measure training, features and forecasts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=None, help="not needed")
    parser.add_argument("--quick", action="store_true", help="20 meters, one trial")
    asked = parser.parse_args()
    meters = 20 if asked.quick else 1_000
    trained, weather = meter(hours=ROWS)
    _fitted(*meter(hours=24 * 40))  # imports and caches
    training = {kind: _training_s(_as(trained, kind), weather) for kind in ("electricity", "water")}
    features_s = _features_s(min(meters, 200)) / min(meters, 200)
    first_s, forecast_s = _forecast_s(meters)
    trials = 1 if asked.quick else 3
    published_s = _published_s(trained, weather, trials=trials) / trials * PUBLISHED_TRIALS
    table: list[dict[str, Figure]] = [
        {"work": "train electricity, 26,000 rows", "cpu_s": training["electricity"], "bar": 3},
        {"work": "train water, 26,000 rows", "cpu_s": training["water"], "bar": 3},
        {"work": "features, 1,000 meter-years", "cpu_s": features_s * 1_000, "bar": 30},
        {"work": "forecast, one meter, 14 days", "cpu_s": first_s, "bar": 0.1},
        {"work": "forecast, 1,000 meters", "cpu_s": forecast_s / meters * 1_000, "bar": 20},
        {"work": "published training, 50 trials", "cpu_s": published_s, "bar": None},
    ]
    figures: dict[str, Figure] = {
        "quick": asked.quick,
        "train_electricity_cpu_s": training["electricity"],
        "train_water_cpu_s": training["water"],
        "features_1000_meter_years_cpu_s": features_s * 1_000,
        "forecast_one_cpu_s": first_s,
        "forecast_1000_cpu_s": forecast_s / meters * 1_000,
        "forecast_meters_run": meters,
        "published_training_cpu_s": published_s,
        "ratio": published_s / training["electricity"],
    }
    report("boosting_cost", table, figures)


def meter(*, hours: int, seed: int = 0) -> tuple[Series, KnownFuture]:
    """A seeded meter by the hour, with weather that reaches two weeks further."""
    rng = np.random.default_rng(seed)
    starts = pd.date_range("2022-01-01", periods=hours + LEAD_DAYS * 24, freq="h", tz="UTC")
    hour, day = np.arange(len(starts)) % 24, np.arange(len(starts)) / 24
    walk = rng.normal(0, 0.3, len(starts)).cumsum() * 0.1
    warmth = 14 - 9 * np.cos(2 * np.pi * day / 365.25) + 4 * np.sin(2 * np.pi * (hour - 9) / 24)
    temperature_c = warmth + walk
    load = 20 + 8 * np.sin(2 * np.pi * (hour - 8) / 24) - 4 * (day.astype(int) % 7 >= 5)
    load += 0.8 * np.maximum(temperature_c - 18, 0) + rng.normal(0, 1.5, len(starts))
    history = Series(
        key=f"meter-{seed}",
        unit="kWh",
        start_at=starts[0],
        interval_minutes=60,
        zone="Europe/Istanbul",
        country="TR",
        values=np.maximum(load, 0.0)[:hours],
    )
    predicted = np.repeat(temperature_c[:, None], LEAD_DAYS, axis=1)
    weather = KnownFuture(
        starts=starts,
        observed=temperature_c,
        predicted=predicted,
        normal=np.zeros_like(predicted, dtype=np.bool_),
    )
    return history, weather


def _as(history: Series, kind: MeterType) -> Series:
    return replace(history, unit=UNITS[kind])


def _fitted(history: Series, weather: KnownFuture) -> MeterModel:
    return fit_twice(replace(history, future={TEMPERATURE: weather})).model


def _training_s(history: Series, weather: KnownFuture) -> float:
    """Everything that a fit does with the documented defaults, bands included."""
    started = time.process_time()
    _fitted(history, weather)
    return time.process_time() - started


def _features_s(meters: int) -> float:
    """Columns of every hour of a year, one day ahead from the midnight before."""
    spent = 0.0
    for seed in range(meters):
        history, weather = meter(hours=365 * 24, seed=seed)
        started = time.process_time()
        timeline = timeline_of(history)
        learned = scale_of(history.values).to_scale(history.values)
        past = past_of(timeline, learned)
        targets = np.arange(24, len(history.starts), dtype=np.int64)
        rows = Rows(
            origins=np.maximum(targets - timeline.slot[targets], 1),
            targets=targets,
            steps_per_day=24,
        )
        made = design(past, rows, weather_path(timeline, weather), seasons=True)
        spent += time.process_time() - started
        assert len(made.trees) == len(targets)
    return spent


def _forecast_s(meters: int) -> tuple[float, float]:
    """One forecast, and that of many meters, each from stored bytes and with its reasons."""
    stored = [_fitted(*meter(hours=ROWS, seed=seed)).save() for seed in range(4)]
    histories = [meter(hours=365 * 24, seed=seed) for seed in range(4)]
    spent: list[float] = []
    for number in range(meters):
        saved = stored[number % 4]
        history, weather = histories[number % 4]
        started = time.process_time()
        model = MeterModel.from_bytes(saved.weights, saved.metadata)
        known = replace(history, future={TEMPERATURE: weather})
        (forecast,) = model.predict(known, [known.end_at], days=LEAD_DAYS, explained=True)
        spent.append(time.process_time() - started)
        assert len(forecast.intervals) == LEAD_DAYS * 24
        assert forecast.explanation.lines
    return max(spent[0], float(np.median(spent))), sum(spent)


def _published_s(history: Series, weather: KnownFuture, *, trials: int) -> float:
    """Trials of the published search: five shuffled folds each, squared error."""
    rng = np.random.default_rng(42)
    load = pd.Series(history.values)
    clock = history.starts
    table = np.column_stack(
        [
            weather.observed[: len(load)],
            clock.hour,
            clock.day,
            clock.month,
            clock.day_of_week,
            clock.day_of_week >= 5,
            load.shift(24).bfill(),
            pd.Series(weather.observed[: len(load)]).rolling(24, min_periods=1).mean(),
            load.rolling(24, min_periods=1).mean(),
        ]
    ).astype(np.float32)
    started = time.process_time()
    for _ in range(trials):
        fold = rng.permutation(len(load)) % 5
        params = {
            "max_depth": int(rng.integers(3, 11)),
            "eta": float(np.exp(rng.uniform(np.log(0.01), np.log(0.3)))),
            "min_child_weight": int(rng.integers(1, 11)),
            "subsample": float(rng.uniform(0.6, 1.0)),
            "colsample_bytree": float(rng.uniform(0.6, 1.0)),
            "nthread": 1,
        }
        trees = int(rng.integers(1, 11)) * 100
        for held_out in range(5):
            learned = fold != held_out
            matrix = xgb.DMatrix(table[learned], load.to_numpy()[learned], nthread=1)
            booster = xgb.train(params, matrix, trees)
            booster.predict(xgb.DMatrix(table[~learned], nthread=1))
    return time.process_time() - started


if __name__ == "__main__":
    main()
