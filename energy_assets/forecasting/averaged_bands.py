"""How much too wide or narrow the averages of members' bands are: learned over a pool of series.

Members err apart, so that their average errs less than its averaged bands say, in all series alike.
Few days of one series do not show it, those of a pool do.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from energy_assets.forecasting.bands import AS_IT_IS, Bands, fit_bands
from energy_assets.forecasting.calibration import TINY, Calibration
from energy_assets.forecasting.conditions import joined_conditions
from energy_assets.forecasting.forecast import MEDIAN
from energy_assets.forecasting.raw_errors import AS_PREDICTED, RawErrors, calibration_of

FAR_DAY: Final[int] = 1 << 32
"""Keeps days of different series apart where both are one number."""


def pool_calibration(errors: Sequence[RawErrors]) -> Calibration:
    """What errors of averages of a pool say; the forecast as it is where there are none."""
    if not errors:
        return AS_PREDICTED
    made = calibration_of(errors, means=False)
    return replace(made, intervals=_bands(errors))


def series_calibration(errors: RawErrors, pool: Calibration) -> Calibration:
    """What errors of averages of one series say, drawn towards the pool's as its days are few."""
    made = calibration_of([errors], prior=pool, means=False)
    return replace(made, intervals=_bands([errors], prior=pool.intervals))


def _bands(errors: Sequence[RawErrors], *, prior: Bands | None = None) -> Bands:
    """Bands of intervals from errors of each series in its own unit."""
    usable = [one for one in errors if one.unit > TINY]
    if not usable:
        return prior or AS_IT_IS
    raw = np.concatenate([one.quantiles / one.unit for one in usable])
    actual = np.concatenate([one.actual / one.unit for one in usable])
    # What one series did on a day says little of what another one did.
    day = np.concatenate([number * FAR_DAY + one.day for number, one in enumerate(usable)])
    return fit_bands(
        actual - raw[:, MEDIAN],
        joined_conditions([one.rows for one in usable]),
        day=day,
        raw=raw,
        prior=prior,
    )
