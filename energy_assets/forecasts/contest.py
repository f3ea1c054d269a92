"""The contest of families for a series: one part of the held-out days chooses, another is printed.

Pure: models and their held-out forecasts come in. What was chosen before is kept unless another
family is clearly better.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from energy_assets.forecasting import metrics
from energy_assets.forecasting.backtest import Predictor, backtest, scores
from energy_assets.forecasting.family import Fitted
from energy_assets.forecasting.forecast import Forecast, weather_of
from energy_assets.forecasting.naive import BASELINES
from energy_assets.forecasting.series import Series

CLEARLY: Final = 0.97
"""Another family takes over where it errs by less than this share of what serves now."""

NAIVE_CLEARLY: Final = 0.9
"""A seasonal naive takes over from a model only where it errs by less than this share of it."""

SURE: Final = 2.0
"""And only where it errs less by more than this many standard errors of the difference."""

FEWEST_DAYS: Final = 4
"""On fewer held-out days nothing is chosen."""

YARDSTICK: Final = "naive_blend"
"""The baseline that live errors of different days are compared through."""

LIVE_DAYS: Final = 28
"""Days of live scores that count in the choice, at most."""


@dataclass(frozen=True, kw_only=True)
class LiveErrors:
    """How forecasts that were really issued did lately.

    Attributes:
        error: Sum of the absolute errors of the medians, by family.
        beside: Sum of those of the seasonal blend on the same intervals, by family. Families were
            not scored on the same days, and days differ.
        rows: Intervals that were scored, by family.
    """

    error: Mapping[str, float] = field(default_factory=dict[str, float])
    beside: Mapping[str, float] = field(default_factory=dict[str, float])
    rows: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, kw_only=True, eq=False)
class Contest:
    """Who serves a series, and how good everybody is on days that had no say in it.

    Attributes:
        champion: The family that is to serve.
        reason: Why, in words.
        errors: Mean absolute error of each family on the days that chose; empty where they were
            too few.
        rows: Backtest rows of every family on the days that did not choose, see
            `backtest.backtest`; what scores are made of.
    """

    champion: str
    reason: str
    errors: Mapping[str, float]
    rows: pd.DataFrame


def held_contest(
    series: Series,
    fitted: Mapping[str, Fitted],
    *,
    incumbent: str,
    live: LiveErrors | None = None,
) -> Contest:
    """Let families and seasonal naives compete on the days that none of the models had seen.

    The earlier half of these days chooses, together with live scores; the later half is printed.

    Args:
        series: Everything known.
        fitted: Models of the series by family, with their held-out forecasts.
        incumbent: The family that serves now, or would without a contest.
        live: Errors of forecasts issued lately.
    """
    held_out = {name: one.held_out for name, one in fitted.items() if one.held_out}
    origins = _shared_origins(held_out.values())
    if len(origins) < FEWEST_DAYS:
        rows = _rows(series, held_out, origins)
        few = f"{len(origins)} held-out days are too few to choose by"
        return Contest(champion=incumbent, reason=few, errors={}, rows=rows)
    middle = len(origins) // 2
    # The last choosing day ends where the first printed one begins.
    chose = _rows(series, held_out, origins[: middle + 1])
    chose = chose[chose["origin_at"] < origins[middle]]
    errors = _errors(chose, live or LiveErrors())
    champion, reason = chosen(errors, incumbent=incumbent, doubts=_doubts(chose, incumbent))
    return Contest(
        champion=champion,
        reason=reason,
        errors=errors,
        rows=_rows(series, held_out, origins[middle:]),
    )


def chosen(
    errors: Mapping[str, float],
    *,
    incumbent: str,
    doubts: Mapping[str, float] | None = None,
) -> tuple[str, str]:
    """The family that is to serve, and why.

    Args:
        errors: Mean absolute error by family; NaN or absent where unknown.
        incumbent: The family that serves now.
        doubts: By family, the standard error of how much it errs less than the incumbent; none
            where it is absent.
    """
    known = {name: error for name, error in errors.items() if np.isfinite(error)}
    if incumbent not in known:
        models = [name for name in known if name not in BASELINES] or list(known)
        if not models:
            return incumbent, "no family has a score"
        incumbent = min(models, key=lambda name: known[name])
    own = known[incumbent]

    def margin(name: str) -> float:
        return NAIVE_CLEARLY if name in BASELINES and incumbent not in BASELINES else CLEARLY

    unsure = doubts or {}
    better = [
        name
        for name, error in known.items()
        if error < margin(name) * own and own - error > SURE * unsure.get(name, 0.0)
    ]
    if not better:
        return incumbent, f"nothing clearly beats {incumbent} (MAE {own:.4g})"
    best = min(better, key=lambda name: known[name])
    return best, f"{best} (MAE {known[best]:.4g}) clearly beats {incumbent} (MAE {own:.4g})"


def _shared_origins(held_out: Iterable[tuple[Forecast, ...]]) -> list[pd.Timestamp]:
    """Origins from which every family predicted, in time order."""
    sets = [{forecast.origin_at for forecast in forecasts} for forecasts in held_out]
    return sorted(set.intersection(*sets)) if sets else []


def _rows(
    series: Series,
    held_out: Mapping[str, tuple[Forecast, ...]],
    origins: Sequence[pd.Timestamp],
) -> pd.DataFrame:
    """Rows of all families and naives from the same origins."""

    def remembered(forecasts: tuple[Forecast, ...]) -> Predictor:
        by_origin = {forecast.origin_at: forecast for forecast in forecasts}
        return lambda _, asked: [by_origin[origin] for origin in asked]

    predictors = {name: remembered(forecasts) for name, forecasts in held_out.items()}
    naives = {name: naive.predict for name, naive in BASELINES.items()}
    return backtest(series, {**predictors, **naives}, list(origins))


def _doubts(rows: pd.DataFrame, incumbent: str) -> dict[str, float]:
    """By family, the standard error of how much less it errs than the incumbent, from day to day.

    One good day out of a few does not unseat anybody.
    """
    error = (rows["actual"] - rows["q50"]).abs()
    by_day = error.groupby([rows["origin_at"], rows["family"]]).mean().unstack()
    if incumbent not in by_day or len(by_day) < 2:
        return {}
    off = by_day.to_numpy(np.float64) - by_day[incumbent].to_numpy(np.float64)[:, None]
    spread = off.std(axis=0, ddof=1) / np.sqrt(len(off))
    return {
        str(name): float(value)
        for name, value in zip(by_day.columns, spread, strict=True)
        if np.isfinite(value)
    }


def _errors(rows: pd.DataFrame, live: LiveErrors) -> dict[str, float]:
    """Mean absolute error by family, over held-out and live intervals together.

    A live error counts as a multiple of the blend's on the same intervals, times the blend's
    held-out error.
    """
    error = (rows["actual"] - rows["q50"]).abs()
    held = {str(family): own for family, own in error.groupby(rows["family"])}
    usual = float(held[YARDSTICK].mean()) if YARDSTICK in held else float("nan")
    found: dict[str, float] = {}
    for name, own in held.items():
        total, count = float(own.sum()), len(own)
        if live.rows.get(name, 0) and live.beside.get(name, 0.0) > 0:
            multiple = live.error[name] / live.beside[name]
            total, count = total + multiple * usual * live.rows[name], count + live.rows[name]
        found[name] = total / count
    return found


def printed_scores(contest: Contest, series: Series) -> list[dict[str, Any]]:
    """Scores of every family on the days that did not choose, one mapping each.

    Columns `family`, `weather` (the least certain that a twentieth of its rows rest on),
    `window_start_at`, `window_end_at`, `rows` and all of `metrics.scores`. No mapping where no day
    was held out.
    """
    rows = contest.rows
    if rows.empty:
        return []
    start_at, newest = rows["origin_at"].min(), rows["valid_at"].max()
    before = series.until(start_at).values
    naive_mae = metrics.seasonal_naive_mae(before, season=7 * series.steps_per_day)
    end_at = series.start_of(series.steps_before(newest) + 1)
    return [
        {
            "family": str(family),
            "weather": weather_of(own["weather"].to_numpy()),
            "window_start_at": start_at,
            "window_end_at": end_at,
            "rows": len(own),
            **scores(own, naive_mae=naive_mae),
        }
        for family, own in rows.groupby("family", sort=False)
    ]
