"""Local days and the clock among the rows of a forecast: which days are whole, what is usual there.

Values are not looked at, only summed.
"""

from dataclasses import dataclass, replace

import numpy as np

from energy_assets.forecasting.conditions import Conditions, conditions, kind_of_day
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
    return Days(first=first, count=count, last=rows.kept(first + count - 1))


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
