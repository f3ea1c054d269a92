"""The stretch of a history that a forecast looks at, up to any origin."""

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.calendar import utc_of
from energy_assets.forecasting.meter_history import MeterHistory, grid_starts

WINDOW_DAYS: Final[int] = 70
"""Four weeks of departures from the four weeks before them, and some. [d]"""


def window(history: MeterHistory, origin_at: pd.Timestamp) -> MeterHistory:
    """The `WINDOW_DAYS` before an origin: what had ended by then, missing where the history ends.

    The first interval that the window does not hold is the one that contains the origin, or begins
    with it.

    Raises:
        ValueError: The history has no intervals at all.
    """
    if not len(history.starts):
        raise ValueError(
            f"{history.meter_type} meter {history.meter_id}: no intervals, so no grid to predict; "
            f"give at least one interval, its value may be missing."
        )
    position = _ended_by(history, origin_at)
    length = WINDOW_DAYS * history.steps_per_day
    first = position - length
    kept = slice(max(first, 0), max(min(position, len(history.starts)), max(first, 0)))
    values = np.full(length, np.nan)
    values[kept.start - first : kept.stop - first] = history.consumption[kept]
    return replace(history, starts=_starts(history, first, length), consumption=values)


def _ended_by(history: MeterHistory, origin_at: pd.Timestamp) -> int:
    """Intervals of the endless grid of a history that ended by an instant, from its start."""
    if history.is_daily:
        day = origin_at.tz_convert(history.zone).tz_localize(None).normalize()
        return (day - _first_day(history)).days
    step = pd.Timedelta(minutes=history.interval_minutes)
    return int((origin_at - history.starts[0]) // step)


def _starts(history: MeterHistory, first: int, length: int) -> pd.DatetimeIndex:
    if history.is_daily:
        begin = utc_of(_first_day(history) + pd.Timedelta(days=first), history.zone)
    else:
        begin = history.starts[0] + first * pd.Timedelta(minutes=history.interval_minutes)
    return grid_starts(begin, length, interval_minutes=history.interval_minutes, zone=history.zone)


def _first_day(history: MeterHistory) -> pd.Timestamp:
    return history.starts[0].tz_convert(history.zone).tz_localize(None).normalize()
