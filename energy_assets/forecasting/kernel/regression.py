"""Kernel ridge regression of whole days: weighted sums over similar days of the past.

The mean of a Gaussian process with a squared exponential kernel: Rasmussen and Williams (2006),
Gaussian Processes for Regression Learning, chapters 2 and 5. Knows columns, not what they mean.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.forecasting.timeline import Floats, Positions

Coordinates = NDArray[np.float16]

FARTHEST: Final[float] = 5.0
"""Standardised columns are held within so many standard deviations."""

BLOCK: Final[int] = 128
"""Rows of a triangular system that are solved together."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ColumnScaler:
    """How columns become coordinates in which distance means unlikeness.

    Attributes:
        centre: Mean of each column, which stands for it where it is unknown.
        spread: Standard deviation of each column, positive.
        weight: How much each column counts.
    """

    centre: Floats
    spread: Floats
    weight: Floats

    def coordinates(self, table: Floats) -> Coordinates:
        """Coordinates of days, in half precision: noise blurs far more."""
        scaled = np.clip((table - self.centre) / self.spread, -FARTHEST, FARTHEST)
        return (np.nan_to_num(scaled) * self.weight).astype(np.float16)


def scaler_of(groups: list[tuple[Floats, float]], learned: Positions) -> ColumnScaler:
    """A scaler for groups of columns with a weight each, from the rows to learn from.

    A group counts by its weight alone, however many columns it has.
    """
    centres: list[Floats] = []
    spreads: list[Floats] = []
    weights: list[Floats] = []
    for table, weight in groups:
        own = table[learned]
        count = np.maximum(np.isfinite(own).sum(axis=0), 1)
        centre = np.where(np.isfinite(own), own, 0.0).sum(axis=0) / count
        deviation = np.where(np.isfinite(own), own - centre, 0.0)
        spread = np.sqrt((deviation**2).sum(axis=0) / count)
        centres.append(centre)
        spreads.append(np.where(spread > 1e-6, spread, 1.0))
        weights.append(np.full(table.shape[1], weight / np.sqrt(table.shape[1])))
    return ColumnScaler(
        centre=np.concatenate(centres),
        spread=np.concatenate(spreads),
        weight=np.concatenate(weights),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Regression:
    """A fitted regression; arrays are stored as they are.

    Attributes:
        scaler: Coordinates of a day.
        known: Coordinates of the days that it learned from.
        duals: What each of them adds to each slot.
        mean: Mean of what was learned, per slot.
        narrowness: How fast days cease to count with squared distance.
    """

    scaler: ColumnScaler
    known: Coordinates
    duals: NDArray[np.float32]
    mean: Floats
    narrowness: float

    def predict(self, table: Floats) -> Floats:
        """What the days of some columns depart by, one row per day, one column per slot."""
        kernel = kernel_of(self.scaler.coordinates(table), self.known, self.narrowness)
        return self.mean + kernel @ self.duals.astype(np.float64)


def kernel_of(left: Coordinates, right: Coordinates, narrowness: float) -> NDArray[np.float64]:
    """Likeness of days, 1 for the same one."""
    return np.exp(-narrowness * squared_distances(left, right))


def squared_distances(left: Coordinates, right: Coordinates) -> NDArray[np.float64]:
    """Squared distance of each day on the left to each on the right."""
    a, b = left.astype(np.float64), right.astype(np.float64)
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2.0 * (a @ b.T)
    return np.maximum(squares, 0.0)


def fit_regression(
    scaler: ColumnScaler, table: Floats, wanted: Floats, *, narrowness: float, noise: float
) -> Regression:
    """A regression that learned some days.

    Args:
        scaler: How to measure them.
        table: Their columns, one row per day.
        wanted: What they depart by, one column per slot.
        narrowness: How fast days cease to count with squared distance.
        noise: Ridge penalty.
    """
    known = scaler.coordinates(table)
    kernel = kernel_of(known, known, narrowness)
    kernel[np.diag_indices_from(kernel)] += noise
    factor = np.linalg.cholesky(kernel).astype(np.float64, copy=False)
    mean = wanted.mean(axis=0)
    duals = _through(factor, wanted - mean)
    return Regression(
        scaler=scaler,
        known=known,
        duals=duals.astype(np.float32),
        mean=mean,
        narrowness=narrowness,
    )


def left_out_errors(kernel: Floats, wanted: Floats, noises: tuple[float, ...]) -> list[Floats]:
    """Errors of each day as predicted by all others, for each noise.

    Rasmussen and Williams, equation 5.12, on the eigenvectors of the kernel.
    """
    values, vectors = np.linalg.eigh(kernel)
    turned = vectors.T @ (wanted - wanted.mean(axis=0))
    found: list[Floats] = []
    for noise in noises:
        share = 1.0 / (np.maximum(values, 0.0) + noise)
        duals = vectors @ (share[:, None] * turned)
        found.append(duals / ((vectors**2) @ share)[:, None])
    return found


def errors_without_blocks(
    kernel: Floats, wanted: Floats, block: Positions, *, noise: float
) -> Floats:
    """Errors of each day as predicted by the days of all other blocks.

    The same equation for several days at once.

    Args:
        kernel: Likeness of the days.
        wanted: What they depart by, one column per slot.
        block: Number of the block of each day.
        noise: Ridge penalty.
    """
    inverse = np.linalg.inv(kernel + noise * np.eye(len(kernel)))
    duals = inverse @ (wanted - wanted.mean(axis=0))
    errors = np.empty_like(wanted)
    for number in np.unique(block):
        own = np.flatnonzero(block == number)
        errors[own] = np.linalg.solve(inverse[np.ix_(own, own)], duals[own])
    return errors


def _through(factor: Floats, wanted: Floats) -> Floats:
    """Solve with a lower factor and its transpose, block by block."""
    solved = np.array(wanted, dtype=np.float64)
    starts = range(0, len(factor), BLOCK)
    for start in starts:
        own = slice(start, start + BLOCK)
        rest = solved[own] - factor[own, :start] @ solved[:start]
        solved[own] = np.linalg.solve(factor[own, own], rest)
    for start in reversed(starts):
        own, after = slice(start, start + BLOCK), slice(start + BLOCK, None)
        rest = solved[own] - factor[after, own].T @ solved[after]
        solved[own] = np.linalg.solve(factor[own, own].T, rest)
    return solved
