"""What every family's forecast is: quantiles and the mean by interval and by day, and why.

Nothing is predicted here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.contracts.columns import QUANTILES

MEDIAN: Final[int] = QUANTILES.index(0.5)
"""Position of the median among the quantile levels."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ForecastRows:
    """Intervals or local days to come.

    Attributes:
        valid_at: Start of each, UTC.
        quantiles: One row each, one column per level of `QUANTILES`, non-decreasing along a row;
            not negative where the series is not. [unit of the series]
        mean: Expected value of each; what totals are made of. [unit of the series]
        basis: What made each: a family, a step of its ladder, or the name of a seasonal naive.
        weather: Which weather each rests on: `forecast`, `observation`, `normal` or `none`.
        temperature_c: What was expected, NaN where unknown; of days the mean. [°C]
    """

    valid_at: pd.DatetimeIndex
    quantiles: NDArray[np.float64]
    mean: NDArray[np.float64]
    basis: NDArray[np.str_]
    weather: NDArray[np.str_]
    temperature_c: NDArray[np.float64]

    @property
    def median(self) -> NDArray[np.float64]:
        """The value that is as likely exceeded as not; medians do not add up."""
        return self.quantiles[:, MEDIAN]

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.valid_at)

    def keep(self, which: slice | NDArray[np.bool_]) -> "ForecastRows":
        """Some of the rows."""
        return ForecastRows(**{name: column[which] for name, column in vars(self).items()})


UNSURE: Final[tuple[str, ...]] = ("none", "normal", "observation")
"""Kinds of weather other than a forecast, the least certain first."""

FEW_ROWS: Final[float] = 0.05
"""A kind of weather on which fewer of some rows rest does not name them."""


def weather_of(kinds: NDArray[np.str_]) -> str:
    """The least certain weather that a twentieth of some rows rest on; `none` of no rows."""
    for kind in UNSURE:
        if len(kinds) and (kinds == kind).mean() >= FEW_ROWS:
            return kind
    return "forecast" if len(kinds) else "none"


def weakest_weather(kinds: NDArray[np.str_]) -> str:
    """The least certain weather that any of some rows rests on."""
    return next((kind for kind in UNSURE if (kinds == kind).any()), "forecast")


def joined_rows(parts: Sequence[ForecastRows]) -> ForecastRows:
    """Rows one after the other; at least one part."""
    starts = pd.DatetimeIndex(parts[0].valid_at.append([part.valid_at for part in parts[1:]]))
    columns = {
        name: np.concatenate([vars(part)[name] for part in parts])
        for name in vars(parts[0])
        if name != "valid_at"
    }
    return ForecastRows(valid_at=starts, **columns)


def plain_rows(
    valid_at: pd.DatetimeIndex,
    quantiles: NDArray[np.float64],
    mean: NDArray[np.float64],
    basis: str,
) -> ForecastRows:
    """Rows of one basis that rest on no weather."""
    return ForecastRows(
        valid_at=valid_at,
        quantiles=quantiles,
        mean=mean,
        basis=np.full(len(valid_at), basis),
        weather=np.full(len(valid_at), "none"),
        temperature_c=np.full(len(valid_at), np.nan),
    )


def expected_line(next_day: NDArray[np.float64], unit: str) -> str:
    """The first sentence of an explanation, from expected values of the next 24 hours."""
    return f"Expected: {float(next_day.sum()):,.3g} {spelled(unit)} over the next 24 hours."


def spelled(unit: str) -> str:
    """A unit as people write it."""
    return unit.replace("m3", "m³")


@dataclass(frozen=True, kw_only=True, eq=False)
class Explanation:
    """Why a forecast is what it is.

    Attributes:
        lines: Five sentences for people.
        contributions: By feature, what it adds to the total over the explained intervals, beside
            `usual`, from which they start. [unit of the series]
    """

    lines: tuple[str, ...] = ()
    contributions: dict[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, kw_only=True, eq=False)
class Forecast:
    """A forecast of one series from one origin.

    Attributes:
        origin_at: Nothing at or after this instant was known; start of the first interval.
        model_id: What made it; the name of the baseline where there is no model.
        intervals: At the series' own interval.
        daily: Whole local days after the origin, with bands of their own; none where the horizon
            holds no whole day.
        imputed_share: Share of the recent past that was missing.
        explanation: Why; empty where none was asked for, or the family has none to give.
    """

    origin_at: pd.Timestamp
    model_id: str
    intervals: ForecastRows
    daily: ForecastRows
    imputed_share: float
    explanation: Explanation = field(default_factory=Explanation)

    @property
    def valid_at(self) -> pd.DatetimeIndex:
        """Start of each interval, UTC."""
        return self.intervals.valid_at

    @property
    def quantiles(self) -> NDArray[np.float64]:
        """Quantiles of each interval."""
        return self.intervals.quantiles

    @property
    def mean(self) -> NDArray[np.float64]:
        """Expected value of each interval."""
        return self.intervals.mean

    @property
    def median(self) -> NDArray[np.float64]:
        """Median of each interval."""
        return self.intervals.median

    @property
    def weather(self) -> NDArray[np.str_]:
        """Which weather each interval rests on."""
        return self.intervals.weather

    @property
    def basis(self) -> str:
        """What made the first interval."""
        return str(self.intervals.basis[0])
