"""Histories with known patterns, for tests."""

import numpy as np
import pandas as pd

from energy_assets.contracts.readings import LIVE_FEATURES
from energy_assets.forecasting.series import Series


def history(
    energy, *, start="2025-03-01", minutes=60, zone="UTC", customer_ref="900", others=np.nan
) -> Series:
    """A history with that energy per interval; the other features hold one value."""
    energy = np.asarray(energy, dtype=np.float32).astype(np.float64)
    return Series(
        key=customer_ref,
        unit="kWh",
        start_at=pd.Timestamp(start, tz=zone).tz_convert("UTC"),
        interval_minutes=minutes,
        zone=zone,
        values=energy,
        past={name: np.full(len(energy), others, np.float32) for name in LIVE_FEATURES[1:]},
    )


def daily_pattern(days: int, *, seed: int, minutes=60, noise=0.2, **kwargs) -> Series:
    """Evening-heavy use of a made-up home, with weekends and noise."""
    rng = np.random.default_rng(seed)
    steps = days * 24 * 60 // minutes
    hour = np.arange(steps) * minutes / 60 % 24
    day = np.arange(steps) * minutes // 1440
    shape = 0.4 + np.exp(-(((hour - 19) / 2.5) ** 2)) + 0.5 * np.exp(-(((hour - 7) / 1.5) ** 2))
    shape *= 1 + 0.3 * (day % 7 >= 5)
    level = rng.uniform(0.2, 2.0) * (1 + 0.2 * np.sin(day / 9 + rng.uniform(0, 6)))
    energy = level * shape * rng.lognormal(0, noise, steps) * minutes / 60
    return history(energy, minutes=minutes, others=1.0, **kwargs)


def local_days(days: int, *, start: str, zone: str, minutes=60) -> Series:
    """Energy of an interval = the local hour at its start: easy to tell after a clock change."""
    begin = pd.Timestamp(start, tz=zone)
    end = (begin.tz_localize(None) + pd.Timedelta(days=days)).tz_localize(zone)
    starts = pd.date_range(begin, end, freq=f"{minutes}min", inclusive="left")
    local = starts.tz_convert(zone)
    return history(local.hour + local.minute / 60, start=start, minutes=minutes, zone=zone)
