"""Whether a forecast says anything new: one that repeats the last is not issued again."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.contracts.columns import QUANTILE_NAMES

_WORDS: Final = ("resolution", "valid_at", "model_id", "weather")
"""What two forecasts must share to be the same, beside their quantiles."""


def changed(
    forecasts: Mapping[str, pd.DataFrame], previous: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """The forecasts that say something new, by key of their series.

    Args:
        forecasts: Rows of a flow's table, one issue of each series.
        previous: The issue before, of the series that have one.
    """
    return {
        key: rows
        for key, rows in forecasts.items()
        if key not in previous or not _is_same(rows, previous[key])
    }


def _is_same(forecast: pd.DataFrame, previous: pd.DataFrame) -> bool:
    """Whether a forecast repeats another one, instant by instant."""
    words = [name for name in _WORDS if name in forecast]
    order = [name for name in ("resolution", "valid_at") if name in words]
    new, old = (rows.sort_values(order) for rows in (forecast, previous))
    if len(new) != len(old):
        return False
    same_words = all(new[name].tolist() == old[name].tolist() for name in words)
    numbers = list(QUANTILE_NAMES)
    return same_words and bool(
        np.allclose(new[numbers].to_numpy(float), old[numbers].to_numpy(float), rtol=1e-9)
    )
