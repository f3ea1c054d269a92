"""What lies between stored points and a history: points of one meter, and intervals without holes.

Plain arrays; instants are milliseconds since 1970.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.consumption.register_grid import Gap

MINUTE_MS: Final = 60_000
"""Milliseconds of a minute."""

DAY_MINUTES: Final = 1440
"""An interval of this length is a local day."""


@dataclass(frozen=True, kw_only=True)
class MeterPoints:
    """Newest versions of one meter's points in time order, one an instant.

    Attributes:
        at_ms: Starts of intervals, or when a register was read.
        values: Consumption, negative for exported energy, or the register. [kWh or m3]
        temperature_c: Outdoor temperature beside it, NaN for none. [°C]
    """

    at_ms: NDArray[np.int64]
    values: NDArray[np.float64]
    temperature_c: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Intervals without holes in time.

    Attributes:
        starts_ms: Start of each interval.
        interval_minutes: 60, a multiple that divides a day, or 1440 for local days. [min]
        consumption: NaN where unknown. [kWh or m3]
        temperature_c: Mean over the interval, NaN where none was given. [°C]
        codes: Reason of each interval, see `interval_reasons`.
        gaps: Stretches of a register that are too long to be shared out.
    """

    starts_ms: NDArray[np.int64]
    interval_minutes: int
    consumption: NDArray[np.float64]
    temperature_c: NDArray[np.float64]
    codes: NDArray[np.int8]
    gaps: tuple[Gap, ...] = ()


def means(slots: NDArray[np.int64], values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Mean of the known values of each slot, NaN for none."""
    known = ~np.isnan(values)
    if not known.any():
        return np.full(size, np.nan)
    counts = np.bincount(slots[known], minlength=size)
    sums = np.bincount(slots[known], weights=values[known], minlength=size)
    with np.errstate(invalid="ignore"):
        return np.where(counts > 0, sums / counts, np.nan)
