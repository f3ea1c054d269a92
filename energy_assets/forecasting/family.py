"""The one door of all model families: fit many series, predict from many origins, save and load.

No family is implemented here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pandas as pd

from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.series import Series


@dataclass(frozen=True, kw_only=True)
class SavedModel:
    """A model as data files: arrays as safetensors, and everything else as JSON."""

    weights: bytes = b""
    metadata: Mapping[str, object] = field(default_factory=dict[str, object])


class Model(Protocol):
    """A fitted model of one series."""

    @property
    def model_id(self) -> str:
        """Digest of its files: the same training gives the same name."""
        ...

    @property
    def learned_until(self) -> pd.Timestamp:
        """End of the newest known interval that what serves could learn from."""
        ...

    def predict(
        self,
        series: Series,
        origins: Sequence[pd.Timestamp],
        *,
        days: int = 1,
        explained: bool = False,
    ) -> list[Forecast]:
        """One forecast per origin, from what the series held before that origin.

        Never fails for lack of data: it falls down its own ladder, and `basis` states the step.

        Args:
            series: The series; covariates are looked for by name and done without.
            origins: Any instants, in any order; the first interval is the one that contains the
                origin, or begins with it.
            days: How far ahead. [d]
            explained: Whether to explain them.
        """
        ...

    def save(self) -> SavedModel:
        """The model as data; loading it gives the same forecasts."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Fitted:
    """A model, and its forecasts of days that it had not seen.

    Attributes:
        model: What serves; it may have learned from everything.
        held_out: Forecasts of one day from local midnights, in time order, by weights and bands
            that had learned nothing at or after each of the origins. Families are compared, and
            combinations weighed, by these.
    """

    model: Model
    held_out: tuple[Forecast, ...]


class Family(Protocol):
    """A model family."""

    @property
    def name(self) -> str:
        """Its name in scores, champions and benchmarks."""
        ...

    @property
    def reach_days(self) -> int:
        """How many days ahead its models predict."""
        ...

    def refusal(self, series: Series) -> str:
        """Why it cannot learn a series; empty where it can."""
        ...

    def fit(
        self, series: Sequence[Series], *, previous: Mapping[str, Model] | None = None
    ) -> Mapping[str, Fitted]:
        """One model per key of the series that it can learn; others are left out.

        Args:
            series: What may be learned from, all of it.
            previous: Models to start from, by key.
        """
        ...

    def load(self, saved: SavedModel) -> Model:
        """A model from its files.

        Raises:
            ValueError: The files are of another family or damaged.
        """
        ...
