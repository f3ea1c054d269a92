"""A series learned by the kernel family: what it predicts from any origin, and what is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import pandas as pd

from energy_assets.forecasting.family import SavedModel
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.kernel.inputs import Key
from energy_assets.forecasting.kernel.issuing import KERNEL, issued_forecasts
from energy_assets.forecasting.kernel.regression import ColumnScaler, Regression
from energy_assets.forecasting.kernel.settings import KernelSettings
from energy_assets.forecasting.model_files import Arrays, restored_model, saved_model
from energy_assets.forecasting.point_model import PointModel, common_fields
from energy_assets.forecasting.series import Series

FORMAT: Final[int] = 1
"""Version of the layout of the files."""

OWN_ARRAYS: Final[tuple[str, ...]] = ("known", "duals", "mean")
"""Arrays of a regression itself."""


@dataclass(frozen=True, kw_only=True, eq=False)
class KernelModel(PointModel):
    """A learned series.

    Attributes:
        covariates: Names of the known-past covariates that it learned from.
        regressions: By what they predict; those with the temperature after those without.
        limits: Least and greatest forecast on the learned scale.
        settings: How it learned.
    """

    covariates: tuple[str, ...]
    regressions: Mapping[Key, Regression]
    limits: tuple[float, float]
    settings: KernelSettings

    def forecasts(
        self, series: Series, origins: Sequence[pd.Timestamp], *, days: int, explained: bool
    ) -> list[Forecast]:
        """One forecast per origin.

        The seasonal blend predicts what was not learned: from other times of the day, farther
        ahead, or after weeks of silence. A known-past covariate that is missing counts as being as
        usual.
        """
        return issued_forecasts(self, series, origins, days=days, explained=explained)

    def pack(self) -> SavedModel:
        """Regressions in one safetensors file, everything else as JSON."""
        arrays, facts = self.common_parts()
        regressions: list[dict[str, object]] = []
        for number, (key, one) in enumerate(self.regressions.items()):
            regressions.append({**asdict(key), "narrowness": one.narrowness})
            parts = vars(one.scaler) | {name: getattr(one, name) for name in OWN_ARRAYS}
            arrays |= {f"{number}.{name}": array for name, array in parts.items()}
        metadata: dict[str, object] = {
            "family": KERNEL,
            "format": FORMAT,
            **facts,
            "covariates": list(self.covariates),
            "regressions": regressions,
            "limits": list(self.limits),
            "settings": asdict(self.settings),
        }
        return saved_model(arrays, metadata)


def model_from(saved: SavedModel) -> KernelModel:
    """The model that was stored.

    Raises:
        ModelFileError: The files are damaged, do not belong together, or are of another kind.
    """

    def made(arrays: Arrays, stored: dict[str, Any]) -> KernelModel:
        settings: dict[str, Any] = dict(stored["settings"])
        settings |= {name: tuple(settings[name]) for name in ("slots", "narrowness", "noises")}
        low, high = stored["limits"]
        return KernelModel(
            **common_fields(arrays, stored),
            covariates=tuple(stored["covariates"]),
            regressions=dict(
                _regression(arrays, number, one) for number, one in enumerate(stored["regressions"])
            ),
            limits=(low, high),
            settings=KernelSettings(**settings),
        )

    return restored_model(saved, made, family=KERNEL, layout=FORMAT)


def _regression(arrays: Arrays, number: int, stored: dict[str, Any]) -> tuple[Key, Regression]:
    key = Key(slot=stored["slot"], lead=stored["lead"], informed=stored["informed"])
    own = {name: arrays[f"{number}.{name}"] for name in OWN_ARRAYS}
    parts = {part.name: arrays[f"{number}.{part.name}"] for part in fields(ColumnScaler)}
    return key, Regression(scaler=ColumnScaler(**parts), narrowness=stored["narrowness"], **own)
