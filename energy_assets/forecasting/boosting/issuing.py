"""Forecast rows of a learned meter from any number of origins: live and backtest take this path."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.contracts.forecasts import QUANTILES
from energy_assets.forecasting.boosting.columns import Design, design
from energy_assets.forecasting.boosting.daily import (
    day_part,
    day_scale,
    expected_totals,
    whole_days,
)
from energy_assets.forecasting.boosting.explanation import Facts, explain
from energy_assets.forecasting.boosting.forecast import (
    NO_WEATHER,
    XGBOOST,
    Explanation,
    ForecastRows,
)
from energy_assets.forecasting.boosting.past import Past, Rows
from energy_assets.forecasting.boosting.timeline import Floats
from energy_assets.forecasting.boosting.weather_path import WeatherPath
from energy_assets.forecasting.series import Series

if TYPE_CHECKING:
    from energy_assets.forecasting.boosting.model import MeterModel

IMPUTED_DAYS: Final[int] = 14
"""Days before the origin whose missing share a forecast states, and which widens its bands. [d]"""


@dataclass(frozen=True, kw_only=True, eq=False)
class Issued:
    """Forecast rows and what they were made of.

    Attributes:
        made: Columns of the rows.
        point: Their point forecasts on the learned scale.
        warm: Which of them know their temperature.
        path: Temperatures, if any.
        intervals: The rows.
    """

    made: Design
    point: Floats
    warm: NDArray[np.bool_]
    path: WeatherPath | None
    intervals: ForecastRows


def issue(model: "MeterModel", past: Past, rows: Rows, path: WeatherPath | None) -> Issued:
    """Predict rows, each from its own origin."""
    made = design(past, rows, path, seasons=model.seasons)
    temperature = np.full(len(rows), np.nan)
    if path is not None:
        temperature = path.at(rows.targets, rows)
    warm = np.isfinite(temperature)
    point = model.learner.predict(past, made, warm)
    learned = _quantiles(model, past, rows, point, warm)
    return Issued(
        made=made,
        point=point,
        warm=warm,
        path=path,
        intervals=ForecastRows(
            valid_at=past.timeline.starts[rows.targets],
            quantiles=model.scale.consumed(learned),
            basis=np.where(warm, XGBOOST, NO_WEATHER),
            weather=_weather(rows, path, warm),
            temperature_c=temperature,
        ),
    )


def _quantiles(
    model: "MeterModel", past: Past, rows: Rows, point: Floats, warm: NDArray[np.bool_]
) -> Floats:
    part = day_part(past.timeline, rows.targets)
    missing = past.missing_share(rows.origins, IMPUTED_DAYS)
    learned = np.empty((len(rows), len(QUANTILES)))
    for informed in (True, False):
        which = warm if informed else ~warm
        if which.any():
            learned[which] = model.bands(informed=informed).intervals.around(
                point[which],
                lead_day=rows.lead_day[which],
                day_part=part[which],
                missing=missing[which],
            )
    return learned


def _weather(rows: Rows, path: WeatherPath | None, warm: NDArray[np.bool_]) -> NDArray[np.str_]:
    if path is None:
        return np.full(len(rows), "none")
    archived = path.archived[rows.targets, rows.lead_day - 1]
    return np.where(warm, np.where(archived, "forecast", "observation"), "none")


def daily_rows(model: "MeterModel", past: Past, issued: Issued, missing: float) -> ForecastRows:
    """Whole local days of the rows of one origin."""
    intervals, days = issued.intervals, whole_days(past.timeline, issued.made.rows)
    scale = day_scale(model.scale, past.timeline.steps_per_day)
    point = scale.learned(expected_totals(days, intervals.quantiles))
    spans = [slice(a, a + n) for a, n in zip(days.first, days.count, strict=True)]
    warm = np.array([bool(issued.warm[span].all()) for span in spans], dtype=np.bool_)
    learned = np.empty((len(spans), len(QUANTILES)))
    part = np.zeros(len(spans), dtype=np.int64)
    for informed in (True, False):
        which = warm if informed else ~warm
        if which.any():
            learned[which] = model.bands(informed=informed).days.around(
                point[which],
                lead_day=days.lead_day[which],
                day_part=part[which],
                missing=missing,
            )
    return ForecastRows(
        valid_at=intervals.valid_at[days.first],
        quantiles=scale.consumed(learned),
        basis=np.where(warm, XGBOOST, NO_WEATHER),
        weather=np.array([_weakest(intervals.weather[span]) for span in spans], np.str_),
        temperature_c=np.array([intervals.temperature_c[span].mean() for span in spans]),
    )


def why(model: "MeterModel", past: Past, issued: Issued, window: Series) -> Explanation:
    """Why the first 24 hours of the rows of one origin are what they are."""
    first = issued.made.rows.ahead < past.timeline.steps_per_day
    own, warm = issued.made.kept(first), issued.warm[first]
    return explain(
        past,
        own,
        model.learner,
        point=issued.point[first],
        warm=warm,
        scale=model.scale,
        facts=Facts.of(past, own.rows, issued.path if warm.all() else None, window),
    )


def _weakest(weather: NDArray[np.str_]) -> str:
    """The least certain weather among some intervals."""
    return next((kind for kind in ("none", "observation") if (weather == kind).any()), "forecast")
