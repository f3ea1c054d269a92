"""Local days and the clock among the rows of a forecast: which days are whole, what is usual there.

Values are not looked at, only summed up.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from energy_assets.forecasting.conditions import (
    RECENT_DAYS,
    Conditions,
    conditions,
    kind_of_day,
)
from energy_assets.forecasting.forecast import ForecastRows, weakest_weather
from energy_assets.forecasting.past import Rows
from energy_assets.forecasting.timeline import Floats, Positions, Timeline


@dataclass(frozen=True, kw_only=True, eq=False)
class Days:
    """Whole local days among consecutive rows of one or more origins.

    Attributes:
        first: First row of each day.
        count: How many rows it has.
        last: Its last interval, as a row.
    """

    first: Positions
    count: Positions
    last: Rows

    def __len__(self) -> int:
        """How many days there are."""
        return len(self.first)

    @property
    def spans(self) -> list[slice]:
        """The rows of each day."""
        return [slice(a, a + n) for a, n in zip(self.first, self.count, strict=True)]

    def all(self, flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether a flag is set in all rows of each day."""
        return self.sums(flags.astype(np.float64)) == self.count

    def sums(self, values: Floats) -> Floats:
        """Sum of the values of each day's rows; NaN where one of them is."""
        known = np.concatenate([[0], np.isfinite(values).cumsum()])
        running = np.concatenate([[0.0], np.nan_to_num(values).cumsum()])
        end = self.first + self.count
        whole = known[end] - known[self.first] == self.count
        return np.where(whole, running[end] - running[self.first], np.nan)

    def conditions(
        self, timeline: Timeline, *, missing: Floats | float = 0.0, recent: Floats | float = 0.0
    ) -> Conditions:
        """Conditions of the days: a day has no hour, and is as far ahead as its end."""
        known = conditions_of(timeline, self.last, missing=missing, recent=recent)
        return replace(known, day_turn=np.zeros(len(self)))


def whole_days(timeline: Timeline, rows: Rows) -> Days:
    """Local days all of whose intervals are among the rows of one origin, in order."""
    key = rows.origins * (1 << 20) + (timeline.day[rows.targets] - timeline.day[0])
    first = np.flatnonzero(np.diff(key, prepend=-1))
    count = np.diff(np.concatenate([first, [len(rows)]]))
    start, last = rows.targets[first], rows.targets[first + count - 1]
    day, slot = timeline.day, timeline.slot
    begins = np.where(start > 0, day[np.maximum(start - 1, 0)] != day[start], slot[start] == 0)
    after = np.minimum(last + 1, len(day) - 1)
    ends = np.where(after > last, day[after] != day[last], slot[last] == slot.max())
    whole = begins & ends & (last - start + 1 == count)
    first, count = first[whole], count[whole]
    return Days(first=first, count=count, last=rows.keep(first + count - 1))


def daily_forecast(
    days: Days,
    intervals: ForecastRows,
    quantiles: Floats,
    mean: Floats,
    basis: NDArray[np.str_],
    *,
    weather: Callable[[NDArray[np.str_]], str] = weakest_weather,
) -> ForecastRows:
    """Rows of days.

    Args:
        days: The days.
        intervals: Forecasts of their intervals.
        quantiles: Of the total of each day.
        mean: Expected total of each.
        basis: What made each.
        weather: Which weather a day rests on, from that of its intervals.
    """
    spans = days.spans
    return ForecastRows(
        valid_at=intervals.valid_at[days.first],
        quantiles=quantiles,
        mean=mean,
        basis=basis,
        weather=np.array([weather(intervals.weather[span]) for span in spans], np.str_),
        temperature_c=np.array([intervals.temperature_c[span].mean() for span in spans]),
    )


def recent_midnights(timeline: Timeline, origins: Positions, *, since: int) -> Positions:
    """Local midnights from a position on, of the last `RECENT_DAYS` before any of the origins."""
    asked = np.unique(origins)
    midnights = np.flatnonzero(timeline.slot[since : int(asked[-1])] == 0) + since
    following = asked[np.searchsorted(asked, midnights)]
    return midnights[timeline.day[following] - timeline.day[midnights] <= RECENT_DAYS]


def conditions_of(
    timeline: Timeline, rows: Rows, *, missing: Floats | float = 0.0, recent: Floats | float = 0.0
) -> Conditions:
    """Conditions of rows: their clock and calendar, and how far ahead each interval ends.

    Args:
        timeline: The clock.
        rows: The rows.
        missing: Share of the recent past of each that was missing.
        recent: Recent errors of each over usual ones, see `Conditions.recent`.
    """
    at, per_day = rows.targets, timeline.steps_per_day
    return conditions(
        day_turn=timeline.slot[at] / per_day,  # 0 where intervals are days
        kind=kind_of_day(
            timeline.weekday[at],
            holiday=timeline.holiday[at],
            bridge=timeline.bridge[at],
            after_holiday=timeline.after_holiday[at],
        ),
        year_turn=timeline.year_turn[at],
        hours_ahead=(rows.ahead + 1) * 24.0 / per_day,
        missing=missing,
        recent=recent,
    )
