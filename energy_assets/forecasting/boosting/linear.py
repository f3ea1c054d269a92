"""The linear part of a model: one ridge regression per cell of the day and group of lead days.

A cell is an interval of the day, or the hour that shorter ones share.

It learns what departs from the seasonal baseline; trees learn what it leaves.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.forecasting.boosting.columns import Design
from energy_assets.forecasting.past import LEAD_GROUPS, Rows, lead_group
from energy_assets.forecasting.timeline import Floats, Positions, Timeline

PENALTIES: Final[tuple[float, ...]] = (2.0, 20.0, 200.0, 2_000.0)
"""Ridge penalties to choose from, by error on the blocks left out."""

FOLDS: Final[int] = 3
"""Blocks of time; each is predicted by the others for what the trees learn from."""

TRIED_CELLS: Final[int] = 3
"""Cells of the day on which a group's penalty is chosen."""

HALF_LIFE_DAYS: Final[float] = 1_500.0
"""Rows this much older than the newest count half. [d]"""

MOST_CELLS: Final[int] = 24
"""Cells of a day, at most."""

MARGIN: Final[float] = 0.1
"""Columns are held within the range that was learned from, widened by this share."""


CELL_GROUPS: Final[int] = len(LEAD_GROUPS) + 1
"""Groups of rows with weights of their own: the first day is divided by where its origin lies."""


def cell_of_day(timeline: Timeline, targets: Positions) -> Positions:
    """Which cell of the local day each target lies in."""
    slots = timeline.steps_per_day
    return timeline.slot[targets] // -(-slots // MOST_CELLS)


def cell_group(timeline: Timeline, rows: Rows) -> Positions:
    """Group of each row: one day ahead from midnight, from another time, and farther ahead."""
    farther = lead_group(rows.lead_day)
    from_midnight = timeline.slot[rows.origins] == 0
    return farther + ((farther > 0) | ~from_midnight)


@dataclass(frozen=True, kw_only=True, eq=False)
class Linear:
    """A fitted linear part; arrays are stored as they are.

    Attributes:
        centre: Mean of each column, which stands for it where it is unknown.
        spread: Standard deviation of each column, positive.
        low: Least standardised value of each column.
        high: Greatest.
        weights: Per group of rows, cell of the day and standardised column; the last one is the
            intercept.
    """

    centre: Floats
    spread: Floats
    low: Floats
    high: Floats
    weights: Floats

    def standardised(self, table: NDArray[np.float32]) -> NDArray[np.float32]:
        """Columns of rows, unknown ones at their mean, with a last column of ones."""
        scaled = (table - self.centre.astype(np.float32)) / self.spread.astype(np.float32)
        scaled[np.isnan(scaled)] = 0.0
        np.clip(scaled, self.low.astype(np.float32), self.high.astype(np.float32), out=scaled)
        return np.concatenate([scaled, np.ones((len(scaled), 1), np.float32)], axis=1)

    def terms(self, table: NDArray[np.float32], *, cell: Positions, group: Positions) -> Floats:
        """What each column adds to each row; the last one is the intercept."""
        return self.standardised(table) * self.weights[group, cell]


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearFit:
    """A linear part and what its rows get from parts that did not see them.

    Attributes:
        whole: Learned from all rows.
        before: Learned from the rows before the held-out ones.
        left_out: Departure of each row as predicted without its block of time.
    """

    whole: Linear
    before: Linear
    left_out: Floats


def fit_linear(
    timeline: Timeline, design: Design, departure: Floats, *, held_out_from: int
) -> LinearFit:
    """Fit the linear part.

    Args:
        timeline: Clock of the rows.
        design: Rows to learn from.
        departure: What happened less the baseline, on the learned scale.
        held_out_from: Position of the first target that is held out; the last block.
    """
    table = design.linear
    known = np.isfinite(table)
    count = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, table, np.float32(0.0))
    centre = filled.sum(axis=0, dtype=np.float64) / count
    deviation = np.where(known, filled - centre.astype(np.float32), np.float32(0.0))
    spread = np.sqrt(np.einsum("ij,ij->j", deviation, deviation, dtype=np.float64) / count)
    spread = np.where(spread > 1e-6, spread, 1.0)
    scaled = np.ones((len(table), table.shape[1] + 1), np.float32)
    np.divide(deviation, spread.astype(np.float32), out=scaled[:, :-1])
    low, high = scaled[:, :-1].min(axis=0), scaled[:, :-1].max(axis=0)
    widened = MARGIN * (high - low)
    block = _blocks(design.rows.targets, held_out_from)
    fit = _Fit(timeline=timeline, rows=design.rows, scaled=scaled, departure=departure, block=block)
    whole, before, left_out = fit.solve()
    shape = {
        "centre": centre,
        "spread": spread,
        "low": (low - widened).astype(np.float64),
        "high": (high + widened).astype(np.float64),
    }
    return LinearFit(
        whole=Linear(weights=whole, **shape),
        before=Linear(weights=before, **shape),
        left_out=left_out,
    )


