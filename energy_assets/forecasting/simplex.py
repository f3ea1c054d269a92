"""Weights, none negative and of sum 1, that keep an average of members near what happened.

Only the numbers: which rows are looked at, and what becomes of the weights, is decided elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.forecasting.timeline import Floats, Positions

STEPS: Final[int] = 60
"""Steps of the descent to weights."""

FEWEST_DAYS: Final[int] = 4
"""Days below which weights stay where they start."""

NO_DAYS: Final[Positions] = np.zeros(0, dtype=np.int64)

RATE: Final[float] = 1.0
"""How far the first step goes, in the logarithm of a weight."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Errors:
    """How far members were off in some rows of one series.

    The error of an average is the average of the errors, so this is all that weights need.

    Attributes:
        off: Predicted less actual, rows and members, in units of the series' own size.
        level: Quantile level of each row; NaN where the error counts squared.
        share: How much each row counts; they add up to 1 over the rows of a day.
        day: Local day of each row.
        usable: Which members are known; the errors of others are zeros.
    """

    off: Floats
    level: Floats
    share: Floats
    day: Positions
    usable: NDArray[np.bool_]

    def on(self, which: NDArray[np.bool_]) -> "Errors":
        """Some of the rows."""
        return replace(
            self,
            off=self.off[which],
            level=self.level[which],
            share=self.share[which],
            day=self.day[which],
        )

    def within(self, weights: Floats) -> Floats:
        """Weights of the usable members, which take those of the others."""
        kept = np.where(self.usable, weights, 0.0)
        return kept / kept.sum() if kept.sum() > 0.0 else self.usable / max(self.usable.sum(), 1)

    def losses(self, weights: Floats) -> Floats:
        """Loss of each row: pinball, or the square."""
        error = self.off @ self.within(weights)
        pinball = np.where(error > 0.0, (1.0 - self.level) * error, -self.level * error)
        return self.share * np.where(np.isfinite(self.level), pinball, error**2)

    def slope(self, weights: Floats) -> Floats:
        """How the loss grows with each member's weight, less the mean of that; 0 if unusable."""
        own = self.within(weights)
        error = self.off @ own
        pinball = np.where(error > 0.0, 1.0 - self.level, -self.level)
        pull = np.where(np.isfinite(self.level), pinball, 2.0 * error)
        slope = (pull * self.share) @ self.off
        return np.where(self.usable, slope - slope @ own, 0.0)


def least_loss(errors: Sequence[Errors], start: Floats) -> Floats:
    """Weights, none negative and of sum 1, with the least loss: exponentiated gradient.

    Kivinen and Warmuth (1997), Information and Computation 132, 1-63. Members that no series knows
    keep no weight.
    """
    usable = np.any([one.usable for one in errors], axis=0) if errors else np.zeros(0)
    if not np.any(usable):
        return start
    weights = np.where(usable, np.maximum(start, 1e-3), 0.0)
    weights /= weights.sum()
    mean, steepest = np.zeros_like(weights), 0.0
    for step in range(STEPS):
        slope = np.sum([one.slope(weights) for one in errors], axis=0)
        # Steps in units of the slopes so far: what the series measure, and how much, is no matter.
        steepest += float(np.ptp(slope[usable])) ** 2
        weights = weights * np.exp(-RATE * slope / np.sqrt(max(steepest, 1e-24)))
        weights /= weights.sum()
        if step >= STEPS // 2:
            mean += weights
    return mean / mean.sum()


def proven(errors: Sequence[Errors], start: Floats, *, doubt: float) -> Floats:
    """Weights that leave their start only as far as days show that had no part in them.

    The days are parted in two halves; weights of each are tried on the other. What they gain there
    over the start, day by day, and how much that varies, says how far the weights of all days are
    to be believed: not at all where there is no gain, and nearly all the way where the gain is many
    times its standard error.

    Args:
        errors: By series.
        start: Weights before any error is seen.
        doubt: Standard errors that a gain must exceed to count at all.
    """
    days = np.unique(np.concatenate([one.day for one in errors])) if errors else NO_DAYS
    if len(days) < FEWEST_DAYS:
        return start
    middle = days[len(days) // 2]
    sooner = [one.on(one.day < middle) for one in errors]
    later = [one.on(one.day >= middle) for one in errors]
    gains = np.zeros(len(days))
    for tried, other in ((sooner, later), (later, sooner)):
        weights = least_loss(other, start)
        gains += _by_day(tried, days, start) - _by_day(tried, days, weights)
    gain = float(gains.mean())
    if gain <= 0.0:
        return start
    error = float(gains.std(ddof=1)) / np.sqrt(len(days))
    trust = max(1.0 - (doubt * error / gain) ** 2, 0.0)
    return trust * least_loss(errors, start) + (1.0 - trust) * start


def _by_day(errors: Sequence[Errors], days: Positions, weights: Floats) -> Floats:
    """Loss of each day, added up over series."""
    total = np.zeros(len(days))
    for one in errors:
        place = np.searchsorted(days, one.day)
        total += np.bincount(place, weights=one.losses(weights), minlength=len(days))
    return total
