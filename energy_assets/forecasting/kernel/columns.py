"""What a day looks like to the kernel: groups of columns, known at its origin.

Values are on the learned scale. Row d stands for the origin at the start of day d; day d itself is
never looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from energy_assets.forecasting.kernel.day_grid import DayGrid, shift_days
from energy_assets.forecasting.past import NEWEST, WEEKS, Rows, blend_of, row_mean
from energy_assets.forecasting.series import LEAD_DAYS
from energy_assets.forecasting.timeline import Floats, Positions, Timeline
from energy_assets.forecasting.weather_columns import COLD_C, COMFORT_C
from energy_assets.forecasting.weather_path import WeatherPath

DAY_MEANS: Final[tuple[int, ...]] = (2, 3, 4, 5, 6, 7, 8, 14)
"""Days before the origin whose means are looked at."""

HARMONICS: Final[int] = 4
"""Waves of the year."""

HOURS: Final[int] = 24
"""Hours of a day."""

Groups = dict[str, Floats]
"""Columns by the name of their group, one row per day."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DayView:
    """A series on its days.

    Attributes:
        grid: Its days.
        values: One row per day on the learned scale, NaN where unknown or to come.
        origin: Groups that depend on the origin only.
        covariates: Groups of known-past covariates by name.
    """

    grid: DayGrid
    values: Floats
    origin: Groups
    covariates: Groups


def day_view(grid: DayGrid, values: Floats, covariates: Mapping[str, Floats]) -> DayView:
    """A series on its days.

    Args:
        grid: Its days.
        values: Learned values of the timeline, NaN where unknown or to come.
        covariates: Known-past covariates by name, one value per interval of the timeline.
    """
    table = grid.table(values)
    return DayView(
        grid=grid,
        values=table,
        origin=_origin_groups(table),
        covariates={
            name: _hourly(shift_days(_departures(grid.table(given)), 1))
            for name, given in covariates.items()
        },
    )


def baseline(table: Floats, *, lead: int) -> Floats:
    """Seasonal baseline of the day `lead` days ahead, 1 being the day that begins at the origin.

    The blend of the boosted family: same weekdays, newest days, newest day.
    """
    week = 7 * (-(-lead // 7))
    newest = np.stack([_ago(table, lead, lead + n) for n in range(NEWEST)])
    weeks = np.stack([_ago(table, lead, week + 7 * n) for n in range(WEEKS)])
    return blend_of(row_mean(weeks, axis=0), row_mean(newest, axis=0), newest[0])


def target_groups(view: DayView, timeline: Timeline, base: Floats, *, lead: int) -> Groups:
    """Groups that depend on the day to predict."""
    target = np.minimum(np.arange(len(view.grid)) + lead - 1, len(view.grid) - 1)
    return {
        "baseline": _hourly(base) - view.origin["level"],
        "calendar": _calendar(view.grid, timeline, target, lead=lead),
        "year": _year(view.grid, timeline, target),
    }


def weather_groups(grid: DayGrid, path: WeatherPath, *, lead: int) -> tuple[Groups, Floats]:
    """Temperature of the day to predict and of the day before it, as known at each origin.

    Returns:
        The groups, NaN where unknown; and the share of that day's temperatures that is known.
    """
    wanted = np.full((len(grid), grid.steps), np.nan)
    before = wanted.copy()
    day = np.arange(1, len(grid) - lead + 1, dtype=np.int64)
    day = day[grid.position[day, 0] >= 0]
    target = _within_reach(grid.rows(day, lead - 1))
    for table, ahead in ((wanted, lead - 1), (before, lead - 2)):
        at = grid.position[day + ahead]
        known = path.at(at.reshape(-1), target).reshape(at.shape)
        table[day] = np.where(at >= 0, known, np.nan)
    groups = {
        "temperature": _bent(_hourly(wanted)),
        "temperature_day_before": _bent(_hourly(before)),
    }
    return groups, np.isfinite(wanted).mean(axis=1)


def _within_reach(rows: Rows) -> Rows:
    """Rows whose target counts as the last within reach where a longer day puts it beyond."""
    last = rows.origins + LEAD_DAYS * rows.steps_per_day - 1
    return replace(rows, targets=np.clip(rows.targets, rows.origins, last))


def _hourly(table: Floats) -> Floats:
    """Means of the hours of days of shorter intervals: days are as alike by these, at less cost."""
    shorter = table.shape[1] // HOURS
    return table if shorter < 2 else row_mean(table.reshape(len(table), HOURS, shorter), axis=2)


def _ago(table: Floats, lead: int, days: int) -> Floats:
    """Row d: the day `days` before the one that is `lead` days ahead of d's origin."""
    return shift_days(table, days - lead + 1)


def _departures(table: Floats) -> Floats:
    """Values less the mean of the four same weekdays before."""
    return table - row_mean(
        np.stack([shift_days(table, 7 * n) for n in range(1, WEEKS + 1)]), axis=0
    )


def _origin_groups(table: Floats) -> Groups:
    newest = shift_days(table, 1)
    level = row_mean(newest)[:, None]
    for days in (2, 3, 7):
        level = np.where(np.isfinite(level), level, row_mean(shift_days(table, days))[:, None])
    means = row_mean(table)[:, None]
    return {
        "level": level,
        "newest_day": _hourly(newest) - level,
        "newest_departures": _hourly(shift_days(_departures(table), 1)),
        "second_day": _hourly(shift_days(table, 2)) - level,
        "day_means": np.concatenate([shift_days(means, n) - level for n in DAY_MEANS], axis=1),
    }


def _calendar(grid: DayGrid, timeline: Timeline, target: Positions, *, lead: int) -> Floats:
    """Weekday and holidays of the day to predict; of both local days where it spans two."""
    ends = (0,) if grid.slot == 0 else (0, -1)
    return np.concatenate([_local_day(grid, timeline, target, end, lead) for end in ends], axis=1)


def _local_day(
    grid: DayGrid, timeline: Timeline, target: Positions, column: int, lead: int
) -> Floats:
    at = np.maximum(grid.position[target, column], 0)
    weekday, work = timeline.weekday[at], timeline.weekday[at] < 5
    columns = [weekday == number for number in range(6)]
    columns += [
        timeline.holiday[at] & work,
        timeline.holiday[at] & ~work,
        timeline.before_holiday[at],
        timeline.after_holiday[at],
        timeline.bridge[at],
        timeline.was_holiday(at, 7 * (-(-lead // 7))) & work,
        timeline.turn_of_year[at],
    ]
    return np.stack(columns, axis=1).astype(np.float64)


def _year(grid: DayGrid, timeline: Timeline, target: Positions) -> Floats:
    turn = 2 * np.pi * timeline.year_turn[np.maximum(grid.position[target, 0], 0)]
    waves = [wave(n * turn) for n in range(1, HARMONICS + 1) for wave in (np.sin, np.cos)]
    return np.stack(waves, axis=1)


def _bent(temperature: Floats) -> Floats:
    """Temperatures and their degrees of heating below `COLD_C` and cooling above `COMFORT_C`."""
    cold, hot = np.maximum(COLD_C - temperature, 0.0), np.maximum(temperature - COMFORT_C, 0.0)
    return np.concatenate([temperature, hot, cold], axis=1)
