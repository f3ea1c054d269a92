"""What a model may look at: one quantity on a regular grid, and what is known beside it.

A customer, a water meter, an appliance and a grid are all a `Series`. How rows of a store become
one is decided in the flow, what is learned from it in the families.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.calendar import grid_starts, local_day, local_midnights, utc_of

LEAD_DAYS: Final[int] = 14
"""Forecasts reach this many days ahead at most."""

HOURS_AHEAD: Final[int] = 24
"""A day ahead. [h]"""

SEASON_DAYS: Final[int] = 400
"""From less history than this the time of the year would be extrapolated. [d]"""

TEMPERATURE: Final[str] = "temperature"
"""Name of the known-future covariate that holds the outdoor temperature. [°C]"""


@dataclass(frozen=True, kw_only=True, eq=False)
class KnownFuture:
    """A covariate of the intervals of a series and of those after it, as known at each origin.

    Attributes:
        starts: Intervals, UTC: those of the series, then those of the future. A longer or shorter
            stretch is fine; of intervals that are not here nothing is known.
        observed: What was measured, NaN where unknown. Of use before an origin, and in a
            backtest in place of a forecast that nobody archived.
        predicted: One row per interval, `LEAD_DAYS` columns: column d - 1 is the newest forecast
            that was known d times 24 hours before the interval starts, and so at every origin of
            which the interval is in the d-th 24 hours; NaN where none was archived. For intervals
            that start after the present, what is known now.
        normal: Which of the predicted values are what is usual rather than a forecast, same shape.
        measured_ahead: Whether what was measured later may stand for a forecast that nobody
            archived. A score by such a forecast has seen the future and must be labelled so.
    """

    starts: pd.DatetimeIndex
    observed: NDArray[np.float64]
    predicted: NDArray[np.float64]
    normal: NDArray[np.bool_]
    measured_ahead: bool = True


@dataclass(frozen=True, kw_only=True, eq=False)
class Series:
    """One quantity, one value per interval, without holes in time.

    Attributes:
        key: Which one, unique among the series of an estate.
        unit: Of the values: kWh, m3, MWh, …
        start_at: Start of the first interval, UTC; of days a local midnight.
        interval_minutes: From 5 to 60 where it divides an hour, a multiple of 60 that divides a
            day, or 1440 for local days, which are 23, 24 or 25 hours long. [min]
        zone: IANA name of the zone whose clock counts.
        country: ISO code whose public holidays count; those of the zone's one country without it.
        values: In time order, NaN where missing.
        past: Covariates that are known of the past only, by name, one value per interval.
        future: Covariates that are known ahead, by name.
        non_negative: Whether the quantity is never below zero; a net-metered site's is.
    """

    key: str
    unit: str
    start_at: pd.Timestamp
    interval_minutes: int
    zone: str
    country: str | None = None
    values: NDArray[np.float64]
    past: Mapping[str, NDArray[np.floating]] = field(
        default_factory=dict[str, NDArray[np.floating]]
    )
    future: Mapping[str, KnownFuture] = field(default_factory=dict[str, KnownFuture])
    non_negative: bool = True

    def __post_init__(self) -> None:
        minutes = self.interval_minutes
        divides = minutes >= 1 and (1440 % minutes if minutes > 60 else 60 % minutes) == 0
        if not divides or (minutes > 60 and minutes % 60):
            raise ValueError(
                f"series {self.key}: an interval of {minutes} min divides neither an hour nor a "
                f"day in whole hours. Resample the values to 15, 30 or 60 min."
            )
        if self.values.ndim != 1:
            raise ValueError(
                f"series {self.key}: values have shape {self.values.shape}; give one per interval."
            )
        odd = [name for name, column in self.past.items() if column.shape != self.values.shape]
        if odd:
            raise ValueError(
                f"series {self.key}: {len(self.values)} values, but the covariates {odd} have "
                f"another length; give one value per interval."
            )
        if self.start_at.tzinfo is None:
            raise ValueError(f"series {self.key}: start_at has no zone; give UTC.")

    def __len__(self) -> int:
        """How many intervals there are."""
        return len(self.values)

    @property
    def is_daily(self) -> bool:
        """Whether an interval is a local day."""
        return self.interval_minutes == 1440

    @property
    def interval(self) -> pd.Timedelta:
        """Length of one interval, clock changes aside."""
        return pd.to_timedelta(self.interval_minutes, unit="min")

    @property
    def steps_per_day(self) -> int:
        """Intervals in a day, clock changes aside."""
        return 1440 // self.interval_minutes

    @property
    def steps_per_hour(self) -> int:
        """Intervals in an hour; 0 where they are longer."""
        return 60 // self.interval_minutes

    @cached_property
    def starts(self) -> pd.DatetimeIndex:
        """Start of every interval, UTC."""
        return self.grid(self.start_at, len(self))

    @property
    def end_at(self) -> pd.Timestamp:
        """End of the last interval: the first instant of which nothing is known."""
        if not self.is_daily:
            return self.start_at + len(self) * self.interval
        return self.grid(self.start_at, len(self) + 1)[-1]

    def grid(self, first: pd.Timestamp, count: int) -> pd.DatetimeIndex:
        """Starts of so many intervals from one on, UTC."""
        return grid_starts(first, count, interval_minutes=self.interval_minutes, zone=self.zone)

    def future_starts(self, count: int) -> pd.DatetimeIndex:
        """Starts of the intervals that follow this series."""
        return self.grid(self.end_at, count)

    def start_of(self, position: int) -> pd.Timestamp:
        """Start of an interval by its position, also beyond either end."""
        if not self.is_daily:
            return self.start_at + position * self.interval
        return utc_of(self._first_day + pd.Timedelta(days=position), self.zone)

    def steps_before(self, instant: pd.Timestamp) -> int:
        """How many intervals end at or before an instant, within this series or not."""
        if not self.is_daily:
            return int((instant - self.start_at) // self.interval)
        return (local_day(instant, self.zone) - self._first_day).days

    @property
    def _first_day(self) -> pd.Timestamp:
        return local_day(self.start_at, self.zone)

    def cut(self, first: int, end: int) -> "Series":
        """The intervals between two positions; missing ones where they lie beyond either end."""
        length, low = max(end - first, 0), max(first, 0)
        high = max(min(end, len(self)), low)

        def part(column: NDArray[np.floating]) -> NDArray[np.floating]:
            if (low - first, high - first) == (0, length):
                return column[low:high]
            wide = np.full(length, np.nan, dtype=column.dtype)
            wide[low - first : high - first] = column[low:high]
            return wide

        return replace(
            self,
            start_at=self.start_of(first),
            values=part(self.values),
            past={name: part(column) for name, column in self.past.items()},
        )

    def until(self, instant: pd.Timestamp) -> "Series":
        """The same series as it stood at an instant: intervals that ended by then."""
        return self.cut(0, min(max(self.steps_before(instant), 0), len(self)))

    def last_days(self, days: int) -> "Series":
        """The newest days only; everything when there is less."""
        return self.cut(max(len(self) - days * self.steps_per_day, 0), len(self))

    @property
    def known_count(self) -> int:
        """How many values are known."""
        return int(np.isfinite(self.values).sum())

    def known_days(self) -> float:
        """Days worth of intervals whose value is known."""
        return self.known_count / self.steps_per_day

    def known_range(self) -> tuple[int, int]:
        """Positions of the first known interval and behind the last one; 0 and 0 without any."""
        known = np.flatnonzero(np.isfinite(self.values))
        return (int(known[0]), int(known[-1]) + 1) if len(known) else (0, 0)

    @property
    def known_until(self) -> pd.Timestamp:
        """End of the newest known interval; the start of a series of which nothing is known."""
        return self.start_of(self.known_range()[1])

    @property
    def shows_seasons(self) -> bool:
        """Whether it is long enough to learn the time of the year from."""
        first, end = self.known_range()
        return end - 1 - first >= SEASON_DAYS * self.steps_per_day

    def midnights(self, since: int = 0) -> NDArray[np.int64]:
        """Positions of local midnights from a position on."""
        found = local_midnights(self.starts, zone=self.zone)
        return found[found >= since]

    def without_hindsight(self) -> "Series":
        """The same series with nothing of its known-future covariates measured after an origin."""
        honest = {name: replace(one, measured_ahead=False) for name, one in self.future.items()}
        return replace(self, future=honest)

    def table(self, names: Sequence[str]) -> NDArray[np.float32]:
        """Known-past covariates as columns, missing ones NaN: one row per interval."""
        columns = [self.past.get(name, np.full(len(self), np.nan)) for name in names]
        return np.stack(columns, axis=1).astype(np.float32)


def require_days(days: int) -> None:
    """Refuse a length that no family forecasts.

    Raises:
        ValueError: It is not within 1 and 14.
    """
    if not 1 <= days <= LEAD_DAYS:
        raise ValueError(f"a forecast of {days} days; ask for 1 to {LEAD_DAYS}.")


def on_grid(series: Series, origins: Sequence[pd.Timestamp]) -> tuple[Series, NDArray[np.int64]]:
    """The series long enough to hold some origins, and the position of each.

    The interval that contains an origin, or begins with it, is the first one that is not known
    there. Unknown intervals fill the time between the series and origins beyond its ends.
    """
    positions = np.array([series.steps_before(origin) for origin in origins], dtype=np.int64)
    first = min(0, int(positions.min(initial=0)))
    wide = series.cut(first, max(len(series), int(positions.max(initial=0))))
    return wide, positions - first


def stretch_before(
    series: Series, origins: Sequence[pd.Timestamp], *, days: int
) -> tuple[Series, NDArray[np.int64]]:
    """The series from some days before the first origin to the last one, and their positions."""
    at = [series.steps_before(origin) for origin in origins]
    return on_grid(series.cut(min(at) - days * series.steps_per_day, max(at)), origins)


def imputed_shares(
    series: Series, positions: NDArray[np.int64], *, days: int = 2
) -> NDArray[np.float64]:
    """Share of the days before each position that is missing, or lies before the series."""
    last = days * series.steps_per_day
    known = np.concatenate([[0], np.isfinite(series.values).cumsum()])
    return 1.0 - (known[positions] - known[np.maximum(positions - last, 0)]) / last
