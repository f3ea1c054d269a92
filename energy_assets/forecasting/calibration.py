"""Bands that hold what they promise: widths corrected by held-out errors.

Conformalised quantiles after Romano, Patterson and Candès (2019), NeurIPS 32, as a factor on each
quantile's distance from the median, so that wide hours stay wider than narrow ones.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.forecast import MEDIAN

Factors = tuple[float, ...]
"""One factor per quantile level; that of the median has no effect."""

AS_IT_IS: Final[Factors] = (1.0,) * len(QUANTILES)
"""Bands left alone."""

NARROWEST: Final[float] = 0.25
"""Held-out errors never shrink a band below this share of its width."""

WIDEST: Final[float] = 4.0
"""Nor widen it beyond this."""

POOLED_DAYS: Final[float] = 7.0
"""The pool's factors count as much as this many days of a customer's own errors."""


def band_factors(actual: NDArray[np.float64], quantiles: NDArray[np.float64]) -> Factors:
    """Factors that give each quantile its nominal share on held-out rows.

    Args:
        actual: What happened, NaN where unknown. [kWh]
        quantiles: Predicted for it, in non-decreasing order along each row. [kWh]
    """
    factors = list(AS_IT_IS)
    off = actual - quantiles[:, MEDIAN]
    for column, level in enumerate(QUANTILES):
        gap = quantiles[:, column] - quantiles[:, MEDIAN]
        usable = np.isfinite(off) & (np.abs(gap) > 1e-9)
        if column == MEDIAN or int(usable.sum()) < 20:
            continue
        share = level if column > MEDIAN else 1.0 - level
        needed = float(np.quantile(off[usable] / gap[usable], share))
        factors[column] = float(np.clip(needed, NARROWEST, WIDEST))
    return tuple(factors)


def blended_factors(own: Factors, pooled: Factors, *, days: float) -> Factors:
    """A customer's own factors, drawn towards the pool's where its own errors are few."""
    trust = days / (days + POOLED_DAYS)
    return tuple(trust * mine + (1 - trust) * all_ for mine, all_ in zip(own, pooled, strict=True))


def calibrated(
    quantiles: NDArray[np.float64],
    factors: Factors,
    *,
    imputed_share: float = 0.0,
    non_negative: bool = True,
) -> NDArray[np.float64]:
    """Bands with corrected widths, wider where much of the recent past was missing.

    Returns:
        Non-decreasing along each row, around the same medians; not negative unless the series may
        be. [kWh]
    """
    ordered = np.sort(quantiles, axis=-1)
    median = ordered[..., MEDIAN : MEDIAN + 1]
    width = np.array(factors) * (1.0 + imputed_share)
    bands = median + (ordered - median) * width
    upper = np.maximum.accumulate(bands[..., MEDIAN:], axis=-1)
    lower = np.minimum.accumulate(bands[..., MEDIAN::-1], axis=-1)[..., ::-1]
    ordered = np.concatenate([lower[..., :-1], upper], axis=-1)
    return np.maximum(ordered, 0.0) if non_negative else ordered
