"""Bands around a forecast that hold what they promise at every hour, season and kind of day.

A model of the errors' size under the conditions of each row, and conformal quantiles of errors in
units of it: Lei et al. (2018), JASA 113; Romano, Patterson and Candès (2019), NeurIPS 32.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.conditions import COLUMNS, HOUR_COLUMNS, Conditions
from energy_assets.forecasting.conformal import (
    BELOW,
    SIDES,
    conformal_factors,
    draw_rows,
    independent_errors,
    network_gaps,
)
from energy_assets.forecasting.forecast import MEDIAN
from energy_assets.forecasting.timeline import Floats, Positions
from energy_assets.forecasting.width_fit import (
    LEVEL_DAYS,
    fit_widths,
    given_sizes,
    usual_sizes,
)

FEWEST_ERRORS: Final[int] = 20
"""Fewer errors make no quantiles."""

BEYOND: Final[float] = 1.5
"""No quantile is farther from the centre than this many times the largest error that was seen."""

MIRRORED_ERRORS: Final[float] = 60.0
"""Of this many independent errors the wider side of a band counts half for the other side."""

NARROWEST: Final[float] = 0.25
"""Held-out errors never shrink a network's own band below this share of its width."""

WIDEST: Final[float] = 4.0
"""Nor widen it beyond this."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Bands:
    """How far forecasts err.

    Attributes:
        weights: Of the columns of the width model, whose sum is the logarithm of a row's width;
            one row for errors below the centre, one for those above.
        limits: Least and greatest sum that the errors showed, one row each; others are held within.
        factors: Per level, multiple of the width, or of the network's distance times the width,
            at which the quantile lies; not negative.
        middle: Where the errors' median lies, in widths; 0 for a centre that is the median.
        farthest: No quantile lies farther from the centre, but for what is given of each row;
            without it, as for a network's own bands, the network's distances are the bound.
    """

    weights: Floats
    limits: Floats
    factors: Floats
    middle: float
    farthest: float | None = None

    @property
    def has_width(self) -> bool:
        """Whether any error is known that gives them a width."""
        return bool(self.factors.any())

    def size(self, error: Floats, rows: Conditions, *, raw: Floats | None = None) -> Floats:
        """|error| of each row in units of what is usual under its conditions, 1 on average.

        Args:
            error: What happened less the centre, NaN where unknown.
            rows: Conditions of each.
            raw: A network's quantiles of each, where the bands are of such.
        """
        half = np.ones(len(error)) if raw is None else network_gaps(raw)[1]
        width = usual_sizes(self.weights, self.limits, rows)
        return np.abs(error) / (half * np.where(error < 0.0, width[0], width[1]))

    def around(self, centre: Floats, rows: Conditions, *, raw: Floats | None = None) -> Floats:
        """Quantiles, one row per row, non-decreasing along each row; negative ones stay so.

        Args:
            centre: The forecast, on the scale of the errors that the bands are of.
            rows: Conditions of each.
            raw: A network's quantiles of each, around `centre`, where the bands are of such.
        """
        width = usual_sizes(self.weights, self.limits, rows)
        share = width[BELOW] * self.factors[:, None]
        if raw is None:
            if self.farthest is not None:
                share = np.minimum(share, self.farthest * given_sizes(rows))
            offset = (share * SIDES[:, None]).T
        else:
            offset = network_gaps(raw)[0] * np.clip(share.T, NARROWEST, WIDEST)
        high = np.maximum.accumulate(offset[:, MEDIAN:], axis=1)
        low = np.minimum.accumulate(offset[:, MEDIAN::-1], axis=1)[:, ::-1]
        moved = centre + self.middle * width[int(self.middle > 0.0)]
        return moved[:, None] + np.concatenate([low[:, :-1], high], axis=1)

    def of_days(self, times: float = 1.0) -> "Bands":
        """Bands of local days as wide as all intervals together, which err alike at the worst.

        Args:
            times: Intervals of a day where errors add up; 1 where they are shares of the value.
        """
        weights = self.weights.copy()
        weights[:, HOUR_COLUMNS] = 0.0
        weights[:, 0] += np.log(times)
        farthest = None if self.farthest is None else self.farthest * times
        limits = self.limits + np.log(times)
        return replace(self, weights=weights, limits=limits, farthest=farthest)

    def to_arrays(self) -> tuple[dict[str, Floats], dict[str, object]]:
        """Arrays and JSON from which `from_arrays` makes the same bands."""
        arrays = {"weights": self.weights, "limits": self.limits, "factors": self.factors}
        return arrays, {"middle": self.middle, "farthest": self.farthest}

    @staticmethod
    def from_arrays(arrays: Mapping[str, Floats], facts: Mapping[str, object]) -> "Bands":
        """Bands from what `to_arrays` gave.

        Raises:
            ValueError: They are not of bands of this version.
        """
        middle = facts.get("middle")
        shapes = {"weights": (2, COLUMNS), "limits": (2, 2), "factors": (len(QUANTILES),)}
        found = {name: arrays[name].shape for name in shapes if name in arrays}
        if found != shapes or not isinstance(middle, float | int):
            raise ValueError(
                f"these are not bands: arrays of the shapes {shapes} and a number `middle` are, "
                f"and here are {found} and {middle!r}; train the model again."
            )
        farthest = facts.get("farthest")
        return Bands(
            **{name: arrays[name] for name in shapes},
            middle=float(middle),
            farthest=float(farthest) if isinstance(farthest, float | int) else None,
        )


NO_BANDS: Final = Bands(
    weights=np.zeros((2, COLUMNS)),
    limits=np.zeros((2, 2)),
    factors=np.zeros(len(QUANTILES)),
    middle=0.0,
)
"""Bands without width, of a forecast of which no error is known."""

AS_IT_IS: Final = Bands(
    weights=np.zeros((2, COLUMNS)),
    limits=np.zeros((2, 2)),
    factors=np.ones(len(QUANTILES)),
    middle=0.0,
)
"""A network's own bands."""


