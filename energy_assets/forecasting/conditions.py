"""What is known of an interval beforehand on which the error of its forecast depends.

Hour, kind of day, season, distance and how the last forecasts did, as columns of a width model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.forecasting.timeline import Floats, Positions

Flags = NDArray[np.bool_]

WORKDAY, SATURDAY, SUNDAY, HOLIDAY, BRIDGE, AFTER = range(6)
"""Kinds of day: `BRIDGE` lies between two free days, `AFTER` is the working day after a holiday."""

KINDS: Final[int] = 6
"""How many kinds of day there are."""

AHEAD_HOURS: Final[tuple[float, ...]] = (1.0, 2.0, 4.0, 8.0, 16.0, 24.0, 84.0, 240.0)
"""Distances between which widths grow evenly with the logarithm of the distance. [h]"""

DAY_WAVES: Final[int] = 4
"""Harmonics of the day."""

YEAR_WAVES: Final[int] = 2
"""Harmonics of the year, each with two harmonics of the day."""

WHOLE_YEAR_MONTHS: Final[int] = 11
"""Seasons are not learned from errors of fewer twelfths of the year."""

RECENT_DAYS: Final[int] = 14
"""Days before an origin whose errors count as recent. [d]"""

RECENT_SHARE: Final[float] = 0.4
"""Power of the ratio of recent errors to usual ones with which bands follow."""

LARGEST_SIZE: Final[float] = 4.0
"""One error counts as this many usual ones at most."""

DOUBTED_DAYS: Final[float] = 2.0
"""Recent errors are mixed with as many days of usual ones. [d]"""


@dataclass(frozen=True, kw_only=True, eq=False)
class Conditions:
    """What is known of each row at its origin; one entry per row.

    Attributes:
        day_turn: Start of the interval on the local clock as a share of the day, in 0 to 1; zeros
            where a row is a whole day.
        kind: Kind of the local day, see `kind_of_day`.
        year_turn: Local day as a share of the year, in 0 to 1.
        hours_ahead: From the origin to the interval's end, positive. [h]
        missing: Share of the recent past that was missing; bands are wider by it.
        recent: Logarithm of recent errors over usual ones, see `recent_ratio`; zeros where no
            earlier forecast is known.
    """

    day_turn: Floats
    kind: Positions
    year_turn: Floats
    hours_ahead: Floats
    missing: Floats
    recent: Floats

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.day_turn)

    def keep(self, which: Flags | Positions) -> "Conditions":
        """Some of the rows."""
        return Conditions(**{name: column[which] for name, column in vars(self).items()})

    def whole_year(self) -> bool:
        """Whether the rows are of all seasons."""
        twelfth = np.unique((self.year_turn * 12).astype(np.int64))
        return len(twelfth) >= WHOLE_YEAR_MONTHS


def conditions(
    *,
    day_turn: Floats,
    kind: Positions,
    year_turn: Floats,
    hours_ahead: Floats,
    missing: Floats | float = 0.0,
    recent: Floats | float = 0.0,
) -> Conditions:
    """Conditions, with one number for all rows where there is no array."""
    rows = len(day_turn)
    return Conditions(
        day_turn=day_turn,
        kind=kind,
        year_turn=year_turn,
        hours_ahead=hours_ahead,
        missing=np.broadcast_to(np.asarray(missing, dtype=np.float64), rows),
        recent=np.broadcast_to(np.asarray(recent, dtype=np.float64), rows),
    )


def joined_conditions(parts: Sequence[Conditions]) -> Conditions:
    """Conditions one after the other; at least one part."""
    names = vars(parts[0])
    return Conditions(**{n: np.concatenate([vars(part)[n] for part in parts]) for n in names})


def kind_of_day(
    weekday: Positions, *, holiday: Flags, bridge: Flags, after_holiday: Flags
) -> Positions:
    """Kind of each day; a holiday at a weekend is a holiday.

    Args:
        weekday: 0 for Monday.
        holiday: Public holidays.
        bridge: Working days between two free ones.
        after_holiday: Days after a public holiday.
    """
    kind = np.where(weekday == 5, SATURDAY, np.where(weekday == 6, SUNDAY, WORKDAY))
    kind = np.where(after_holiday & (kind == WORKDAY), AFTER, kind)
    kind = np.where(bridge, BRIDGE, kind)
    return np.where(holiday, HOLIDAY, kind).astype(np.int64)


def recent_ratio(size: Floats, *, day: Positions, before: Positions) -> Floats:
    """How the forecasts of the last days did, for `Conditions.recent`.

    Args:
        size: |actual - centre| of earlier forecasts over `Bands.width` of the same rows, which is
            1 on average; NaN where the actual value is unknown.
        day: Local day of each of them, as a number of days.
        before: Local day of the origin of each row to be predicted; only earlier days count.

    Returns:
        Logarithm of the mean size of the `RECENT_DAYS` days before, one per entry of `before`; 0
        where none is known.
    """
    known = np.isfinite(size)
    if not known.any() or not len(before):
        return np.zeros(len(before))
    first, last = int(min(day.min(), before.min())), int(max(day.max(), before.max()))
    at, length = (day - first)[known], last - first + 1
    count = np.bincount(at, minlength=length)
    total = np.bincount(at, weights=np.minimum(size[known], LARGEST_SIZE), minlength=length)
    mean = total / np.maximum(count, 1)
    sums = np.concatenate([[0.0], mean.cumsum()])
    days = np.concatenate([[0], (count > 0).cumsum()])
    end = before - first
    start = np.maximum(end - RECENT_DAYS, 0)
    usual = DOUBTED_DAYS
    return np.log((sums[end] - sums[start] + usual) / (days[end] - days[start] + usual))


AHEAD_COLUMNS: Final[slice] = slice(1, len(AHEAD_HOURS))
"""Columns whose weights are never negative: farther is never surer."""

KIND_COLUMNS: Final[slice] = slice(AHEAD_COLUMNS.stop, AHEAD_COLUMNS.stop + KINDS - 1)
"""Columns of kinds of day but working days, in their order."""

DAY_COLUMNS: Final[slice] = slice(KIND_COLUMNS.stop, KIND_COLUMNS.stop + 2 * DAY_WAVES + 4)
"""Columns of the hour: of all days, then of free days."""

YEAR_COLUMNS: Final[slice] = slice(DAY_COLUMNS.stop, DAY_COLUMNS.stop + 10 * YEAR_WAVES)
"""Columns of the season, with the hours."""

COLUMNS: Final[int] = YEAR_COLUMNS.stop
"""How many columns the width model has; the first one is the intercept."""

HOUR_COLUMNS: Final[Flags] = (np.arange(COLUMNS) >= DAY_COLUMNS.start) & (
    (np.arange(COLUMNS) < DAY_COLUMNS.stop) | ((np.arange(COLUMNS) - YEAR_COLUMNS.start) % 5 > 0)
)
"""Which columns depend on the hour of the day."""


def width_columns(rows: Conditions) -> Floats:
    """Columns of the logarithm of the width, one row per row."""
    table = np.empty((COLUMNS, len(rows)))
    table[0] = 1.0
    far = np.log(np.array(AHEAD_HOURS))
    ahead = np.log(np.maximum(rows.hours_ahead, AHEAD_HOURS[0]))
    table[AHEAD_COLUMNS] = np.clip((ahead - far[:-1, None]) / np.diff(far)[:, None], 0.0, 1.0)
    table[KIND_COLUMNS] = rows.kind == np.arange(1, KINDS)[:, None]
    day = _waves(rows.day_turn, DAY_WAVES)
    free = (rows.kind != WORKDAY) & (rows.kind != AFTER)
    table[DAY_COLUMNS.start : DAY_COLUMNS.stop - 4] = day
    table[DAY_COLUMNS.stop - 4 : DAY_COLUMNS.stop] = day[:4] * free
    hours = np.concatenate([np.ones((1, len(rows))), day[:4]])
    season = _waves(rows.year_turn, YEAR_WAVES)
    table[YEAR_COLUMNS] = (season[:, None] * hours).reshape(10 * YEAR_WAVES, len(rows))
    return table.T


def _waves(turn: Floats, count: int) -> Floats:
    """Sine and cosine of each harmonic, one row each."""
    angle = 2.0 * np.pi * np.arange(1, count + 1)[:, None] * turn
    return np.stack([np.sin(angle), np.cos(angle)], axis=1).reshape(2 * count, len(turn))
