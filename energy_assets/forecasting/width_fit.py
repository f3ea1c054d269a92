"""The width model behind bands: how large errors are under conditions, below and above.

Greatest likelihood of Laplace errors, by Newton steps, with a ridge towards what is presumed.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from energy_assets.forecasting.conditions import (
    AFTER,
    AHEAD_COLUMNS,
    BRIDGE,
    COLUMNS,
    HOLIDAY,
    KIND_COLUMNS,
    RECENT_SHARE,
    YEAR_COLUMNS,
    Conditions,
    Flags,
    width_columns,
)
from energy_assets.forecasting.timeline import Floats, Positions

STEPS: Final[int] = 20
"""Newton steps and halvings of them at most."""

CLOSE: Final[float] = 0.01
"""Steps end when the loss falls by less, in independent errors."""

FARTHEST: Final[float] = 600.0
"""Exponents are held below this."""

SMALLEST_ERROR: Final[float] = 0.02
"""Smaller errors than this share of the mean one count as that: a meter that stands still at night
is no reason for a width that swings from nothing to anything."""

LARGEST_ERROR: Final[float] = 20.0
"""Errors beyond this many times the median one teach the width model no more than that."""

SHAPE_DAYS: Final[float] = 240.0
"""What is presumed of the conditions counts as much as this many days of errors. [d]"""

OPEN_DAYS: Final[float] = 8.0
"""`SHAPE_DAYS` where nothing better is presumed than that most conditions do not matter. [d]"""

OPEN_KIND_DAYS: Final[float] = 2.0
"""`OPEN_DAYS` of kinds of day, which are rare where they matter. [d]"""

SIDE_DAYS: Final[float] = 120.0
"""That both sides of a band depend alike on the conditions counts as much as so many days. [d]"""

LEVEL_DAYS: Final[float] = 50.0
"""The size and shape of others' errors count as much as this many days of own ones. [d]"""

WIDENING: Final[float] = 0.01
"""A band is wider by at least this share with each further day ahead."""


def _presumed() -> Floats:
    weights = np.zeros((2, COLUMNS))
    weights[:, KIND_COLUMNS.start + HOLIDAY - 1] = 0.3
    weights[:, KIND_COLUMNS.start + AFTER - 1] = 0.15
    weights[:, KIND_COLUMNS.start + BRIDGE - 1] = 0.15
    return weights


PRESUMED: Final[Floats] = _presumed()
"""Weights of the width model before any error is seen: unusual days are less sure."""


def usual_sizes(weights: Floats, limits: Floats, rows: Conditions) -> Floats:
    """Usual |error| of each row, below and above."""
    log = weights @ width_columns(rows).T
    return np.exp(np.clip(log, limits[:, :1], limits[:, 1:])) * given_sizes(rows)


def given_sizes(rows: Conditions) -> Floats:
    """The part of the width that is not learned: distance in days, recent errors, missing data."""
    days = np.maximum(np.ceil(rows.hours_ahead / 24.0) - 1.0, 0.0)
    return np.exp(RECENT_SHARE * rows.recent) * (1.0 + rows.missing) * (1.0 + WIDENING * days)


def fit_widths(
    error: Floats,
    rows: Conditions,
    independent: float,
    *,
    per_day: float,
    presumed: Floats | None,
    has_level: bool,
) -> tuple[Floats, Floats, float]:
    """Learn the width model.

    Args:
        error: What happened less the centre, known everywhere.
        rows: Conditions of each.
        independent: As how many independent errors they count.
        per_day: How many of these a day has.
        presumed: Weights of other errors; without them only `PRESUMED` ones.
        has_level: Whether these hold how large errors are, and not only under which conditions.

    Returns:
        Weights below and above, the range of the logarithms of the widths on each side, and how
        many errors it cost to learn them.
    """
    size, table = _bounded_sizes(error, rows), width_columns(rows)
    start = (PRESUMED if presumed is None else presumed).copy()
    if not has_level:
        start[:, 0] += np.log(np.mean(size * np.exp(-table @ start.mean(axis=0))))
    common = np.full(COLUMNS, per_day * (OPEN_DAYS if presumed is None else SHAPE_DAYS))
    if presumed is None:
        common[KIND_COLUMNS] = per_day * OPEN_KIND_DAYS
    common[0] = per_day * LEVEL_DAYS if has_level else 1e-6
    fit = WidthFit(
        size=size,
        above=error >= 0.0,
        table=table,
        count=independent / len(size),
        common=common,
        sides=per_day * SIDE_DAYS,
    )
    fixed = np.zeros(COLUMNS, dtype=np.bool_)
    fixed[YEAR_COLUMNS] = not rows.whole_year()
    weights, spent = _never_surer(fit, start, fixed)
    shown = np.clip(weights @ table.T, *np.log([size.min(), size.max()]))
    return weights, np.stack([shown.min(axis=1), shown.max(axis=1)], axis=1), spent


