"""Forecasts of a learned series from any number of origins: live and backtest take this path."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.forecasting.days import conditions_of, daily_forecast, whole_days
from energy_assets.forecasting.forecast import Explanation, Forecast, ForecastRows, expected_line
from energy_assets.forecasting.kernel.points import covariates_of, points_of
from energy_assets.forecasting.naive import BLEND, IMPUTED_DAYS
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
    from energy_assets.forecasting.kernel.model import KernelModel

KERNEL: Final[str] = "kernel"
"""Name of the family in metadata, rows and scores."""

WINDOW_DAYS: Final[int] = 70
"""Four weeks of departures from the four weeks before them, and some: what a forecast looks at."""


def issued_forecasts(
    model: "KernelModel",
    series: Series,
    origins: Sequence[pd.Timestamp],
    *,
    days: int,
    explained: bool,
) -> list[Forecast]:
    """Forecasts from some origins, each from what was known there; see `KernelModel.forecasts`."""
    window, positions = stretch_before(series, origins, days=WINDOW_DAYS)
    issued = _issue(model, window, positions, steps=days * series.steps_per_day)
    unserved = [number for number, own in enumerate(issued) if not own.served.all()]
    asked = [origins[number] for number in unserved]
    made = BLEND.predict(series, asked, days=days, explained=explained)
    blends = dict(zip(unserved, made, strict=True))
    return [
        own.forecast(blends.get(number), explained=explained) for number, own in enumerate(issued)
    ]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Issued:
    """What a model predicts from one origin.

    Attributes:
        model: The model.
        past: What is known, on the learned scale.
        rows: The intervals.
        intervals: Their forecasts, NaN where the model does not predict.
        served: Which of them it predicts.
        warm: Which of these know the temperature.
        missing: Share of the recent past that was missing.
    """

    model: "KernelModel"
    past: Past
    rows: Rows
    intervals: ForecastRows
    served: NDArray[np.bool_]
    warm: NDArray[np.bool_]
    missing: float

    def forecast(self, blend: Forecast | None, *, explained: bool) -> Forecast:
        """The forecast, with rows of the seasonal blend where the model does not predict."""
        intervals = self.intervals
        if blend is not None:
            intervals = _fill(intervals, blend.intervals, self.served)
        daily = intervals
        if self.past.timeline.steps_per_day > 1:
            daily = self._daily(intervals, blend)
        return Forecast(
            origin_at=intervals.valid_at[0],
            model_id=self.model.model_id,
            intervals=intervals,
            daily=daily,
            imputed_share=self.missing,
            explanation=self._explanation(intervals, blend) if explained else Explanation(),
        )

    def _daily(self, intervals: ForecastRows, blend: Forecast | None) -> ForecastRows:
        """Whole local days; one that is not all predicted by the model has the blend's bands."""
        timeline = self.past.timeline
        days = whole_days(timeline, self.rows)
        total, served = days.sums(intervals.mean), days.all(self.served)
        table = self.model.around_days(
            np.where(served, total, np.nan),
            days.conditions(timeline, missing=self.missing),
            informed=served & days.all(self.warm),
        )
        made = daily_forecast(days, intervals, table, total, intervals.basis[days.first])
        if blend is None:
            return made
        filled = _fill(made, blend.daily, served)
        moved = blend.daily.quantiles + (total - blend.daily.mean)[:, None]
        if not self.model.scale.signed:
            moved = np.maximum(moved, 0.0)
        filled.quantiles[~served], filled.mean[~served] = moved[~served], total[~served]
        return filled

    def _explanation(self, intervals: ForecastRows, blend: Forecast | None) -> Explanation:
        """What the first 24 hours rest on."""
        first = slice(0, self.past.timeline.steps_per_day)
        if blend is not None and not self.served[first].all():
            return blend.explanation
        by = "and the temperature" if self.warm[first].all() else "without the temperature"
        lines = (
            expected_line(intervals.mean[first], self.model.unit),
            f"Days of the past count the more the more alike they are: by the newest days, the "
            f"calendar, the season {by}.",
        )
        return Explanation(lines=lines)


def _issue(
    model: "KernelModel", window: Series, positions: NDArray[np.int64], *, steps: int
) -> list[_Issued]:
    """What a model predicts from some positions of a window."""
    timeline, day = timeline_of(window), window.steps_per_day
    past = past_of(timeline, model.scale.to_scale(window.values))
    rows = rows_ahead(positions, steps, day)
    path = None if model.informed is None else path_of(window, timeline)
    covariates = covariates_of(timeline, window, model.covariates)
    point, warm = points_of(model.regressions, past, rows, covariates=covariates, path=path)
    served = np.isfinite(point)
    intervals = _intervals(model, past, rows, np.clip(point, *model.limits), warm, path)
    missing = past.missing_share(positions, IMPUTED_DAYS)
    spans = [slice(number * steps, (number + 1) * steps) for number in range(len(positions))]
    return [
        _Issued(
            model=model,
            past=past,
            rows=rows.keep(span),
            intervals=intervals.keep(span),
            served=served[span],
            warm=warm[span],
            missing=float(share),
        )
        for span, share in zip(spans, missing, strict=True)
    ]


def _intervals(
    model: "KernelModel",
    past: Past,
    rows: Rows,
    point: Floats,
    warm: NDArray[np.bool_],
    path: WeatherPath | None,
) -> ForecastRows:
    """Rows around points; NaN where the point is."""
    missing = past.missing_share(rows.origins, IMPUTED_DAYS)
    known = conditions_of(past.timeline, rows, missing=missing)
    table, mean = model.around(point, known, informed=warm, limits=model.limits)
    return ForecastRows(
        valid_at=past.timeline.starts[rows.targets],
        quantiles=table,
        mean=mean,
        basis=np.full(len(rows), KERNEL),
        weather=weather_kinds(rows, path, warm),
        temperature_c=np.where(warm, temperature_of(path, rows), np.nan),
    )


def _fill(rows: ForecastRows, blend: ForecastRows, served: NDArray[np.bool_]) -> ForecastRows:
    """Rows with those of the blend where the model does not predict."""
    return ForecastRows(
        valid_at=rows.valid_at,
        quantiles=np.where(served[:, None], rows.quantiles, blend.quantiles),
        mean=np.where(served, rows.mean, blend.mean),
        basis=np.where(served, rows.basis, blend.basis),
        weather=np.where(served, rows.weather, blend.weather),
        temperature_c=np.where(served, rows.temperature_c, blend.temperature_c),
    )
