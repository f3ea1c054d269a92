"""What a forecast of a meter is: quantiles by interval and by day, what they rest on, and why."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.forecasting.boosting.bands import MEDIAN

XGBOOST: Final[str] = "xgboost"
"""Basis of rows that a model predicted with the temperature."""

NO_WEATHER: Final[str] = "no_weather"
"""Basis of rows that a model predicted without it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ForecastRows:
    """Intervals or local days to come.

    Attributes:
        valid_at: Start of each, UTC.
        quantiles: One row each, one column per level of `QUANTILES`; not negative, and
            non-decreasing along a row. [kWh or m3]
        basis: What made each: `xgboost`, `no_weather` or the name of a seasonal naive.
        weather: Which weather each rests on: `forecast`, `observation`, `normal` or `none`.
        temperature_c: What was expected, NaN where unknown; of days the mean. [°C]
    """

    valid_at: pd.DatetimeIndex
    quantiles: NDArray[np.float64]
    basis: NDArray[np.str_]
    weather: NDArray[np.str_]
    temperature_c: NDArray[np.float64]

    @property
    def median(self) -> NDArray[np.float64]:
        """The point forecast in kWh or m3."""
        return self.quantiles[:, MEDIAN]

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.valid_at)


@dataclass(frozen=True, kw_only=True, eq=False)
class Explanation:
    """Why a forecast is what it is.

    Attributes:
        lines: Five sentences for people.
        contributions: By feature, what it adds to the total over the explained intervals, beside
            `usual`, from which they start. [kWh or m3]
    """

    lines: tuple[str, ...] = ()
    contributions: dict[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, kw_only=True, eq=False)
class MeterForecast:
    """A forecast of one meter from one origin.

    Attributes:
        origin_at: Nothing at or after this instant was known; start of the first interval.
        model_id: What made it; the name of the baseline where there is no model.
        intervals: At the meter's own interval.
        daily: Whole local days after the origin.
        imputed_share: Share of the 14 days before the origin that was missing.
        explanation: Why; empty where none was asked for, or of a baseline.
    """

    origin_at: pd.Timestamp
    model_id: str
    intervals: ForecastRows
    daily: ForecastRows
    imputed_share: float
    explanation: Explanation
