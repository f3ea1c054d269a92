"""The stretch of a history that a forecast looks at, up to any origin."""

from typing import Final

import pandas as pd

from energy_assets.forecasting.series import Series

WINDOW_DAYS: Final[int] = 70
"""Four weeks of departures from the four weeks before them, and some. [d]"""


def window(history: Series, origin_at: pd.Timestamp) -> Series:
    """The `WINDOW_DAYS` before an origin: what had ended by then, missing where the history ends.

    The first interval that the window does not hold is the one that contains the origin, or begins
    with it.

    Raises:
        ValueError: The history has no intervals at all.
    """
    if not len(history):
        raise ValueError(
            f"{history.key}: no intervals, so no grid to predict; give at least one interval, its "
            f"value may be missing."
        )
    end = history.steps_before(origin_at)
    return history.cut(end - WINDOW_DAYS * history.steps_per_day, end)
