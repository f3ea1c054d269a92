"""Trees that many series share, behind the door of all model families."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from energy_assets.forecasting.errors import TooFewRowsError, refusal_of, require_enough
from energy_assets.forecasting.family import Fitted, Model, SavedModel
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.held_out import MOST_HELD_OUT
from energy_assets.forecasting.pooled.heldout import (
    HeldOutSeries,
    calibrations,
    held_out_since,
    middle_of,
)
from energy_assets.forecasting.pooled.issuing import POOLED
from energy_assets.forecasting.pooled.model import PooledModel, Shared, model_from
from energy_assets.forecasting.pooled.parameters import PooledParams
from energy_assets.forecasting.pooled.training import fit_pooled
from energy_assets.forecasting.raw_errors import AS_PREDICTED
from energy_assets.forecasting.series import LEAD_DAYS, Series


@dataclass(frozen=True, kw_only=True)
class Pooled:
    """The family: one set of trees for all series of an interval length.

    Attributes:
        seed: Of everything random.
        params: How trees are grown.
        shared: What is known of pools by interval, for series without a model of their own. [min]
    """

    seed: int = 0
    params: PooledParams = field(default_factory=PooledParams)
    shared: Mapping[int, Shared] = field(default_factory=dict[int, Shared])

    @property
    def name(self) -> str:
        """Its name in scores."""
        return POOLED

    @property
    def reach_days(self) -> int:
        """Two weeks."""
        return LEAD_DAYS

    def refusal(self, series: Series) -> str:
        """Too few known values, or days; `model_for` may serve it all the same."""
        return refusal_of(series, require_enough)

    def fit(
        self, series: Sequence[Series], *, previous: Mapping[str, Model] | None = None
    ) -> Mapping[str, Fitted]:
        """One set of trees per interval length, and every series' own calibration."""
        del previous
        able = [one for one in series if not self.refusal(one)]
        fitted: dict[str, Fitted] = {}
        for minutes in sorted({one.interval_minutes for one in able}):
            fitted |= self._fit_pool([one for one in able if one.interval_minutes == minutes])
        return fitted

    def model_for(self, series: Series) -> PooledModel:
        """What serves a series that the pool did not learn from, or has no calibration for.

        Raises:
            ValueError: No pool of its interval is known.
        """
        shared = self.shared.get(series.interval_minutes)
        if shared is None:
            raise ValueError(
                f"{series.key}: no shared trees of {series.interval_minutes} min are known; fit "
                f"some series of that interval, and give their models to `sharing`."
            )
        return PooledModel(
            key=series.key,
            shared=shared,
            calibration=shared.calibration,
            learned_until=shared.trees.learned_until,
        )

    def sharing(self, models: Sequence[Model]) -> "Pooled":
        """The family that knows what these models share, the newest of each interval."""
        known = dict(self.shared)
        for model in models:
            if isinstance(model, PooledModel):
                minutes, shared = model.shared.trees.interval_minutes, model.shared
                if (
                    minutes not in known
                    or known[minutes].trees.learned_until < shared.trees.learned_until
                ):
                    known[minutes] = shared
        return replace(self, shared=known)

    def load(self, saved: SavedModel) -> Model:
        """A model from its files.

        Raises:
            ModelFileError: The files are damaged, or of another kind.
        """
        return model_from(saved)

    def _fit_pool(self, series: Sequence[Series]) -> dict[str, Fitted]:
        """Models of series of one interval; none where all together are too short."""
        try:
            trees = fit_pooled(series, params=self.params, seed=self.seed)
        except TooFewRowsError:
            return {}
        border = held_out_since(series)
        try:
            before = [one.until(border) for one in series if one.start_at < border]
            earlier = fit_pooled(before, params=self.params, seed=self.seed)
        except TooFewRowsError:
            shared = Shared(trees=trees, calibration=AS_PREDICTED)
            return {one.key: Fitted(model=_model(one, shared), held_out=()) for one in series}
        held = [HeldOutSeries.of(earlier, one, border) for one in series]
        middle = middle_of(border, trees.learned_until, series[0].zone)
        pool, own = calibrations(held)
        tried_pool, tried = calibrations(held, until=middle)
        shared = Shared(trees=trees, calibration=pool)
        return {
            one.key: Fitted(
                model=replace(_model(one, shared), calibration=own[number]),
                held_out=tuple(
                    _try_out(
                        held[number],
                        PooledModel(
                            key=one.key,
                            shared=Shared(trees=earlier, calibration=tried_pool),
                            calibration=tried[number],
                            learned_until=middle,
                        ),
                    )
                ),
            )
            for number, one in enumerate(series)
        }


def _model(series: Series, shared: Shared) -> PooledModel:
    until = max(shared.trees.learned_until, series.known_until)
    return PooledModel(
        key=series.key, shared=shared, calibration=shared.calibration, learned_until=until
    )


def _try_out(held: HeldOutSeries, model: PooledModel) -> list[Forecast]:
    """Forecasts of the newest held-out days by trees that stopped before the first of them.

    Those of the later half are calibrated by errors of the earlier half, which are not.
    """
    origins = [held.series.start_of(int(at)) for at in held.midnights[-MOST_HELD_OUT:]]
    trees = model.shared.trees
    first = PooledModel(
        key=model.key,
        shared=Shared(trees=trees, calibration=AS_PREDICTED),
        calibration=AS_PREDICTED,
        learned_until=trees.learned_until,
    )
    sooner = [origin for origin in origins if origin < model.learned_until]
    later = origins[len(sooner) :]
    return [*first.predict(held.series, sooner), *model.predict(held.series, later)]
