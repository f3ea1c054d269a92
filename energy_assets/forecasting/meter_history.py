"""What a model may look at: one electricity or water meter on a grid, and the weather around it.

How rows of a store become such a history is decided in the flow, what is learned from it in
`boosting`.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.calendar import utc_of
from energy_assets.contracts.consumption import MeterType

LEAD_DAYS: Final[int] = 14
"""Forecasts reach this many days ahead."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MeterHistory:
    """Consumption of one meter, one value per interval, without holes in time.

    Attributes:
        meter_type: What it measures.
        meter_id: Which one.
        starts: Start of each interval, UTC: every `interval_minutes`, or for days the local
            midnights, which are 23, 24 or 25 hours apart.
        interval_minutes: 60, a multiple that divides a day, or 1440 for local days. [min]
        zone: IANA name of the zone in which the meter is.
        country: ISO code whose public holidays count; none without it.
        consumption: One value per interval in the unit of the type; NaN where missing.
    """

    meter_type: MeterType
    meter_id: str
    starts: pd.DatetimeIndex
    interval_minutes: int
    zone: str
    country: str | None
    consumption: NDArray[np.float64]

    def __post_init__(self) -> None:
        if len(self.starts) != len(self.consumption):
            raise ValueError(
                f"{self.meter_type} meter {self.meter_id}: {len(self.starts)} interval starts and "
                f"{len(self.consumption)} values; give one value per interval."
            )
        if self.starts.tz is None:
            raise ValueError(
                f"{self.meter_type} meter {self.meter_id}: starts have no zone; give UTC."
            )
        if self.interval_minutes < 60 or 1440 % self.interval_minutes:
            raise ValueError(
                f"{self.meter_type} meter {self.meter_id}: an interval of {self.interval_minutes} "
                f"min is not 60 min or a part of a day. Aggregate the values to hours."
            )

    @property
    def is_daily(self) -> bool:
        """Whether an interval is a local day."""
        return self.interval_minutes == 1440

    @property
    def steps_per_day(self) -> int:
        """Intervals in a day, clock changes aside."""
        return 1440 // self.interval_minutes

    @property
    def end_at(self) -> pd.Timestamp:
        """End of the last interval: the first instant of which nothing is known."""
        return self.future_starts(1)[0]

    def future_starts(self, count: int) -> pd.DatetimeIndex:
        """Starts of the intervals that follow this history."""
        starts = grid_starts(
            self.starts[-1],
            count + 1,
            interval_minutes=self.interval_minutes,
            zone=self.zone,
        )
        return starts[1:]

    def until(self, instant: pd.Timestamp) -> "MeterHistory":
        """The same history as it stood at an instant: intervals that ended by then."""
        ends = self.starts[1:].append(self.future_starts(1)) if len(self.starts) else self.starts
        kept = int((ends <= instant).sum())
        return replace(self, starts=self.starts[:kept], consumption=self.consumption[:kept])


def grid_starts(
    first: pd.Timestamp, count: int, *, interval_minutes: int, zone: str
) -> pd.DatetimeIndex:
    """Starts of so many intervals, UTC: a step apart, or local midnights where they are days.

    Args:
        first: Start of the first interval, or any instant of the first day.
        count: How many.
        interval_minutes: Length of an interval; 1440 for local days. [min]
        zone: IANA name of the zone of the days.
    """
    if interval_minutes < 1440:
        return pd.date_range(first, periods=count, freq=pd.Timedelta(minutes=interval_minutes))
    midnight = first.tz_convert(zone).tz_localize(None).normalize()
    return utc_of(pd.date_range(midnight, periods=count, freq="D"), zone)


@dataclass(frozen=True, kw_only=True, eq=False)
class KnownWeather:
    """Temperatures of the intervals of a history and of those after it, as known at each origin.

    Attributes:
        starts: Intervals, UTC: those of the history, then those of the future. A longer or shorter
            stretch is fine; intervals that are not here have no weather.
        observed_c: What was measured, NaN where unknown. Of use before an origin, and in a
            backtest in place of a forecast that nobody archived. [°C]
        predicted_c: One row per interval, `LEAD_DAYS` columns: column d - 1 is the newest forecast
            that was known d times 24 hours before the interval starts, and so at every origin of
            which the interval is in the d-th 24 hours; NaN where none was archived. For intervals
            that start after the present, what is known now. [°C]
        normal: Which of the predicted values are what is usual rather than a forecast, same shape.
    """

    starts: pd.DatetimeIndex
    observed_c: NDArray[np.float64]
    predicted_c: NDArray[np.float64]
    normal: NDArray[np.bool_]
