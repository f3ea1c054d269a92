"""The combination of unlike families: a family whose members are families.

How forecasts are averaged is in `averaging`, which weights they have in `weights`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from energy_assets.forecasting.averaged_bands import pool_calibration, series_calibration
from energy_assets.forecasting.averaging import COMBINATION, Averaged
from energy_assets.forecasting.calibration import Calibration
from energy_assets.forecasting.combined_files import files_of, parts_of
from energy_assets.forecasting.family import Family, Fitted, Model, SavedModel
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.raw_errors import RawErrors
from energy_assets.forecasting.series import LEAD_DAYS, Series
from energy_assets.forecasting.validation_days import HeldDays, border_of
from energy_assets.forecasting.weights import (
    FittedWeights,
    Weights,
    fit_weights,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class CombinedModel:
    """The combination as it serves one series.

    Attributes:
        key: Which series.
        members: Models of the members by family.
        weights: How much each counts.
        calibration: What errors of the average say.
    """

    key: str
    members: Mapping[str, Model]
    weights: Weights
    calibration: Calibration

    @property
    def model_id(self) -> str:
        """Digest of its files: the same training gives the same name."""
        return str(self.files.metadata["model_id"])

    @property
    def learned_until(self) -> pd.Timestamp:
        """End of the newest known interval that any member could learn from."""
        return max(model.learned_until for model in self.members.values())

    @cached_property
    def files(self) -> SavedModel:
        """The members' files in one, with weights and calibration."""
        saved = {name: model.save() for name, model in self.members.items()}
        return files_of(self.key, saved, self.weights, self.calibration)

    def save(self) -> SavedModel:
        """The members' files in one, with weights and calibration."""
        return self.files

    def predict(
        self,
        series: Series,
        origins: Sequence[pd.Timestamp],
        *,
        days: int = 1,
        explained: bool = False,
    ) -> list[Forecast]:
        """The average of the members' forecasts, calibrated; it cannot say why."""
        del explained
        if not len(origins):
            return []
        made = {
            name: model.predict(series, origins, days=days) for name, model in self.members.items()
        }
        averaged = Averaged.of(series, made, self.weights)
        return averaged.calibrated(self.calibration, model_id=self.model_id)


@dataclass(frozen=True, kw_only=True)
class Combination:
    """The family.

    Attributes:
        members: The families that it averages.
    """

    members: tuple[Family, ...]

    @property
    def name(self) -> str:
        """Its name in scores."""
        return COMBINATION

    @property
    def reach_days(self) -> int:
        """As many days as the member that reaches farthest."""
        return max((family.reach_days for family in self.members), default=LEAD_DAYS)

    def refusal(self, series: Series) -> str:
        """Why no member can learn a series; empty where one can."""
        reasons = [family.refusal(series) for family in self.members]
        return "" if not all(reasons) else " ".join(reasons)

    def fit(
        self, series: Sequence[Series], *, previous: Mapping[str, Model] | None = None
    ) -> Mapping[str, Fitted]:
        """Fit every member and average them."""
        earlier = {k: m for k, m in (previous or {}).items() if isinstance(m, CombinedModel)}
        fitted: dict[str, Mapping[str, Fitted]] = {}
        for family in self.members:
            own = {
                k: m.members[family.name] for k, m in earlier.items() if family.name in m.members
            }
            able = [one for one in series if not family.refusal(one)]
            fitted[family.name] = family.fit(able, previous=own)
        return combined(series, fitted)

    def load(self, saved: SavedModel) -> Model:
        """A model from its files.

        Raises:
            ValueError: They are of another family, damaged, or of a member that is not given here.
        """
        families = {family.name: family for family in self.members}
        parts = parts_of(saved)
        unknown = sorted(set(parts.members) - set(families))
        if unknown:
            raise ValueError(
                f"these files combine {', '.join(unknown)}, which is not among the members; load "
                f"them with a combination of {', '.join(parts.members)}."
            )
        model = CombinedModel(
            key=parts.key,
            members={name: families[name].load(own) for name, own in parts.members.items()},
            weights=parts.weights,
            calibration=parts.calibration,
        )
        vars(model)["files"] = saved  # so that asking for its name does not write it again
        return model


def combined(
    series: Sequence[Series], fitted: Mapping[str, Mapping[str, Fitted]]
) -> Mapping[str, Fitted]:
    """Combinations of models that are fitted already.

    The weights are judged on the held-out days that all members of a series have. One calendar
    border parts these in two: weights and bands of what is held out here are fitted on the earlier
    ones, and tried on the later ones. What serves is fitted on all.

    Args:
        series: What the models were fitted on.
        fitted: By family, then by key.

    Returns:
        One per series that a family fitted. The models have the same members in the same order.
    """
    held = {one.key: held for one in series if (held := HeldDays.of(one, fitted)) is not None}
    border = border_of([one for one in held.values() if one.forecasts])
    names = tuple(fitted)
    early = {key: one.before(border) for key, one in held.items()}
    tried, serving = _Averages.fit(early, names), _Averages.fit(held, names)
    found: dict[str, Fitted] = {}
    for key, one in held.items():
        model = serving.model(key, one.models)
        later = {name: own[one.count_before(border) :] for name, own in one.forecasts.items()}
        held_out: list[Forecast] = []
        if any(later.values()):
            before = tried.model(key, one.models)
            averaged = Averaged.of(one.series, later, before.weights)
            held_out = averaged.calibrated(before.calibration, model_id=model.model_id)
        found[key] = Fitted(model=model, held_out=tuple(held_out))
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class _Averages:
    """Weights and calibrations of a pool.

    Attributes:
        weights: By series.
        pool: Calibration of a series without held-out days.
        own: Calibration by series.
    """

    weights: FittedWeights
    pool: Calibration
    own: Mapping[str, Calibration]

    @staticmethod
    def fit(held: Mapping[str, HeldDays], names: tuple[str, ...]) -> "_Averages":
        """What held-out days say."""
        known = {key: one for key, one in held.items() if one.forecasts}
        rows = {key: one.validation() for key, one in known.items()}
        weights = fit_weights(rows, members=names)
        errors: dict[str, RawErrors] = {
            key: Averaged.of(one.series, one.forecasts, weights.of(key)).errors()
            for key, one in known.items()
        }
        pool = pool_calibration(list(errors.values()))
        own = {key: series_calibration(one, pool) for key, one in errors.items()}
        return _Averages(weights=weights, pool=pool, own=own)

    def model(self, key: str, models: Mapping[str, Model]) -> CombinedModel:
        """The combination of a series."""
        return CombinedModel(
            key=key,
            members=models,
            weights=self.weights.of(key),
            calibration=self.own.get(key, self.pool),
        )
