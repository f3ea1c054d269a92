"""The steps between the instants of meters, counted by length: what shows an interval."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

DAY_MINUTES: Final = 1440
"""Length of a day. [min]"""

CHANGED_DAYS: Final = (1380, 1500)
"""Lengths of local days on which clocks change. [min]"""


class StepCounts:
    """Counts the steps between instants by meter and length, in any order of rows.

    Args:
        intervals: Lengths that an interval may have. [min]
    """

    def __init__(self, intervals: Sequence[int]) -> None:
        self._intervals = tuple(intervals)
        self._other = len(self._intervals)
        self._kinds = np.full(max((*CHANGED_DAYS, *intervals)) + 2, self._other, dtype=np.int64)
        self._kinds[list(self._intervals)] = np.arange(self._other)
        if DAY_MINUTES in self._intervals:
            self._kinds[list(CHANGED_DAYS)] = self._intervals.index(DAY_MINUTES)
        self._index: dict[str, int] = {}
        self._readings: dict[str, int] = {}
        self._counts: NDArray[np.int64] = np.zeros((16, self._other + 1), dtype=np.int64)
        self.odd_ms: Counter[int] = Counter()
        """Steps that are no interval, by length. [ms]"""

    def add(
        self, meters: Sequence[str], codes: NDArray[np.integer], utc_ms: NDArray[np.int64]
    ) -> None:
        """Count the steps between instants: `codes` says whose each is."""
        rows = np.array([self._index.setdefault(m, len(self._index)) for m in meters], dtype=int)
        if len(self._index) > len(self._counts):
            grown = np.zeros((2 * len(self._index), self._other + 1), dtype=np.int64)
            grown[: len(self._counts)] = self._counts
            self._counts = grown
        for meter, count in zip(meters, np.bincount(codes, minlength=len(meters)), strict=True):
            self._readings[meter] = self._readings.get(meter, 0) + int(count)
        whose, steps_ms = steps_between(codes, utc_ms)
        minutes = np.minimum(np.rint(steps_ms / 60_000), len(self._kinds) - 1).astype(np.int64)
        off = np.abs(steps_ms - minutes * 60_000) > 1_000
        kinds = np.where(off, self._other, self._kinds[minutes])
        np.add.at(self._counts, (rows[whose], kinds), 1)
        lengths, counts = np.unique(steps_ms[kinds == self._other], return_counts=True)
        self.odd_ms.update(dict(zip(lengths.tolist(), counts.tolist(), strict=True)))

    @property
    def steps(self) -> int:
        """How many steps were counted."""
        return int(self._counts.sum())

    def intervals(self, *, share: float) -> dict[str, int | None]:
        """The interval of each meter, None where no length makes that share of its steps [min]."""
        return {meter: self._interval(row, share) for meter, row in self._index.items()}

    def _interval(self, row: int, share: float) -> int | None:
        counts = self._counts[row]
        if not self._other:
            return None
        best = int(np.argmax(counts[: self._other]))
        enough = counts[best] > 0 and counts[best] >= share * counts.sum()
        return self._intervals[best] if enough else None

    def readings(self) -> Mapping[str, int]:
        """How many instants of each meter were counted."""
        return self._readings


def steps_between(
    codes: NDArray[np.integer], utc_ms: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Whose and how long the steps between neighbouring instants of each meter are [ms]."""
    order = np.lexsort((utc_ms, codes))
    steps = np.diff(utc_ms[order])
    whose = np.asarray(codes[order], dtype=np.int64)
    inside = (np.diff(whose) == 0) & (steps > 0)
    return whose[1:][inside], steps[inside]
