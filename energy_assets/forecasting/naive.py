"""Seasonal naives: forecasts that repeat earlier days, and the baseline of every score.

The newest known day, the newest same weekday, the mean of four of them, the median of the same hour
over 28 days, or a blend. Bands come from each one's own errors of the four weeks before the origin.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.forecasting.bands import Bands, fit_bands
from energy_assets.forecasting.days import conditions_of, whole_days
from energy_assets.forecasting.family import Fitted, Model, SavedModel
from energy_assets.forecasting.forecast import (
    Explanation,
    Forecast,
    ForecastRows,
    expected_line,
    plain_rows,
)
from energy_assets.forecasting.past import Past, Rows, lags_of, newest_days, past_of, rows_ahead
from energy_assets.forecasting.series import LEAD_DAYS, Series, require_days, stretch_before
from energy_assets.forecasting.timeline import Floats, timeline_of

Variant = Literal["yesterday", "last_week", "four_weeks", "median_28", "blend"]
"""Which earlier days a baseline repeats."""

NAIVES: Final[tuple[Variant, ...]] = (
    "yesterday",
    "last_week",
    "four_weeks",
    "median_28",
    "blend",
)
"""The baselines beside which every model is scored."""

REPEATED: Final[dict[Variant, str]] = {
    "yesterday": "the newest known day",
    "last_week": "the newest known same weekdays",
    "four_weeks": "the mean of the newest four same weekdays",
    "median_28": "the median of the same hour over the newest 28 days",
    "blend": "a blend of the newest day, the last week and the same weekdays of four weeks",
}
"""What each baseline repeats, in words."""

ERROR_DAYS: Final[int] = 28
"""Days before an origin from which a baseline's own errors are taken. [d]"""

FEWEST_DAY_ERRORS: Final[int] = 20
"""With fewer errors of whole days, days have the bands of intervals, which are wider."""

LOOK_BACK_DAYS: Final[int] = 70
"""Four weeks of errors of what repeats the four weeks before them, and some. [d]"""

IMPUTED_DAYS: Final[int] = 14
"""Days before the origin whose missing share a forecast states, and which widens its bands. [d]"""


