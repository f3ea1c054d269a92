"""Boosted models behind the door that all model families share: one model per series."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from energy_assets.forecasting.boosting.issuing import XGBOOST
from energy_assets.forecasting.boosting.model import MeterModel
from energy_assets.forecasting.boosting.parameters import TreeParams
from energy_assets.forecasting.boosting.training import fit_twice
from energy_assets.forecasting.boosting.tuning import tune
from energy_assets.forecasting.each_series import EachSeries
from energy_assets.forecasting.errors import require_enough
from energy_assets.forecasting.family import Fitted, Model, SavedModel
from energy_assets.forecasting.held_out import MOST_HELD_OUT
from energy_assets.forecasting.series import LEAD_DAYS, Series

TUNED_SHARE: Final[float] = 0.2
"""Share of a series, the newest, that a search for parameters does not see."""


@dataclass(frozen=True, kw_only=True)
class Boosting(EachSeries):
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
        return XGBOOST

    @property
    def reach_days(self) -> int:
        """Two weeks."""
        return LEAD_DAYS

    def require_enough(self, series: Series) -> None:
        """Refuse a series with too few known values, or days."""
        require_enough(series)

    def fit_each(self, series: Sequence[Series]) -> list[Fitted | str]:
        """`fit_one` of each series, some side by side."""
        if self.workers < 2:
            return super().fit_each(series)
        with ThreadPoolExecutor(self.workers) as pool:
            return list(pool.map(self.fit_one, series))

    def learn(self, series: Series) -> Fitted:
        """The model of one series, and forecasts of its held-out days by one that stopped before.

        Weather that was only measured later is not used: it would not have been known.
        """
        require_enough(series)
        made = fit_twice(series, params=self._params(series), seed=self.seed)
        newest = series.midnights(made.held_out.since)[-MOST_HELD_OUT:]
        origins = [series.start_of(int(at)) for at in newest]
        held_out = made.earlier.predict(series.without_hindsight(), origins)
        return Fitted(model=made.model, held_out=tuple(held_out))

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
        first, end = series.known_range()
        return tune(
            series.cut(0, int(first + (1.0 - TUNED_SHARE) * (end - first))),
            trials=self.tune_trials,
            seconds=self.tune_seconds,
            seed=self.seed,
        )
