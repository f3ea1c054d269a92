"""Whether what serves is worth serving: a pure evaluation of the ledger's sums by series."""

from collections.abc import Iterable
from typing import Final

import pandas as pd

from energy_assets.findings import Finding
from energy_assets.scoreboard.board import beside_served, best_beside, together

SERIES: Final[tuple[str, ...]] = ("flow", "series_key", "resolution", "forecaster")
"""What the sums of this check are divided by."""

CLEARLY: Final = 0.9
"""A naive whose error is less than this share of what served won clearly."""

FEWEST_LEAD_DAYS: Final = 7
"""Fewer scored lead days are no ground for a judgement."""

SERVED: Final = "served"
"""Stands for what served, whichever families they were."""


def series_sums(ledger: pd.DataFrame) -> pd.DataFrame:
    """Sums of the ledger by series: of what served, and of each naive; with `lead_days`, a count.

    Args:
        ledger: Rows of `FORECAST_SCORES`, whole lead days.
    """
    rows = beside_served(ledger)
    served = rows[rows["forecaster"] == rows["family"]].assign(forecaster=SERVED)
    naives = rows[rows["forecaster"].str.startswith("naive_")]
    both = pd.concat([served, naives])
    sums = together([both], SERIES)
    counted = both.groupby(list(SERIES), as_index=False).size()
    return sums.merge(counted.rename(columns={"size": "lead_days"}), on=list(SERIES))


def evaluate_serving(parts: Iterable[pd.DataFrame]) -> Finding:
    """Whether no series lost clearly to a seasonal naive, at its own interval or by the day.

    Args:
        parts: Sums by series, as `series_sums` gives them, over any parts of the time looked at.
    """
    kept = [part for part in parts if len(part)]
    if not kept:
        return Finding(passed=True, sentence="No forecast was scored yet.")
    sums = together(kept, SERIES)
    lead_days = pd.concat(kept).groupby(list(SERIES))["lead_days"].sum()
    enough = lead_days.xs(SERVED, level="forecaster")
    scores = best_beside(sums.assign(family=SERVED), ["flow", "series_key", "resolution", "family"])
    judged = scores.set_index(["flow", "series_key", "resolution"])
    judged = judged[enough.reindex(judged.index) >= FEWEST_LEAD_DAYS]
    lost = judged[judged["naive_mae"] < CLEARLY * judged["mae"]]
    lost = lost.assign(share=lost["naive_mae"] / lost["mae"]).sort_values("share").reset_index()
    offenders = [
        f"{row['flow']} {row['series_key']}, {row['resolution']}: WAPE {row['wape']:.1%} served, "
        f"{row['naive_wape']:.1%} by {row['best_naive']}, on the same {row['rows']} intervals."
        for row in lost.to_dict("records")
    ]
    return Finding(
        passed=not offenders,
        sentence=f"{len(offenders)} of {len(judged)} series and resolutions lost clearly to a "
        f"seasonal naive.",
        offenders=offenders,
    )
