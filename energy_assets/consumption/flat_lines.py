"""Stretches in which a meter reports the same value again and again."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

SHORTEST: Final[pd.Timedelta] = pd.Timedelta(hours=24)
"""A shorter stretch of the same value is never suspicious."""

FEWEST_INTERVALS: Final[int] = 4
"""Fewer equal values in a row are never suspicious, however long an interval is."""

HABIT_WEEKS: Final[int] = 4
"""What a meter does about this often, and at least three times, is its habit."""


@dataclass(frozen=True, kw_only=True)
class FlatLine:
    """The same value for longer than the meter's habit.

    Attributes:
        started_at: Start of its first interval, UTC.
        hours: How long it lasts. [h]
        value: The value, in the unit of the meter's type.
        usual_hours: How long such stretches of this meter are about every four weeks. [h]
    """

    started_at: pd.Timestamp
    hours: float
    value: float
    usual_hours: float


def longest_flat_line(frame: pd.DataFrame, *, recent_days: int = 28) -> FlatLine | None:
    """The longest suspicious stretch that reaches into the last weeks.

    Water may well be zero for long, so that only other values count for a water meter; for an
    electricity meter zero counts too. Missing intervals end a stretch.

    Args:
        frame: A meter's frame.
        recent_days: How far back from its end a stretch may have ended.

    Returns:
        A stretch of at least a day and four intervals, and more than twice as long as those that
        the meter has about every four weeks; None if there is none.
    """
    values = frame["consumption"].to_numpy(np.float64)
    if not len(values):
        return None
    minutes = int(frame.attrs["interval_minutes"])
    first = np.flatnonzero(np.append(True, values[1:] != values[:-1]))  # NaN differs from NaN
    lengths = np.diff(np.append(first, len(values)))
    counted = np.isfinite(values[first])
    if frame.attrs["meter_type"] == "water":
        counted &= values[first] != 0
    lengths = np.where(counted, lengths, 0)
    weeks = len(values) * minutes / (7 * 1440)
    rank = max(3, int(weeks / HABIT_WEEKS))
    habit = int(np.sort(lengths)[-rank]) if len(lengths) >= rank else 0
    least = max(SHORTEST / pd.Timedelta(minutes=minutes), FEWEST_INTERVALS, 2 * habit + 1)
    ends = first + lengths
    recent = ends > len(values) - recent_days * 1440 / minutes
    suspicious = np.flatnonzero(recent & (lengths >= least))
    if not len(suspicious):
        return None
    longest = int(suspicious[np.argmax(lengths[suspicious])])
    return FlatLine(
        started_at=pd.DatetimeIndex(frame.index)[int(first[longest])],
        hours=float(lengths[longest]) * minutes / 60,
        value=float(values[first[longest]]),
        usual_hours=habit * minutes / 60,
    )
