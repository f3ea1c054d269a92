"""The clock around a meter: the local calendar of each interval, past and to come.

Nothing here knows consumption or weather.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.calendar import grid_starts, is_holiday, local_minutes, offset_minutes
from energy_assets.forecasting.series import LEAD_DAYS, Series

EPOCH_ORDINAL: Final[int] = 719_163
"""The proleptic ordinal of 1970-01-01."""

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Timeline:
    """Intervals of a history and of the `LEAD_DAYS` days after it; one entry per interval.

    Attributes:
        starts: Start of each interval, UTC.
        known: How many of them belong to the history.
        interval_minutes: Length of an interval. [min]
        offset: How far the clock is ahead of UTC. [min]
        slot: Which interval of the local day it is, from 0.
        day: Local day, as days since 1970-01-01.
        weekday: 0 for Monday.
        month: 1 to 12.
        month_day: 1 to 31.
        year_turn: Day of the year as a share of a turn, in 0 to 1.
        holiday: Whether the local day is a public holiday.
        before_holiday: Whether the next day is one.
        after_holiday: Whether the day before was one.
        bridge: Whether it is a working day between two free ones.
    """

    starts: pd.DatetimeIndex
    known: int
    interval_minutes: int
    offset: Positions
    slot: Positions
    day: Positions
    weekday: Positions
    month: Positions
    month_day: Positions
    year_turn: Floats
    holiday: NDArray[np.bool_]
    before_holiday: NDArray[np.bool_]
    after_holiday: NDArray[np.bool_]
    bridge: NDArray[np.bool_]

    @property
    def steps_per_day(self) -> int:
        """Intervals in a day, clock changes aside."""
        return 1440 // self.interval_minutes

    @property
    def free(self) -> NDArray[np.bool_]:
        """Weekends and public holidays."""
        return (self.weekday >= 5) | self.holiday

    @property
    def turn_of_year(self) -> NDArray[np.bool_]:
        """From 23 December to 2 January."""
        december = (self.month == 12) & (self.month_day >= 23)
        return december | ((self.month == 1) & (self.month_day <= 2))

    def was_holiday(self, positions: Positions, days: Positions | int) -> NDArray[np.bool_]:
        """Whether it was a holiday some days before: values of then are no usual ones."""
        return self.holiday[np.maximum(self.days_before(positions, days), 0)]

    def days_before(self, positions: Positions, days: Positions | int) -> Positions:
        """Where the clock showed the same time some days earlier; negative before the timeline.

        Where intervals are longer than the clock's jump no interval has the same time: the one
        that is whole days earlier stands for it.
        """
        plain = positions - np.asarray(days, dtype=np.int64) * self.steps_per_day
        if self.interval_minutes == 1440 or int(self.offset.min()) == int(self.offset.max()):
            return plain
        last = len(self.offset) - 1
        jump = self.offset[np.minimum(positions, last)] - self.offset[np.clip(plain, 0, last)]
        return plain + np.where(jump % self.interval_minutes == 0, jump // self.interval_minutes, 0)


def timeline_of(history: Series) -> Timeline:
    """The timeline of a history; histories on the same grid share one."""
    return _timeline(
        history.start_at,
        len(history),
        history.interval_minutes,
        history.zone,
        history.country,
    )


@lru_cache(maxsize=8)
def _timeline(
    first: pd.Timestamp, known: int, interval_minutes: int, zone: str, country: str | None
) -> Timeline:
    steps = known + LEAD_DAYS * (1440 // interval_minutes)
    starts = grid_starts(first, steps, interval_minutes=interval_minutes, zone=zone)
    minutes = local_minutes(starts, zone)
    day = minutes // 1440
    local = np.asarray(day, dtype="datetime64[D]")
    month = local.astype("datetime64[M]")
    year = local.astype("datetime64[Y]")
    year_days = ((year + 1).astype("datetime64[D]") - year.astype("datetime64[D]")).astype(np.int64)
    weekday = (day + 3) % 7  # 1970-01-01 was a Thursday
    free = _free_days(int(day.min()) - 1, int(day.max()) + 1, zone, country)
    at = day - (int(day.min()) - 1)
    off = free | ((np.arange(len(free)) + int(day.min()) - 1 + 3) % 7 >= 5)
    return Timeline(
        starts=starts,
        known=known,
        interval_minutes=interval_minutes,
        offset=offset_minutes(starts, zone),
        slot=minutes % 1440 // interval_minutes,
        day=day,
        weekday=weekday,
        month=month.astype(np.int64) % 12 + 1,
        month_day=(local - month.astype("datetime64[D]")).astype(np.int64) + 1,
        year_turn=(local - year.astype("datetime64[D]")).astype(np.int64) / year_days,
        holiday=free[at],
        before_holiday=free[at + 1],
        after_holiday=free[at - 1],
        bridge=~off[at] & off[at - 1] & off[at + 1],
    )


@lru_cache(maxsize=32)
def _free_days(first: int, last: int, zone: str, country: str | None) -> NDArray[np.bool_]:
    """Public holidays from one day to another, both included; none without a country."""
    if country is None:
        return np.zeros(last - first + 1, dtype=np.bool_)
    days = (date.fromordinal(EPOCH_ORDINAL + number) for number in range(first, last + 1))
    return np.array([is_holiday(day, zone, country) for day in days])
