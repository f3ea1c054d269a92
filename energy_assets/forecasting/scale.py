"""The scale on which values are learned: a logarithm of their share of the usual value.

Of a series that may be below zero, the inverse hyperbolic sine of that share.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

STEADY: Final[float] = 0.01
"""Added to the share of a meter that is never near zero: errors count as percentages."""

INTERMITTENT: Final[float] = 1.0
"""Added to the share of a meter that often stands still: small values count as about equal."""

STEADY_SHARE: Final[float] = 0.1
"""A meter is steady if all but one value in a hundred exceed this share of its median."""

DAY_OFFSET: Final[float] = 0.25
"""`INTERMITTENT` of a day, whose total is less erratic than its intervals."""

OUTSIDE: Final[float] = 0.25
"""How far forecasts may leave the range that was learned from, as a share of it."""

FARTHEST: Final[float] = 5.0
"""Values beyond this many times the 99 % quantile teach no more than that value."""

UNBOUNDED: Final[float] = 1e300
"""`most` of a meter that has been at zero all the time."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """`log(value / usual + offset)` and back, or `asinh(value / usual)` where values have signs.

    Attributes:
        usual: Mean size of the known values, positive. [unit of the series]
        most: What is larger counts as this much. [unit of the series]
        offset: `STEADY` or `INTERMITTENT`; of no use where values have signs.
        signed: Whether values may be below zero.
    """

    usual: float
    most: float
    offset: float
    signed: bool = False

    def to_scale(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values on the scale that is learned; NaN stays NaN."""
        if self.signed:
            return np.arcsinh(np.clip(values, -self.most, self.most) / self.usual)
        return np.log(np.clip(values, 0.0, self.most) / self.usual + self.offset)

    def to_unit(self, learned: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values in their unit; never negative unless they have signs."""
        if self.signed:
            return self.usual * np.sinh(learned)
        return self.usual * np.maximum(np.exp(learned) - self.offset, 0.0)

    def of_days(self, steps_per_day: int) -> "Scale":
        """The scale of totals of days of so many intervals."""
        offset = STEADY if self.offset == STEADY else DAY_OFFSET * INTERMITTENT
        usual, most = self.usual * steps_per_day, self.most * steps_per_day
        return replace(self, usual=usual, most=most, offset=offset)


def scale_of(values: NDArray[np.float64], *, signed: bool = False) -> Scale:
    """The scale of a series, from its known values; 1 stands for the mean of one at zero.

    Args:
        values: NaN where missing.
        signed: Whether the series may be below zero.
    """
    known = values[np.isfinite(values)]
    size = np.abs(known) if signed else known
    high = float(np.quantile(size, 0.99)) if len(size) else 0.0
    most = FARTHEST * high if high > 0 else float(size.max(initial=0.0))
    usual = float(np.clip(size, 0.0, most).mean()) if len(size) else 0.0
    if usual <= 0:
        return Scale(usual=1.0, most=UNBOUNDED, offset=INTERMITTENT, signed=signed)
    steady = float(np.quantile(size, 0.01)) > STEADY_SHARE * float(np.median(size))
    offset = STEADY if steady else INTERMITTENT
    return Scale(usual=usual, most=most, offset=offset, signed=signed)


def limits_of(learned: NDArray[np.float64]) -> tuple[float, float]:
    """Least and greatest forecast, from the known values on the learned scale."""
    low, high = float(learned.min(initial=np.inf)), float(learned.max(initial=-np.inf))
    return low - OUTSIDE * (high - low), high + OUTSIDE * (high - low)
