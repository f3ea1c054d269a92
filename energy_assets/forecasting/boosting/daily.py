"""Totals of local days from the forecasts of their intervals, with errors of their own."""

from dataclasses import dataclass
from typing import Final

from energy_assets.forecasting.bands import WEIGHTS
from energy_assets.forecasting.boosting.scale import INTERMITTENT, STEADY, Scale
from energy_assets.forecasting.days import Days, whole_days
from energy_assets.forecasting.past import Past, Rows
from energy_assets.forecasting.timeline import Floats, Positions

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


def day_scale(scale: Scale, steps_per_day: int) -> Scale:
    """The learned scale of day totals."""
    offset = STEADY if scale.offset == STEADY else DAY_OFFSET * INTERMITTENT
    return Scale(usual=scale.usual * steps_per_day, most=scale.most * steps_per_day, offset=offset)


def expected_totals(days: Days, quantiles: Floats) -> Floats:
    """Expected total of each day in kWh or m3, from quantiles of its intervals."""
    return days.sums(quantiles @ WEIGHTS)


def day_errors(past: Past, rows: Rows, quantiles: Floats, *, scale: Scale) -> DayErrors:
    """Errors of the totals of whole held-out days."""
    days = whole_days(past.timeline, rows)
    on_days = day_scale(scale, past.timeline.steps_per_day)
    total = days.sums(scale.consumed(past.values[rows.targets]))
    predicted = expected_totals(days, quantiles)
    return DayErrors(
        error=on_days.learned(total) - on_days.learned(predicted), lead_day=days.lead_day
    )
