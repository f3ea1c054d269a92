"""What rows look like to a model: columns for the linear part and columns for the trees.

Consumption is on the learned scale and, but for levels, given as its departure from the level.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.forecasting.past import NEWEST, WEEKS, Lags, Past, Rows, lags_of, row_mean
from energy_assets.forecasting.timeline import Floats
from energy_assets.forecasting.weather_columns import (
    warmth_of,
    weather_for_linear,
    weather_for_trees,
)
from energy_assets.forecasting.weather_path import WeatherPath

DAY_MEANS: Final[tuple[int, ...]] = (2, 3, 4, 5, 6, 7, 8, 14)
"""Days before the origin whose means are looked at."""

TREE_STEPS: Final[tuple[int, ...]] = (0, 1, 2, 5, 11, 17, 23)
"""How many steps of the newest day's shape back the trees look at departures."""

SHAPE_STEPS: Final[int] = 24
"""Steps of the newest day's shape, at most: shorter intervals are seen as their hourly means."""

HOUR_POWERS: Final[int] = 3
"""Powers of the place within the hour, for shorter intervals; four quarters differ in them."""

Columns = dict[str, Floats]
"""One array per column name, all of one length."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """Rows as both parts of a model see them.

    Attributes:
        rows: Which rows.
        baseline: The seasonal baseline, on the learned scale.
        warm: Which rows know the temperature of their target.
        linear: Columns of the linear part, those of the weather last; NaN where unknown.
        linear_names: Their names.
        linear_weather: How many of them are of the weather.
        trees: Columns of the trees, those of the weather last; NaN where unknown.
        tree_names: Their names.
        tree_weather: How many of them are of the weather.
    """

    rows: Rows
    baseline: Floats
    warm: NDArray[np.bool_]
    linear: NDArray[np.float32]
    linear_names: tuple[str, ...]
    linear_weather: int
    trees: NDArray[np.float32]
    tree_names: tuple[str, ...]
    tree_weather: int

    def without_weather(self) -> "Design":
        """The same rows for a model that knows no temperature."""
        linear = len(self.linear_names) - self.linear_weather
        trees = len(self.tree_names) - self.tree_weather
        return replace(
            self,
            warm=np.zeros_like(self.warm),
            linear=self.linear[:, :linear],
            linear_names=self.linear_names[:linear],
            linear_weather=0,
            trees=self.trees[:, :trees],
            tree_names=self.tree_names[:trees],
            tree_weather=0,
        )

    def keep(self, which: NDArray[np.bool_]) -> "Design":
        """Some of the rows."""
        if which.all():
            return self
        return replace(
            self,
            rows=self.rows.keep(which),
            baseline=self.baseline[which],
            warm=self.warm[which],
            linear=self.linear[which],
            trees=self.trees[which],
        )


def design(past: Past, rows: Rows, weather: WeatherPath | None, *, seasons: bool) -> Design:
    """Columns of rows.

    Args:
        past: What is known; nothing at or after a row's origin is read.
        rows: Origins and targets.
        weather: Temperatures, for a model that uses them.
        seasons: Whether the history is long enough for the year's harmonics.
    """
    lags = lags_of(past, rows)
    origins, where = np.unique(rows.origins, return_inverse=True)
    level = past.level(origins)
    shapes = _shapes(past, origins, level)
    steps = shapes.shape[1] // 2
    calendar = _calendar(past, rows)
    at_origin = _origin_columns(past, origins, level)
    recent = {name: column[where] for name, column in at_origin.items()}
    own = _lag_columns(lags, level[where])
    linear = recent | own | _linear_calendar(past, rows, calendar, recent, seasons=seasons)
    trees = calendar | _season(past, rows) | recent | own
    trees |= {
        f"departure_{step + 1}_back": shapes[where, steps + step].astype(np.float64)
        for step in TREE_STEPS
        if step < steps
    }
    names = [f"shape_{n + 1}_back" for n in range(steps)]
    names += [f"departure_{n + 1}_back" for n in range(steps)]
    tables, tree_tables = [_stacked(linear), shapes.T[:, where]], [_stacked(trees)]
    linear_names, tree_names = [*linear, *names], [*trees]
    warm = np.zeros(len(rows), dtype=np.bool_)
    if weather is not None:
        warmth = warmth_of(past.timeline, weather, rows)
        warm = np.isfinite(warmth.now)
        of_linear = weather_for_linear(past.timeline, rows, warmth, seasons=seasons)
        of_trees = weather_for_trees(weather, rows, warmth)
        tables.append(_stacked(of_linear))
        tree_tables.append(_stacked(of_trees))
        linear_names += of_linear
        tree_names += of_trees
    return Design(
        rows=rows,
        baseline=lags.baseline,
        warm=warm,
        linear=np.concatenate(tables).T,
        linear_names=tuple(linear_names),
        linear_weather=len(tables[2]) if weather is not None else 0,
        trees=np.concatenate(tree_tables).T,
        tree_names=tuple(tree_names),
        tree_weather=len(tree_tables[1]) if weather is not None else 0,
    )


def _stacked(columns: Columns) -> NDArray[np.float32]:
    return np.array(list(columns.values()), dtype=np.float32)


def _origin_columns(past: Past, origins: NDArray[np.int64], level: Floats) -> Columns:
    """Level and trend at each origin."""
    day = past.timeline.steps_per_day
    week = past.mean_before(origins, 7 * day)
    columns: Columns = {
        "consumption_rolling_mean_24h": level,
        "week_mean": week - level,
        "week_trend": week - past.mean_before(origins - 7 * day, 7 * day),
    }
    for number in DAY_MEANS:
        mean = past.mean_before(origins - (number - 1) * day, day)
        columns[f"day_mean_{number}"] = mean - level
    if day > SHAPE_STEPS:
        newest = past.known(origins - 1, origins)
        columns["newest_interval"] = newest - level
        departed = np.where(origins > 0, past.departures[np.maximum(origins - 1, 0)], np.nan)
        columns["newest_departure"] = departed
    return columns


def _shapes(past: Past, origins: NDArray[np.int64], level: Floats) -> NDArray[np.float32]:
    """The newest day before each origin: values less level, then departures from same weekdays.

    Intervals, or hours of shorter ones, newest first.
    """
    day = past.timeline.steps_per_day
    back = origins[:, None] - 1 - np.arange(day)
    inside = np.maximum(back, 0)
    values = np.where(back >= 0, past.values[inside] - level[:, None], np.nan)
    departures = np.where(back >= 0, past.departures[inside], np.nan)
    if day > SHAPE_STEPS:
        hours = (len(origins), SHAPE_STEPS, day // SHAPE_STEPS)
        values = row_mean(values.reshape(hours), axis=2)
        departures = row_mean(departures.reshape(hours), axis=2)
    return np.concatenate([values, departures], axis=1).astype(np.float32)


def _lag_columns(lags: Lags, level: Floats) -> Columns:
    columns: Columns = {"baseline": lags.baseline - level}
    columns["same_weekday_mean"] = lags.weekday_mean - level
    for number in range(NEWEST):
        columns[f"consumption_newest_{number + 1}"] = lags.newest[:, number] - level
    for number in range(WEEKS):
        columns[f"consumption_week_{number + 1}"] = lags.weeks[:, number] - level
    return columns


def _calendar(past: Past, rows: Rows) -> Columns:
    clock, at = past.timeline, rows.targets
    return {
        "hour": clock.slot[at].astype(np.float64) * clock.interval_minutes / 60.0,
        "day": clock.month_day[at].astype(np.float64),
        "month": clock.month[at].astype(np.float64),
        "day_of_week": clock.weekday[at].astype(np.float64),
        "is_weekend": (clock.weekday[at] >= 5).astype(np.float64),
        "holiday": clock.holiday[at].astype(np.float64),
        "before_holiday": clock.before_holiday[at].astype(np.float64),
        "after_holiday": clock.after_holiday[at].astype(np.float64),
        "bridge_day": clock.bridge[at].astype(np.float64),
        "holiday_a_week_before": clock.was_holiday(at, rows.week_days).astype(np.float64),
        "lead_day": rows.lead_day.astype(np.float64),
        "intervals_ahead": rows.ahead.astype(np.float64),
    }


def _season(past: Past, rows: Rows) -> Columns:
    turn = 2 * np.pi * past.timeline.year_turn[rows.targets]
    return {"year_sine": np.sin(turn), "year_cosine": np.cos(turn)}


def _within_hour(past: Past, rows: Rows) -> Columns:
    """Powers of the place within the hour, -1 to 1, for intervals that share its weights."""
    clock = past.timeline
    parts = 60 // clock.interval_minutes
    if parts < 2:
        return {}
    place = 2.0 * (clock.slot[rows.targets] % parts) / (parts - 1) - 1.0
    return {f"within_hour_{n}": place**n for n in range(1, min(parts - 1, HOUR_POWERS) + 1)}


def _linear_calendar(
    past: Past, rows: Rows, calendar: Columns, recent: Columns, *, seasons: bool
) -> Columns:
    """The calendar as switches, for a part that only adds."""
    weekday, weekend = calendar["day_of_week"], calendar["is_weekend"]
    columns: Columns = {
        name: calendar[name] for name in ("before_holiday", "after_holiday", "bridge_day")
    }
    for number in range(6):
        columns[f"weekday_{number}"] = (weekday == number).astype(np.float64)
    columns["holiday_on_workday"] = calendar["holiday"] * (1 - weekend)
    columns["holiday_on_weekend"] = calendar["holiday"] * weekend
    columns["holiday_a_week_before"] = calendar["holiday_a_week_before"] * (1 - weekend)
    columns["turn_of_year"] = past.timeline.turn_of_year[rows.targets].astype(np.float64)
    for number in (0, 5, 6):
        columns[f"week_change_on_{number}"] = (weekday == number) * recent["day_mean_7"]
    columns |= _within_hour(past, rows)
    if seasons:
        turn = 2 * np.pi * past.timeline.year_turn[rows.targets]
        for harmonic in (1, 2, 3, 4):
            columns[f"year_sine_{harmonic}"] = np.sin(harmonic * turn)
            columns[f"year_cosine_{harmonic}"] = np.cos(harmonic * turn)
        columns["weekend_year_sine"] = weekend * columns["year_sine_1"]
        columns["weekend_year_cosine"] = weekend * columns["year_cosine_1"]
    return columns
