"""How trees are grown: the documented defaults, and a setting for accuracy."""

from dataclasses import dataclass
from typing import Final, Literal

from energy_assets.forecasting.series import LEAD_DAYS

Origins = Literal["any", "midnight"]
"""From where a model learns to predict: any interval of the day, or local midnights only."""


@dataclass(frozen=True, kw_only=True)
class TreeParams:
    """Parameters of a meter's trees, named as XGBoost names them.

    Attributes:
        n_estimators: Trees of one booster.
        max_depth: Levels of a tree.
        learning_rate: Share of each tree's correction that counts.
        min_child_weight: Fewest rows in a leaf.
        subsample: Share of the rows that each tree sees.
        colsample_bytree: Share of the columns that each tree sees.
        gamma: Smallest gain of a split.
        reg_alpha: L1 penalty of leaves.
        reg_lambda: L2 penalty of leaves.
        max_bin: Steps into which a column is cut.
        boosters: Boosters of different seeds whose mean is taken.
        most_rows: Rows that trees learn from, at most; drawn from all.
        origins: From where the model learns to predict.
        lead_days: How far ahead it learns to predict. [d]
    """

    n_estimators: int = 100
    max_depth: int = 6
    learning_rate: float = 0.1
    min_child_weight: float = 5.0
    subsample: float = 0.5
    colsample_bytree: float = 0.5
    gamma: float = 0.0
    reg_alpha: float = 0.0
    reg_lambda: float = 1.0
    max_bin: int = 64
    boosters: int = 1
    most_rows: int = 10_000
    origins: Origins = "any"
    lead_days: int = LEAD_DAYS

    def for_xgboost(self, *, seed: int) -> dict[str, object]:
        """What XGBoost takes, for one booster."""
        return {
            "objective": "reg:absoluteerror",
            "tree_method": "hist",
            "max_depth": self.max_depth,
            "eta": self.learning_rate,
            "min_child_weight": self.min_child_weight,
            "subsample": self.subsample,
            "colsample_bytree": self.colsample_bytree,
            "gamma": self.gamma,
            "alpha": self.reg_alpha,
            "lambda": self.reg_lambda,
            "max_bin": self.max_bin,
            "nthread": 1,
            "seed": seed,
        }


DEFAULTS: Final[dict[str, TreeParams]] = {
    "kWh": TreeParams(),
    "m3": TreeParams(
        n_estimators=150, max_depth=8, learning_rate=0.08, min_child_weight=20.0, most_rows=6_000
    ),
}
"""The documented defaults of energy and of water, by unit."""


def params_for(unit: str) -> TreeParams:
    """The documented defaults of a unit; those of energy where it has none of its own."""
    return DEFAULTS.get(unit, DEFAULTS["kWh"])


def accurate_day_ahead(*, boosters: int = 2) -> TreeParams:
    """More and slower trees for forecasts from local midnight of one day ahead."""
    return TreeParams(
        n_estimators=300,
        max_depth=6,
        learning_rate=0.04,
        min_child_weight=20.0,
        subsample=0.8,
        boosters=boosters,
        most_rows=80_000,
        origins="midnight",
        lead_days=1,
    )
