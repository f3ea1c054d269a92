"""Rows of one series as trees that it shares with others predict them, live and in backtests."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.forecasting.calibration import TINY, Calibration
from energy_assets.forecasting.days import Days, conditions_of, daily_forecast, whole_days
from energy_assets.forecasting.forecast import MEDIAN, ForecastRows, weather_of
from energy_assets.forecasting.naive import IMPUTED_DAYS, raw_past
from energy_assets.forecasting.past import Past, Rows
from energy_assets.forecasting.pooled.recent import WINDOW_DAYS
from energy_assets.forecasting.pooled.trees import PooledRows, SharedTrees
from energy_assets.forecasting.raw_errors import DayRows, calibrated, calibrated_days
from energy_assets.forecasting.series import Series, stretch_before
from energy_assets.forecasting.timeline import Floats, timeline_of
from energy_assets.forecasting.weather_path import (
    WeatherPath,
    path_of,
    temperature_of,
    weather_kinds,
)

POOLED: Final[str] = "pooled"
"""Basis of rows that the shared trees predicted, and the name of the family."""

NO_WEATHER: Final[str] = "no_weather"
"""Basis of rows that trees which know weather predicted without it."""

LOOK_BACK_DAYS: Final[int] = WINDOW_DAYS + 14
"""What a forecast looks at, and the weather before it. [d]"""


@dataclass(frozen=True, kw_only=True, eq=False)
class Stretch:
    """A series at some origins.

    Attributes:
        trees: What predicts.
        series: The stretch that is looked at.
        past: The same in its own unit.
        path: Temperatures, if any are known and were learned.
        origins: Positions, in the order asked for.
    """

    trees: SharedTrees
    series: Series
    past: Past
    path: WeatherPath | None
    origins: NDArray[np.int64]

    @staticmethod
    def of(trees: SharedTrees, series: Series, origins: Sequence[pd.Timestamp]) -> "Stretch":
        """The stretch of a series that some origins need."""
        window, positions = stretch_before(series, origins, days=LOOK_BACK_DAYS)
        return Stretch.on(trees, window, positions)

    @staticmethod
    def on(trees: SharedTrees, series: Series, origins: NDArray[np.int64]) -> "Stretch":
        """All of a series, with origins by position."""
        path = path_of(series, timeline_of(series)) if trees.knows_weather else None
        return Stretch(
            trees=trees, series=series, past=raw_past(series), path=path, origins=origins
        )

    def issue(self, rows: Rows) -> "PooledForecasts":
        """Predict rows, each from its own origin."""
        return PooledForecasts(
            work=self,
            rows=rows,
            made=self.trees.predict_rows(
                self.past, rows, self.path, non_negative=self.series.non_negative
            ),
            temperature_c=temperature_of(self.path, rows),
            missing=self.past.missing_share(rows.origins, IMPUTED_DAYS),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class PooledForecasts:
    """Rows as the trees predict them.

    Attributes:
        work: The series.
        rows: The rows.
        made: What is predicted of each, before calibration.
        temperature_c: What is expected in each, NaN where unknown. [°C]
        missing: Share of the recent past of each that was missing.
    """

    work: Stretch
    rows: Rows
    made: PooledRows
    temperature_c: Floats
    missing: Floats

    def keep(self, which: slice | NDArray[np.bool_]) -> "PooledForecasts":
        """Some of the rows."""
        some = np.arange(len(self.rows), dtype=np.int64)[which]
        made = PooledRows(**{name: column[some] for name, column in vars(self.made).items()})
        return replace(
            self,
            rows=self.rows.keep(some),
            made=made,
            temperature_c=self.temperature_c[some],
            missing=self.missing[some],
        )

    def intervals(self, calibration: Calibration) -> ForecastRows:
        """The rows of a forecast."""
        timeline = self.work.past.timeline
        table, mean = calibrated(
            calibration,
            self.made.quantiles,
            self.made.mean,
            conditions_of(timeline, self.rows, missing=self.missing),
            non_negative=self.work.series.non_negative,
        )
        warm = np.isfinite(self.temperature_c)
        return ForecastRows(
            valid_at=timeline.starts[self.rows.targets],
            quantiles=table,
            mean=mean,
            basis=self._basis(warm),
            weather=weather_kinds(self.rows, self.work.path, warm),
            temperature_c=self.temperature_c,
        )

    def _basis(self, warm: NDArray[np.bool_]) -> NDArray[np.str_]:
        return np.where(warm, POOLED, NO_WEATHER if self.work.trees.knows_weather else POOLED)

    def days(self, mean: Floats) -> tuple[Days, DayRows]:
        """Whole local days among the rows, by expected values of the intervals."""
        timeline = self.work.past.timeline
        days = whole_days(timeline, self.rows)
        return days, DayRows(
            total=days.sums(mean),
            unit=np.maximum(self.made.spread[days.first] * days.count, TINY),
            rows=days.conditions(timeline, missing=self.missing[days.first]),
        )

    def daily(self, calibration: Calibration, intervals: ForecastRows) -> ForecastRows:
        """Whole local days of the rows of one origin."""
        days, found = self.days(intervals.mean)
        gaps = intervals.quantiles - intervals.quantiles[:, MEDIAN : MEDIAN + 1]
        alike = np.array([gaps[span].sum(axis=0) for span in days.spans])
        table = calibrated_days(
            calibration,
            found,
            alike=alike.reshape(-1, gaps.shape[1]),
            non_negative=self.work.series.non_negative,
        )
        basis = self._basis(days.all(intervals.basis == POOLED))
        return daily_forecast(days, intervals, table, found.total, basis, weather=weather_of)
