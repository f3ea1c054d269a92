"""One series of a pool: what trees that it shares with others predict of it, calibrated to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.forecasting.boosting.weather_path import WeatherPath, weather_path
from energy_assets.forecasting.calibration import TINY, Calibration
from energy_assets.forecasting.days import Days, conditions_of, whole_days
from energy_assets.forecasting.family import SavedModel
from energy_assets.forecasting.forecast import MEDIAN, Forecast, ForecastRows, weather_of
from energy_assets.forecasting.naive import IMPUTED_DAYS, SeasonalNaive, raw_past
from energy_assets.forecasting.past import Past, Rows
from energy_assets.forecasting.pooled.recent import WINDOW_DAYS
from energy_assets.forecasting.pooled.trees import PooledRows, SharedTrees
from energy_assets.forecasting.raw_errors import DayRows, calibrated, calibrated_days
from energy_assets.forecasting.series import TEMPERATURE, Series, on_grid, require_days
from energy_assets.forecasting.timeline import Floats, timeline_of

POOLED: Final[str] = "pooled"
"""Basis of rows that the shared trees predicted, and the name of the family."""

NO_WEATHER: Final[str] = "no_weather"
"""Basis of rows that trees which know weather predicted without it."""

BLEND: Final = SeasonalNaive(variant="blend")
"""What serves a series of which nothing recent is known."""

LOOK_BACK_DAYS: Final[int] = WINDOW_DAYS + 14
"""What a forecast looks at, and the weather before it. [d]"""


@dataclass(frozen=True, kw_only=True, eq=False)
class Shared:
    """What all series of a pool have in common.

    Attributes:
        trees: The trees.
        calibration: What their errors on all series say; it serves a series without its own.
    """

    trees: SharedTrees
    calibration: Calibration


@dataclass(frozen=True, kw_only=True, eq=False)
class PooledModel:
    """Shared trees as they serve one series.

    Attributes:
        key: Which series.
        shared: What it has in common with the others.
        calibration: What the errors of this series say.
        learned_until: End of the newest interval that trees or calibration learned from.
    """

    key: str
    shared: Shared
    calibration: Calibration
    learned_until: pd.Timestamp

    @cached_property
    def files(self) -> SavedModel:
        """Trees and calibration, as stored."""
        from energy_assets.forecasting.pooled.files import files_of

        return files_of(self)

    @property
    def model_id(self) -> str:
        """Digest of the files: the same model has the same one."""
        return str(self.files.metadata["model_id"])

    def save(self) -> SavedModel:
        """The model as data; every series of a pool repeats the trees."""
        return self.files

    def predict(
        self,
        series: Series,
        origins: Sequence[pd.Timestamp],
        *,
        days: int = 1,
        explained: bool = False,
    ) -> list[Forecast]:
        """One forecast per origin; never fails for lack of data.

        Only intervals that ended by an origin are looked at. The seasonal blend serves a series of
        another interval than the trees learned, and origins before which nothing recent is known.
        It cannot say why.

        Raises:
            ValueError: `days` is not within 1 and 14.
        """
        require_days(days)
        if series.interval_minutes != self.shared.trees.interval_minutes:
            return BLEND.predict(series, origins, days=days, explained=explained)
        if not len(origins):
            return []
        work = Work.of(self.shared.trees, series, origins)
        able = work.past.missing_share(work.origins, WINDOW_DAYS) < 1.0
        made = iter(self._forecasts(work, work.origins[able], days=days) if able.any() else [])
        silent = [origin for origin, can in zip(origins, able, strict=True) if not can]
        blends = iter(BLEND.predict(series, silent, days=days, explained=explained))
        return [next(made) if can else next(blends) for can in able.tolist()]

    def _forecasts(self, work: "Work", origins: NDArray[np.int64], *, days: int) -> list[Forecast]:
        steps = days * work.series.steps_per_day
        issued = work.issue(rows_ahead(origins, steps, work.series.steps_per_day))
        found: list[Forecast] = []
        for number, position in enumerate(origins.tolist()):
            own = issued.kept(slice(number * steps, (number + 1) * steps))
            intervals = own.intervals(self.calibration)
            daily = intervals
            if not work.series.is_daily:
                daily = own.daily(self.calibration, intervals)
            found.append(
                Forecast(
                    origin_at=work.past.timeline.starts[position],
                    model_id=self.model_id,
                    intervals=intervals,
                    daily=daily,
                    imputed_share=float(own.missing[0]),
                )
            )
        return found


@dataclass(frozen=True, kw_only=True, eq=False)
class Work:
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
    def of(trees: SharedTrees, series: Series, origins: Sequence[pd.Timestamp]) -> "Work":
        """The stretch of a series that some origins need."""
        at = [series.steps_before(origin) for origin in origins]
        first = min(at) - LOOK_BACK_DAYS * series.steps_per_day
        window, positions = on_grid(series.cut(first, max(at)), origins)
        return Work.on(trees, window, positions)

    @staticmethod
    def on(trees: SharedTrees, series: Series, origins: NDArray[np.int64]) -> "Work":
        """All of a series, with origins by position."""
        weather = series.future.get(TEMPERATURE) if trees.knows_weather else None
        path = None if weather is None else weather_path(timeline_of(series), weather)
        return Work(trees=trees, series=series, past=raw_past(series), path=path, origins=origins)

    def issue(self, rows: Rows) -> "Issued":
        """Predict rows, each from its own origin."""
        temperature = np.full(len(rows), np.nan)
        if self.path is not None:
            temperature = self.path.at(rows.targets, rows)
        return Issued(
            work=self,
            rows=rows,
            made=self.trees.predict_rows(
                self.past, rows, self.path, non_negative=self.series.non_negative
            ),
            temperature_c=temperature,
            missing=self.past.missing_share(rows.origins, IMPUTED_DAYS),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Issued:
    """Rows as the trees predict them.

    Attributes:
        work: The series.
        rows: The rows.
        made: What is predicted of each, before calibration.
        temperature_c: What is expected in each, NaN where unknown. [°C]
        missing: Share of the recent past of each that was missing.
    """

    work: Work
    rows: Rows
    made: PooledRows
    temperature_c: Floats
    missing: Floats

    def kept(self, which: slice | NDArray[np.bool_]) -> "Issued":
        """Some of the rows."""
        some = np.arange(len(self.rows), dtype=np.int64)[which]
        made = PooledRows(**{name: column[some] for name, column in vars(self.made).items()})
        return replace(
            self,
            rows=self.rows.kept(some),
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
        plain = NO_WEATHER if self.work.trees.knows_weather else POOLED
        return ForecastRows(
            valid_at=timeline.starts[self.rows.targets],
            quantiles=table,
            mean=mean,
            basis=np.where(warm, POOLED, plain),
            weather=self._weather(warm),
            temperature_c=self.temperature_c,
        )

    def _weather(self, warm: NDArray[np.bool_]) -> NDArray[np.str_]:
        if self.work.path is None:
            return np.full(len(warm), "none")
        archived = self.work.path.archived[self.rows.targets, self.rows.lead_day - 1]
        return np.where(warm, np.where(archived, "forecast", "observation"), "none")

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
        spans = [slice(a, a + n) for a, n in zip(days.first, days.count, strict=True)]
        alike = np.array([gaps[span].sum(axis=0) for span in spans]).reshape(-1, gaps.shape[1])
        plain = NO_WEATHER if self.work.trees.knows_weather else POOLED
        warm = np.array([bool((intervals.basis[s] == POOLED).all()) for s in spans], np.bool_)
        return ForecastRows(
            valid_at=intervals.valid_at[days.first],
            quantiles=calibrated_days(
                calibration, found, alike=alike, non_negative=self.work.series.non_negative
            ),
            mean=found.total,
            basis=np.where(warm, POOLED, plain),
            weather=np.array([weather_of(intervals.weather[s]) for s in spans], np.str_),
            temperature_c=np.array([intervals.temperature_c[s].mean() for s in spans]),
        )


def rows_ahead(origins: NDArray[np.int64], steps: int, steps_per_day: int) -> Rows:
    """So many intervals ahead of each origin."""
    ahead = np.arange(steps, dtype=np.int64)
    return Rows(
        origins=np.repeat(origins, steps),
        targets=(origins[:, None] + ahead).reshape(-1),
        steps_per_day=steps_per_day,
    )
