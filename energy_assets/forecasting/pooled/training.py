"""Learning one model from many series of one interval length."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from energy_assets.forecasting.errors import TooFewRowsError
from energy_assets.forecasting.naive import raw_past
from energy_assets.forecasting.pooled.columns import table_of
from energy_assets.forecasting.pooled.parameters import PooledParams
from energy_assets.forecasting.pooled.sampling import drawn_rows
from energy_assets.forecasting.pooled.trees import OUTER, SharedTrees, pad_columns
from energy_assets.forecasting.series import Series
from energy_assets.forecasting.weather_columns import WITHOUT_WEATHER
from energy_assets.forecasting.weather_path import path_of

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
        learned_until=max(history.known_until for history in histories),
        series=len(histories),
        drawn=len(lesson.label),
    )


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
    seasons = any(history.shows_seasons for history in histories)
    each = min(params.most_rows // max(len(histories), 1), params.most_rows_each)
    tables: list[NDArray[np.float32]] = []
    labels: list[NDArray[np.float32]] = []
    names: tuple[str, ...] = ()
    knows_weather = False
    for history in histories:
        past = raw_past(history)
        path = path_of(history, past.timeline)
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
    return _Lesson(
        table=np.concatenate([pad_columns(table, len(names)) for table in tables]),
        label=np.concatenate(labels),
        names=names,
        seasons=seasons,
        knows_weather=knows_weather,
    )


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
