"""What every model family looks like from outside: a forecast, a model, a family that fits models.

No family is implemented here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.contracts.forecasts import QUANTILES
from energy_assets.forecasting.series import Series

MEDIAN = QUANTILES.index(0.5)
"""Position of the median among the quantile levels."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Forecast:
    """Energy per interval over the 24 hours after an origin.

    Attributes:
        origin_at: Nothing at or after this instant was known; start of the first interval.
        valid_at: Start of each interval, UTC.
        quantiles: One row per interval, one column per level of `QUANTILES`; not negative, and
            non-decreasing along a row. [kWh]
        basis: What made it: `customer`, `shared` or the name of a seasonal naive.
        imputed_share: Share of the last 48 hours that was missing.
    """

    origin_at: pd.Timestamp
    valid_at: pd.DatetimeIndex
    quantiles: NDArray[np.float64]
    basis: str
    imputed_share: float

    @property
    def median(self) -> NDArray[np.float64]:
        """The point forecast in kWh."""
        return self.quantiles[:, MEDIAN]


@dataclass(frozen=True, kw_only=True)
class SavedModel:
    """A model as data files: arrays as safetensors, and everything else as JSON."""

    weights: bytes = b""
    metadata: Mapping[str, object] = field(default_factory=dict[str, object])


class Model(Protocol):
    """A fitted model of one customer."""

    def predict(self, history: Series, origins: Sequence[pd.Timestamp]) -> Sequence[Forecast]:
        """One forecast per origin, from what the history held before that origin.

        Never fails for lack of data: it falls down the ladder and says so in `basis`.
        """
        ...

    def save(self) -> SavedModel:
        """The model as data; loading it gives the same forecasts."""
        ...


class Forecaster(Protocol):
    """A model family."""

    @property
    def family(self) -> str:
        """Its name in scores and `basis`."""
        ...

    def fit(
        self, histories: Sequence[Series], *, previous: Mapping[str, Model] | None = None
    ) -> Mapping[str, Model]:
        """One model per customer reference.

        Args:
            histories: What may be learned from, all of it.
            previous: Models to start from, by customer reference.
        """
        ...

    def load(self, saved: SavedModel) -> Model:
        """A model from its files.

        Raises:
            ValueError: The files are of another family or damaged.
        """
        ...
