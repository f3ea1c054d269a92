"""Totals of local days from the forecasts of their intervals, with errors of their own."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.forecasting.boosting.bands import DAY_PARTS
from energy_assets.forecasting.boosting.past import Past, Rows
from energy_assets.forecasting.boosting.scale import INTERMITTENT, STEADY, Scale
from energy_assets.forecasting.boosting.timeline import Floats, Positions, Timeline

WEIGHTS: Final[NDArray[np.float64]] = np.array([0.075, 0.1, 0.2, 0.25, 0.2, 0.1, 0.075])
"""Share of the distribution for which each quantile stands: their mean is the expected value."""

DAY_OFFSET: Final[float] = 0.25
"""`INTERMITTENT` of a day, whose total is less erratic than its intervals."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DayErrors:
    """Errors of day totals on their learned scale.

    Attributes:
        error: What happened less what the intervals gave.
        lead_day: Lead day of each day's last interval.
    """

    error: Floats
    lead_day: Positions


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


def day_scale(scale: Scale, steps_per_day: int) -> Scale:
    """The learned scale of day totals."""
    offset = STEADY if scale.offset == STEADY else DAY_OFFSET * INTERMITTENT
    return Scale(usual=scale.usual * steps_per_day, most=scale.most * steps_per_day, offset=offset)


def expected_totals(days: Days, quantiles: Floats) -> Floats:
    """Expected total of each day in kWh or m3, from quantiles of its intervals."""
    running = np.concatenate([[0.0], (quantiles @ WEIGHTS).cumsum()])
    return running[days.first + days.count] - running[days.first]


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


def day_errors(past: Past, rows: Rows, quantiles: Floats, *, scale: Scale) -> DayErrors:
    """Errors of the totals of whole held-out days."""
    days = whole_days(past.timeline, rows)
    on_days = day_scale(scale, past.timeline.steps_per_day)
    actual = scale.consumed(past.values[rows.targets])
    running = np.concatenate([[0.0], actual.cumsum()])
    total = running[days.first + days.count] - running[days.first]
    predicted = expected_totals(days, quantiles)
    return DayErrors(
        error=on_days.learned(total) - on_days.learned(predicted), lead_day=days.lead_day
    )


def day_part(timeline: Timeline, targets: Positions) -> Positions:
    """Which part of the local day each target lies in; all 0 for long intervals."""
    slots = timeline.steps_per_day
    if slots < DAY_PARTS:
        return np.zeros(len(targets), dtype=np.int64)
    return timeline.slot[targets] * DAY_PARTS // slots
