"""The interval between the values of a meter, found from their times."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

INTERVALS_MINUTES: Final = (
    5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440,
)  # fmt: skip
"""Intervals that values may have: parts of an hour, hours that divide a day, a day."""

USUAL_SHARE: Final = 0.5
"""Share of the steps between values that are one interval; the others are gaps."""

REGULAR_SHARE: Final = 0.9
"""Share of the steps between readings of a register that is read at regular times."""

_DAY_HOURS: Final = (1380, 1440, 1500)
_OTHER: Final = len(INTERVALS_MINUTES)


def _kind_of_step() -> NDArray[np.int64]:
    """Index into `INTERVALS_MINUTES` by minutes, `_OTHER` for none."""
    kinds = np.full(max(_DAY_HOURS) + 1, _OTHER, dtype=np.int64)
    kinds[list(INTERVALS_MINUTES)] = np.arange(_OTHER)
    kinds[list(_DAY_HOURS)] = INTERVALS_MINUTES.index(1440)
    return kinds


_KINDS: Final = _kind_of_step()


class StepCounts:
    """Counts the steps between values by meter and length, in any order of rows."""

    def __init__(self) -> None:
        self._index: dict[str, int] = {}
        self._readings: dict[str, int] = {}
        self._counts: NDArray[np.int64] = np.zeros((16, _OTHER + 1), dtype=np.int64)

    def add(
        self, meters: Sequence[str], codes: NDArray[np.integer], utc_ms: NDArray[np.int64]
    ) -> None:
        """Count the steps between values: `codes` says whose each is."""
        rows = np.array([self._index.setdefault(m, len(self._index)) for m in meters], dtype=int)
        if len(self._index) > len(self._counts):
            grown = np.zeros((2 * len(self._index), _OTHER + 1), dtype=np.int64)
            grown[: len(self._counts)] = self._counts
            self._counts = grown
        for meter, count in zip(meters, np.bincount(codes, minlength=len(meters)), strict=True):
            self._readings[meter] = self._readings.get(meter, 0) + int(count)
        whose, steps_ms = steps_between(codes, utc_ms)
        minutes = np.minimum(np.rint(steps_ms / 60_000), len(_KINDS) - 1).astype(np.int64)
        kinds = np.where(np.abs(steps_ms - minutes * 60_000) > 1_000, _OTHER, _KINDS[minutes])
        np.add.at(self._counts, (rows[whose], kinds), 1)

    def intervals(self, *, share: float) -> dict[str, int | None]:
        """The interval of each meter, None where no length makes that share of its steps [min]."""
        return {meter: _interval(self._counts[row], share) for meter, row in self._index.items()}

    def readings(self) -> Mapping[str, int]:
        """How many values of each meter were counted."""
        return self._readings


def _interval(counts: NDArray[np.int64], share: float) -> int | None:
    best = int(np.argmax(counts[:_OTHER]))
    enough = counts[best] > 0 and counts[best] >= share * counts.sum()
    return INTERVALS_MINUTES[best] if enough else None


def steps_between(
    codes: NDArray[np.integer], utc_ms: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Whose and how long the steps between neighbouring instants of each meter are [ms]."""
    order = np.lexsort((utc_ms, codes))
    steps = np.diff(utc_ms[order])
    whose = np.asarray(codes[order], dtype=np.int64)
    inside = (np.diff(whose) == 0) & (steps > 0)
    return whose[1:][inside], steps[inside]
