"""Values that a meter does not usually have at that hour of the week."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.calendar import local_minutes

WEEK_MINUTES: Final[int] = 7 * 1440
"""Length of a week. [min]"""

FEWEST_WEEKS: Final[int] = 5
"""With fewer weeks at an hour of the week nothing is said of its values."""

FARTHEST: Final[float] = 15.0
"""How many scales from the usual value any hour may lie."""

BEYOND_HABIT: Final[float] = 2.0
"""How many times farther out than the meter's own rare hours an outlier lies: what homes do once in
a thousand hours is surprising, and no fault."""


SMALLEST_SCALE: Final[float] = 0.02
"""The scale is at least this part of the mean size of the meter's values."""


@dataclass(frozen=True, kw_only=True)
class Outlier:
    """A value far from what is usual at that hour of the week.

    Attributes:
        started_at: Start of the interval, UTC.
        value: What the meter reported, in the unit of its type.
        usual_low: One in ten of the other weeks had less than this.
        usual_high: One in ten of the other weeks had more than this.
        scales: Distance from the median of that hour of the week, in scales; negative below it.
    """

    started_at: pd.Timestamp
    value: float
    usual_low: float
    usual_high: float
    scales: float


def find_outliers(frame: pd.DataFrame, *, recent_days: int = 28) -> Sequence[Outlier]:
    """Values of the last weeks that are unlike the same hour of the meter's other weeks.

    Args:
        frame: A meter's frame.
        recent_days: How far back from its end values are judged; all weeks are compared with.

    Returns:
        Outliers, farthest first. The usual value is the median of that local hour of the week. The
        scale is the largest of 1.4826 times the median absolute deviation there, the mean
        absolute deviation of all hours without the largest percent of them, and 2 % of the mean
        size, so that an hour that is nearly always the same does not make every other value an
        outlier. An outlier is more than 15 scales out, and more than twice as far as the meter
        itself goes in one of 1,000 hours, or in five hours if those are more.
    """
    values = frame["consumption"].to_numpy(np.float64)
    starts = pd.DatetimeIndex(frame.index)
    if not np.isfinite(values).any():
        return []
    minutes = int(frame.attrs["interval_minutes"])
    clock = local_minutes(starts, str(frame.attrs["zone"])) + 3 * 1440  # 1970 began on a Thursday
    week, slot = clock // WEEK_MINUTES, clock % WEEK_MINUTES // minutes
    weeks = np.full((int(week[-1] - week[0]) + 1, WEEK_MINUTES // minutes), np.nan)
    weeks[week - week[0], slot] = values
    usual = _median(weeks)
    away = values - usual[slot]
    least = max(_typical(np.abs(away)), SMALLEST_SCALE * float(np.nanmean(np.abs(values))))
    scale = np.maximum(1.4826 * _median(np.abs(weeks - usual)), least)[slot]
    with np.errstate(divide="ignore", invalid="ignore"):
        scales = np.where(away == 0, 0.0, away / scale)
    enough = (np.isfinite(weeks).sum(axis=0) >= FEWEST_WEEKS)[slot]
    recent = np.asarray(starts > starts[-1] - pd.Timedelta(days=recent_days))
    far = enough & recent & (np.abs(scales) > _farthest(np.abs(scales)))
    found = [
        Outlier(
            started_at=starts[place],
            value=float(values[place]),
            usual_low=float(low),
            usual_high=float(high),
            scales=float(scales[place]),
        )
        for place in np.flatnonzero(far).tolist()
        for low, high in [_usual(weeks[:, slot[place]], without=int(week[place] - week[0]))]
    ]
    return sorted(found, key=lambda outlier: -abs(outlier.scales))


def _farthest(scales: NDArray[np.float64]) -> float:
    """How far out a value of this meter may be."""
    known = np.sort(scales[~np.isnan(scales)])
    rank = max(5, math.ceil(len(known) / 1_000))
    return max(FARTHEST, BEYOND_HABIT * float(known[-rank])) if len(known) >= rank else FARTHEST


def _median(weeks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median of each column over its known values; NaN where there is none."""
    ordered = np.sort(weeks, axis=0)
    known = np.isfinite(weeks).sum(axis=0)
    columns = np.arange(weeks.shape[1])
    lower = ordered[np.maximum(known - 1, 0) // 2, columns]
    return (lower + ordered[np.minimum(known // 2, len(weeks) - 1), columns]) / 2


def _typical(away: NDArray[np.float64]) -> float:
    """Mean of the known distances without the largest percent of them."""
    known = np.sort(away[np.isfinite(away)])
    kept = known[: max(1, int(0.99 * len(known)))]
    return float(kept.mean()) if len(kept) else 0.0


def _usual(column: NDArray[np.float64], *, without: int) -> tuple[float, float]:
    """What four in five of the other weeks had at this hour."""
    others = np.delete(column, without)
    low, high = np.nanquantile(others, [0.1, 0.9])
    return float(low), float(high)
