"""Forecast rows of a learned meter from any number of origins: live and backtest take this path."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.boosting.columns import Design, design
from energy_assets.forecasting.boosting.daily import day_scale
from energy_assets.forecasting.boosting.explanation import Facts, explain
from energy_assets.forecasting.boosting.recent import recent_errors
from energy_assets.forecasting.boosting.weather_path import WeatherPath, weather_path
from energy_assets.forecasting.conditions import RECENT_DAYS, Conditions
from energy_assets.forecasting.days import conditions_of, whole_days
from energy_assets.forecasting.forecast import Explanation, Forecast, ForecastRows
from energy_assets.forecasting.naive import IMPUTED_DAYS
from energy_assets.forecasting.past import Past, Rows, past_of
from energy_assets.forecasting.series import TEMPERATURE, Series, on_grid
from energy_assets.forecasting.timeline import Floats, timeline_of

if TYPE_CHECKING:
    from energy_assets.forecasting.boosting.model import MeterModel

XGBOOST: Final[str] = "xgboost"
"""Basis of rows that a model predicted with the temperature."""

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
    """Forecasts from some origins, each from what was known there; see `MeterModel.predict`."""
    at = [series.steps_before(origin) for origin in origins]
    day = series.steps_per_day
    window, positions = on_grid(series.cut(min(at) - WINDOW_DAYS * day, max(at)), origins)
    timeline = timeline_of(window)
    past = past_of(timeline, model.scale.learned(window.values), typical=model.typical)
    steps = days * day
    rows = Rows(
        origins=np.repeat(positions, steps),
        targets=(positions[:, None] + np.arange(steps)).reshape(-1),
        steps_per_day=day,
    )
    weather = series.future.get(TEMPERATURE)
    path = None
    if weather is not None and model.informed is not None:
        path = weather_path(timeline, weather, normals=True)
    made = issue(model, past, rows, path)
    missing = past.missing_share(positions, IMPUTED_DAYS)
    forecasts: list[Forecast] = []
    for number, position in enumerate(positions.tolist()):
        own = made.kept(slice(number * steps, (number + 1) * steps))
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
class Issued:
    """Forecast rows and what they were made of.

    Attributes:
        made: Columns of the rows.
        point: Their point forecasts on the learned scale.
        warm: Which of them have a temperature.
        sure: Which of these know it, rather than what is usual.
        recent: Recent errors of each over usual ones.
        path: Temperatures, if any.
        intervals: The rows.
    """

    made: Design
    point: Floats
    warm: NDArray[np.bool_]
    sure: NDArray[np.bool_]
    recent: Floats
    path: WeatherPath | None
    intervals: ForecastRows

    def kept(self, rows: slice) -> "Issued":
        """Some of the rows."""
        which = np.zeros(len(self.point), dtype=np.bool_)
        which[rows] = True
        return Issued(
            made=self.made.kept(which),
            point=self.point[rows],
            warm=self.warm[rows],
            sure=self.sure[rows],
            recent=self.recent[rows],
            path=self.path,
            intervals=self.intervals.taken(rows),
        )


def issue(model: "MeterModel", past: Past, rows: Rows, path: WeatherPath | None) -> Issued:
    """Predict rows, each from its own origin."""
    made = design(past, rows, path, seasons=model.seasons)
    temperature = np.full(len(rows), np.nan)
    if path is not None:
        temperature = path.at(rows.targets, rows)
    warm = np.isfinite(temperature)
    point = model.learner.predict(past, made, warm)
    recent = recent_errors(model, past, rows.origins, path)
    missing = past.missing_share(rows.origins, IMPUTED_DAYS)
    known = conditions_of(past.timeline, rows, missing=missing, recent=recent)
    sure = warm if path is None else warm & ~path.usual[rows.targets, rows.lead_day - 1]
    table, mean = _quantiles(model, point, sure, known)
    return Issued(
        made=made,
        point=point,
        warm=warm,
        sure=sure,
        recent=recent,
        path=path,
        intervals=ForecastRows(
            valid_at=past.timeline.starts[rows.targets],
            quantiles=table,
            mean=mean,
            basis=np.where(warm, XGBOOST, NO_WEATHER),
            weather=weather_kinds(rows, path, warm),
            temperature_c=temperature,
        ),
    )


def _quantiles(
    model: "MeterModel", point: Floats, sure: NDArray[np.bool_], known: Conditions
) -> tuple[Floats, Floats]:
    """Quantiles and expected values of rows, in the unit of the series.

    What is usual errs as far as no temperature does.
    """
    table, mean = np.empty((len(point), len(QUANTILES))), np.empty(len(point))
    for informed in (True, False):
        which = sure if informed else ~sure
        if which.any():
            own = model.calibration(informed=informed)
            learned = own.intervals.around(point[which], known.kept(which))
            table[which] = model.scale.consumed(np.clip(learned, *model.learner.limits))
            mean[which] = own.means(table[which], non_negative=not model.scale.signed)
    return table, mean


def weather_kinds(
    rows: Rows, path: WeatherPath | None, warm: NDArray[np.bool_]
) -> NDArray[np.str_]:
    """Which weather each row rests on, of those that have a temperature."""
    if path is None:
        return np.full(len(rows), "none")
    at = (rows.targets, rows.lead_day - 1)
    kind = np.where(path.usual[at], "normal", "observation")
    return np.where(warm, np.where(path.archived[at], "forecast", kind), "none")


def daily_rows(model: "MeterModel", past: Past, issued: Issued, missing: float) -> ForecastRows:
    """Whole local days of the rows of one origin."""
    intervals, days = issued.intervals, whole_days(past.timeline, issued.made.rows)
    scale = day_scale(model.scale, past.timeline.steps_per_day)
    total = days.sums(intervals.mean)
    point = scale.learned(total)
    known = days.conditions(past.timeline, missing=missing, recent=issued.recent[days.first])
    spans = [slice(a, a + n) for a, n in zip(days.first, days.count, strict=True)]
    warm = np.array([bool(issued.warm[span].all()) for span in spans], dtype=np.bool_)
    sure = np.array([bool(issued.sure[span].all()) for span in spans], dtype=np.bool_)
    learned = np.empty((len(spans), len(QUANTILES)))
    for informed in (True, False):
        which = sure if informed else ~sure
        if which.any():
            bands = model.calibration(informed=informed).days
            learned[which] = bands.around(point[which], known.kept(which))
    return ForecastRows(
        valid_at=intervals.valid_at[days.first],
        quantiles=scale.consumed(learned),
        mean=total,
        basis=np.where(warm, XGBOOST, NO_WEATHER),
        weather=np.array([weakest_weather(intervals.weather[span]) for span in spans], np.str_),
        temperature_c=np.array([intervals.temperature_c[span].mean() for span in spans]),
    )


def why(model: "MeterModel", past: Past, issued: Issued, window: Series) -> Explanation:
    """Why the first whole local day of the rows of one origin is what it is.

    The first 24 hours where the rows hold no whole day, or are whole days themselves.
    """
    days = whole_days(past.timeline, issued.made.rows)
    first = slice(0, past.timeline.steps_per_day)
    if len(days.first) and past.timeline.steps_per_day > 1:
        first = slice(int(days.first[0]), int(days.first[0] + days.count[0]))
    own = issued.kept(first)
    return explain(
        past,
        own.made,
        model.learner,
        mean=own.intervals.mean,
        warm=own.warm,
        scale=model.scale,
        facts=Facts.of(past, own.made.rows, own.path if own.warm.all() else None, window),
    )


def weakest_weather(weather: NDArray[np.str_]) -> str:
    """The least certain weather among some intervals."""
    kinds = ("none", "normal", "observation")
    return next((kind for kind in kinds if (weather == kind).any()), "forecast")
