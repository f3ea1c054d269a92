"""The reading interval of a meter, found from the times of its readings."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

INTERVALS_MINUTES: Final = (60, 30, 15)
"""Intervals that load-profile meters have, longest first."""

QUARTERS_A_DAY: Final = 96
"""Quarter hours of a UTC day."""

FEWEST_READINGS: Final = 4
"""Fewer readings show no interval."""

ENOUGH_READINGS: Final = 20
"""Fewer readings, such as mended rows, do not outweigh the interval that is known of a meter."""

REGULAR_SHARE: Final = 0.9
"""Share of readings that must fit an interval."""

USUAL_SHARE: Final = 0.5
"""Share of the steps between values that are one interval; the others are gaps."""


class IntervalCounts:
    """Counts readings by meter and quarter hour of the day, in any order of rows."""

    def __init__(self) -> None:
        self._index: dict[str, int] = {}
        self._counts: NDArray[np.int32] = np.zeros((64, QUARTERS_A_DAY), dtype=np.int32)

    def add(
        self, meters: Sequence[str], codes: NDArray[np.integer], utc_ms: NDArray[np.int64]
    ) -> None:
        """Count readings: `codes` says which of the meters each belongs to."""
        rows = [self._index.setdefault(meter, len(self._index)) for meter in meters]
        if len(self._index) > len(self._counts):
            grown = np.zeros((2 * len(self._index), QUARTERS_A_DAY), dtype=np.int32)
            grown[: len(self._counts)] = self._counts
            self._counts = grown
        quarters = (utc_ms // 900_000) % QUARTERS_A_DAY
        cells = codes.astype(np.int64) * QUARTERS_A_DAY + quarters
        counted = np.bincount(cells, minlength=len(rows) * QUARTERS_A_DAY)
        self._counts[rows] += counted.reshape(len(rows), QUARTERS_A_DAY).astype(np.int32)

    def intervals(self) -> dict[str, int | None]:
        """The interval of each meter, None where its readings show none [min]."""
        return {meter: interval_of(self._counts[row]) for meter, row in self._index.items()}

    def readings(self) -> dict[str, int]:
        """How many readings of each meter were counted."""
        return {meter: int(self._counts[row].sum()) for meter, row in self._index.items()}


def settled_interval(found: int | None, known: int | None, *, readings: int) -> int | None:
    """The interval of a meter: what a file shows, or what is known where the file shows little.

    Args:
        found: What the file shows. [min]
        known: What other files showed. [min]
        readings: Of the meter in the file.
    """
    shows_little = found is None or readings < ENOUGH_READINGS
    return known if known is not None and shows_little else found


def interval_of(counts: NDArray[np.int32]) -> int | None:
    """The longest interval that nearly all readings fit.

    Args:
        counts: Readings in each of the 96 quarter hours of the day.

    Returns:
        15, 30 or 60 minutes; None for few readings and for registers read every few hours.
    """
    total = int(counts.sum())
    if total < FEWEST_READINGS:
        return None
    for minutes in (120, *INTERVALS_MINUTES):
        phases = minutes // 15
        by_phase = counts.reshape(-1, phases).sum(axis=0)
        if by_phase.max() >= REGULAR_SHARE * total:
            return None if minutes == 120 else minutes
    return None
