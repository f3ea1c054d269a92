"""Bands around a point forecast: quantiles of held-out errors, wider with every lead day.

Split-conformal quantiles on the learned scale, after Vovk, Gammerman and Shafer (2005),
Algorithmic Learning in a Random World, by lead day and part of the day.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.forecast import MEDIAN
from energy_assets.forecasting.past import LEAD_GROUPS, lead_group
from energy_assets.forecasting.timeline import Floats, Positions

WEIGHTS: Final[NDArray[np.float64]] = np.array([0.075, 0.1, 0.2, 0.25, 0.2, 0.1, 0.075])
"""Share of the distribution for which each quantile stands: their mean is the expected value."""

DAY_PARTS: Final[int] = 4
"""Parts of the day with errors of their own."""

TRUSTED: Final[int] = 100
"""Errors of one part count as much as those of all parts at this number."""

ERRORS_A_DAY: Final[float] = 3.0
"""Errors of one day count as so many independent ones."""

MIRRORED_DAYS: Final[float] = 20.0
"""Of this many held-out days the wider side of a band counts half for the other side."""

WIDENING: Final[float] = 0.01
"""A band is wider by at least this share with each further lead day."""

LEADS: Final[tuple[float, ...]] = tuple((first + last) / 2 for first, last in LEAD_GROUPS)
"""Lead day for which the errors of each group stand."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Bands:
    """Errors on the learned scale.

    Attributes:
        offsets: Per lead group, part of the day and quantile level; 0 at the median.
    """

    offsets: Floats

    def around(
        self,
        point: Floats,
        *,
        lead_day: Positions,
        day_part: Positions,
        missing: Floats | float = 0.0,
    ) -> Floats:
        """Quantiles on the learned scale, one row per point, non-decreasing along each row.

        Args:
            point: Point forecasts.
            lead_day: Of each.
            day_part: Of each.
            missing: Share of the recent past that was missing; bands are wider by it.
        """
        lead = np.asarray(lead_day, dtype=np.float64)
        part = np.minimum(day_part, self.offsets.shape[1] - 1)
        high = np.clip(np.searchsorted(LEADS, lead), 1, len(LEADS) - 1)
        near, far = np.array(LEADS)[high - 1], np.array(LEADS)[high]
        share = np.clip((lead - near) / (far - near), 0.0, 1.0)[:, None]
        offset = (1 - share) * self.offsets[high - 1, part] + share * self.offsets[high, part]
        wider = (1.0 + WIDENING * (lead - 1.0)) * (1.0 + np.asarray(missing))
        return point[:, None] + offset * wider[:, None]

    def undivided(self) -> "Bands":
        """The same for all parts of the day: the widest of each lead group."""
        low = self.offsets[..., :MEDIAN].min(axis=1, keepdims=True)
        high = self.offsets[..., MEDIAN:].max(axis=1, keepdims=True)
        return Bands(offsets=np.concatenate([low, high], axis=-1))


@dataclass(frozen=True, kw_only=True, eq=False)
class BandPair:
    """Bands of intervals, and bands of local days, which are not sums of the former."""

    intervals: Bands
    days: Bands


def fit_bands(
    error: Floats,
    *,
    lead_day: Positions,
    day_part: Positions,
    centred: bool,
    held_days: float = np.inf,
) -> Bands:
    """Bands from held-out errors.

    Errors of one day go together, so few days say little of both sides: their wider side counts
    for both as far as the days are few.

    Args:
        error: What happened less the point forecast, on the learned scale.
        lead_day: Of each error.
        day_part: Of each error, from 0; all 0 where a day is not divided.
        centred: Whether the point forecast is the median; otherwise the errors' own median moves
            it.
        held_days: Days that the errors are of. [d]
    """
    independent = ERRORS_A_DAY * held_days
    parts = int(day_part.max()) + 1 if len(day_part) else 1
    offsets = np.zeros((len(LEAD_GROUPS), parts, len(QUANTILES)))
    pooled = _quantiles(error, np.zeros(len(QUANTILES)), independent)
    group = lead_group(lead_day)
    for number in range(len(LEAD_GROUPS)):
        of_group = group == number
        pooled = _quantiles(error[of_group], pooled, independent)
        for part in range(parts):
            own = error[of_group & (day_part == part)]
            offsets[number, part] = _quantiles(own, pooled, independent)
    # Few errors hardly tell where the middle is: it moves as far as they can be trusted.
    moved = 0.0 if centred else len(error) / (len(error) + TRUSTED)
    middle = moved * offsets[..., MEDIAN : MEDIAN + 1]
    spread = offsets - middle
    spread[..., :MEDIAN] = np.minimum(spread[..., :MEDIAN], 0.0)
    spread[..., MEDIAN] = 0.0
    spread[..., MEDIAN + 1 :] = np.maximum(spread[..., MEDIAN + 1 :], 0.0)
    wider_side = np.maximum(np.abs(spread), np.abs(spread[..., ::-1]))
    few = MIRRORED_DAYS / (MIRRORED_DAYS + held_days)
    width = (1.0 - few) * np.abs(spread) + few * wider_side
    widest = np.maximum.accumulate(width, axis=0)  # farther is never surer
    spread = np.where(np.arange(len(QUANTILES)) < MEDIAN, -widest, widest)
    return Bands(offsets=middle + spread)


def _quantiles(error: Floats, wider: Floats, independent: float) -> Floats:
    """Quantiles of some errors, drawn towards those of a wider group where they are few.

    Args:
        error: The errors.
        wider: Quantiles of the wider group; zeros where there is none.
        independent: As how many errors they count at most, for the conformal correction.
    """
    known = error[np.isfinite(error)]
    if not len(known):
        return wider
    count = min(len(known), max(independent, 1.0))
    levels = [
        min(level * (count + 1) / count, 1.0)
        if level > 0.5
        else 1 - min((1 - level) * (count + 1) / count, 1.0)
        for level in QUANTILES
    ]
    levels[MEDIAN] = 0.5
    trust = len(known) / (len(known) + TRUSTED) if wider.any() else 1.0
    return trust * np.quantile(known, levels) + (1 - trust) * wider
