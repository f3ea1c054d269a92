"""What became of every row of a migration: stored, there before, or left out with its reason."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from energy_assets.intake.cells.clocks import MeterClock


@dataclass(kw_only=True)
class Balance:
    """Rows of one table of the published system; `left_out` counts by reason."""

    table: str
    rows_in: int = 0
    rows_stored: int = 0
    rows_there_before: int = 0
    left_out: Counter[str] = field(default_factory=Counter[str])

    @property
    def is_even(self) -> bool:
        """Whether every row is accounted for."""
        return self.rows_in == self.rows_stored + self.rows_there_before + self.left_out.total()

    def __str__(self) -> str:
        reasons = ", ".join(f"{count:,} {why}" for why, count in sorted(self.left_out.items()))
        return (
            f"{self.table}: {self.rows_in:,} rows = {self.rows_stored:,} stored + "
            f"{self.rows_there_before:,} there before + {self.left_out.total():,} left out"
            + (f" ({reasons})" if reasons else "")
        )


def instants_of(
    wall_ms: NDArray[np.int64], clock: MeterClock, balance: Balance
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """UTC milliseconds of wall times, and which of them are one instant without doubt.

    The published systems kept no order of rows, so which pass of a repeated hour a row is of cannot
    be known; such rows, and those of an hour that did not exist, are counted as left out.
    """
    times = clock.to_utc(wall_ms)
    for doubtful, why in (
        (times.repeated, "in an hour that occurred twice"),
        (times.skipped, "in an hour that the clock skipped"),
    ):
        if doubtful.any():
            balance.left_out[why] += int(doubtful.sum())
    return times.utc_ms, ~(times.repeated | times.skipped)
