"""What was known at each origin, and the seasonal baseline that follows from it.

Every value of the past is read through `Past.known`, which knows nothing at or after an origin.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.forecasting.timeline import Floats, Positions, Timeline

NEWEST: Final[int] = 7
"""How many of the newest known days a row looks at."""

WEEKS: Final[int] = 4
"""How many of the newest known same weekdays a row looks at."""

LEAD_GROUPS: Final[tuple[tuple[int, int], ...]] = ((1, 1), (2, 5), (6, 14))
"""First and last lead day of each group."""

BLEND_WEIGHTS: Final[tuple[float, float, float]] = (0.35, 0.45, 0.2)
"""Weights of the baseline: same weekdays, the newest days, the newest day."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """Which interval is predicted from where.

    Attributes:
        origins: Position of the first interval of which nothing is known, one per row.
        targets: Position of the interval to predict, at or after the origin.
        steps_per_day: Intervals in a day.
    """

    origins: Positions
    targets: Positions
    steps_per_day: int

    @property
    def ahead(self) -> Positions:
        """Intervals between the origin and the target; 0 for the first one."""
        return self.targets - self.origins

    @property
    def lead_day(self) -> Positions:
        """1 within the first 24 hours, 2 within the second."""
        return self.ahead // self.steps_per_day + 1

    @property
    def week_days(self) -> Positions:
        """Days from the target back to the newest same weekday that may be known."""
        return 7 * (-(-self.lead_day // 7))

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.targets)

    def keep(self, which: NDArray[np.bool_] | Positions | slice) -> "Rows":
        """Some of the rows."""
        return replace(self, origins=self.origins[which], targets=self.targets[which])


def rows_ahead(origins: Positions, steps: int, steps_per_day: int) -> Rows:
    """So many intervals ahead of each origin."""
    ahead = np.arange(steps, dtype=np.int64)
    return Rows(
        origins=np.repeat(origins, steps),
        targets=(origins[:, None] + ahead).reshape(-1),
        steps_per_day=steps_per_day,
    )


class KnownSums:
    """Sums over what is known of some values, from one position to another."""

    def __init__(self, values: Floats) -> None:
        known = np.isfinite(values)
        self._sum = np.concatenate([[0.0], np.where(known, values, 0.0).cumsum()])
        self._count = np.concatenate([[0], known.cumsum()])

    def count(self, starts: Positions, ends: Positions) -> Positions:
        """How many values are known from `starts` on, before `ends`."""
        return self._count[ends] - self._count[starts]

    def mean(self, starts: Positions, ends: Positions) -> Floats:
        """Their mean; NaN where nothing is known."""
        count = self.count(starts, ends)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(count > 0, (self._sum[ends] - self._sum[starts]) / count, np.nan)

    def mean_before(self, ends: Positions, width: int) -> Floats:
        """Mean of the `width` values before `ends`; NaN where nothing is known."""
        return self.mean(np.maximum(ends - width, 0), np.maximum(ends, 0))


@dataclass(frozen=True, kw_only=True, eq=False)
class Past:
    """Consumption on the learned scale, with sums over it.

    Attributes:
        timeline: Its intervals and those to come.
        values: One per interval of the timeline, NaN where missing or to come.
        departures: Value less the mean of the four same weekdays before.
        sums: Sums over the known values.
        typical: Used where nothing recent is known: weekdays, then weekends, one value a slot.
    """

    timeline: Timeline
    values: Floats
    departures: Floats
    sums: KnownSums
    typical: Floats

    def known(self, positions: Positions, origins: Positions) -> Floats:
        """Values at positions, NaN at and after each row's origin and before the history."""
        allowed = (positions >= 0) & (positions < origins)
        return np.where(allowed, self.values[np.where(allowed, positions, 0)], np.nan)

    def mean_before(self, positions: Positions, width: int) -> Floats:
        """Mean of what is known in the `width` intervals before each position, or NaN."""
        return self.sums.mean_before(positions, width)

    def level(self, origins: Positions) -> Floats:
        """Mean of the last known day before each origin, or week, or four weeks, or all of it."""
        level = self.mean_before(origins, self.timeline.steps_per_day)
        for days in (7, 28, len(self.values)):
            unknown = np.isnan(level)
            if not unknown.any():
                break
            wider = self.mean_before(origins[unknown], days * self.timeline.steps_per_day)
            level[unknown] = wider
        return np.where(np.isnan(level), self.typical.mean(), level)

    def missing_share(self, origins: Positions, days: int) -> Floats:
        """Share of the days before each origin that is missing, or lies before the history."""
        steps = days * self.timeline.steps_per_day
        return 1.0 - self.sums.count(np.maximum(origins - steps, 0), origins) / steps

    def usual(self, targets: Positions) -> Floats:
        """What is typical of each target's slot, on weekdays or at the weekend."""
        weekend = (self.timeline.weekday[targets] >= 5).astype(np.int64)
        return self.typical[weekend, self.timeline.slot[targets]]