def _bounded_sizes(error: Floats, rows: Conditions) -> Floats:
    """|error| of each row without the given part of its width, neither absurd nor next to zero."""
    size = np.abs(error) / given_sizes(rows)
    typical = float(np.median(size[size > 0])) if (size > 0).any() else 1e-9
    size = np.minimum(size, LARGEST_ERROR * typical)
    return np.maximum(size, max(SMALLEST_ERROR * float(size.mean()), 1e-9 * typical))


def _never_surer(fit: "WidthFit", start: Floats, fixed: Flags) -> tuple[Floats, float]:
    """Weights by which a forecast is never surer of what is farther, and how many were learned."""
    while True:
        weights, spent = fit.solve(start, fixed)
        negative = np.zeros(COLUMNS, dtype=np.bool_)
        negative[AHEAD_COLUMNS] = (weights[:, AHEAD_COLUMNS] < 0.0).any(axis=0)
        if not negative.any():
            return weights, spent
        fixed = fixed | negative
        start = np.where(negative, 0.0, start)


@dataclass(frozen=True, kw_only=True, eq=False)
class WidthFit:
    """Errors from which the width model is learned.

    Attributes:
        size: |error| of each row, positive.
        above: Whether what happened was above the centre.
        table: Columns of each row; the first one is the intercept, which is free.
        count: As how many independent errors each row counts.
        common: Penalty on departures from what is presumed, per column, in independent errors.
        sides: Penalty on differences between both sides beyond what is presumed.
    """

    size: Floats
    above: Flags
    table: Floats
    count: float
    common: Floats
    sides: float

    def solve(self, start: Floats, fixed: Flags) -> tuple[Floats, float]:
        """Weights below and above, one row each, and the effective number of weights learned.

        Args:
            start: What is presumed, same shape.
            fixed: Columns whose weights stay as they are presumed.
        """
        # Half the sum and half the difference of both sides are learned.
        apart = ~fixed
        apart[AHEAD_COLUMNS] = False  # distance widens both sides alike
        free = np.concatenate([~fixed, apart])
        learned, asked = np.flatnonzero(~fixed), free[np.tile(~fixed, 2)]
        penalty = np.concatenate([self.common, np.full(len(fixed), self.sides)])
        first = np.concatenate([start.sum(axis=0), np.diff(start, axis=0)[0]]) / 2.0
        now, loss = first, np.inf
        step, full, seen = np.zeros(len(first)), np.eye(1), np.eye(1)
        for _ in range(STEPS):
            tried = self._loss(now - step) + 0.5 * float(penalty @ (now - step - first) ** 2)
            if tried > loss:
                step = step / 2.0
                continue
            if loss - tried < CLOSE:
                now = now - step
                break
            now, loss = now - step, tried
            seen, slope = self._derivatives(now, learned)
            seen, slope = seen[np.ix_(asked, asked)], slope[asked]
            full = seen + np.diag(penalty[free])
            step = np.zeros(len(first))
            step[free] = np.linalg.solve(full, slope + (penalty * (now - first))[free])
        half, difference = np.split(now, 2)
        spent = float(np.trace(np.linalg.solve(full, seen)))
        return np.stack([half - difference, half + difference]), spent

    def _logs(self, now: Floats) -> Floats:
        """Logarithm of the width of each row on the side of its error."""
        half, difference = np.split(now, 2)
        return self.table @ half + np.where(self.above, 1.0, -1.0) * (self.table @ difference)

    def _loss(self, now: Floats) -> float:
        """Negative logarithm of the likelihood, in independent errors."""
        log = self._logs(now)
        return self.count * float((log + self.size * np.exp(np.minimum(-log, FARTHEST))).sum())

    def _derivatives(self, now: Floats, columns: Positions) -> tuple[Floats, Floats]:
        """Second and first derivatives of the loss by the common weights, then by the others."""
        known = self.table[:, columns]
        ratio = self.size * np.exp(-self._logs(now))
        squares: list[Floats] = []
        slopes: list[Floats] = []
        for which in (~self.above, self.above):
            table, own = known[which], ratio[which]
            squares.append(self.count * (table.T * own) @ table)
            slopes.append(self.count * (table.T @ (1.0 - own)))
        both, apart = squares[0] + squares[1], squares[1] - squares[0]
        seen = np.block([[both, apart], [apart, both]])
        return seen, np.concatenate([slopes[0] + slopes[1], slopes[1] - slopes[0]])
