"""Totals of local days from the forecasts of their intervals, on a scale of their own."""

from dataclasses import replace
from typing import Final

from energy_assets.forecasting.boosting.scale import INTERMITTENT, STEADY, Scale
from energy_assets.forecasting.days import Days
from energy_assets.forecasting.past import Past, Rows
from energy_assets.forecasting.timeline import Floats

DAY_OFFSET: Final[float] = 0.25
"""`INTERMITTENT` of a day, whose total is less erratic than its intervals."""


def day_scale(scale: Scale, steps_per_day: int) -> Scale:
    """The learned scale of day totals."""
    offset = STEADY if scale.offset == STEADY else DAY_OFFSET * INTERMITTENT
    usual, most = scale.usual * steps_per_day, scale.most * steps_per_day
    return replace(scale, usual=usual, most=most, offset=offset)


def day_errors(past: Past, rows: Rows, days: Days, mean: Floats, *, scale: Scale) -> Floats:
    """What whole held-out days had less what was expected of them, on the scale of days.

    Args:
        past: What is known.
        rows: Held-out rows.
        days: Whole days among them.
        mean: Expected value of each row. [unit of the series]
        scale: Scale of intervals.
    """
    on_days = day_scale(scale, past.timeline.steps_per_day)
    total = days.sums(scale.consumed(past.values[rows.targets]))
    return on_days.learned(total) - on_days.learned(days.sums(mean))
