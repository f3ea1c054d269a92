"""A learned meter: what it predicts from any origin, and what of it is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import pandas as pd
import xgboost as xgb

from energy_assets.forecasting.boosting.issuing import XGBOOST, issued_forecasts
from energy_assets.forecasting.boosting.learner import Learner
from energy_assets.forecasting.boosting.parameters import TreeParams
from energy_assets.forecasting.family import SavedModel
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.model_files import Arrays, restored_model, saved_model
from energy_assets.forecasting.past import LEAD_GROUPS
from energy_assets.forecasting.point_model import PointModel, common_fields
from energy_assets.forecasting.series import Series
from energy_assets.forecasting.timeline import Floats

FORMAT: Final[int] = 3
"""Version of the layout of the files; earlier ones knew other bands and no expected values."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MeterModel(PointModel):
    """A learned meter.

    Attributes:
        typical: What is typical of each slot on weekdays and weekends, on the learned scale.
        seasons: Whether it knows the year's harmonics.
        learner: Point forecasts.
        params: How the trees were grown.
        seed: What its draws began with.
        rows: Known values that it learned from.
    """

    typical: Floats
    seasons: bool
    learner: Learner
    params: TreeParams
    seed: int
    rows: int

    def forecasts(
        self, series: Series, origins: Sequence[pd.Timestamp], *, days: int, explained: bool
    ) -> list[Forecast]:
        """One forecast per origin.

        Where the temperature is not known ahead, the part without weather predicts.
        """
        return issued_forecasts(self, series, origins, days=days, explained=explained)

    def pack(self) -> SavedModel:
        """Arrays and trees in one safetensors file, everything else as JSON."""
        arrays, facts = self.common_parts()
        arrays |= {"typical": self.typical, **self.learner.to_arrays()}
        metadata: dict[str, object] = {
            "family": XGBOOST,
            "format": FORMAT,
            **facts,
            "seasons": self.seasons,
            "linear_features": list(self.learner.linear_names),
            "tree_features": list(self.learner.tree_names),
            "limits": list(self.learner.limits),
            "knows_weather": self.learner.informed is not None,
            "params": asdict(self.params),
            "seed": self.seed,
            "rows": self.rows,
            "lead_groups": [list(group) for group in LEAD_GROUPS],
            "xgboost": xgb.__version__,
        }
        return saved_model(arrays, metadata)

    @staticmethod
    def from_bytes(data: bytes, metadata: Mapping[str, object]) -> "MeterModel":
        """The model that was stored.

        Raises:
            ModelFileError: The files are damaged, do not belong together, or are of another kind or
                an earlier version.
        """

        def made(arrays: Arrays, stored: dict[str, Any]) -> MeterModel:
            return MeterModel(
                **common_fields(arrays, stored),
                typical=arrays["typical"],
                seasons=stored["seasons"],
                learner=Learner.from_arrays(arrays, stored),
                params=TreeParams(**stored["params"]),
                seed=stored["seed"],
                rows=stored["rows"],
            )

        saved = SavedModel(weights=data, metadata=metadata)
        return restored_model(saved, made, family=XGBOOST, layout=FORMAT)
