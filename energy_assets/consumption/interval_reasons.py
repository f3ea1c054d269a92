"""Why an interval of a meter has the consumption that it has, as a small categorical."""

from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ConsumptionReason = Literal[
    "ok",
    "spread",
    "rollover",
    "gap",
    "partial",
    "reset",
    "swap",
    "reversed",
    "coarse",
    "disputed",
]
"""Why an interval has the consumption that it has.

- `ok`: as reported, or interpolated between readings of the register about an hour apart.
- `spread`: shared out evenly between readings that lie a few hours apart.
- `rollover`: the register passed its last digit; counted on both sides.
- `gap`: nothing was reported, or readings lie too far apart; unknown.
- `partial`: a part of the interval was not reported; unknown.
- `reset`: the register started again from zero; unknown.
- `swap`: another register goes on, or a rise beyond all measure; unknown.
- `reversed`: the register went back a little; unknown.
- `coarse`: reported at a longer interval than now; unknown.
- `disputed`: a value beyond all measure of the meter so far, or negative water; unknown.
"""

REASONS: Final[tuple[ConsumptionReason, ...]] = (
    "ok", "spread", "rollover", "gap", "partial", "reset", "swap", "reversed", "coarse", "disputed",
)  # fmt: skip
"""All reasons; those with a known consumption come first."""

CODES: Final[dict[str, int]] = {reason: code for code, reason in enumerate(REASONS)}
"""Code of each reason, as `reasons` understands it."""

KNOWN: Final = CODES["gap"]
"""Codes below this one have a known consumption."""

_DTYPE: Final = pd.CategoricalDtype(pd.Index(REASONS, dtype="str"))


def reasons(codes: NDArray[np.int8]) -> pd.Categorical:
    """Reasons from their codes."""
    return pd.Categorical.from_codes(codes, dtype=_DTYPE)