def _blocks(targets: Positions, held_out_from: int) -> Positions:
    """Blocks of time with about as many rows each, the last of which is held out."""
    before = targets[targets < held_out_from]
    if not len(before):
        return np.full(len(targets), FOLDS - 1, dtype=np.int64)
    shares = np.arange(1, FOLDS - 1) / (FOLDS - 1)
    edges = [*np.quantile(before, shares), held_out_from]
    return np.searchsorted(edges, targets, side="right")


@dataclass(frozen=True, kw_only=True, eq=False)
class _Fit:
    """One fit in progress: standardised rows and what they should give."""

    timeline: Timeline
    rows: Rows
    scaled: NDArray[np.float32]
    departure: Floats
    block: Positions

    def solve(self) -> tuple[Floats, Floats, Floats]:
        """Weights of every group and cell, those without the last block, and `left_out`."""
        rows, columns = self.scaled.shape
        day = self.timeline.steps_per_day
        in_day = day // -(-day // MOST_CELLS)
        whole = np.zeros((CELL_GROUPS, in_day, columns))
        before = np.zeros_like(whole)
        left_out = np.zeros(rows)
        target = self.rows.targets
        importance = 0.5 ** ((target.max() - target) / (day * HALF_LIFE_DAYS))
        cell = cell_group(self.timeline, self.rows) * in_day + cell_of_day(self.timeline, target)
        order = np.lexsort((self.block, cell))
        bounds = np.searchsorted(cell[order], np.arange(CELL_GROUPS * in_day + 1))
        for number in range(CELL_GROUPS):
            cells = range(number * in_day, (number + 1) * in_day)
            members = [order[bounds[c] : bounds[c + 1]] for c in cells]
            penalty = self._penalty(members[:: -(-in_day // TRIED_CELLS)], importance)
            for place, own in enumerate(members):
                if not len(own):
                    nearer = max(number - 1, 0)
                    whole[number, place], before[number, place] = (
                        whole[nearer, place],
                        before[nearer, place],
                    )
                    continue
                solved, left_out[own] = self._solve(own, importance[own], (penalty,))[0]
                whole[number, place], before[number, place] = solved[0], solved[-1]
        return whole, before, left_out

    def _penalty(self, members: list[Positions], importance: Floats) -> float:
        """The penalty with the least error on blocks left out, on a few cells."""
        errors = np.zeros(len(PENALTIES))
        for own in members:
            if not len(own):
                continue
            for number, (_, predicted) in enumerate(self._solve(own, importance[own], PENALTIES)):
                errors[number] += np.abs(self.departure[own] - predicted) @ importance[own]
        return PENALTIES[int(np.argmin(errors))]

    def _solve(
        self, own: Positions, importance: Floats, penalties: tuple[float, ...]
    ) -> list[tuple[Floats, Floats]]:
        """Weights on all rows of a cell and without each block, and what blocks get without it."""
        table = self.scaled[own]
        weighted = table * importance.astype(np.float32)[:, None]
        wanted = self.departure[own]
        cuts = np.searchsorted(self.block[own], np.arange(FOLDS + 1))
        pieces = [slice(cuts[n], cuts[n + 1]) for n in range(FOLDS)]
        squares = np.stack([weighted[piece].T @ table[piece] for piece in pieces])
        squares = squares.astype(np.float64)
        sums = np.stack([weighted[piece].T.astype(np.float64) @ wanted[piece] for piece in pieces])
        square = np.concatenate([squares.sum(0)[None], squares.sum(0) - squares])
        total = np.concatenate([sums.sum(0)[None], sums.sum(0) - sums])
        diagonal = np.eye(table.shape[1])
        diagonal[-1, -1] = 1e-3  # the intercept is hardly held back
        found: list[tuple[Floats, Floats]] = []
        for penalty in penalties:
            solution = np.linalg.solve(square + penalty * diagonal, total[:, :, None])
            solved = solution[:, :, 0].astype(np.float64)
            predicted = np.concatenate(
                [table[piece] @ solved[number + 1] for number, piece in enumerate(pieces)],
                dtype=np.float64,
            )
            found.append((solved, predicted))
        return found
