"""Forecasts of a learned series from any number of origins: live and backtest take this path."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.boosting.daily import day_scale
from energy_assets.forecasting.boosting.issuing import weakest_weather, weather_kinds
from energy_assets.forecasting.boosting.weather_path import WeatherPath, weather_path
from energy_assets.forecasting.days import Days, conditions_of, whole_days
from energy_assets.forecasting.forecast import Explanation, Forecast, ForecastRows
from energy_assets.forecasting.kernel.points import covariates_of, on_timeline, points_of
from energy_assets.forecasting.naive import IMPUTED_DAYS, SeasonalNaive
from energy_assets.forecasting.past import Past, Rows, past_of
from energy_assets.forecasting.series import TEMPERATURE, Series, on_grid
from energy_assets.forecasting.timeline import Floats, timeline_of

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
    """Forecasts from some origins, each from what was known there; see `KernelModel.predict`."""
    at = [series.steps_before(origin) for origin in origins]
    day = series.steps_per_day
    window, positions = on_grid(series.cut(min(at) - WINDOW_DAYS * day, max(at)), origins)
    issued = _issued(model, window, positions, steps=days * day)
    unserved = [number for number, own in enumerate(issued) if not own.served.all()]
    blends: dict[int, Forecast] = {}
    if unserved:
        made = SeasonalNaive(variant="blend").predict(
            series, [origins[number] for number in unserved], days=days, explained=explained
        )
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
            intervals = _filled(intervals, blend.intervals, self.served)
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
        total = days.sums(intervals.mean)
        served, warm = _all(days, self.served), _all(days, self.warm)
        scale = day_scale(self.model.scale, timeline.steps_per_day)
        known = days.conditions(timeline, missing=self.missing)
        table = np.full((len(days), len(QUANTILES)), np.nan)
        for informed, which in ((True, served & warm), (False, served & ~warm)):
            if which.any():
                bands = self.model.calibration(informed=informed).days
                learned = bands.around(scale.learned(total[which]), known.kept(which))
                table[which] = scale.consumed(learned)
        spans = [slice(a, a + n) for a, n in zip(days.first, days.count, strict=True)]
        made = ForecastRows(
            valid_at=intervals.valid_at[days.first],
            quantiles=table,
            mean=total,
            basis=intervals.basis[days.first],
            weather=np.array([weakest_weather(intervals.weather[span]) for span in spans], np.str_),
            temperature_c=np.array([intervals.temperature_c[span].mean() for span in spans]),
        )
        if blend is None:
            return made
        filled = _filled(made, blend.daily, served)
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
        unit = self.model.unit.replace("m3", "m³")
        by = "and the temperature" if self.warm[first].all() else "without the temperature"
        lines = (
            f"Expected: {float(intervals.mean[first].sum()):,.3g} {unit} over the next 24 hours.",
            f"Days of the past count the more the more alike they are: by the newest days, the "
            f"calendar, the season {by}.",
        )
        return Explanation(lines=lines)


def _issued(
    model: "KernelModel", window: Series, positions: NDArray[np.int64], *, steps: int
) -> list[_Issued]:
    """What a model predicts from some positions of a window."""
    timeline, day = timeline_of(window), window.steps_per_day
    values = on_timeline(timeline, model.scale.learned(window.values))
    past = past_of(timeline, values[: timeline.known])
    rows = Rows(
        origins=np.repeat(positions, steps),
        targets=(positions[:, None] + np.arange(steps)).reshape(-1),
        steps_per_day=day,
    )
    weather = window.future.get(TEMPERATURE)
    path = None
    if weather is not None and model.informed is not None:
        path = weather_path(timeline, weather)
    point, warm = points_of(
        model.regressions,
        timeline,
        values,
        rows,
        covariates=covariates_of(timeline, window, model.covariates),
        path=path,
    )
    served = np.isfinite(point)
    intervals = _intervals(model, past, rows, np.clip(point, *model.limits), warm, path)
    missing = past.missing_share(positions, IMPUTED_DAYS)
    spans = [slice(number * steps, (number + 1) * steps) for number in range(len(positions))]
    return [
        _Issued(
            model=model,
            past=past,
            rows=Rows(origins=rows.origins[span], targets=rows.targets[span], steps_per_day=day),
            intervals=intervals.taken(span),
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
    table, mean = np.full((len(rows), len(QUANTILES)), np.nan), np.full(len(rows), np.nan)
    for informed, which in ((True, warm), (False, np.isfinite(point) & ~warm)):
        if which.any():
            own = model.calibration(informed=informed)
            learned = own.intervals.around(point[which], known.kept(which))
            table[which] = model.scale.consumed(np.clip(learned, *model.limits))
            mean[which] = own.means(table[which], non_negative=not model.scale.signed)
    temperature = np.full(len(rows), np.nan)
    if path is not None:
        temperature = np.where(warm, path.at(rows.targets, rows), np.nan)
    return ForecastRows(
        valid_at=past.timeline.starts[rows.targets],
        quantiles=table,
        mean=mean,
        basis=np.full(len(rows), KERNEL),
        weather=weather_kinds(rows, path, warm),
        temperature_c=temperature,
    )


def _filled(rows: ForecastRows, blend: ForecastRows, served: NDArray[np.bool_]) -> ForecastRows:
    """Rows with those of the blend where the model does not predict."""
    return ForecastRows(
        valid_at=rows.valid_at,
        quantiles=np.where(served[:, None], rows.quantiles, blend.quantiles),
        mean=np.where(served, rows.mean, blend.mean),
        basis=np.where(served, rows.basis, blend.basis),
        weather=np.where(served, rows.weather, blend.weather),
        temperature_c=np.where(served, rows.temperature_c, blend.temperature_c),
    )


def _all(days: Days, flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether all rows of each day are so."""
    return days.sums(flags.astype(np.float64)) == days.count
