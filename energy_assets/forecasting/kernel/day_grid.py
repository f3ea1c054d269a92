"""A series as a table of days on its own clock: one row per day, one column per slot.

A day may begin at any slot; then its columns run over midnight. Nothing here learns.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.forecasting.past import Rows
from energy_assets.forecasting.timeline import Floats, Positions, Timeline

MOST_FILLED: Final[int] = 3
"""Gaps of up to this many slots within a day, or hours, are bridged by a straight line."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DayGrid:
    """Where days lie on a timeline.

    Attributes:
        slot: Slot of the local day at which they begin.
        steps: Slots of a day.
        first: Clock step at which the first of them begins, counted from 1970-01-01 00:00 local.
        position: Position of the first interval with each day's and slot's clock time; that of the
            next one where the clock skips it; -1 outside the timeline.
        repeated: Position of the second interval with that clock time; -1 where there is none.
    """

    slot: int
    steps: int
    first: int
    position: Positions
    repeated: Positions

    def __len__(self) -> int:
        """How many days there are."""
        return len(self.position)

    def table(self, values: Floats) -> Floats:
        """Values of a timeline, one row per day; short gaps bridged, longer ones NaN.

        Of two intervals with the same clock time the mean of the known ones counts. A gap is
        bridged within its day only, so that no day knows the next one.
        """
        found = np.where(self.position >= 0, values[self.position], np.nan)
        again = np.where(self.repeated >= 0, values[self.repeated], np.nan)
        both = np.isfinite(found) & np.isfinite(again)
        found = np.where(both, (found + again) / 2, np.where(np.isfinite(found), found, again))
        return _bridged(found)

    def of(self, timeline: Timeline, positions: Positions) -> tuple[Positions, Positions]:
        """Day and column of intervals, by their clock; negative before the first day."""
        step = clock_step(timeline)[positions] - self.first
        return step // self.steps, step % self.steps

    def rows(self, day: Positions, ahead: int) -> Rows:
        """Rows of all slots of the day that begins so many days after each origin day."""
        origin = np.repeat(self.position[day, 0], self.steps)
        targets = self.position[day + ahead].reshape(-1)
        return Rows(origins=origin, targets=targets, steps_per_day=self.steps)


def clock_step(timeline: Timeline) -> Positions:
    """Clock time of each interval as a number of steps since 1970-01-01 00:00 local."""
    return timeline.day * timeline.steps_per_day + timeline.slot


def day_grid(timeline: Timeline, *, slot: int) -> DayGrid:
    """The days of a timeline that begin at a slot; the first and last may be incomplete."""
    steps, clock = timeline.steps_per_day, clock_step(timeline)
    first = int((clock[0] - slot) // steps) * steps + slot
    count = int(-(-(clock[-1] + 1 - first) // steps))
    place = clock - first
    position = np.full(count * steps, -1, dtype=np.int64)
    order = np.arange(len(clock), dtype=np.int64)
    position[place[::-1]] = order[::-1]
    repeated = np.full_like(position, -1)
    second = order[position[place] != order]
    repeated[place[second]] = second
    inside = np.flatnonzero(position >= 0)
    skipped = np.flatnonzero(position < 0)
    skipped = skipped[(skipped > inside[0]) & (skipped < inside[-1])]
    position[skipped] = position[inside[np.searchsorted(inside, skipped)]]
    return DayGrid(
        slot=slot,
        steps=steps,
        first=first,
        position=position.reshape(count, steps),
        repeated=repeated.reshape(count, steps),
    )


def shift_days(table: Floats, days: int) -> Floats:
    """The table so many days earlier, NaN before its beginning."""
    moved = np.full_like(table, np.nan)
    if days < len(table):
        moved[days:] = table[: len(table) - days]
    return moved


def _bridged(table: Floats) -> Floats:
    """Rows whose gaps of at most `MOST_FILLED` slots between known ones are straight lines."""
    filled = table.copy()
    known = np.isfinite(table)
    most = MOST_FILLED * max(table.shape[1] // 24, 1)
    for row in np.flatnonzero(~known.all(axis=1) & known.any(axis=1)):
        at = np.flatnonzero(known[row])
        gaps = np.flatnonzero((np.diff(at) > 1) & (np.diff(at) <= most + 1))
        for gap in gaps:
            inner = np.arange(at[gap] + 1, at[gap + 1])
            filled[row, inner] = np.interp(inner, at[gap : gap + 2], table[row, at[gap : gap + 2]])
    return filled


def known_share(table: Floats) -> NDArray[np.float64]:
    """Share of each day that is known."""
    return np.isfinite(table).mean(axis=1)
