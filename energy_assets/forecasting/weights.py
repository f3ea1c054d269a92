"""Weights of unlike families: of the quantiles, and of the mean.

A family that is good at the median need not be good at totals, so each has weights of its own.
They are fitted on days that were predicted before they happened, start from equal ones, and leave
those only as far as other days show a gain. No family, store or clock is known here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.simplex import Errors, proven
from energy_assets.forecasting.timeline import Floats, Positions

POOL_DOUBT: Final[float] = 1.0
"""Standard errors that a gain of a pool's weights must exceed to count at all."""

OWN_DOUBT: Final[float] = 1.5
"""The same of a series' own weights, of which a pool has many."""

POOL_DAYS: Final[float] = 10.0
"""With so many validation days equal weights count as much as the pool's. [d]"""

OWN_DAYS: Final[float] = 60.0
"""With so many validation days the pool's weights count as much as a series' own. [d]"""

FEWEST_SHARE: Final[float] = 0.5
"""A member that predicts no more than this share of a series' rows has no weight there."""

LARGEST_ERROR: Final[float] = 5.0
"""Errors count as this many times the size of the series at most: no series decides for others."""

SMALLEST: Final[float] = 1e-12
"""Size of a series that no member was ever wrong about, in its unit."""

ROWS_A_DAY: Final[int] = 24
"""Of days of more intervals so many, evenly apart, are looked at."""

DAY_SHARE: Final[float] = 0.5
"""Share of the errors of day totals in what the weights of the mean are judged by."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MemberRows:
    """What one family predicts of some rows, in the series' unit; NaN where it predicts nothing.

    Attributes:
        quantiles: One row each, one column per level of `QUANTILES`.
        mean: Expected value of each row.
    """

    quantiles: Floats
    mean: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class ValidationRows:
    """Rows of one series that every member predicted before they happened.

    Attributes:
        day: Any number of the local day of each, the same for all series.
        actual: What happened; NaN where unknown.
        usual_error: How far a seasonal naive is off, on average: the size of the series' errors.
        members: What each family predicted, by name.
    """

    day: Positions
    actual: Floats
    usual_error: float
    members: Mapping[str, MemberRows]


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Shares of the members, in their order; each adds up to 1.

    Attributes:
        members: Names of the families.
        quantiles: Of the quantiles.
        mean: Of the mean.
    """

    members: tuple[str, ...]
    quantiles: tuple[float, ...]
    mean: tuple[float, ...]

    def of(self, names: Sequence[str]) -> tuple[Floats, Floats]:
        """Shares of some members: of the quantiles, and of the mean; 0 of unknown ones."""
        at = [self.members.index(name) if name in self.members else -1 for name in names]
        quantiles, mean = (*self.quantiles, 0.0), (*self.mean, 0.0)
        return np.array([quantiles[n] for n in at]), np.array([mean[n] for n in at])

    def as_json(self) -> dict[str, object]:
        """The weights as JSON takes them."""
        return {
            "members": list(self.members),
            "quantiles": list(self.quantiles),
            "mean": list(self.mean),
        }

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> "Weights":
        """What `as_json` gave."""
        return Weights(**{name: tuple(stored[name]) for name in ("members", "quantiles", "mean")})


@dataclass(frozen=True, kw_only=True)
class FittedWeights:
    """Weights of a pool of series.

    Attributes:
        pool: Weights of a series that has none of its own.
        own: Weights by series.
    """

    pool: Weights
    own: Mapping[str, Weights]

    def of(self, key: str) -> Weights:
        """Weights of a series."""
        return self.own.get(key, self.pool)


def fit_weights(
    validation: Mapping[str, ValidationRows], *, members: Sequence[str]
) -> FittedWeights:
    """Weights from validation rows.

    Args:
        validation: Rows by series, all of which may be looked at.
        members: Families to combine, in the order of the weights. One that a series lacks gets no
            weight of that series' own.
    """
    names = tuple(members)
    equal = np.full(len(names), 1.0 / len(names))
    found = {key: _Judged.of(rows, names) for key, rows in validation.items()}
    judged = {key: one for key, one in found.items() if one is not None}
    pool: dict[str, Floats] = {}
    start = equal
    for part in ("quantiles", "mean"):  # who is proven better at quantiles is presumed so at means
        errors: list[Errors] = [getattr(one, part) for one in judged.values()]
        days = len(np.unique(np.concatenate([one.day for one in errors]))) if errors else 0
        start = _drawn(proven(errors, start, doubt=POOL_DOUBT), start, days, POOL_DAYS)
        pool[part] = start
    own: dict[str, Weights] = {}
    for key, one in judged.items():
        parts: dict[str, Floats] = {}
        for part in ("quantiles", "mean"):
            alone: Errors = getattr(one, part)
            fitted = proven([alone], pool[part], doubt=OWN_DOUBT)
            parts[part] = _drawn(fitted, pool[part], len(np.unique(alone.day)), OWN_DAYS)
        own[key] = _weights(names, parts)
    return FittedWeights(pool=_weights(names, pool), own=own)