@dataclass(frozen=True, kw_only=True)
class SeasonalNaive:
    """One baseline; it learns nothing, so it is its own model and needs no files.

    Attributes:
        variant: Which earlier days it repeats. A clock time that is unknown there takes the blend,
            and then the mean of the newest day that is known.
    """

    variant: Variant

    @property
    def name(self) -> str:
        """Its name in scores and `basis`."""
        return f"naive_{self.variant}"

    @property
    def model_id(self) -> str:
        """Its name: two of them differ in nothing else."""
        return self.name

    @property
    def learned_until(self) -> pd.Timestamp:
        """It never learned anything."""
        return pd.Timestamp(0, tz="UTC")

    @property
    def reach_days(self) -> int:
        """As many days as any family."""
        return LEAD_DAYS

    def refusal(self, series: Series) -> str:
        """It repeats anything."""
        del series
        return ""

    def fit(
        self, series: Sequence[Series], *, previous: Mapping[str, Model] | None = None
    ) -> Mapping[str, Fitted]:
        """Itself for every series; it can be asked about any day, so nothing is held out."""
        del previous
        return {one.key: Fitted(model=self, held_out=()) for one in series}

    def save(self) -> SavedModel:
        """Its name is all there is to save."""
        return SavedModel(metadata={"family": self.name})

    def load(self, saved: SavedModel) -> "SeasonalNaive":
        """Itself.

        Raises:
            ValueError: The files are of another family.
        """
        if saved.metadata.get("family") != self.name:
            raise ValueError(
                f"these files hold {saved.metadata.get('family')!r}, not {self.name}; load them "
                f"with the family that wrote them."
            )
        return self

    def predict(
        self,
        series: Series,
        origins: Sequence[pd.Timestamp],
        *,
        days: int = 1,
        explained: bool = False,
    ) -> list[Forecast]:
        """One forecast per origin, whatever the series holds; zeros when it holds nothing.

        Raises:
            ValueError: `days` is not within 1 and 14.
        """
        require_days(days)
        if not len(origins):
            return []
        window, positions = stretch_before(series, origins, days=LOOK_BACK_DAYS)
        work = _Trial.of(window, positions, variant=self.variant, steps=days * series.steps_per_day)
        return [work.forecast(int(position), explained=explained) for position in positions]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Trial:
    """What a baseline predicts from the origins asked for, and from those of its recent errors.

    Attributes:
        series: The stretch that is looked at.
        past: The same in its own unit.
        variant: Which baseline.
        steps: Intervals ahead of each origin.
        origins: Positions, ascending.
        point: What is repeated: origins, steps.
        mean: Expected value beside it, same shape.
        actual: What happened, same shape; NaN where unknown.
    """

    series: Series
    past: Past
    variant: Variant
    steps: int
    origins: NDArray[np.int64]
    point: Floats
    mean: Floats
    actual: Floats

    @staticmethod
    def of(
        series: Series, positions: NDArray[np.int64], *, variant: Variant, steps: int
    ) -> "_Trial":
        past, day = raw_past(series), series.steps_per_day
        earlier = positions[:, None] - day * np.arange(ERROR_DAYS + 1, dtype=np.int64)
        origins = np.unique(earlier[earlier > 0]) if len(positions) else positions
        origins = np.union1d(origins, positions)
        rows = rows_ahead(origins, steps, day)
        point, mean = naive_values(past, rows, variant)
        inside = np.minimum(rows.targets, len(past.values) - 1)
        actual = np.where(rows.targets < past.timeline.known, past.values[inside], np.nan)
        shape = (len(origins), steps)
        return _Trial(
            series=series,
            past=past,
            variant=variant,
            steps=steps,
            origins=origins,
            point=point.reshape(shape),
            mean=mean.reshape(shape),
            actual=actual.reshape(shape),
        )

    def forecast(self, position: int, *, explained: bool) -> Forecast:
        """The forecast from one of the positions."""
        timeline, day = self.past.timeline, self.series.steps_per_day
        here = int(np.searchsorted(self.origins, position))
        rows = rows_ahead(self.origins[here : here + 1], self.steps, day)
        tried, off_point, off_mean = self._errors(position)
        day_of = timeline.day[tried.targets]
        bands = fit_bands(off_point, conditions_of(timeline, tried), day=day_of)
        missing = float(self.past.missing_share(rows.origins[:1], IMPUTED_DAYS)[0])
        point, mean = self.point[here], self.mean[here]
        table = bands.around(point, conditions_of(timeline, rows, missing=missing))
        intervals = self._rows(timeline.starts[rows.targets], table, mean)
        daily = intervals
        if not self.series.is_daily:
            bands = self._day_bands(tried, off_mean, bands)
            daily = self._daily(rows, mean, bands, missing=missing)
        return Forecast(
            origin_at=timeline.starts[position],
            model_id=f"naive_{self.variant}",
            intervals=intervals,
            daily=daily,
            imputed_share=missing,
            explanation=self._explanation(mean[:day]) if explained else Explanation(),
        )

    def _errors(self, position: int) -> tuple[Rows, Floats, Floats]:
        """Rows from earlier origins at the same time of the day whose value is known by then.

        And what happened there less the point, and less the mean.
        """
        day = self.series.steps_per_day
        earlier = position - day * np.arange(1, ERROR_DAYS + 1, dtype=np.int64)
        earlier = earlier[earlier > 0]
        rows = rows_ahead(earlier, self.steps, day)
        at = np.searchsorted(self.origins, earlier)
        actual = self.actual[at]
        known = np.isfinite(actual).reshape(-1) & (rows.targets < position)
        off = [(actual - one).reshape(-1)[known] for one in (self.point[at], self.mean[at])]
        return rows.keep(known), off[0], off[1]

    def _day_bands(self, tried: Rows, error: Floats, bands: Bands) -> Bands:
        """Bands from errors of whole days; those of intervals where there are few."""
        timeline = self.past.timeline
        days = whole_days(timeline, tried)
        if len(days) < FEWEST_DAY_ERRORS:
            return bands.of_days(self.series.steps_per_day)
        known, day = days.conditions(timeline), timeline.day[days.last.targets]
        return fit_bands(days.sums(error), known, day=day)

    def _daily(self, rows: Rows, mean: Floats, bands: Bands, *, missing: float) -> ForecastRows:
        """Whole local days."""
        timeline = self.past.timeline
        days = whole_days(timeline, rows)
        total = days.sums(mean)
        table = bands.around(total, days.conditions(timeline, missing=missing))
        return self._rows(timeline.starts[rows.targets[days.first]], table, total)

    def _rows(self, valid_at: pd.DatetimeIndex, table: Floats, mean: Floats) -> ForecastRows:
        if self.series.non_negative:
            table, mean = np.maximum(table, 0.0), np.maximum(mean, 0.0)
        return plain_rows(valid_at, table, mean, f"naive_{self.variant}")

    def _explanation(self, next_day: Floats) -> Explanation:
        lines = (
            expected_line(next_day, self.series.unit),
            f"No model serves here: the forecast repeats {REPEATED[self.variant]}.",
        )
        return Explanation(lines=lines)


def raw_past(series: Series) -> Past:
    """The past of a series in its own unit; what is unknown there is unknown."""
    timeline = timeline_of(series)
    unknown = np.full((2, timeline.steps_per_day), np.nan)
    values = np.maximum(series.values, 0.0) if series.non_negative else series.values
    return past_of(timeline, values, typical=unknown)


def naive_values(past: Past, rows: Rows, variant: Variant) -> tuple[Floats, Floats]:
    """A baseline's point and mean of rows; the blend, the level and at last 0 stand for unknown."""
    lags = lags_of(past, rows)
    level = past.level(rows.origins)

    def filled(column: Floats) -> Floats:
        known = column.copy()
        for other in (lags.baseline, level):
            unknown = np.isnan(known)
            known[unknown] = other[unknown]
        return np.nan_to_num(known)

    if variant == "median_28":
        middle, mean = newest_days(past, rows, ERROR_DAYS)
        return filled(middle), filled(mean)
    columns = {
        "yesterday": lags.newest[:, 0],
        "last_week": lags.weeks[:, 0],
        "four_weeks": lags.weekday_mean,
        "blend": lags.baseline,
    }
    point = filled(columns[variant])
    return point, point


BASELINES: Final[dict[str, SeasonalNaive]] = {
    naive.name: naive for naive in (SeasonalNaive(variant=variant) for variant in NAIVES)
}
"""The seasonal naives by their name in scores."""

BLEND: Final[SeasonalNaive] = BASELINES["naive_blend"]
"""What serves where no model does."""
