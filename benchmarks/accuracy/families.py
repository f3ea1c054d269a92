"""Which families meet: the project's own by name, the seasonal naives, and those that were asked.

A family is added by one line in `project_families`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from energy_assets.calendar import local_midnights
from energy_assets.forecasting.bilstm.family import BiLstm
from energy_assets.forecasting.boosting import MeterModel, TooFewRowsError, TreeParams, fit
from energy_assets.forecasting.family import Family, Fitted, Model, SavedModel
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.naive import NAIVES, SeasonalNaive
from energy_assets.forecasting.series import LEAD_DAYS, TEMPERATURE, Series

HELD_OUT_SHARE: Final[float] = 0.2
"""Share of the days, the newest, that a boosted model predicts unseen to be compared by."""

MOST_HELD_OUT_DAYS: Final[int] = 56
"""The most of them. [d]"""


def naives() -> dict[str, Family]:
    """The seasonal naives by name."""
    return {naive.name: naive for naive in (SeasonalNaive(variant=v) for v in NAIVES)}


def project_families(*, seed: int = 0, params: TreeParams | None = None) -> dict[str, Family]:
    """The project's learning families by name.

    Args:
        seed: Of everything random.
        params: Of the trees; the documented defaults of the unit without them.
    """
    return {
        "bilstm": BiLstm(seed=seed),
        "xgboost": Boosting(seed=seed, params=params),
    }


def selected(families: Mapping[str, Family], names: str | None) -> dict[str, Family]:
    """Some families, by names with commas between them; all without.

    Raises:
        SystemExit: There is no family of a name.
    """
    wanted = list(families) if names is None else [name.strip() for name in names.split(",")]
    unknown = [name for name in wanted if name not in families]
    if unknown:
        raise SystemExit(
            f"no family is called {', '.join(unknown)}: choose from {', '.join(families)} with "
            f"--families. The seasonal naives always take part."
        )
    return {name: families[name] for name in wanted}


@dataclass(frozen=True, kw_only=True)
class Boosting:
    """One boosted model a series, behind the door of all families.

    Attributes:
        seed: Of everything random.
        params: Of the trees; the documented defaults of the unit without them.
    """

    seed: int = 0
    params: TreeParams | None = None

    @property
    def name(self) -> str:
        """Its name in scores."""
        return "xgboost"

    @property
    def reach_days(self) -> int:
        """As far as forecasts go."""
        return LEAD_DAYS

    def refusal(self, series: Series) -> str:
        """Whether there is enough to learn from shows when it learns."""
        del series
        return ""

    def fit(
        self, series: Sequence[Series], *, previous: Mapping[str, Model] | None = None
    ) -> Mapping[str, Fitted]:
        """One model per series that is long enough."""
        del previous
        fitted: dict[str, Fitted] = {}
        for one in series:
            try:
                model = self._learned(one)
                fitted[one.key] = Fitted(model=model, held_out=self._held_out(one))
            except TooFewRowsError:
                continue
        return fitted

    def load(self, saved: SavedModel) -> Model:
        """A model from its files."""
        return MeterModel.from_bytes(saved.weights, saved.metadata)

    def _learned(self, series: Series) -> MeterModel:
        weather = series.future.get(TEMPERATURE)
        return fit(series, weather, params=self.params, seed=self.seed)

    def _held_out(self, series: Series) -> tuple[Forecast, ...]:
        """The newest days, by a model that learned from those before."""
        midnights = local_midnights(series.starts, zone=series.zone)
        if series.is_daily:
            midnights = np.arange(len(series), dtype=np.int64)
        days = min(int(len(midnights) * HELD_OUT_SHARE), MOST_HELD_OUT_DAYS)
        origins = [series.start_of(int(at)) for at in midnights[len(midnights) - days :]]
        try:
            return tuple(self._learned(series.until(origins[0])).predict(series, origins))
        except (IndexError, TooFewRowsError):
            return ()
