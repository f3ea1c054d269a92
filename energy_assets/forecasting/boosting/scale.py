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


FARTHEST: Final[float] = 5.0
"""Values beyond this many times the 99 % quantile teach no more than that value."""

UNBOUNDED: Final[float] = 1e300
"""`most` of a meter that has been at zero all the time."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """`log(value / usual + offset)` and back.

    Attributes:
        usual: Mean of the known values, positive. [kWh or m3]
        most: What is beyond it counts as this much. [kWh or m3]
        offset: `STEADY` or `INTERMITTENT`.
    """

    usual: float
    most: float
    offset: float

    def learned(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Consumption on the scale that is learned; NaN stays NaN."""
        return np.log(np.clip(values, 0.0, self.most) / self.usual + self.offset)

    def consumed(self, learned: NDArray[np.float64]) -> NDArray[np.float64]:
        """Consumption in kWh or m3, never negative."""
        return self.usual * np.maximum(np.exp(learned) - self.offset, 0.0)


def scale_of(consumption: NDArray[np.float64]) -> Scale:
    """The scale of a meter, from its known values; 1 stands for the mean of a meter at zero."""
    known = consumption[np.isfinite(consumption)]
    high = float(np.quantile(known, 0.99)) if len(known) else 0.0
    most = FARTHEST * high if high > 0 else float(known.max(initial=0.0))
    usual = float(np.clip(known, 0.0, most).mean()) if len(known) else 0.0
    if usual <= 0:
        return Scale(usual=1.0, most=UNBOUNDED, offset=INTERMITTENT)
    steady = float(np.quantile(known, 0.01)) > STEADY_SHARE * float(np.median(known))
    return Scale(usual=usual, most=most, offset=STEADY if steady else INTERMITTENT)