def past_of(timeline: Timeline, learned: Floats, *, typical: Floats | None = None) -> Past:
    """The past of a history.

    Args:
        timeline: Its timeline.
        learned: Known values on the learned scale, one per interval of the history.
        typical: What is typical of each slot, if that was learned before.
    """
    values = np.full(len(timeline.starts), np.nan)
    values[: len(learned)] = learned
    position = np.arange(len(values), dtype=np.int64)
    weeks = [timeline.days_before(position, 7 * week) for week in range(1, WEEKS + 1)]
    before = np.stack([np.where(at >= 0, values[np.maximum(at, 0)], np.nan) for at in weeks])
    return Past(
        timeline=timeline,
        values=values,
        departures=values - row_mean(before, axis=0),
        sums=KnownSums(values),
        typical=typical_profile(timeline, values) if typical is None else typical,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Lags:
    """Same clock time on earlier days, as known at the origins of rows.

    Attributes:
        newest: The `NEWEST` newest days that may be known, one column each, newest first.
        weeks: The `WEEKS` newest same weekdays.
        weekday_mean: Mean of the same weekdays.
        baseline: The blend of all; what is typical of the slot where none is known.
    """

    newest: Floats
    weeks: Floats
    weekday_mean: Floats
    baseline: Floats


def lags_of(past: Past, rows: Rows) -> Lags:
    """Lags of rows."""
    newest = _same_times(past, rows, rows.lead_day, range(NEWEST))
    weeks = _same_times(past, rows, rows.week_days, range(0, 7 * WEEKS, 7))
    weekday_mean = row_mean(weeks)
    blend = blend_of(weekday_mean, row_mean(newest), newest[:, 0])
    baseline = np.where(np.isfinite(blend), blend, past.usual(rows.targets))
    return Lags(newest=newest, weeks=weeks, weekday_mean=weekday_mean, baseline=baseline)


def newest_days(past: Past, rows: Rows, days: int) -> tuple[Floats, Floats]:
    """Median and mean of the same clock time on the newest days that may be known, or NaN."""
    table = _same_times(past, rows, rows.lead_day, range(days))
    return row_median(table), row_mean(table)


def _same_times(past: Past, rows: Rows, first: Positions, further: range) -> Floats:
    """Same clock time so many days before each target and further, one column each, or NaN."""
    before = past.timeline.days_before
    earlier = [past.known(before(rows.targets, first + day), rows.origins) for day in further]
    return np.stack(earlier, axis=1)


def blend_of(weekday_mean: Floats, newest_mean: Floats, newest: Floats) -> Floats:
    """The seasonal blend; what is unknown gives its weight to the rest. NaN where nothing is known.

    Args:
        weekday_mean: Mean of the same weekdays.
        newest_mean: Mean of the newest days.
        newest: The newest day.
    """
    parts = np.stack([weekday_mean, newest_mean, newest])
    share = np.array(BLEND_WEIGHTS).reshape(3, *[1] * (parts.ndim - 1))
    weights = np.where(np.isfinite(parts), share, 0.0)
    total = weights.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, (weights * np.nan_to_num(parts)).sum(axis=0) / total, np.nan)


def row_mean(values: Floats, axis: int = 1) -> Floats:
    """Mean of what is known along an axis, NaN where nothing is."""
    known = np.isfinite(values)
    count = known.sum(axis=axis)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, values, 0.0).sum(axis=axis) / count
    return np.where(count > 0, mean, np.nan)


def row_median(values: Floats) -> Floats:
    """Median of what is known in each row, NaN where nothing is."""
    ordered, count = np.sort(values, axis=1), np.isfinite(values).sum(axis=1)  # NaN comes last
    row = np.arange(len(values))
    low = ordered[row, np.maximum((count - 1) // 2, 0)]
    high = ordered[row, np.minimum(count // 2, values.shape[1] - 1)]
    return np.where(count > 0, (low + high) / 2, np.nan)


def typical_profile(timeline: Timeline, values: Floats) -> NDArray[np.float64]:
    """Mean of each slot on weekdays and at weekends, of the nearest wider group where unknown."""
    finite = np.isfinite(values)
    slots, weekend = timeline.steps_per_day, (timeline.weekday >= 5).astype(np.int64)
    group = (weekend * slots + timeline.slot)[finite]
    count = np.bincount(group, minlength=2 * slots).astype(np.float64).reshape(2, slots)
    total = np.bincount(group, weights=values[finite], minlength=2 * slots).reshape(2, slots)
    everything = float(values[finite].mean()) if finite.any() else 0.0
    by_slot = np.where(count.sum(0) > 0, total.sum(0) / np.maximum(count.sum(0), 1), everything)
    return np.where(count > 0, total / np.maximum(count, 1), by_slot)


def lead_group(lead_day: Positions) -> Positions:
    """Number of the group of each lead day."""
    return np.searchsorted([last for _, last in LEAD_GROUPS[:-1]], lead_day)
