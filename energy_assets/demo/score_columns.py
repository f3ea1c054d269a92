"""The score of what serves, beside the best naive, as columns of a printed table."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from energy_assets.forecasts.scores import family_of


def with_scores(rows: pd.DataFrame, scores: pd.DataFrame, series: Sequence[str]) -> pd.DataFrame:
    """A table of newest forecasts with the held-out score of the family that made each.

    Args:
        rows: One row per series, indexed by the columns that name it; `basis` is what made it.
        scores: Rows of a score table.
        series: Columns that name a series.

    Returns:
        The table with `WAPE`, `best naive` (the lowest WAPE of a seasonal naive on the same rows)
        and `90 % band covers`; missing where there is no score.
    """
    latest = scores.sort_values("scored_at").groupby([*series, "family"]).last()
    wape, covered = (latest[name].unstack("family") for name in ("wape", "coverage_90"))
    serves = [family_of(str(basis)) for basis in rows["basis"]]

    def of_serving(table: pd.DataFrame) -> list[float]:
        families = sorted(set(serves))
        known = table.reindex(index=rows.index, columns=families).to_numpy(np.float64)
        return [float(known[row, families.index(name)]) for row, name in enumerate(serves)]

    return rows.assign(
        **{
            "WAPE": of_serving(wape),
            "best naive": wape.filter(like="naive_").min(axis="columns"),
            "90 % band covers": of_serving(covered),
        }
    )
