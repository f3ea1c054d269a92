"""One series of a pool: what trees that it shares with others predict of it, calibrated to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.calibration import Calibration
from energy_assets.forecasting.family import SavedModel
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.learned_model import LearnedModel
from energy_assets.forecasting.model_files import Arrays, restored_model, saved_model
from energy_assets.forecasting.naive import BLEND
from energy_assets.forecasting.past import rows_ahead
from energy_assets.forecasting.pooled.issuing import POOLED, Stretch
from energy_assets.forecasting.pooled.recent import WINDOW_DAYS
from energy_assets.forecasting.pooled.trees import SharedTrees
from energy_assets.forecasting.series import Series

FORMAT: Final[int] = 1
"""Version of the layout of the files."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Shared:
    """What all series of a pool have in common.

    Attributes:
        trees: The trees.
        calibration: By their errors on all series; it serves a series without its own.
    """

    trees: SharedTrees
    calibration: Calibration


@dataclass(frozen=True, kw_only=True, eq=False)
class PooledModel(LearnedModel):
    """Shared trees as they serve one series.

    Attributes:
        key: Which series.
        shared: What it has in common with the others.
        calibration: By the errors of this series.
        learned_until: End of the newest interval that trees or calibration learned from.
    """

    key: str
    shared: Shared
    calibration: Calibration
    learned_until: pd.Timestamp

    def serves(self, series: Series) -> bool:
        """Whether the trees learned the interval that a series has now."""
        return series.interval_minutes == self.shared.trees.interval_minutes

    def forecasts(
        self, series: Series, origins: Sequence[pd.Timestamp], *, days: int, explained: bool
    ) -> list[Forecast]:
        """One forecast per origin, without an explanation.

        The seasonal blend serves origins before which nothing recent is known.
        """
        work = Stretch.of(self.shared.trees, series, origins)
        able = work.past.missing_share(work.origins, WINDOW_DAYS) < 1.0
        made = iter(self._forecasts(work, work.origins[able], days=days) if able.any() else [])
        silent = [origin for origin, can in zip(origins, able, strict=True) if not can]
        blends = iter(BLEND.predict(series, silent, days=days, explained=explained))
        return [next(made) if can else next(blends) for can in able.tolist()]

    def _forecasts(self, work: Stretch, origins: NDArray[np.int64], *, days: int) -> list[Forecast]:
        steps = days * work.series.steps_per_day
        issued = work.issue(rows_ahead(origins, steps, work.series.steps_per_day))
        found: list[Forecast] = []
        for number, position in enumerate(origins.tolist()):
            own = issued.keep(slice(number * steps, (number + 1) * steps))
            intervals = own.intervals(self.calibration)
            daily = intervals
            if not work.series.is_daily:
                daily = own.daily(self.calibration, intervals)
            found.append(
                Forecast(
                    origin_at=work.past.timeline.starts[position],
                    model_id=self.model_id,
                    intervals=intervals,
                    daily=daily,
                    imputed_share=float(own.missing[0]),
                )
            )
        return found

    def pack(self) -> SavedModel:
        """Trees and calibrations; every series of a pool repeats the trees."""
        trees = self.shared.trees
        arrays, facts = trees.to_arrays(), dict[str, object]()
        for name, made in (("own", self.calibration), ("pool", self.shared.calibration)):
            parts, facts[name] = made.to_arrays(name)
            arrays |= parts
        metadata: dict[str, object] = {
            "family": POOLED,
            "format": FORMAT,
            "key": self.key,
            **trees.facts(),
            "learned_until": self.learned_until.isoformat(),
            "quantiles": list(QUANTILES),
            "calibration": facts,
        }
        return saved_model(arrays, metadata)


def model_from(saved: SavedModel) -> PooledModel:
    """The model that was stored.

    Raises:
        ModelFileError: The files are damaged, do not belong together, or are of another kind.
    """

    def made(arrays: Arrays, stored: dict[str, Any]) -> PooledModel:
        own, pool = (
            Calibration.from_arrays(name, arrays, stored["calibration"][name])
            for name in ("own", "pool")
        )
        return PooledModel(
            key=stored["key"],
            shared=Shared(trees=SharedTrees.from_arrays(arrays, stored), calibration=pool),
            calibration=own,
            learned_until=pd.Timestamp(stored["learned_until"]),
        )

    return restored_model(saved, made, family=POOLED, layout=FORMAT)
