"""The scale on which consumption is learned: a logarithm of its share of the usual value."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

STEADY: Final[float] = 0.01
"""Added to the share of a meter that is never near zero: errors count as percentages."""

INTERMITTENT: Final[float] = 1.0
"""Added to the share of a meter that often stands still: small values count as about equal."""

STEADY_SHARE: Final[float] = 0.1
"""A meter is steady if all but one value in a hundred exceed this share of its median."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """`log(value / usual + offset)` and back.

    Attributes:
        usual: Mean of the known values, positive. [kWh or m3]
        offset: `STEADY` or `INTERMITTENT`.
    """

    usual: float
    offset: float

    def learned(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Consumption on the scale that is learned; NaN stays NaN, and below 0 counts as 0."""
        return np.log(np.maximum(values, 0.0) / self.usual + self.offset)

    def consumed(self, learned: NDArray[np.float64]) -> NDArray[np.float64]:
        """Consumption in kWh or m3, never negative."""
        return self.usual * np.maximum(np.exp(learned) - self.offset, 0.0)


def scale_of(consumption: NDArray[np.float64]) -> Scale:
    """The scale of a meter, from its known values; 1 stands for the mean of a meter at zero."""
    known = consumption[np.isfinite(consumption)]
    usual = float(known.mean()) if len(known) else 0.0
    if usual <= 0:
        return Scale(usual=1.0, offset=INTERMITTENT)
    steady = float(np.quantile(known, 0.01)) > STEADY_SHARE * float(np.median(known))
    return Scale(usual=usual, offset=STEADY if steady else INTERMITTENT)
