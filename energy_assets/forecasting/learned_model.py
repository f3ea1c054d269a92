"""What all models have in common that are kept as files: their name, and what stands in for them.

What they predict is their families' own.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property

import pandas as pd

from energy_assets.forecasting.family import SavedModel
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.naive import BLEND
from energy_assets.forecasting.series import Series, require_days


class LearnedModel(ABC):
    """A model of one series that is named by its files."""

    @abstractmethod
    def pack(self) -> SavedModel:
        """The model as data, its `model_id` among the metadata."""

    @abstractmethod
    def serves(self, series: Series) -> bool:
        """Whether it learned the interval and the clock that a series has now."""

    @abstractmethod
    def forecasts(
        self, series: Series, origins: Sequence[pd.Timestamp], *, days: int, explained: bool
    ) -> list[Forecast]:
        """One forecast per origin, of a series that it serves; at least one origin."""

    @cached_property
    def files(self) -> SavedModel:
        """The model as data, written once."""
        return self.pack()

    @property
    def model_id(self) -> str:
        """Digest of the files: the same model has the same one."""
        return str(self.files.metadata["model_id"])

    def save(self) -> SavedModel:
        """The model as data."""
        return self.files

    def predict(
        self,
        series: Series,
        origins: Sequence[pd.Timestamp],
        *,
        days: int = 1,
        explained: bool = False,
    ) -> list[Forecast]:
        """One forecast per origin; never fails for lack of data.

        Only intervals that ended by an origin are looked at. A series that it does not serve is
        predicted by the seasonal blend.

        Raises:
            ValueError: `days` is not within 1 and 14.
        """
        require_days(days)
        if not self.serves(series):
            return BLEND.predict(series, origins, days=days, explained=explained)
        if not len(origins):
            return []
        return self.forecasts(series, origins, days=days, explained=explained)
