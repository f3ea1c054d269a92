"""Rolling-origin backtest: all families predict from the same origins and share their rows.

Any family fits that predicts a history from origins; families and stores are not known here.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from energy_assets.contracts.columns import QUANTILE_NAMES
from energy_assets.forecasting import metrics
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.series import Series

Predictor = Callable[[Series, Sequence[pd.Timestamp]], Sequence[Forecast]]
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
        `valid_at`, `actual`, `mean`, `weather` and the quantiles. Every family has the same rows.
    """
    ends = [*origins[1:], None]
    parts = [
        _rows(history, family, forecast, ends[number])
        for family, predict in predictors.items()
        for number, forecast in enumerate(predict(history, origins))
    ]
    if not parts:
        names = ["family", "origin_at", "valid_at", "actual", "mean", "weather", *QUANTILE_NAMES]
        return pd.DataFrame(columns=names)
    return pd.concat(parts, ignore_index=True)


def scores(rows: pd.DataFrame, *, naive_mae: float) -> dict[str, float]:
    """Every score of one family's rows, see `metrics.scores`."""
    return metrics.scores(
        rows["actual"].to_numpy(np.float64),
        rows[list(QUANTILE_NAMES)].to_numpy(np.float64),
        rows["mean"].to_numpy(np.float64),
        naive_mae=naive_mae,
    )


def _rows(
    history: Series, family: str, forecast: Forecast, until: pd.Timestamp | None
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
            "actual": actual[known],
            "mean": forecast.mean[known],
            "weather": forecast.weather[known],
            **dict(zip(QUANTILE_NAMES, forecast.quantiles[known].T, strict=True)),
        }
    )
