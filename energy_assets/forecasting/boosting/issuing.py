"""Forecast rows of a learned meter from any number of origins: live and backtest take this path."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.forecasting.boosting.columns import Design, design
from energy_assets.forecasting.boosting.explanation import Facts, explain
from energy_assets.forecasting.boosting.recent import recent_errors
from energy_assets.forecasting.conditions import RECENT_DAYS
from energy_assets.forecasting.days import conditions_of, daily_forecast, whole_days
from energy_assets.forecasting.forecast import Explanation, Forecast, ForecastRows
from energy_assets.forecasting.naive import IMPUTED_DAYS
from energy_assets.forecasting.past import Past, Rows, past_of, rows_ahead
from energy_assets.forecasting.series import Series, stretch_before
from energy_assets.forecasting.timeline import Floats, timeline_of
from energy_assets.forecasting.weather_path import (
    WeatherPath,
    path_of,
    temperature_of,
    weather_kinds,
)

if TYPE_CHECKING:
    from energy_assets.forecasting.boosting.model import MeterModel

XGBOOST: Final[str] = "xgboost"
"""Name of the family, and basis of rows that a model predicted with the temperature."""

NO_WEATHER: Final[str] = "no_weather"
"""Basis of rows that a model predicted without it."""

WINDOW_DAYS: Final[int] = 70 + RECENT_DAYS
"""Four weeks of departures from the four weeks before them, and some: what a forecast looks at.

And the same before each of the last days, whose errors it looks at.
"""


def issued_forecasts(
    model: "MeterModel",
    series: Series,
    origins: Sequence[pd.Timestamp],
    *,
    days: int,
    explained: bool,
) -> list[Forecast]:
    """Forecasts from some origins, each from what was known there; see `MeterModel.forecasts`."""
    window, positions = stretch_before(series, origins, days=WINDOW_DAYS)
    timeline = timeline_of(window)
    past = past_of(timeline, model.scale.to_scale(window.values), typical=model.typical)
    steps = days * series.steps_per_day
    path = None if model.informed is None else path_of(series, timeline, normals=True)
    made = issue(model, past, rows_ahead(positions, steps, series.steps_per_day), path)
    missing = past.missing_share(positions, IMPUTED_DAYS)
    forecasts: list[Forecast] = []
    for number, position in enumerate(positions.tolist()):
        own = made.keep(slice(number * steps, (number + 1) * steps))
        share = float(missing[number])
        daily = own.intervals if series.is_daily else daily_rows(model, past, own, share)
        until = window.cut(0, position) if explained else window
        forecasts.append(
            Forecast(
                origin_at=timeline.starts[position],
                model_id=model.model_id,
                intervals=own.intervals,
                daily=daily,
                imputed_share=share,
                explanation=why(model, past, own, until) if explained else Explanation(),
            )
        )
    return forecasts


@dataclass(frozen=True, kw_only=True, eq=False)
class IssuedRows:
    """Forecast rows and what they were made of.

    Attributes:
        made: Columns of the rows.
        sure: Which of them know their temperature, rather than what is usual.
        recent: Recent errors of each over usual ones.
        path: Temperatures, if any.
        intervals: The rows.
    """

    made: Design
    sure: NDArray[np.bool_]
    recent: Floats
    path: WeatherPath | None
    intervals: ForecastRows

    def keep(self, rows: slice) -> "IssuedRows":
        """Some of the rows."""
        which = np.zeros(len(self.sure), dtype=np.bool_)
        which[rows] = True
        return IssuedRows(
            made=self.made.keep(which),
            sure=self.sure[rows],
            recent=self.recent[rows],
            path=self.path,
            intervals=self.intervals.keep(rows),
        )


def issue(model: "MeterModel", past: Past, rows: Rows, path: WeatherPath | None) -> IssuedRows:
    """Predict rows, each from its own origin; what is usual errs as far as no temperature does."""
    made = design(past, rows, path, seasons=model.seasons)
    warm = made.warm
    point = model.learner.predict(past, made)
    recent = recent_errors(model, past, rows.origins, path)
    missing = past.missing_share(rows.origins, IMPUTED_DAYS)
    known = conditions_of(past.timeline, rows, missing=missing, recent=recent)
    sure = warm if path is None else warm & ~path.usual[rows.targets, rows.lead_day - 1]
    table, mean = model.around(point, known, informed=sure, limits=model.learner.limits)
    return IssuedRows(
        made=made,
        sure=sure,
        recent=recent,
        path=path,
        intervals=ForecastRows(
            valid_at=past.timeline.starts[rows.targets],
            quantiles=table,
            mean=mean,
            basis=np.where(warm, XGBOOST, NO_WEATHER),
            weather=weather_kinds(rows, path, warm),
            temperature_c=temperature_of(path, rows),
        ),
    )


def daily_rows(model: "MeterModel", past: Past, issued: IssuedRows, missing: float) -> ForecastRows:
    """Whole local days of the rows of one origin."""
    days = whole_days(past.timeline, issued.made.rows)
    total = days.sums(issued.intervals.mean)
    known = days.conditions(past.timeline, missing=missing, recent=issued.recent[days.first])
    table = model.around_days(total, known, informed=days.all(issued.sure))
    basis = np.where(days.all(issued.made.warm), XGBOOST, NO_WEATHER)
    return daily_forecast(days, issued.intervals, table, total, basis)


def why(model: "MeterModel", past: Past, issued: IssuedRows, window: Series) -> Explanation:
    """Why the first whole local day of the rows of one origin is what it is.

    The first 24 hours where the rows hold no whole day, or are whole days themselves.
    """
    days = whole_days(past.timeline, issued.made.rows)
    first = slice(0, past.timeline.steps_per_day)
    if len(days) and past.timeline.steps_per_day > 1:
        first = days.spans[0]
    own = issued.keep(first)
    return explain(
        past,
        own.made,
        model.learner,
        mean=own.intervals.mean,
        scale=model.scale,
        facts=Facts.of(past, own.made.rows, own.path if own.made.warm.all() else None, window),
    )
