"""Electricity and water meters with known patterns, for tests."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from energy_assets.forecasting.boosting import TreeParams, fit
from energy_assets.forecasting.boosting.past import Rows, past_of
from energy_assets.forecasting.boosting.timeline import timeline_of
from energy_assets.forecasting.meter_history import LEAD_DAYS, KnownWeather, MeterHistory

SMALL = TreeParams(n_estimators=8, max_depth=3)
"""Trees that grow fast."""


def meter(
    values, *, start="2025-03-01", minutes=60, zone="UTC", country=None, kind="electricity"
) -> MeterHistory:
    """A meter with these values from a local midnight on."""
    first = pd.Timestamp(start, tz=zone)
    if minutes == 1440:
        starts = pd.date_range(first, periods=len(values), freq="D").tz_convert("UTC")
    else:
        starts = pd.date_range(first.tz_convert("UTC"), periods=len(values), freq=f"{minutes}min")
    return MeterHistory(
        meter_type=kind,
        meter_id="m-1",
        starts=starts,
        interval_minutes=minutes,
        zone=zone,
        country=country,
        consumption=np.asarray(values, dtype=np.float64),
    )


def climate(hours: int, *, seed: int = 0, start="2025-03-01", zone="UTC") -> KnownWeather:
    """Temperatures around a meter and two weeks further, predicted exactly."""
    rng = np.random.default_rng(seed)
    steps = hours + LEAD_DAYS * 24
    hour = np.arange(steps)
    temperature_c = 16 + 6 * np.sin(2 * np.pi * (hour - 9) / 24)
    temperature_c += rng.normal(0, 4, steps // 24 + 1).repeat(24)[:steps]
    predicted = np.repeat(temperature_c[:, None], LEAD_DAYS, axis=1)
    first = pd.Timestamp(start, tz=zone).tz_convert("UTC")
    return KnownWeather(
        starts=pd.date_range(first, periods=steps, freq="h"),
        observed_c=temperature_c,
        predicted_c=predicted,
        normal=np.zeros_like(predicted, dtype=np.bool_),
    )


def house(days: int, *, seed: int = 0, noise=1.0, **kwargs) -> MeterHistory:
    """Use with an evening peak, quiet weekends, and cooling above 18 °C of `climate(seed)`."""
    rng = np.random.default_rng(seed + 100)
    hour = np.arange(days * 24)
    warmth = climate(days * 24, seed=seed).observed_c[: days * 24]
    values = 20 + 6 * np.sin(2 * np.pi * (hour - 8) / 24) - 4 * (hour // 24 % 7 >= 5)
    values = values + 1.5 * np.maximum(warmth - 18, 0) + rng.normal(0, noise, days * 24)
    return meter(np.maximum(values, 0.1), **kwargs)


@cache
def learned(*, weather: bool = True):
    """A model of `house(60)`, learned once for all tests."""
    return fit(house(60), climate(60 * 24) if weather else None, params=SMALL)


def past(history: MeterHistory):
    """The past of a history in its own unit, zeros being typical."""
    timeline = timeline_of(history)
    return past_of(timeline, history.consumption, typical=np.zeros((2, timeline.steps_per_day)))


def rows(history: MeterHistory, origins, targets) -> Rows:
    """Rows of a history."""
    return Rows(
        origins=np.asarray(origins, dtype=np.int64),
        targets=np.asarray(targets, dtype=np.int64),
        steps_per_day=history.steps_per_day,
    )


def with_values(history: MeterHistory, values) -> MeterHistory:
    """The same meter with other values."""
    return replace(history, consumption=np.asarray(values, dtype=np.float64))
