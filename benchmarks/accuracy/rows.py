"""The rows that are scored: every interval of a window, predicted from midnight of its local day.

Which model predicts them is not known here.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.calendar import is_holiday, local_day, local_midnights, local_minutes
from energy_assets.contracts.forecasts import QUANTILES
from energy_assets.forecasting.family import Model
from energy_assets.forecasting.series import Series

EPOCH_ORDINAL = 719_163
"""The proleptic ordinal of 1970-01-01."""


@dataclass(frozen=True, kw_only=True, eq=False)
class WindowRows:
    """Intervals of a window of one series; a local day is one origin and all of its rows.

    Attributes:
        series: The series up to the end of the window.
        origins: Local midnights in time order.
        first: Position of each in the series.
        counts: Rows of each: the whole local day, 23 or 25 hours where clocks change.
        whole: Whether all intervals of the local day are among the rows.
        local: What the clock shows at the start of each row, as minutes since 1970. [min]
    """

    series: Series
    origins: tuple[pd.Timestamp, ...]
    first: NDArray[np.int64]
    counts: NDArray[np.int64]
    whole: NDArray[np.bool_]
    local: NDArray[np.int64]

    def __len__(self) -> int:
        """How many rows there are."""
        return int(self.counts.sum())

    @property
    def starts(self) -> pd.DatetimeIndex:
        """Start of each row, UTC."""
        return self.series.starts[self._low : self._low + len(self)]

    @property
    def actual(self) -> NDArray[np.float64]:
        """What happened, NaN where missing."""
        return self.series.values[self._low : self._low + len(self)]

    @property
    def day(self) -> NDArray[np.int64]:
        """Which of the origins each row belongs to."""
        return np.repeat(np.arange(len(self.origins), dtype=np.int64), self.counts)

    @property
    def hour(self) -> NDArray[np.int64]:
        """Hour of the clock."""
        return self.local // 60 % 24

    @property
    def month(self) -> NDArray[np.int64]:
        """Month of the clock, 1 to 12."""
        months = (self.local // 1440).astype("datetime64[D]").astype("datetime64[M]")
        return months.astype(np.int64) % 12 + 1

    @property
    def holiday(self) -> NDArray[np.bool_]:
        """Whether the local day is a public holiday."""
        days, where = np.unique(self.local // 1440, return_inverse=True)
        zone, country = self.series.zone, self.series.country
        free = [is_holiday(date.fromordinal(EPOCH_ORDINAL + int(d)), zone, country) for d in days]
        return np.array(free, dtype=np.bool_)[where]

    @property
    def _low(self) -> int:
        return int(self.first[0]) if len(self.first) else 0


def window_rows(series: Series, start_at: pd.Timestamp, end_at: pd.Timestamp) -> WindowRows:
    """The rows of a series from the first local midnight of a window to its end."""
    series = series.until(end_at)
    midnights = np.arange(len(series), dtype=np.int64)
    if not series.is_daily:
        midnights = local_midnights(series.starts, zone=series.zone)
    first = midnights[np.asarray(series.starts[midnights] >= start_at)]
    ends = np.append(first[1:], len(series))[: len(first)]
    low = int(first[0]) if len(first) else len(series)
    whole = np.ones(len(first), dtype=np.bool_)
    if len(first):
        newest = series.starts[-1]
        whole[-1] = local_day(series.end_at, series.zone) > local_day(newest, series.zone)
    return WindowRows(
        series=series,
        origins=tuple(series.starts[first]),
        first=first,
        counts=ends - first,
        whole=whole,
        local=local_minutes(series.starts[low:], series.zone),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Predicted:
    """What a family says of rows.

    Attributes:
        quantiles: One row each, one column per level of `QUANTILES`.
        mean: Expected value of each.
    """

    quantiles: NDArray[np.float64]
    mean: NDArray[np.float64]


def joined(parts: list[Predicted]) -> Predicted:
    """Rows one after the other."""
    return Predicted(
        quantiles=np.concatenate([np.zeros((0, len(QUANTILES))), *(p.quantiles for p in parts)]),
        mean=np.concatenate([np.zeros(0), *(p.mean for p in parts)]),
    )


def predict_rows(model: Model, rows: WindowRows, days: NDArray[np.int64]) -> Predicted:
    """What a model says of the rows of some of the local days, each from its own midnight.

    The hour that a day of 25 hours has beyond 24 is the first of a second day ahead.

    Args:
        model: Any model; it is given the series with all that the window holds.
        rows: The rows.
        days: Positions among the origins, ascending.
    """
    made: dict[int, Predicted] = {}
    longer = rows.counts > rows.series.steps_per_day
    for ahead in (1, 2):
        asked = [int(day) for day in days if longer[day] == (ahead == 2)]
        forecasts = model.predict(rows.series, [rows.origins[day] for day in asked], days=ahead)
        for day, forecast in zip(asked, forecasts, strict=True):
            count = int(rows.counts[day])
            made[day] = Predicted(quantiles=forecast.quantiles[:count], mean=forecast.mean[:count])
    return joined([made[int(day)] for day in days])
