"""Changes of a meter's weekly level that no household makes: a unit, a factor, another meter."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.calendar import local_minutes, utc_of

LARGEST_FACTOR: Final[float] = 8.0
"""A level may rise to this many times the highest before, or fall to that part of the lowest."""

CONFUSIONS: Final[dict[float, str]] = {
    10.0: "a pulse constant",
    60.0: "minutes and hours",
    100.0: "a pulse constant",
    1_000.0: "a unit",
}
"""What a jump by about this factor is often due to."""


@dataclass(frozen=True, kw_only=True)
class LevelJump:
    """A weekly level beyond anything before it.

    Attributes:
        week_at: Start of the first day of that local week that has values, UTC.
        before: Median level of up to four weeks with use before. [unit per day]
        after: Median level of this week and up to three after it. [unit per day]
        confusion: What such a factor is often due to; empty if it is no usual one.
    """

    week_at: pd.Timestamp
    before: float
    after: float
    confusion: str

    @property
    def rose(self) -> bool:
        """Whether the level is higher than before."""
        return self.after > self.before


def first_level_jump(frame: pd.DataFrame, *, recent_days: int = 92) -> LevelJump | None:
    """The first jump of the meter's level in the last weeks, if there is one.

    The level of a local week is the median of its days, so that single wild values do not move it;
    what is exported counts like what is used. An empty house is no fault: weeks without use are
    left out, and so are changes in which the share of intervals with use more than doubles or
    halves. A wrong unit leaves that share alone.

    Args:
        frame: A meter's frame.
        recent_days: How far back from its end a jump is told.

    Returns:
        The first week of a level of more than 8 times the highest of at least two weeks before, or
        less than an eighth of the lowest, that also holds in the week after, if there is one.
    """
    day, used, active = _daily_use(frame)
    if not len(day):
        return None
    week = (day + 3) // 7  # 1970-01-01 was a Thursday
    levels, shares = (_weekly_median(day, of_day) for of_day in (used, active))
    at = np.flatnonzero(levels > 0)
    level, share = levels[at], shares[at]
    if len(level) < 3:
        return None
    before_high = np.append(np.inf, np.maximum.accumulate(level)[:-1])
    before_low = np.append(0.0, np.minimum.accumulate(level)[:-1])
    next_level = np.append(level[1:], level[-1])
    rises = np.minimum(level, next_level) > LARGEST_FACTOR * before_high
    falls = np.maximum(level, next_level) < before_low / LARGEST_FACTOR
    same_use = np.abs(np.log2(share / np.append(share[0], share[:-1]))) <= 1
    recent = (at + week[0]) * 7 > day[-1] - recent_days
    jumps = np.flatnonzero((rises | falls) & same_use & recent & (np.arange(len(level)) >= 2))
    for place in jumps.tolist():
        before = float(np.median(level[max(0, place - 4) : place]))
        after = float(np.median(level[place : place + 4]))
        if max(after / before, before / after) > LARGEST_FACTOR:
            first_day = int(day[week == at[place] + week[0]][0])
            return LevelJump(
                week_at=_midnight(first_day, zone=str(frame.attrs["zone"])),
                before=before,
                after=after,
                confusion=_confusion(after / before),
            )
    return None


def _midnight(day: int, *, zone: str) -> pd.Timestamp:
    """Start of a local day since 1970, UTC."""
    return utc_of(pd.Timestamp(day, unit="D"), zone)


def _daily_use(
    frame: pd.DataFrame,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Local days since 1970 of which at least 20 hours are known, their use, and its share."""
    values = frame["consumption"].to_numpy(np.float64)
    minutes = int(frame.attrs["interval_minutes"])
    days = local_minutes(pd.DatetimeIndex(frame.index), str(frame.attrs["zone"])) // 1440
    known = np.isfinite(values)
    if not known.any():
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
    since = days[known] - days[0]
    count = np.bincount(since).astype(np.float64)
    full = np.flatnonzero(count * minutes >= 20 * 60)
    count = count[full]
    size = np.abs(values[known])
    in_use = (size > 0).astype(np.float64)
    used, active = (
        np.asarray(np.bincount(since, weights=of_interval)[full], dtype=np.float64)
        for of_interval in (size, in_use)
    )
    return full + days[0], used * np.maximum(1440 / minutes / count, 1.0), active / count


def _weekly_median(day: NDArray[np.int64], of_day: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median of each week's known days; NaN where fewer than three are known."""
    week = (day + 3) // 7
    table = np.full((int(week[-1] - week[0]) + 1, 7), np.nan)
    table[week - week[0], (day + 3) % 7] = of_day
    ordered = np.sort(table, axis=1)
    known = np.isfinite(table).sum(axis=1)
    rows = np.arange(len(table))
    lower, upper = ordered[rows, np.maximum(known - 1, 0) // 2], ordered[rows, known // 2]
    return np.where(known >= 3, (lower + upper) / 2, np.nan)


def _confusion(factor: float) -> str:
    """What a jump by this factor is often due to."""
    size = max(factor, 1 / factor)
    nearest = min(CONFUSIONS, key=lambda usual: abs(np.log(size / usual)))
    return CONFUSIONS[nearest] if nearest / 1.35 < size < nearest * 1.35 else ""
