"""Local days among the rows of a forecast: which are whole, and which part of one a row lies in."""

from dataclasses import dataclass

import numpy as np

from energy_assets.forecasting.bands import DAY_PARTS
from energy_assets.forecasting.past import Rows
from energy_assets.forecasting.timeline import Floats, Positions, Timeline


@dataclass(frozen=True, kw_only=True, eq=False)
class Days:
    """Whole local days among consecutive rows of one or more origins.

    Attributes:
        first: First row of each day.
        count: How many rows it has.
        lead_day: Lead day of its last interval.
    """

    first: Positions
    count: Positions
    lead_day: Positions

    def sums(self, values: Floats) -> Floats:
        """Sum of the values of each day's rows."""
        running = np.concatenate([[0.0], values.cumsum()])
        return running[self.first + self.count] - running[self.first]


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
    return Days(
        first=first[whole],
        count=count[whole],
        lead_day=rows.lead_day[first + count - 1][whole],
    )


def day_part(timeline: Timeline, targets: Positions) -> Positions:
    """Which part of the local day each target lies in; all 0 for long intervals."""
    slots = timeline.steps_per_day
    if slots < DAY_PARTS:
        return np.zeros(len(targets), dtype=np.int64)
    return timeline.slot[targets] * DAY_PARTS // slots
