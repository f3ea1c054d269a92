"""The flow of a water meter at night, when a home uses least: one row per night.

What the nights say about a leak is decided in `leak_suspicion`.
"""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.calendar import local_minutes

NIGHT: Final[tuple[int, int]] = (1, 5)
"""The night is 01:00 to 05:00 by the local clock. Minimum night flow (MNF) is looked for in these
hours: Farley and Trow, Losses in Water Distribution Networks, IWA Publishing, 2003."""

NEAR_ZERO_M3_PER_H: Final[float] = 0.0005
"""Half a litre an hour and less counts as no flow. [m3/h]"""

LONGEST_INTERVAL_MINUTES: Final[int] = 120
"""Longer intervals cannot show the flow at night. [min]"""

NIGHT_COLUMNS: Final[tuple[str, ...]] = (
    "minimum_m3_per_h",
    "least_m3_per_h",
    "night_hours",
    "active_night_hours",
    "day_hours",
)
"""Columns of the nights."""


def shows_nights(frame: pd.DataFrame) -> bool:
    """Whether the meter's interval is short enough to see the flow at night."""
    return int(frame.attrs["interval_minutes"]) <= LONGEST_INTERVAL_MINUTES


def hourly_flow(frame: pd.DataFrame) -> pd.Series:
    """Mean flow in m3/h of each hour that is known as a whole, by its start in UTC.

    Shorter intervals are added up, longer ones give each of their hours the same flow.
    """
    minutes = int(frame.attrs["interval_minutes"])
    values = frame["consumption"].astype(np.float64)
    if minutes < 60:
        by_hour = values.groupby(pd.DatetimeIndex(frame.index).floor("h"))
        return by_hour.sum().where(by_hour.count() == 60 // minutes)
    hours = minutes // 60
    if hours == 1:
        return values
    starts = pd.DatetimeIndex(np.repeat(frame.index, hours)) + pd.to_timedelta(
        np.tile(np.arange(hours), len(frame)), unit="h"
    )
    return pd.Series(np.repeat(values.to_numpy() / hours, hours), index=starts)


def night_flows(frame: pd.DataFrame) -> pd.DataFrame:
    """The flow of every night of a water meter.

    Args:
        frame: A water meter's frame.

    Returns:
        One row per local date, without holes; no row if the interval is too long. Columns:
        `minimum_m3_per_h`: smallest hourly flow of the night, the minimum night flow, NaN where
        fewer than three of its hours are known;
        `least_m3_per_h`: smallest hourly flow of the whole local day, NaN where none is known;
        `night_hours`, `day_hours`: how many hours of the night and of the day are known;
        `active_night_hours`: in how many of the night's there was a flow.
    """
    if frame.empty or not shows_nights(frame):
        return pd.DataFrame(columns=list(NIGHT_COLUMNS), index=pd.DatetimeIndex([]), dtype=float)
    dates, flow = hours_by_day(hourly_flow(frame), zone=str(frame.attrs["zone"]))
    night = flow[:, NIGHT[0] : NIGHT[1]]
    known = np.isfinite(night).sum(axis=1)
    return pd.DataFrame(
        {
            "minimum_m3_per_h": np.where(known >= 3, _smallest(night), np.nan),
            "least_m3_per_h": _smallest(flow),
            "night_hours": known,
            "active_night_hours": (night > NEAR_ZERO_M3_PER_H).sum(axis=1),
            "day_hours": np.isfinite(flow).sum(axis=1),
        },
        index=dates,
    )


def hours_by_day(flow: pd.Series, *, zone: str) -> tuple[pd.DatetimeIndex, NDArray[np.float64]]:
    """Flow by local date and hour of the local clock.

    Args:
        flow: By hour, UTC. [m3/h]
        zone: Zone of the clock.

    Returns:
        Local dates without holes, and one row of 24 hours each; NaN where unknown. An hour that
        the clock skips is unknown, of one that it repeats the second counts.
    """
    clock = local_minutes(pd.DatetimeIndex(flow.index), zone)
    day, hour = clock // 1440, clock % 1440 // 60
    table = np.full((int(day.max() - day.min()) + 1, 24), np.nan)
    table[day - day.min(), hour] = flow.to_numpy(np.float64)
    first = pd.Timestamp(int(day.min()), unit="D")
    return pd.date_range(first, periods=len(table), freq="D", name="night"), table


def _smallest(flow: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smallest known value of each row; NaN where none is known."""
    return np.fmin.reduce(flow, axis=1)
