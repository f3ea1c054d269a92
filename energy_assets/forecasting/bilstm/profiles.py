"""Seasonal profiles of a history: what the same clock time used on the days before.

A profile of an interval uses earlier days only, so it is known 24 hours ahead. Nothing here learns.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.calendar import day_lags
from energy_assets.forecasting.past import blend_of, row_mean, row_median
from energy_assets.forecasting.series import Series

PROFILES: Final[tuple[str, ...]] = (
    "blend",
    "yesterday",
    "last_week",
    "four_weeks",
    "mean_7",
    "mean_28",
    "median_7",
    "median_28",
    "spread_28",
)
"""Profile columns. `blend` is .35 same weekday + .45 last 7 days + .2 yesterday. [kWh]"""

DAYS: Final[int] = 28
"""How many days a profile looks back."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Profiles:
    """Profiles of every interval of a history and of the 24 hours after it.

    Attributes:
        values: One row per interval, columns `PROFILES`, float32; NaN where nothing is known.
        late: Where yesterday's clock time lies less than 24 hours back (spring clock change), the
            row of `late_values` that does without it; -1 elsewhere.
        yesterday: Position of yesterday's clock time.
        late_values: Those replacement rows, columns `PROFILES`.
    """

    values: NDArray[np.float32]
    late: NDArray[np.int64]
    yesterday: NDArray[np.int64]
    late_values: NDArray[np.float32]

    def column(self, name: str) -> NDArray[np.float32]:
        """One profile over the whole history and the 24 hours after it."""
        return self.values[:, PROFILES.index(name)]

    def known_at(self, origins: NDArray[np.int64], *, steps: int) -> NDArray[np.float32]:
        """Profiles of the intervals after each origin, from what was known there.

        Returns:
            One block per origin: `steps` rows, columns `PROFILES`.
        """
        ahead = origins[:, None] + np.arange(steps)
        block = self.values[ahead]
        unknown = self.yesterday[ahead] >= origins[:, None]
        if unknown.any():
            block[unknown] = self.late_values[self.late[ahead][unknown]]
        return block


def profiles_of(history: Series) -> Profiles:
    """Profiles of a history and of the 24 hours after its end."""
    ahead = history.steps_per_day
    starts = pd.date_range(history.start_at, periods=len(history) + ahead, freq=history.interval)
    lags = day_lags(
        starts,
        zone=history.zone,
        interval_minutes=history.interval_minutes,
        days=DAYS + 1,
    )
    energy = np.concatenate([history.values.astype(np.float64), np.full(ahead + 1, np.nan)])
    lags = np.where(lags < 0, len(energy) - 1, lags)
    position = np.arange(len(starts))
    is_late = (lags[:, 0] > position - history.steps_per_day) & (lags[:, 0] < len(starts))
    late = np.full(len(starts), -1, dtype=np.int64)
    late[is_late] = np.arange(int(is_late.sum()))
    past = energy[lags]
    return Profiles(
        values=_profile_rows(past[:, :DAYS]),
        late=late,
        yesterday=np.where(is_late, lags[:, 0], -1),
        late_values=_profile_rows(_without_yesterday(past[is_late])),
    )


def _without_yesterday(past: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same days with the day before yesterday standing in for yesterday."""
    if not len(past):
        return past[:, :DAYS]
    known = past[:, :DAYS].copy()
    known[:, 0] = past[:, 1]
    return known


def _profile_rows(past: NDArray[np.float64]) -> NDArray[np.float32]:
    """Profile columns from the values of 1 to `DAYS` days before."""
    columns: dict[str, NDArray[np.float64]] = {
        "yesterday": past[:, 0],
        "last_week": past[:, 6],
        "four_weeks": row_mean(past[:, 6::7]),
        "mean_7": row_mean(past[:, :7]),
        "mean_28": row_mean(past),
        "median_7": row_median(past[:, :7]),
        "median_28": row_median(past),
        "spread_28": _spread(past),
    }
    blend = blend_of(columns["four_weeks"], columns["mean_7"], columns["yesterday"])
    columns["blend"] = np.where(np.isfinite(blend), blend, columns["mean_28"])
    return np.stack([columns[name] for name in PROFILES], axis=1).astype(np.float32)


def _spread(past: NDArray[np.float64]) -> NDArray[np.float64]:
    """Row standard deviations; NaN where fewer than two values are known."""
    known = np.isfinite(past)
    count = known.sum(axis=1)
    centred = np.where(known, past - row_mean(past)[:, None], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > 1, np.sqrt((centred**2).sum(axis=1) / count), np.nan)


@dataclass(frozen=True, kw_only=True, eq=False)
class RecentUse:
    """How much a customer uses and how much that varies, as known at each position.

    Attributes:
        level: Mean energy of the last 7 days; of everything where that is unknown. [kWh]
        spread: Half the mean plus half the standard deviation of the last 28 days, positive. [kWh]
    """

    level: NDArray[np.float64]
    spread: NDArray[np.float64]


SMALLEST_SPREAD_KWH: Final[float] = 1e-3
"""A customer that uses nothing is scaled as if it used this much."""


def recent_use(history: Series) -> RecentUse:
    """Level and spread before each position, the end included; only earlier intervals count."""
    energy = history.values.astype(np.float64)
    known = np.isfinite(energy)
    value = np.where(known, energy, 0.0)
    day = history.steps_per_day
    count = {days: _window_sum(known.astype(np.float64), days * day) for days in (7, DAYS)}
    total = {days: _window_sum(value, days * day) for days in (7, DAYS)}
    square = _window_sum(value**2, DAYS * day)
    ever = np.concatenate([[0.0], value.cumsum()])
    ever /= np.maximum(np.concatenate([[0.0], known.cumsum()]), 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        level = np.where(count[7] > 0, total[7] / count[7], ever)
        mean = np.where(count[DAYS] > 0, total[DAYS] / count[DAYS], ever)
        variance = np.where(count[DAYS] > 0, square / count[DAYS] - mean**2, 0.0)
    spread = 0.5 * mean + 0.5 * np.sqrt(np.maximum(variance, 0.0))
    floor = np.maximum(0.05 * ever, SMALLEST_SPREAD_KWH)
    return RecentUse(level=level, spread=np.maximum(spread, floor))


def _window_sum(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Sum of the `width` values before each position, the end included."""
    running = np.concatenate([[0.0], values.cumsum()])
    shifted = np.concatenate([np.zeros(min(width, len(running))), running])[: len(running)]
    return running - shifted