def _weights(members: tuple[str, ...], parts: Mapping[str, Floats]) -> Weights:
    shares = {part: tuple(map(float, own)) for part, own in parts.items()}
    return Weights(members=members, quantiles=shares["quantiles"], mean=shares["mean"])


def _drawn(own: Floats, wider: Floats, days: int, trusted: float) -> Floats:
    """Weights drawn towards wider ones as far as the days are few."""
    trust = days / (days + trusted)
    return trust * own + (1.0 - trust) * wider


def average(values: Floats, weights: Floats) -> Floats:
    """Average over the last axis of what is known; NaN where nothing is.

    A member that is NaN gives its weight to the others; members without weight stand in where no
    other is known.
    """
    known = np.isfinite(values)
    shares = np.where(known, weights, 0.0)
    shares = np.where(shares.sum(axis=-1, keepdims=True) > 0, shares, known.astype(np.float64))
    total = shares.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (shares * np.nan_to_num(values)).sum(axis=-1) / np.where(total > 0, total, np.nan)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Judged:
    """Errors of one series by which both kinds of weights are judged."""

    quantiles: Errors
    mean: Errors

    @staticmethod
    def of(rows: ValidationRows, names: tuple[str, ...]) -> "_Judged | None":
        """Rows of which the value and all usable members are known; none where there are none."""
        steps, levels = len(rows.actual), len(QUANTILES)
        quantiles = np.full((steps, levels, len(names)), np.nan)
        mean = np.full((steps, len(names)), np.nan)
        for number, name in enumerate(names):
            if name in rows.members:
                quantiles[:, :, number] = rows.members[name].quantiles
                mean[:, number] = rows.members[name].mean
        happened = np.isfinite(rows.actual)
        usable = np.isfinite(mean[happened]).sum(axis=0) > FEWEST_SHARE * happened.sum()
        known = happened & np.isfinite(mean[:, usable]).all(axis=1)
        if not usable.any() or not known.any():
            return None
        off = np.where(usable, mean[known] - rows.actual[known, None], 0.0)
        day = rows.day[known]
        size = max(rows.usual_error, float(np.abs(off[:, usable]).mean()), SMALLEST)
        some = _thinned(day)
        table = np.where(usable, quantiles[known][some] - rows.actual[known][some, None, None], 0)
        count = len(some) * levels
        return _Judged(
            quantiles=Errors(
                off=_clipped(table.reshape(count, len(names)), size),
                level=np.tile(np.array(QUANTILES), len(some)),
                share=_shares(np.repeat(day[some], levels)),
                day=np.repeat(day[some], levels),
                usable=usable,
            ),
            mean=_of_means(off, day, size, usable),
        )


def _of_means(off: Floats, day: Positions, size: float, usable: NDArray[np.bool_]) -> Errors:
    """Squared errors of intervals and of day totals, each in units of what is usual there."""
    days, where, count = np.unique(day, return_inverse=True, return_counts=True)
    totals = np.zeros((len(days), off.shape[1]))
    np.add.at(totals, where, off)
    of_days = max(float(np.abs(totals[:, usable]).mean()), size, SMALLEST)
    parts = (_clipped(off, size), _clipped(totals, of_days))
    shares = ((1.0 - DAY_SHARE) / count[where], np.full(len(days), DAY_SHARE))
    return Errors(
        off=np.concatenate(parts),
        level=np.full(len(off) + len(days), np.nan),
        share=np.concatenate(shares),
        day=np.concatenate([day, days]),
        usable=usable,
    )


def _clipped(off: Floats, size: float) -> Floats:
    return np.clip(off / size, -LARGEST_ERROR, LARGEST_ERROR)


def _shares(day: Positions) -> Floats:
    _, where, count = np.unique(day, return_inverse=True, return_counts=True)
    return 1.0 / count[where]


def _thinned(day: Positions) -> Positions:
    """Positions of at most `ROWS_A_DAY` rows of a day, evenly apart."""
    days = len(np.unique(day))
    step = max(len(day) // (days * ROWS_A_DAY), 1)
    return np.arange(0, len(day), step, dtype=np.int64)
