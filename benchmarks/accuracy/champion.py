"""Which family would have been trusted with a series before its window began.

Only days before the window are looked at here.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.forecasting import metrics
from energy_assets.forecasting.family import Family
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.series import Series

SERVES_ANYTHING: Final[str] = "naive_blend"
"""What is trusted where no family has shown anything."""


def champion(
    series: Series, held_out: Mapping[str, Sequence[Forecast]], naives: Mapping[str, Family]
) -> str:
    """The family with the least absolute error on the days that all of them held out.

    Args:
        series: What was known before the window.
        held_out: By family, forecasts of days that it had not learned from. A family without any
            does not stand.
        naives: Asked for the same days.
    """
    standing = {name: made for name, made in held_out.items() if made}
    common = _common_origins(standing)
    if not common:
        return SERVES_ANYTHING
    standing = dict(standing)
    for name, family in naives.items():
        model = family.fit([series])[series.key].model
        standing[name] = model.predict(series, sorted(common))
    error = {name: _mae(series, made, common) for name, made in standing.items()}
    best = min(error, key=lambda name: np.nan_to_num(error[name], nan=np.inf))
    return best if np.isfinite(error[best]) else SERVES_ANYTHING


def _common_origins(held_out: Mapping[str, Sequence[Forecast]]) -> set[pd.Timestamp]:
    origins = [{forecast.origin_at for forecast in made} for made in held_out.values()]
    return set[pd.Timestamp].intersection(*origins) if origins else set()


def _mae(series: Series, made: Sequence[Forecast], origins: set[pd.Timestamp]) -> float:
    """Mean absolute error of medians, over the rows that the series knows."""
    actual: list[np.ndarray] = [np.zeros(0)]
    predicted: list[np.ndarray] = [np.zeros(0)]
    for forecast in made:
        if forecast.origin_at in origins:
            first = series.steps_before(forecast.origin_at)
            actual.append(series.values[first : first + len(forecast.intervals)])
            predicted.append(forecast.median[: len(actual[-1])])
    return metrics.mae(np.concatenate(actual), np.concatenate(predicted))
