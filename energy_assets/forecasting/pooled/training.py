"""Learning one model from many series of one interval length."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import xgboost as xgb
from numpy.typing import NDArray

from energy_assets.forecasting.boosting.columns import YEAR_DAYS
from energy_assets.forecasting.boosting.errors import TooFewRowsError
from energy_assets.forecasting.boosting.learner import WITHOUT_WEATHER
from energy_assets.forecasting.boosting.weather_path import WeatherPath, weather_path
from energy_assets.forecasting.naive import raw_past
from energy_assets.forecasting.past import Past
from energy_assets.forecasting.pooled.columns import table_of
from energy_assets.forecasting.pooled.parameters import PooledParams
from energy_assets.forecasting.pooled.sampling import drawn_rows
from energy_assets.forecasting.pooled.trees import OUTER, SharedTrees
from energy_assets.forecasting.series import TEMPERATURE, Series

FARTHEST: Final[float] = 20.0
"""Targets beyond so many spreads teach no more than that: squares of them would drown the rest."""

FEWEST_ROWS: Final[int] = 500
"""Rows of all series together below which nothing is learned."""


def fit_pooled(
    histories: Sequence[Series],
    *,
    params: PooledParams | None = None,
    seed: int = 0,
) -> SharedTrees:
    """Learn one model from many series.

    Args:
        histories: What may be learned from, all of it; one interval length.
        params: The documented defaults without them.
        seed: Same histories, seed and machine give the same model.

    Raises:
        TooFewRowsError: All series together are too short.
        ValueError: The series have several interval lengths.
    """
    chosen = params or PooledParams()
    intervals = {history.interval_minutes for history in histories}
    if len(intervals) > 1:
        raise ValueError(
            f"series of {sorted(intervals)} min cannot share a model; train one per interval."
        )
    lesson = _lesson(histories, params=chosen, seed=seed)
    return SharedTrees(
        interval_minutes=intervals.pop(),
        names=lesson.names,
        seasons=lesson.seasons,
        knows_weather=lesson.knows_weather,
        **_grown(lesson, params=chosen, seed=seed),
        params=chosen,
        seed=seed,
        learned_until=max(known_until(history) for history in histories),
        series=len(histories),
        drawn=len(lesson.label),
    )


def known_until(history: Series) -> pd.Timestamp:
    """End of the newest known interval; the start of a series of which nothing is known."""
    known = np.flatnonzero(np.isfinite(history.values))
    return history.start_of(int(known[-1]) + 1) if len(known) else history.start_at


@dataclass(frozen=True, kw_only=True, eq=False)
class _Lesson:
    """Rows of all series: columns of the trees, and departures in spreads."""

    table: NDArray[np.float32]
    label: NDArray[np.float32]
    names: tuple[str, ...]
    seasons: bool
    knows_weather: bool


def _lesson(
    histories: Sequence[Series],
    *,
    params: PooledParams,
    seed: int,
) -> _Lesson:
    rng = np.random.default_rng(seed)
    seasons = any(_spans_a_year(history) for history in histories)
    each = min(params.most_rows // max(len(histories), 1), params.most_rows_each)
    tables: list[NDArray[np.float32]] = []
    labels: list[NDArray[np.float32]] = []
    names: tuple[str, ...] = ()
    knows_weather = False
    for history in histories:
        past = raw_past(history)
        path = _path(history, past)
        knows_weather |= path is not None
        rows = drawn_rows(past, count=max(each, 1), params=params, rng=rng)
        if not len(rows):
            continue
        made = table_of(past, rows, path, seasons=seasons)
        departure = (past.values[rows.targets] - made.baseline) / made.spread
        tables.append(_withheld(made.columns, made.names, rng) if path else made.columns)
        labels.append(np.clip(departure, -FARTHEST, FARTHEST).astype(np.float32))
        names = max(names, made.names, key=len)
    total = sum(len(label) for label in labels)
    if total < FEWEST_ROWS:
        raise TooFewRowsError(
            series=f"the pool of {len(histories)} series",
            held=f"{total} rows with a week before them",
            needed=f"{FEWEST_ROWS} of these",
        )
    table = np.full((total, len(names)), np.nan, dtype=np.float32)
    first = 0
    for part in tables:
        table[first : first + len(part), : part.shape[1]] = part
        first += len(part)
    return _Lesson(
        table=table,
        label=np.concatenate(labels),
        names=names,
        seasons=seasons,
        knows_weather=knows_weather,
    )


def _path(history: Series, past: Past) -> WeatherPath | None:
    known = history.future.get(TEMPERATURE)
    return None if known is None else weather_path(past.timeline, known)


def _spans_a_year(history: Series) -> bool:
    known = np.flatnonzero(np.isfinite(history.values))
    return bool(len(known)) and known[-1] - known[0] >= YEAR_DAYS * history.steps_per_day


def _withheld(
    table: NDArray[np.float32], names: tuple[str, ...], rng: np.random.Generator
) -> NDArray[np.float32]:
    """The same rows, some of them without their weather, so that the trees can do without."""
    shown = table.copy()
    without = rng.random(len(table)) < WITHOUT_WEATHER
    shown[without, names.index("temperature") :] = np.nan
    return shown


def _grown(lesson: _Lesson, *, params: PooledParams, seed: int) -> dict[str, xgb.Booster]:
    """Trees of the median, of the other quantiles and of the mean, on one set of cut columns."""
    matrix = xgb.QuantileDMatrix(lesson.table, lesson.label, nthread=1, max_bin=params.bins)
    median = {"objective": "reg:absoluteerror"} | params.for_xgboost(
        depth=params.depth, rate=params.rate, seed=seed
    )
    outer = {"objective": "reg:quantileerror", "quantile_alpha": list(OUTER)}
    outer |= params.for_xgboost(depth=params.shallow_depth, rate=params.rate, seed=seed)
    mean = {"objective": "reg:squarederror"} | params.for_xgboost(
        depth=params.shallow_depth, rate=params.mean_rate, seed=seed
    )
    return {
        "median": xgb.train(median, matrix, params.trees),
        "outer": xgb.train(outer, matrix, params.outer_trees),
        "mean": xgb.train(mean, matrix, params.trees),
    }
