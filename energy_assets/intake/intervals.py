"""The interval of a meter, found from the times of its readings: a property of stretches of time.

One finder for all flows, pure. A day of another interval overrules no month: a stretch lasts for
two days at least. Readings of many meters in files are counted in `step_counts`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

INTERVALS_MINUTES: Final = (
    5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440,
)  # fmt: skip
"""Intervals that values may have: parts of an hour, hours that divide a day, a day."""

LOAD_PROFILE_MINUTES: Final = (15, 30, 60)
"""Intervals that load-profile meters have."""

USUAL_SHARE: Final = 0.5
"""Share of the steps between values that are one interval; the others are gaps."""

REGULAR_SHARE: Final = 0.9
"""Share of the steps between readings of a register that is read at regular times."""

FEWEST_STEPS: Final = 14
"""Steps of another length are a change of the interval from this many on."""

SHORTEST_MINUTES: Final = 2 * 1440
"""And if they last this long; else readings are missing, or one day is odd. [min]"""

DAY_MS: Final = 86_400_000
"""Milliseconds of a UTC day."""

_DAY_HOURS: Final = (1380, 1440, 1500)
"""Lengths of local days. [min]"""


class Stretch(NamedTuple):
    """Readings of one interval: first position, position behind the last, and minutes."""

    start: int
    end: int
    minutes: int


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """The intervals that a meter has had.

    Attributes:
        minutes: The current one. [min]
        stretches: In time order, without holes; one for a meter that never changed. Shorter than
            two days are those of a finer interval than the time around them, which must be added
            up. Odd days of a longer one are days of missing readings.
    """

    minutes: int
    stretches: tuple[Stretch, ...]

    @property
    def since(self) -> int:
        """Position of the first reading of the last stretch of the current interval."""
        return max(each.start for each in self.stretches if each.minutes == self.minutes)


def rhythm_of(
    at_ms: NDArray[np.int64],
    *,
    known: int | None,
    default: int,
    among: Sequence[int] = INTERVALS_MINUTES,
    at_end: bool = False,
) -> Rhythm:
    """The stretches of one interval each that some readings show.

    Args:
        at_ms: Instants, ascending.
        known: Interval where they show none that lasts. [min]
        default: Where none is known either, and no half of the steps agree. [min]
        among: Intervals that the meter can have, ascending. [min]
        at_end: Whether an instant is the end of its interval, else it is the start.
    """
    size = len(at_ms)
    kinds = kinds_of(np.diff(at_ms), among)
    if len(kinds) and kinds[0] < len(among) and (kinds == kinds[0]).all():
        only = among[kinds[0]]
        if known in (None, only) or _lasts(len(kinds), only):
            return Rhythm(minutes=only, stretches=(Stretch(0, size, only),))
    day_starts = np.flatnonzero(np.diff(at_ms[:-1] // DAY_MS, prepend=-1))
    day = np.zeros(len(kinds), dtype=np.int64)
    day[day_starts[1:]] = 1
    counts = _table(np.cumsum(day) * (len(among) + 1) + kinds, len(day_starts), among)
    runs = runs_of(counts, among)
    if not any(run.lasts for run in runs):
        usual = known or usual_interval(counts.sum(axis=0), among, USUAL_SHARE) or default
        return Rhythm(minutes=usual, stretches=(Stretch(0, size, usual),))
    current = next(run.minutes for run in reversed(runs) if run.lasts)
    parts = [(int(day_starts[run.day]), run.minutes) for run in _kept(runs)]
    stretches = _bounded(parts, kinds, among, later=int(at_end))
    return Rhythm(minutes=current, stretches=stretches)


class Run(NamedTuple):
    """Neighbouring days of one interval: the first day, minutes, steps, and all of their steps."""

    day: int
    minutes: int
    steps: int
    of: int

    @property
    def lasts(self) -> bool:
        """Whether it is long enough to be a stretch."""
        return _lasts(self.steps, self.minutes)


def _lasts(steps: int, minutes: int) -> bool:
    """Whether so many steps are a stretch; a reading more belongs to them."""
    return steps + 1 >= FEWEST_STEPS and (steps + 1) * minutes >= SHORTEST_MINUTES


def runs_of(counts: NDArray[np.int64], among: Sequence[int]) -> list[Run]:
    """Runs of days with the same interval; days that show none belong to those before them.

    Args:
        counts: Steps by day and kind, those of no interval last.
        among: Minutes of each kind but the last.
    """
    own = counts[:, : len(among)]
    kind, most, total = own.argmax(axis=1), own.max(axis=1), counts.sum(axis=1)
    shown = np.flatnonzero((most > 0) & (most >= USUAL_SHARE * total))
    if not len(shown):
        return []
    fresh = np.flatnonzero(np.diff(kind[shown], prepend=-1))
    first = shown[fresh]
    ends = [*first[1:].tolist(), len(counts)]
    return [
        Run(
            day=day,
            minutes=among[kind[day]],
            steps=int(own[day:end, kind[day]].sum()),
            of=int(total[day:end].sum()),
        )
        for day, end in zip(first.tolist(), ends, strict=True)
    ]


def _kept(runs: list[Run]) -> list[Run]:
    """Runs that last, and shorter ones of a finer interval than the time around them."""
    around = next(run.minutes for run in runs if run.lasts)
    kept: list[Run] = []
    for run in runs:
        if run.lasts:
            around = run.minutes
        finer = run.minutes < around and run.steps >= FEWEST_STEPS
        kept.append(run if run.lasts or finer else run._replace(minutes=around))
    return kept


def _bounded(
    parts: list[tuple[int, int]], kinds: NDArray[np.int64], among: Sequence[int], *, later: int
) -> tuple[Stretch, ...]:
    """Stretches from the positions where days of another interval begin: to the very reading.

    Args:
        parts: First position and minutes of days of one interval.
        kinds: Of the step that follows each reading but the last.
        among: Minutes of each kind.
        later: How many readings after the first step of another length its stretch begins.
    """
    size = len(kinds) + 1
    changes = [parts[0], *(new for old, new in pairwise(parts) if old[1] != new[1])]
    starts = [0]
    for (_, before), (start, minutes) in pairwise(changes):
        old, new = among.index(before), among.index(minutes)
        at = start
        while at > starts[-1] + 1 and kinds[at - 1] == new:
            at -= 1
        # The last of longer intervals may be cut short by the first of the shorter ones.
        is_old = (kinds != new) if new < old else (kinds == old)
        while at == start and at < size - 1 and is_old[at]:
            at = start = at + 1
        starts.append(at)
    starts[1:] = [start + later for start in starts[1:]]
    ends = [*starts[1:], size]
    return tuple(
        Stretch(start, end, minutes)
        for start, end, (_, minutes) in zip(starts, ends, changes, strict=True)
    )


def kinds_of(
    steps_ms: NDArray[np.int64], among: Sequence[int], *, jitter_ms: int = 30_000
) -> NDArray[np.int64]:
    """Index of each step in the intervals; one behind the last where it is none of them.

    Args:
        steps_ms: Lengths of steps.
        among: Intervals. [min]
        jitter_ms: How far a step may be off whole minutes.
    """
    lookup = np.full(max(_DAY_HOURS) + 2, len(among), dtype=np.int64)
    lookup[list(among)] = np.arange(len(among))
    if 1440 in among:
        lookup[list(_DAY_HOURS)] = among.index(1440)
    minutes = np.rint(steps_ms / 60_000)
    found = lookup[np.minimum(minutes, len(lookup) - 1).astype(np.int64)]
    return np.where(np.abs(steps_ms - minutes * 60_000) > jitter_ms, len(among), found)


def _table(cells: NDArray[np.int64], rows: int, among: Sequence[int]) -> NDArray[np.int64]:
    width = len(among) + 1
    return np.bincount(cells, minlength=rows * width).reshape(rows, width)


def usual_interval(counts: NDArray[np.int64], among: Sequence[int], share: float) -> int | None:
    """The interval that makes a share of some steps, None where none does."""
    best = int(np.argmax(counts[: len(among)]))
    enough = counts[best] > 0 and counts[best] >= share * counts.sum()
    return among[best] if enough else None
