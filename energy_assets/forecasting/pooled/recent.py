"""How much a series uses at each origin, how much that varies, and where it is going."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from energy_assets.forecasting.past import KnownSums, Past
from energy_assets.forecasting.timeline import Floats, Positions

LEVEL_DAYS: Final[int] = 7
"""The level is the mean of so many days. [d]"""

SPREAD_DAYS: Final[int] = 28
"""The spread is that of so many days. [d]"""

WINDOW_DAYS: Final[int] = 56
"""What is unknown of the newest weeks comes from so many days. [d]"""

DEPARTURE_HOURS: Final[tuple[int, ...]] = (1, 3, 6, 24, 168)
"""Newest hours whose mean departure from the same weekdays before is looked at. [h]"""

MEAN_HOURS: Final[tuple[int, ...]] = (1, 6, 24, 48, 672)
"""Newest hours whose mean is looked at. [h]"""

SMALLEST_SHARE: Final[float] = 0.05
"""The spread is at least this share of what the series usually uses."""

IDLE_SHARE: Final[float] = 0.1
"""An interval below this share of the mean counts as idle."""

SMALLEST: Final[float] = 1e-9
"""A series that is always at zero is scaled as if it used this much, in its unit."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Recent:
    """A series at some origins; one entry each, in the series' unit unless it is a share.

    Attributes:
        level: Mean of the last `LEVEL_DAYS`; of more days where that is unknown, and then 0.
        spread: Half the mean amount plus half the standard deviation of `SPREAD_DAYS`, positive.
        deviation: That standard deviation.
        volatility: Root mean square departure from the same weekdays before, of `SPREAD_DAYS`.
        idle_share: Share of intervals of `SPREAD_DAYS` that use nearly nothing.
        departures: By name, mean departure of the newest hours.
        means: By name, mean of the newest hours.
    """

    level: Floats
    spread: Floats
    deviation: Floats
    volatility: Floats
    idle_share: Floats
    departures: dict[str, Floats]
    means: dict[str, Floats]


def recent_of(past: Past, origins: Positions) -> Recent:
    """What was known of a series at origins."""
    day = past.timeline.steps_per_day
    known, size = np.isfinite(past.values), np.abs(past.values)
    amount = KnownSums(np.where(known, size, np.nan))
    signed, square = past.sums, KnownSums(past.values**2)
    departed = KnownSums(past.departures)
    usual = amount.mean_before(origins, WINDOW_DAYS * day)
    usual = np.where(np.isfinite(usual), usual, 0.0)
    level = signed.mean_before(origins, LEVEL_DAYS * day)
    for days in (SPREAD_DAYS, WINDOW_DAYS):
        level = np.where(np.isfinite(level), level, signed.mean_before(origins, days * day))
    level = np.where(np.isfinite(level), level, 0.0)
    month = SPREAD_DAYS * day
    middle = signed.mean_before(origins, month)
    variance = square.mean_before(origins, month) - middle**2
    deviation = np.sqrt(np.maximum(np.where(np.isfinite(variance), variance, usual**2), 0.0))
    size_now = amount.mean_before(origins, month)
    size_now = np.where(np.isfinite(size_now), size_now, usual)
    spread = np.maximum(0.5 * size_now + 0.5 * deviation, SMALLEST_SHARE * usual)
    return Recent(
        level=level,
        spread=np.where(spread > SMALLEST, spread, np.where(usual > SMALLEST, usual, 1.0)),
        deviation=deviation,
        volatility=np.sqrt(KnownSums(past.departures**2).mean_before(origins, month)),
        idle_share=_idle_share(past, origins, size_now),
        departures=_newest_hours(past, departed, origins, DEPARTURE_HOURS),
        means=_newest_hours(past, signed, origins, MEAN_HOURS),
    )


def _newest_hours(
    past: Past, sums: KnownSums, origins: Positions, hours: tuple[int, ...]
) -> dict[str, Floats]:
    """Means over the newest hours before each origin, by name."""
    steps = {n: max(n * 60 // past.timeline.interval_minutes, 1) for n in hours}
    return {f"{n}h": sums.mean_before(origins, steps[n]) for n in hours}


def _idle_share(past: Past, origins: Positions, size: Floats) -> Floats:
    """Share of same-size looks back, one every few hours over `SPREAD_DAYS`, that are idle."""
    day = past.timeline.steps_per_day
    stride = max(day // 24, 1) * (1 if day < 24 else 5)
    back = origins[:, None] - 1 - np.arange(0, SPREAD_DAYS * day, stride)
    values = past.known(back, origins[:, None])
    known = np.isfinite(values).sum(axis=1)
    idle = (np.abs(values) < IDLE_SHARE * size[:, None]).sum(axis=1)
    return np.where(known > 0, idle / np.maximum(known, 1), np.nan)
