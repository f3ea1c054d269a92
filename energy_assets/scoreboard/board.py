"""What the ledger of live scores adds up to: by flow, family, lead time and week, beside a naive.

Pure. The sums of any parts add up to the sums of the whole; scores are made of sums at the end.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.contracts.ledger import FORECAST_SCORES, SUMS
from resources.tables import DTYPES

LEADS: Final[tuple[tuple[str, int, int], ...]] = (
    ("day 1", 1, 1),
    ("days 2-7", 2, 7),
    ("days 8-14", 8, 14),
)
"""Names of the lead times on the board, with first and last lead day."""

PARTS: Final[tuple[str, ...]] = ("flow", "unit", "resolution", "family", "lead", "week")
"""What the board is divided by: `family` served, `week` is the Monday of the local week."""

SCORES: Final[tuple[str, ...]] = ("wape", "mae", "bias", "coverage_90", "winkler")
"""Scores of the board."""

_SUM_NAMES: Final = [column.name for column in SUMS]
_LEAD_DAY: Final = ["flow", "series_key", "issued_at", "resolution", "lead_day"]
_NAIVE: Final = "naive_"


def beside_served(ledger: pd.DataFrame) -> pd.DataFrame:
    """The rows of the ledger that are read: what was served, and the naives of the same lead days.

    Args:
        ledger: Rows of `FORECAST_SCORES`, whole lead days.

    Returns:
        The same columns, but for `family`, which is what was served, and `forecaster`, whose row it
        is: for what was served the same.
    """
    served = ledger.loc[ledger["served"], [*_LEAD_DAY, "family"]]
    rows = ledger.rename(columns={"family": "forecaster"}).merge(served, on=_LEAD_DAY)
    is_naive = rows["forecaster"].str.startswith(_NAIVE)
    return rows[rows["served"] | is_naive]


def board_sums(ledger: pd.DataFrame, *, zone: str) -> pd.DataFrame:
    """Sums of the ledger by `PARTS` and forecaster.

    Args:
        ledger: Rows of `FORECAST_SCORES`, whole lead days.
        zone: Of the weeks.

    Returns:
        Columns `PARTS`, `forecaster` and those of `SUMS`.
    """
    rows = beside_served(ledger)
    local = pd.DatetimeIndex(rows["valid_at"]).tz_convert(zone).tz_localize(None).normalize()
    rows = rows.assign(lead=_leads(rows["lead_day"]), week=local - _since_monday(local))
    return _summed(rows, [*PARTS, "forecaster"])


def _since_monday(days: pd.DatetimeIndex) -> pd.TimedeltaIndex:
    return pd.to_timedelta(days.day_of_week, unit="D")


def together(parts: Iterable[pd.DataFrame], by: Sequence[str]) -> pd.DataFrame:
    """Sums of parts as sums of the whole.

    Args:
        parts: Frames with the columns `by` and those of `SUMS`.
        by: What they are divided by.
    """
    empty = pd.DataFrame(columns=[*by, *_SUM_NAMES])
    found = [part for part in parts if len(part)]
    return _summed(pd.concat(found), list(by)) if found else empty


def board(sums: pd.DataFrame) -> pd.DataFrame:
    """The scoreboard: every family that served beside the best naive of the same intervals.

    Args:
        sums: As `board_sums` gives them, or several of them `together`.

    Returns:
        Columns `PARTS`, `rows`, `SCORES`, `best_naive`, and `naive_wape` and so on. The best naive
        is the one of least absolute error among those scored on all the intervals; NaN and none
        where there is no such.
    """
    return best_beside(sums, list(PARTS))


def best_beside(sums: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Scores of what was served by some parts, and of the best naive of the same intervals.

    Args:
        sums: Columns `by`, with `family` among them, `forecaster`, and those of `SUMS`.
        by: Columns that tell parts apart.
    """
    parts = list(by)
    is_served = sums["forecaster"] == sums["family"]
    served = _scores(sums[is_served]).drop(columns="forecaster")
    naives = _scores(sums[sums["forecaster"].str.startswith(_NAIVE)])
    naives = naives.merge(served[[*parts, "rows"]], on=[*parts, "rows"])
    best = naives.sort_values("mae", kind="stable").drop_duplicates(parts)
    best = best.rename(
        columns={"forecaster": "best_naive"} | {score: f"naive_{score}" for score in SCORES}
    ).drop(columns="rows")
    return served.merge(best, on=parts, how="left").sort_values(parts).reset_index(drop=True)


def _scores(sums: pd.DataFrame) -> pd.DataFrame:
    """Sums as scores, `rows` kept; NaN for a share of nothing."""
    number = {name: sums[name].astype("float64") for name in _SUM_NAMES}
    actual, absolute = number["actual_sum"], number["absolute_actual_sum"]
    return sums.drop(columns=[name for name in _SUM_NAMES if name != "rows"]).assign(
        wape=number["absolute_error_sum"] / absolute.where(absolute > 0),
        mae=number["absolute_error_sum"] / number["rows"],
        bias=number["mean_sum"] / actual.where(actual != 0) - 1.0,
        coverage_90=number["covered_90"] / number["rows"],
        winkler=number["winkler_sum"] / number["rows"],
    )


def _summed(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    kinds = {name: DTYPES[FORECAST_SCORES.column(name).kind] for name in _SUM_NAMES}
    sums = rows.groupby(by, as_index=False, sort=True)[_SUM_NAMES].sum()
    return sums.astype(kinds)


def _leads(lead_day: pd.Series) -> pd.Series:
    """Names of lead times."""
    names = np.full(len(lead_day), "", dtype=object)
    for name, first, last in LEADS:
        names[lead_day.between(first, last).to_numpy(dtype=np.bool_)] = name
    return pd.Series(names, index=lead_day.index)
