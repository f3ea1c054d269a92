"""Counts of the steps between the readings of many meters, while files are read.

What the counts say of a meter's interval is decided in `intervals`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.intake.intervals import (
    DAY_MS,
    INTERVALS_MINUTES,
    USUAL_SHARE,
    kinds_of,
    runs_of,
    usual_interval,
)

ENOUGH_READINGS: Final = 20
"""Fewer readings, such as mended rows, do not outweigh the interval that is known of a meter."""

FEWEST_READINGS: Final = 4
"""Fewer readings of a load-profile meter show no interval."""

CHUNKS_KEPT: Final = 64
"""Counts of so many chunks are kept apart before they are added up."""


class StepCounts:
    """Counts the steps between readings by meter, day and length, in any order of rows.

    Args:
        among: Intervals that the meters can have, ascending. [min]
        fewest: Fewer readings of a meter show no interval.
        jitter_ms: How far a step may be off whole minutes.
    """

    def __init__(
        self,
        among: Sequence[int] = INTERVALS_MINUTES,
        *,
        fewest: int = 2,
        jitter_ms: int = 1_000,
    ) -> None:
        self._among, self._fewest, self._jitter_ms = among, fewest, jitter_ms
        self._index: dict[str, int] = {}
        self._readings: dict[str, int] = {}
        self._ends = np.zeros((0, 2), dtype=np.int64)
        self._cells: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []

    def add(
        self, meters: Sequence[str], codes: NDArray[np.integer], utc_ms: NDArray[np.int64]
    ) -> None:
        """Count the steps between readings: `codes` says whose each is."""
        rows = np.array([self._index.setdefault(m, len(self._index)) for m in meters], dtype=int)
        for meter, count in zip(meters, np.bincount(codes, minlength=len(meters)), strict=True):
            self._readings[meter] = self._readings.get(meter, 0) + int(count)
        if not len(utc_ms):
            return
        whose, at_ms, steps_ms = self._joined_steps(rows, codes, utc_ms)
        kinds = kinds_of(steps_ms, self._among, jitter_ms=self._jitter_ms)
        cells = (whose << 40) + ((at_ms // DAY_MS + (1 << 20)) << 8) + kinds
        self._cells.append(np.unique(cells, return_counts=True))
        if len(self._cells) > CHUNKS_KEPT:
            self._cells = [self._summed()]

    def _joined_steps(
        self, rows: NDArray[np.int64], codes: NDArray[np.integer], utc_ms: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Meter, start and length of the steps in some readings, and from or to those before."""
        order = np.lexsort((utc_ms, codes))
        whose, at_ms = rows[np.asarray(codes, dtype=np.int64)[order]], utc_ms[order]
        bounds = np.flatnonzero(np.diff(whose)) + 1
        first, last = np.append(0, bounds), np.append(bounds, len(whose)) - 1
        fresh = len(self._index) - len(self._ends)
        unseen = np.tile([np.iinfo(np.int64).max, np.iinfo(np.int64).min], (fresh, 1))
        self._ends = np.concatenate([self._ends, unseen])
        meter = whose[first]
        oldest, newest = self._ends[meter].T
        after = (newest > np.iinfo(np.int64).min) & (at_ms[first] > newest)
        before = (newest > np.iinfo(np.int64).min) & (at_ms[last] < oldest)
        starts = np.concatenate([at_ms[:-1], newest[after], at_ms[last][before]])
        ends = np.concatenate([at_ms[1:], at_ms[first][after], oldest[before]])
        of = np.concatenate([whose[1:], meter[after], meter[before]])
        inside = np.ones(len(of), dtype=np.bool_)
        inside[: len(whose) - 1] = np.diff(whose) == 0
        inside &= ends > starts
        self._ends[meter, 0] = np.minimum(oldest, at_ms[first])
        self._ends[meter, 1] = np.maximum(newest, at_ms[last])
        return of[inside], starts[inside], (ends - starts)[inside]

    def _summed(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        cells, inverse = np.unique(
            np.concatenate([cells for cells, _ in self._cells]), return_inverse=True
        )
        counts = np.concatenate([counts for _, counts in self._cells])
        return cells, np.bincount(inverse, weights=counts, minlength=len(cells)).astype(np.int64)

    def intervals(self, *, share: float = USUAL_SHARE) -> dict[str, int | None]:
        """The current interval of each meter [min].

        None where it makes no such share of the steps, or where there are few readings.
        """
        found: dict[str, int | None] = dict.fromkeys(self._index)
        if not self._cells:
            return found
        cells, counts = self._summed()
        bounds = np.searchsorted(cells >> 40, np.arange(len(self._index) + 1))
        for meter, row in self._index.items():
            own = slice(int(bounds[row]), int(bounds[row + 1]))
            if self._readings[meter] >= self._fewest:
                found[meter] = self._current(cells[own], counts[own], share)
        return found

    def _current(
        self, cells: NDArray[np.int64], counts: NDArray[np.int64], share: float
    ) -> int | None:
        """The interval of the last stretch, from one meter's counts."""
        if not len(cells):
            return None
        _, day = np.unique(cells >> 8, return_inverse=True)
        width = len(self._among) + 1
        table = np.zeros((int(day[-1]) + 1, width), dtype=np.int64)
        table[day, cells & 255] = counts
        for run in reversed(runs_of(table, self._among)):
            if run.lasts:
                return run.minutes if run.steps >= share * run.of else None
        return usual_interval(table.sum(axis=0), self._among, share)

    def readings(self) -> Mapping[str, int]:
        """How many readings of each meter were counted."""
        return self._readings


def settled_interval(found: int | None, known: int | None, *, readings: int) -> int | None:
    """The interval of a meter in a file: what it shows, or what is known where it shows little.

    Args:
        found: What the file shows. [min]
        known: What other files showed. [min]
        readings: Of the meter in the file.
    """
    shows_little = found is None or readings < ENOUGH_READINGS
    return known if known is not None and shows_little else found


def steps_between(
    codes: NDArray[np.integer], utc_ms: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Whose and how long the steps between neighbouring instants of each meter are [ms]."""
    order = np.lexsort((utc_ms, codes))
    steps = np.diff(utc_ms[order])
    whose = np.asarray(codes[order], dtype=np.int64)
    inside = (np.diff(whose) == 0) & (steps > 0)
    return whose[1:][inside], steps[inside]
