"""Boosted models behind the door that all model families share: one model per series."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from energy_assets.calendar import local_midnights
from energy_assets.forecasting.boosting.errors import TooFewRowsError
from energy_assets.forecasting.boosting.model import MeterModel
from energy_assets.forecasting.boosting.parameters import TreeParams
from energy_assets.forecasting.boosting.training import Learned, learn_twice, require_enough
from energy_assets.forecasting.boosting.tuning import tune
from energy_assets.forecasting.family import Fitted, Model, SavedModel
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.series import LEAD_DAYS, TEMPERATURE, Series

MOST_HELD_OUT: Final[int] = 120
"""Held-out days from whose midnights a model is tried, at most; the newest count."""


@dataclass(frozen=True, kw_only=True)
class Boosting:
    """The family: seasonal baseline, ridge and trees of each series on its own.

    Attributes:
        seed: Of everything random.
        params: How trees are grown; the documented defaults of the unit without it.
        tune_trials: Trials of a search for them on the days before the held-out ones; 0 for none.
        tune_seconds: Longest search of one series. [s]
        workers: Series that are learned side by side: XGBoost computes outside Python's lock.
    """

    seed: int = 0
    params: TreeParams | None = None
    tune_trials: int = 0
    tune_seconds: float = 60.0
    workers: int = 1

    @property
    def name(self) -> str:
        """Its name in scores."""
        return "xgboost"

    @property
    def reach_days(self) -> int:
        """Two weeks."""
        return LEAD_DAYS

    def refusal(self, series: Series) -> str:
        """Too few known values, or days."""
        try:
            require_enough(series)
        except TooFewRowsError as error:
            return str(error)
        return ""

    def fit(
        self, series: Sequence[Series], *, previous: Mapping[str, Model] | None = None
    ) -> Mapping[str, Fitted]:
        """One model per series; a series that cannot be learned is left out."""
        del previous
        if self.workers < 2:
            found = [self.fit_one(one) for one in series]
        else:
            with ThreadPoolExecutor(self.workers) as pool:
                found = list(pool.map(self.fit_one, series))
        return {
            one.key: fitted
            for one, fitted in zip(series, found, strict=True)
            if isinstance(fitted, Fitted)
        }

    def fit_one(self, series: Series) -> Fitted | str:
        """The model of one series, or why there is none."""
        try:
            require_enough(series)
            weather = series.future.get(TEMPERATURE)
            learned = learn_twice(series, weather, params=self._params(series), seed=self.seed)
        except TooFewRowsError as error:
            return str(error)
        return Fitted(model=learned.model, held_out=tuple(_held_out(learned, series)))

    def load(self, saved: SavedModel) -> Model:
        """A model from its files.

        Raises:
            ModelFileError: The files are damaged, or of another kind.
        """
        return MeterModel.from_bytes(saved.weights, saved.metadata)

    def _params(self, series: Series) -> TreeParams | None:
        """The parameters given, or found on days that no score is printed for."""
        if not self.tune_trials:
            return self.params
        known = np.flatnonzero(np.isfinite(series.values))
        until = int(known[0] + (1.0 - TUNED_SHARE) * (known[-1] + 1 - known[0]))
        return tune(
            series.cut(0, until),
            series.future.get(TEMPERATURE),
            trials=self.tune_trials,
            seconds=self.tune_seconds,
            seed=self.seed,
        )


TUNED_SHARE: Final[float] = 0.2
"""Share of a series, the newest, that a search for parameters does not see."""


def _held_out(learned: Learned, series: Series) -> list[Forecast]:
    """What the model that stopped said of each held-out day, from what was known at its midnight.

    Weather that was only measured later is not used: it would not have been known.
    """
    midnights = local_midnights(series.starts, zone=series.zone)
    first = series.steps_before(learned.held_out_from)
    origins = [series.start_of(int(at)) for at in midnights if at >= first][-MOST_HELD_OUT:]
    return learned.earlier.predict(series.without_hindsight(), origins, days=1)
