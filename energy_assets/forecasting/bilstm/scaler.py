"""Scale of a customer's live features other than energy, learned from its training part only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from energy_assets.contracts.readings import LIVE_FEATURES
from energy_assets.forecasting.series import Series

OTHERS = LIVE_FEATURES[1:]
"""Features that are scaled here; energy is scaled by its own recent level and spread."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Scaler:
    """Mean and deviation of each live feature but energy.

    Attributes:
        mean: In the unit of each feature; 0 where a feature was never reported.
        deviation: The same; 1 where a feature is constant or was never reported.
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]

    def scaled(self, history: Series) -> NDArray[np.float32]:
        """Scaled features, NaN where missing."""
        return ((history.table(OTHERS) - self.mean) / self.deviation).astype(np.float32)


def fitted_scaler(history: Series) -> Scaler:
    """The scaler of what a history holds: give it the training part only."""
    table = history.table(OTHERS).astype(np.float64)
    known = np.isfinite(table)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, table, 0.0).sum(axis=0) / count
    centred = np.where(known, table - mean, 0.0)
    deviation = np.sqrt((centred**2).sum(axis=0) / count)
    varies = deviation > 1e-6 * np.maximum(np.abs(mean), 1.0)
    return Scaler(mean=mean, deviation=np.where(varies, deviation, 1.0))
