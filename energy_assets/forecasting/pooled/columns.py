"""What rows of any series look like to trees that many series share.

Values are departures from the row's seasonal baseline in units of the series' own recent spread, so
that a home and a campus look alike. Nothing at or after a row's origin is read, and nothing more
than `WINDOW_DAYS` before it.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.forecasting.past import Lags, Past, Rows, lags_of, row_mean
from energy_assets.forecasting.pooled.recent import Recent, recent_of
from energy_assets.forecasting.timeline import Floats, Positions, Timeline
from energy_assets.forecasting.weather_columns import warmth_of, weather_for_trees
from energy_assets.forecasting.weather_path import WeatherPath

DAYS: Final[int] = 28
"""Same clock times that a row looks back at. [d]"""

AROUND_HOURS: Final[float] = 1.0
"""Means around a clock time reach this far to both sides. [h]"""

RANKS: Final[dict[str, float]] = {
    "low": 0.1,
    "quartile_1": 0.25,
    "median": 0.5,
    "quartile_3": 0.75,
    "high": 0.9,
}
"""Quantiles of the same clock times, by name."""

Columns = dict[str, Floats]
"""One array per column name, all of one length."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """Rows as trees see them.

    Attributes:
        rows: Which rows.
        baseline: What the same clock times of the days before suggest, in the series' unit.
        spread: What one unit of the learned scale is worth, positive, in the series' unit.
        columns: One row each, float32; NaN where unknown.
        names: Names of the columns, those of the weather last.
    """

    rows: Rows
    baseline: Floats
    spread: Floats
    columns: NDArray[np.float32]
    names: tuple[str, ...]

    def keep(self, which: NDArray[np.bool_] | Positions) -> "Table":
        """Some of the rows."""
        return replace(
            self,
            rows=self.rows.keep(which),
            baseline=self.baseline[which],
            spread=self.spread[which],
            columns=self.columns[which],
        )


def table_of(past: Past, rows: Rows, weather: WeatherPath | None, *, seasons: bool) -> Table:
    """Columns of rows.

    Args:
        past: Values in the series' unit; nothing at or after a row's origin is read.
        rows: Origins and targets.
        weather: Temperatures, for a model that uses them.
        seasons: Whether the pool is long enough for the time of the year.
    """
    origins, where = np.unique(rows.origins, return_inverse=True)
    recent = recent_of(past, origins)
    level, spread = recent.level[where], recent.spread[where]
    lags = lags_of(past, rows)
    baseline = np.where(np.isfinite(lags.baseline), lags.baseline, level)
    named = {
        "baseline": (baseline - level) / spread,
        **_lags(past, rows, lags, baseline, spread),
        **{name: column[where] for name, column in _at_origin(recent).items()},
        **_calendar(past.timeline, rows),
    }
    if seasons:
        turn = 2 * np.pi * past.timeline.year_turn[rows.targets]
        named |= {"year_sine": np.sin(turn), "year_cosine": np.cos(turn)}
    if weather is not None:
        named |= weather_for_trees(weather, rows, warmth_of(past.timeline, weather, rows))
    return Table(
        rows=rows,
        baseline=baseline,
        spread=spread,
        columns=np.array(list(named.values()), dtype=np.float32).T,
        names=tuple(named),
    )


def _lags(past: Past, rows: Rows, lags: Lags, baseline: Floats, spread: Floats) -> Columns:
    """Same clock times of earlier days, their middle and spread, and what lies around them."""
    clock, lead = past.timeline, rows.lead_day
    positions = np.stack([clock.days_before(rows.targets, lead + day) for day in range(DAYS)], 1)
    values = past.known(positions, rows.origins[:, None])
    free = clock.free
    alike = free[np.clip(positions, 0, None)] == free[rows.targets][:, None]
    ordered = np.sort(values, axis=1)
    weeks = np.stack([clock.days_before(rows.targets, rows.week_days + 7 * n) for n in range(4)], 1)
    around = _around(past, positions[:, :7], rows)
    found: Columns = {
        "mean_7": row_mean(values[:, :7]),
        "mean_28": row_mean(values),
        "mean_alike": row_mean(np.where(alike, values, np.nan)),
        "mean_weeks": lags.weekday_mean,
        "around_newest": around[:, 0],
        "around_7": row_mean(around),
        "around_weeks": row_mean(_around(past, weeks, rows)),
    }
    for name, share in RANKS.items():
        found[name] = _ranked(ordered, share)
    found["median_alike"] = _ranked(np.sort(np.where(alike, values, np.nan), axis=1), 0.5)
    nearby = np.sort(_nearby(past, positions, rows), axis=1)
    for name in ("quartile_1", "median", "quartile_3"):
        found[f"{name}_nearby"] = _ranked(nearby, RANKS[name])
    for number in range(7):
        found[f"newest_{number + 1}"] = lags.newest[:, number]
    for number in range(4):
        found[f"week_{number + 1}"] = lags.weeks[:, number]
    return {name: (column - baseline) / spread for name, column in found.items()}


def _around(past: Past, positions: Positions, rows: Rows) -> Floats:
    """Mean of what is known within `AROUND_HOURS` of positions, before each row's origin."""
    reach = max(int(AROUND_HOURS * 60 / past.timeline.interval_minutes), 1)
    reach = reach if past.timeline.steps_per_day >= 24 else 0
    ends = np.clip(positions + reach + 1, 0, np.maximum(rows.origins, 0)[:, None])
    starts = np.clip(positions - reach, 0, ends)
    return past.sums.mean(starts, ends)