def fit_bands(
    error: Floats,
    rows: Conditions,
    *,
    day: Positions,
    raw: Floats | None = None,
    prior: Bands | None = None,
    centred: bool = True,
) -> Bands:
    """Bands from held-out errors.

    Args:
        error: What happened less the centre, on any scale, NaN where unknown.
        rows: Conditions of each error.
        day: Local day of each row as a number. Errors of one day count as fewer the more they go
            together.
        raw: A network's quantiles of each row: its bands are kept in shape and corrected in width.
        prior: What is presumed of the widths: bands of other errors of the same series, or of a
            pool. The fewer the days, the more of it stays.
        centred: Whether the centre is the median; otherwise the errors' own median moves it.

    Returns:
        The prior where fewer than `FEWEST_ERRORS` are known; without one, bands without width, or
        a network's own.
    """
    known = draw_rows(np.isfinite(error) if raw is None else np.isfinite(error + raw.sum(axis=1)))
    if len(known) < FEWEST_ERRORS:
        return prior or (NO_BANDS if raw is None else AS_IT_IS)
    rows, error = rows.keep(known), error[known]
    gap, half = (SIDES, np.ones(len(error))) if raw is None else network_gaps(raw[known])
    days = len(np.unique(day[known]))
    independent = independent_errors(error / half, day[known])
    weights, limits, spent = fit_widths(
        error / half,
        rows,
        independent,
        per_day=independent / days,
        presumed=None if prior is None else prior.weights,
        has_level=raw is not None and prior is not None,
    )
    width = usual_sizes(weights, limits, rows)
    own, middle = conformal_factors(error, width, gap, independent=independent, centred=centred)
    if raw is None:  # a network's own band has learned which side is the wider one
        few = MIRRORED_ERRORS / (MIRRORED_ERRORS + independent)
        own = (1.0 - few) * own + few * np.maximum(own, own[::-1])
    trust = days / (days + LEVEL_DAYS)
    if prior is not None:
        own = trust * own + (1.0 - trust) * prior.factors
        middle = trust * middle + (1.0 - trust) * prior.middle
    elif raw is not None:
        own = trust * own + (1.0 - trust) / np.median(width, axis=1)[BELOW]
    return Bands(
        weights=weights,
        limits=limits,
        factors=(1.0 + spent / independent) * own,
        middle=middle,
        farthest=None if raw is not None else _farthest(error, prior),
    )


def _farthest(error: Floats, prior: Bands | None) -> float:
    """How far a quantile may lie from the centre, by errors and by what is presumed."""
    of_prior = 0.0 if prior is None else prior.farthest or 0.0
    return max(BEYOND * float(np.abs(error).max()), of_prior)
