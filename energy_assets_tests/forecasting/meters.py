"""Electricity and water meters with known patterns, for tests."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from energy_assets.contracts.consumption import UNITS
from energy_assets.forecasting.boosting import MeterModel, TreeParams, fit_twice
from energy_assets.forecasting.past import Rows, past_of
from energy_assets.forecasting.series import LEAD_DAYS, TEMPERATURE, KnownFuture, Series
from energy_assets.forecasting.timeline import timeline_of

SMALL = TreeParams(n_estimators=8, max_depth=3)
"""Trees that grow fast."""


def meter(
    values, *, start="2025-03-01", minutes=60, zone="UTC", country=None, kind="electricity"
) -> Series:
    """A meter with these values from a local midnight on."""
    return Series(
        key=f"{kind}/m-1",
        unit=UNITS[kind],
        start_at=pd.Timestamp(start, tz=zone).tz_convert("UTC"),
        interval_minutes=minutes,
        zone=zone,
        country=country,
        values=np.asarray(values, dtype=np.float64),
    )


def climate(hours: int, *, seed: int = 0, start="2025-03-01", zone="UTC") -> KnownFuture:
    """Temperatures around a meter and two weeks further, predicted exactly."""
    rng = np.random.default_rng(seed)
    steps = hours + LEAD_DAYS * 24
    hour = np.arange(steps)
    temperature_c = 16 + 6 * np.sin(2 * np.pi * (hour - 9) / 24)
    temperature_c += rng.normal(0, 4, steps // 24 + 1).repeat(24)[:steps]
    predicted = np.repeat(temperature_c[:, None], LEAD_DAYS, axis=1)
    first = pd.Timestamp(start, tz=zone).tz_convert("UTC")
    return KnownFuture(
        starts=pd.date_range(first, periods=steps, freq="h"),
        observed=temperature_c,
        predicted=predicted,
        normal=np.zeros_like(predicted, dtype=np.bool_),
    )


def house(days: int, *, seed: int = 0, noise=1.0, **kwargs) -> Series:
    """Use with an evening peak, quiet weekends, and cooling above 18 °C of `climate(seed)`."""
    rng = np.random.default_rng(seed + 100)
    hour = np.arange(days * 24)
    warmth = climate(days * 24, seed=seed).observed[: days * 24]
    values = 20 + 6 * np.sin(2 * np.pi * (hour - 8) / 24) - 4 * (hour // 24 % 7 >= 5)
    values = values + 1.5 * np.maximum(warmth - 18, 0) + rng.normal(0, noise, days * 24)
    return meter(np.maximum(values, 0.1), **kwargs)


def in_weather(series: Series, weather: KnownFuture | None) -> Series:
    """The same meter with the temperature around it."""
    return replace(series, future={} if weather is None else {TEMPERATURE: weather})


def fit(
    series: Series, weather: KnownFuture | None, *, params: TreeParams | None = None, seed: int = 0
) -> MeterModel:
    """A model of a meter and the temperature around it."""
    return fit_twice(in_weather(series, weather), params=params, seed=seed).model


@cache
def learned(*, weather: bool = True):
    """A model of `house(60)`, learned once for all tests."""
    return fit(house(60), climate(60 * 24) if weather else None, params=SMALL)


def past(history: Series):
    """The past of a history in its own unit, zeros being typical."""
    timeline = timeline_of(history)
    return past_of(timeline, history.values, typical=np.zeros((2, timeline.steps_per_day)))


def rows(history: Series, origins, targets) -> Rows:
    """Rows of a history."""
    return Rows(
        origins=np.asarray(origins, dtype=np.int64),
        targets=np.asarray(targets, dtype=np.int64),
        steps_per_day=history.steps_per_day,
    )


def with_values(history: Series, values) -> Series:
    """The same meter with other values."""
    return replace(history, values=np.asarray(values, dtype=np.float64))


def predicted(model, history: Series, weather: KnownFuture | None, *, origin_at, days=14):
    """What a model predicts of a history with this weather, and why."""
    known = in_weather(history, weather)
    (forecast,) = model.predict(known, [origin_at], days=days, explained=True)
    return forecast
