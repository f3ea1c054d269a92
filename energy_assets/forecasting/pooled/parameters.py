"""How the shared trees are grown, and on how many rows."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PooledParams:
    """Parameters of the shared trees.

    Attributes:
        trees: Trees of the median and of the mean.
        outer_trees: Trees of each of the other quantiles.
        depth: Levels of a tree of the median.
        shallow_depth: Levels of a tree of the mean and of the other quantiles.
        rate: Share of each tree's correction that counts, for quantiles.
        mean_rate: The same for the mean, which rare large values pull about.
        least_weight: Fewest rows in a leaf.
        subsample: Share of the rows that each tree sees.
        column_share: Share of the columns that each tree sees.
        bins: Steps into which a column is cut.
        most_rows: Rows drawn from all series together, at most.
        most_rows_each: Rows drawn from one series, at most.
        midnight_share: Share of the rows whose origin is a local midnight; others start anywhere.
        far_share: Share of the rows that are more than a day ahead.
    """

    trees: int = 120
    outer_trees: int = 60
    depth: int = 7
    shallow_depth: int = 6
    rate: float = 0.1
    mean_rate: float = 0.06
    least_weight: float = 20.0
    subsample: float = 0.5
    column_share: float = 0.5
    bins: int = 64
    most_rows: int = 120_000
    most_rows_each: int = 20_000
    midnight_share: float = 0.5
    far_share: float = 0.3

    def for_xgboost(self, *, depth: int, rate: float, seed: int) -> dict[str, object]:
        """What XGBoost takes, but for the objective."""
        return {
            "tree_method": "hist",
            "max_depth": depth,
            "eta": rate,
            "min_child_weight": self.least_weight,
            "subsample": self.subsample,
            "colsample_bytree": self.column_share,
            "max_bin": self.bins,
            "nthread": 1,
            "seed": seed,
        }
