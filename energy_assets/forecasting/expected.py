"""The expected value beside the median: learned from held-out rows, so that sums of it are right.

Totals are sums of expected values. Quantiles of a sum are no sums: days have bands of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.forecast import MEDIAN
from energy_assets.forecasting.timeline import Floats, Positions

LEVELS: Final[int] = len(QUANTILES)
"""How many quantile levels there are."""

TRAPEZOID: Final[Floats] = np.array([0.075, 0.1, 0.2, 0.25, 0.2, 0.1, 0.075])
"""Share of the distribution for which each quantile stands."""

POOL_DAYS: Final[float] = 30.0
"""What is presumed of a pool's weights counts as much as this many days of errors. [d]"""

OWN_DAYS: Final[float] = 200.0
"""What is presumed of one series' weights counts as much as this many days of errors. [d]

So it does where no pool is known: of boosted homes the trapezoid rule itself has the least error of
day totals, and weights that left it after 30 days erred by 3 to 4 % more."""

LEAST_HELD: Final[float] = 0.3
"""Share of what many days say that what is presumed still counts."""

FEWEST_DAYS: Final[int] = 5
"""Fewer known days teach nothing."""

ABSURD: Final[float] = 10.0
"""A day whose total errs by more than this many usual errors counts less in proportion."""

DOUBT: Final[float] = 2.0
"""The median is the expected value where days err by less than this many standard errors."""

SMALL_SKEW: Final[float] = 0.05
"""Where both the quantiles themselves and what was learned put the expected value above the median
by more than this share, few and noisy days are no reason to take the median for it."""

MOST_ALIKE: Final[float] = 0.8
"""Correlation of the errors of neighbouring days that is believed at most."""

ROUNDS: Final[int] = 4
"""How often the weights of days are worked out again."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Expected:
    """How the expected value follows from quantiles and seasonal baselines.

    Attributes:
        weights: Of each quantile's distance from the median, then of each baseline's. All zeros
            say that the median is the expected value.
    """

    weights: Floats

    def mean(self, quantiles: Floats, baselines: Floats) -> Floats:
        """Expected value of each row, in the unit of the quantiles; it may be negative.

        Args:
            quantiles: One row each, in order along each row.
            baselines: Seasonal means, one column each, the same as were learned from; NaN where
                unknown.
        """
        return quantiles[:, MEDIAN] + _distances(quantiles, baselines) @ self.weights

    def to_arrays(self) -> dict[str, Floats]:
        """Arrays from which `from_arrays` makes the same."""
        return {"weights": self.weights}

    @staticmethod
    def from_arrays(arrays: Mapping[str, Floats]) -> "Expected":
        """What `to_arrays` gave."""
        return Expected(weights=arrays["weights"])


def presumed(baselines: int) -> Expected:
    """Before any error is seen: the trapezoid rule over the quantiles, no baseline."""
    return Expected(weights=np.concatenate([TRAPEZOID, np.zeros(baselines)]))


def fit_expected(
    actual: Floats,
    quantiles: Floats,
    baselines: Floats,
    *,
    day: Positions,
    series: Positions | None = None,
    prior: Expected | None = None,
) -> Expected:
    """Learn the expected value on held-out rows.

    Ridge regression: rows weigh inversely to the width of their band, absurd days in inverse
    proportion to how absurd they are. Where the sums of medians of the held-out days are as often
    too high as too low, the median is the expected value.

    Args:
        actual: What happened, NaN where unknown; in the series' unit, or over the mean of each
            series' uppermost quantile where rows are of a pool.
        quantiles: Predicted for it, in order along each row, same unit.
        baselines: Seasonal means of each row, one column each; NaN where unknown.
        day: Local day of each row as a number.
        series: Which series of a pool each row is of; all of one without it.
        prior: What is presumed: a pool's. Without it, the trapezoid rule.
    """
    days = POOL_DAYS if prior is None and series is not None else OWN_DAYS
    start = presumed(baselines.shape[1]) if prior is None else prior
    known = np.isfinite(actual) & np.isfinite(quantiles).all(axis=1)
    actual, quantiles, baselines = actual[known], quantiles[known], baselines[known]
    day = day[known]
    if len(np.unique(day)) < FEWEST_DAYS:
        return start
    own = day if series is None else series[known] * (1 << 32) + day
    _, number, rows = np.unique(own, return_inverse=True, return_counts=True)
    table = _distances(quantiles, baselines)
    width = quantiles[:, -1] - quantiles[:, 0]
    usual = float(width.mean())
    steady = 1.0 / (width / usual + 0.25) if usual > 0.0 else np.ones(len(width))
    wanted = actual - quantiles[:, MEDIAN]
    weights, trusted = start.weights, np.ones(len(rows))
    for _ in range(ROUNDS):
        off = np.bincount(number, weights=wanted - table @ weights) / rows
        usual_off = 1.4826 * float(np.median(np.abs(off))) + 1e-12
        trusted = np.minimum(1.0, ABSURD * usual_off / np.maximum(np.abs(off), 1e-12))
        share = steady * trusted[number]
        seen = (table.T * share) @ table
        held = max(days / len(rows), LEAST_HELD) * np.diag(seen) + 1e-12
        slope = table.T @ (share * (wanted - table @ start.weights))
        weights = start.weights + np.linalg.solve(seen + np.diag(held), slope)
    _, number, rows = np.unique(day, return_inverse=True, return_counts=True)
    least = SMALL_SKEW * float(np.abs(actual).sum())
    skewed = all(float((table @ each).sum()) > least for each in (start.weights, weights))
    off = np.bincount(number, weights=wanted - table @ weights) / rows
    mean_fits = skewed and _is_centred(off)
    if not mean_fits and _is_centred(np.bincount(number, weights=wanted) / rows):
        weights = np.zeros(len(weights))
    return Expected(weights=weights)


def _is_centred(off: Floats) -> bool:
    """Whether the mean of days' errors is as good as zero, or not the same for long.

    Neighbouring days err alike, and count as fewer for it.
    """
    usual = 1.4826 * float(np.median(np.abs(off - np.median(off)))) + 1e-12
    held = np.clip(off, np.median(off) - ABSURD * usual, np.median(off) + ABSURD * usual)
    apart = held - held.mean()
    alike = float(apart[1:] @ apart[:-1]) / (float(apart @ apart) + 1e-300)
    alike = float(np.clip(alike, 0.0, MOST_ALIKE))
    independent = len(held) * (1.0 - alike) / (1.0 + alike)
    doubt = DOUBT * float(held.std()) / np.sqrt(independent)
    earlier, later = held[: len(held) // 2].mean(), held[len(held) // 2 :].mean()
    passing = earlier * later < 0.0 or min(abs(earlier), abs(later)) <= doubt / 2.0
    return abs(float(held.mean())) <= doubt or bool(passing)


def _distances(quantiles: Floats, baselines: Floats) -> Floats:
    """Distances from the median: of every quantile, then of every baseline; 0 where unknown."""
    median = quantiles[:, MEDIAN : MEDIAN + 1]
    return np.concatenate([quantiles - median, np.nan_to_num(baselines - median)], axis=1)
