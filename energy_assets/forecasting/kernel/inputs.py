"""What a regression looks at: the days of one slot, so many days ahead, as columns."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.forecasting.kernel.columns import (
    DayView,
    Groups,
    baseline,
    target_groups,
    weather_groups,
)
from energy_assets.forecasting.kernel.day_grid import known_share
from energy_assets.forecasting.timeline import Floats, Positions, Timeline
from energy_assets.forecasting.weather_path import WeatherPath

MOSTLY: Final[float] = 0.75
"""Days of which less is known are not learned from; with less of the temperature, it is unknown."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """Which regression serves: from which slot, which day ahead, and whether it knows the weather.

    Attributes:
        slot: Slot of the local day at which the origin lies.
        lead: 1 for the day that begins at the origin.
        informed: Whether it knows the temperature of that day.
    """

    slot: int
    lead: int
    informed: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Inputs:
    """Days as columns, one row per origin.

    Attributes:
        lead: Which day ahead is predicted.
        groups: Groups of columns, NaN where unknown.
        base: Seasonal baseline of each slot of that day, NaN where nothing recent is known.
        known: Rows that can be predicted: some baseline, and with weather most temperatures.
    """

    lead: int
    groups: Groups
    base: Floats
    known: NDArray[np.bool_]

    def table(self, rows: Positions) -> Floats:
        """Columns of some rows side by side."""
        return np.concatenate([group[rows] for group in self.groups.values()], axis=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Examples:
    """Days to learn from.

    Attributes:
        rows: Rows to learn from, in time order.
        departure: What happened less the baseline, one row each, without gaps.
    """

    rows: Positions
    departure: Floats

    def newest(self, most: int) -> "Examples":
        """The newest rows only."""
        return Examples(rows=self.rows[-most:], departure=self.departure[-most:])


def inputs_of(
    view: DayView,
    timeline: Timeline,
    *,
    lead: int,
    covariates: tuple[str, ...],
    path: WeatherPath | None,
) -> Inputs:
    """Columns of all days of a series, as seen from origins at their start.

    Args:
        view: The series on its days.
        timeline: Its clock.
        lead: Which day ahead is predicted.
        covariates: Which of its known-past covariates to look at.
        path: Temperatures, for a regression that knows them.
    """
    base = baseline(view.values, lead=lead)
    groups = view.origin | target_groups(view, timeline, base, lead=lead)
    groups |= {f"covariate {name}": view.covariates[name] for name in covariates}
    known = np.asarray(np.isfinite(base).any(axis=1), dtype=np.bool_)
    if path is not None:
        warm, share = weather_groups(view.grid, path, lead=lead)
        groups |= warm
        known &= share >= MOSTLY
    return Inputs(lead=lead, groups=groups, base=base, known=known)


def examples_of(inputs: Inputs, values: Floats) -> Examples:
    """Days to learn from: those of which most is known, with what happened.

    Args:
        inputs: Columns of all days.
        values: The series on its days, one row per day.
    """
    actual = np.full_like(values, np.nan)
    actual[: len(actual) - inputs.lead + 1] = values[inputs.lead - 1 :]
    departure = actual - inputs.base
    usable = inputs.known & (known_share(departure) >= MOSTLY)
    rows = np.flatnonzero(usable)
    own = departure[rows]
    known = np.isfinite(own)
    count = np.maximum(known.sum(axis=1), 1)
    middle = np.where(known, own, 0.0).sum(axis=1) / count
    return Examples(rows=rows, departure=np.where(known, own, middle[:, None]))