def _nearby(past: Past, positions: Positions, rows: Rows) -> Floats:
    """Values at positions and up to `AROUND_HOURS` to both sides of them, half an hour apart."""
    half_hour = max(30 // past.timeline.interval_minutes, 1)
    reach = int(AROUND_HOURS * 60 / past.timeline.interval_minutes)
    shifts = np.arange(-reach, reach + 1, half_hour)
    spread_out = positions[:, :, None] + shifts
    values = past.known(spread_out, rows.origins[:, None, None])
    return values.reshape(len(positions), -1)


def _ranked(ordered: Floats, share: float) -> Floats:
    """Value at a share of the known ones of each row, which sorting put first; NaN without any."""
    count = np.isfinite(ordered).sum(axis=1)
    place = np.maximum((count - 1) * share, 0.0)
    low, part = np.floor(place).astype(np.int64), place % 1.0
    row = np.arange(len(ordered))
    above = np.minimum(low + 1, np.maximum(count - 1, 0))
    return (1 - part) * ordered[row, low] + part * ordered[row, above]


def _at_origin(recent: Recent) -> Columns:
    """Level, trend and volatility at each origin."""
    spread = recent.spread
    columns = {f"departure_{name}": value / spread for name, value in recent.departures.items()}
    columns |= {
        f"mean_of_{name}": (value - recent.level) / spread for name, value in recent.means.items()
    }
    return columns | {
        "level": recent.level / spread,
        "variation": recent.deviation / spread,
        "volatility": recent.volatility / spread,
        "idle_share": recent.idle_share,
    }


def _calendar(clock: Timeline, rows: Rows) -> Columns:
    """Calendar of the target, and how far ahead it is."""
    at, lead = rows.targets, rows.lead_day
    day_before = np.maximum(clock.days_before(at, lead), 0)
    return {
        "hour": clock.slot[at] * clock.interval_minutes / 60.0,
        "day_of_week": clock.weekday[at].astype(np.float64),
        "free": clock.free[at].astype(np.float64),
        "newest_day_free": clock.free[day_before].astype(np.float64),
        "holiday": clock.holiday[at].astype(np.float64),
        "before_holiday": clock.before_holiday[at].astype(np.float64),
        "after_holiday": clock.after_holiday[at].astype(np.float64),
        "bridge_day": clock.bridge[at].astype(np.float64),
        "holiday_a_week_before": clock.was_holiday(at, rows.week_days).astype(np.float64),
        "turn_of_year": clock.turn_of_year[at].astype(np.float64),
        "lead_day": lead.astype(np.float64),
        "hours_ahead": rows.ahead * clock.interval_minutes / 60.0,
    }
