"""Rolling-origin backtest: all families predict from the same origins and share their rows.

Any family fits that predicts a history from origins; families and stores are not known here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.contracts.forecasts import QUANTILE_NAMES, QUANTILES
from energy_assets.forecasting import metrics
from energy_assets.forecasting.series import Series


class Issued(Protocol):
    """What a forecast must tell to be scored."""

    @property
    def origin_at(self) -> pd.Timestamp:
        """Nothing at or after it was known."""
        ...

    @property
    def valid_at(self) -> pd.DatetimeIndex:
        """Start of each interval."""
        ...

    @property
    def quantiles(self) -> NDArray[np.float64]:
        """One row per interval, one column per level, in kWh."""
        ...


Predictor = Callable[[Series, Sequence[pd.Timestamp]], Sequence[Issued]]
"""A family: from a history and some origins, one forecast per origin."""


def backtest(
    history: Series, predictors: Mapping[str, Predictor], origins: Sequence[pd.Timestamp]
) -> pd.DataFrame:
    """Forecasts of every family beside what happened.

    Args:
        history: Known values, those after the origins included.
        predictors: Families by name. Each may look at what was known at an origin only.
        origins: Where forecasts start, in time order. A forecast counts up to the next origin.

    Returns:
        One row per family, origin and interval whose value is known: `family`, `origin_at`,
        `valid_at`, `actual_kwh` and the quantiles. Every family has the same rows.
    """
    ends = [*origins[1:], None]
    parts = [
        _rows(history, family, forecast, ends[number])
        for family, predict in predictors.items()
        for number, forecast in enumerate(predict(history, origins))
    ]
    if not parts:
        names = ["family", "origin_at", "valid_at", "actual_kwh", *QUANTILE_NAMES]
        return pd.DataFrame(columns=names)
    return pd.concat(parts, ignore_index=True)


def scores(rows: pd.DataFrame, *, naive_mae: float) -> dict[str, float]:
    """Every score of one family's rows.

    Args:
        rows: Rows of a backtest, one family.
        naive_mae: Error of the seasonal naive on the training part, for MASE. [kWh]

    Returns:
        `mae`, `wape`, `mase`, `mse`, `r2_score`, `pinball` and `coverage_90`; NaN where a score is
        not defined.
    """
    actual = rows["actual_kwh"].to_numpy(np.float64)
    table = rows[list(QUANTILE_NAMES)].to_numpy(np.float64)
    point = table[:, QUANTILES.index(0.5)]
    return {
        "mae": metrics.mae(actual, point),
        "wape": metrics.wape(actual, point),
        "mase": metrics.mase(actual, point, naive_mae=naive_mae),
        "mse": metrics.mse(actual, point),
        "r2_score": metrics.r2_score(actual, point),
        "pinball": metrics.pinball(actual, table, levels=QUANTILES),
        "coverage_90": metrics.coverage(actual, table[:, 0], table[:, -1]),
    }


def _rows(
    history: Series, family: str, forecast: Issued, until: pd.Timestamp | None
) -> pd.DataFrame:
    """One forecast's rows up to the next origin, where the actual value is known."""
    first = history.steps_before(forecast.origin_at)
    last = first + len(forecast.valid_at)
    if until is not None:
        last = min(last, history.steps_before(until))
    actual = history.values[first:last]
    known = np.flatnonzero(np.isfinite(actual))
    return pd.DataFrame(
        {
            "family": family,
            "origin_at": forecast.origin_at,
            "valid_at": forecast.valid_at[known],
            "actual_kwh": actual[known],
            **dict(zip(QUANTILE_NAMES, forecast.quantiles[known].T, strict=True)),
        }
    )
