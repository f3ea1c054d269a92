"""Conformal quantiles of errors in units of their usual size, for few days and for uneven sides.

How many independent errors some are, and the width of a network's own band.
"""

from typing import Final

import numpy as np

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.conditions import Flags
from energy_assets.forecasting.forecast import MEDIAN
from energy_assets.forecasting.timeline import Floats, Positions

SIDES: Final[Floats] = np.sign(np.array(QUANTILES) - 0.5)
"""Side of the median on which each level lies."""

BELOW: Final[Positions] = (SIDES > 0).astype(np.int64)
"""Row of the widths that each level takes: those below the median, then those above."""

MOST_A_DAY: Final[float] = 24.0
"""Errors of one day count as so many independent ones at most."""

LARGEST_ALIKE: Final[float] = 4.0
"""Errors beyond this many median ones show no more of how far those of a day go together."""

MOST_ROWS: Final[int] = 8_000
"""Errors that are looked at, about; drawn evenly from more, at every hour alike."""

GOLDEN: Final[float] = 0.6180339887498949
"""Multiples of it are spread evenly over 0 to 1, whatever the step."""

DOUBTED_ERRORS: Final[float] = 10.0
"""The median of the errors counts half where it is of this many independent ones."""


def draw_rows(known: Flags) -> Positions:
    """Positions of the known rows, at most about `MOST_ROWS` of them."""
    at = np.flatnonzero(known)
    if len(at) <= MOST_ROWS:
        return at
    return at[np.arange(len(at)) * GOLDEN % 1.0 < MOST_ROWS / len(at)]


def independent_errors(error: Floats, day: Positions) -> float:
    """As how many independent errors these count, by how much those of one day go together."""
    usual = float(np.median(np.abs(error))) + 1e-12
    size = np.clip(error / usual, -LARGEST_ALIKE, LARGEST_ALIKE)
    _, number, rows = np.unique(day, return_inverse=True, return_counts=True)
    mean = np.bincount(number, weights=size) / rows
    within = float(((size - mean[number]) ** 2).sum()) / max(len(size) - len(rows), 1)
    each = len(size) / len(rows)
    between = float((rows * (mean - size.mean()) ** 2).sum()) / max(len(rows) - 1, 1)
    shared = max((between - within) / each, 0.0)
    alike = shared / (shared + within) if within > 0.0 else 1.0
    return min(len(size) / (1.0 + (each - 1.0) * alike), MOST_A_DAY * len(rows))


def network_gaps(raw: Floats) -> tuple[Floats, Floats]:
    """A network's distances from its median, and half the width of its outermost band."""
    ordered = np.sort(raw, axis=1)
    gap = ordered - ordered[:, MEDIAN : MEDIAN + 1]
    half = (ordered[:, -1] - ordered[:, 0]) / 2.0
    usual = float(np.nanmedian(half)) if len(half) else 0.0
    return gap, np.maximum(half, max(0.05 * usual, 1e-9))


def conformal_factors(
    error: Floats, width: Floats, gap: Floats, *, independent: float, centred: bool
) -> tuple[Floats, float]:
    """Conformal factors of each level, and where the median lies."""
    middle = 0.0
    if not centred:
        trust = independent / (independent + DOUBTED_ERRORS)
        middle = trust * float(np.median(error / np.where(error < 0.0, width[0], width[1])))
    off = error - middle * width[int(middle > 0.0)]
    factors = np.zeros(len(QUANTILES))
    for column, level in enumerate(QUANTILES):
        if column == MEDIAN:
            continue
        share = max(level, 1.0 - level) * (independent + 1.0) / independent
        distance = gap[..., column] * width[BELOW[column]]
        usable = np.abs(distance) > 1e-9 * width[0]
        ratio = off[usable] / distance[usable]
        factors[column] = np.quantile(ratio, min(share, 1.0)) if len(ratio) else 0.0
    return np.maximum(factors, 0.0), middle
