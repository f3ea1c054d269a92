"""How issued forecasts of one day ahead did lately, per series and family, for the contest."""

from collections.abc import Sequence

import pandas as pd

from energy_assets.contracts.ledger import FORECAST_SCORES
from energy_assets.forecasts.contest_days import LIVE_DAYS, YARDSTICK, LiveErrors
from resources.document_store import DocumentStore
from resources.tables import Filter

BATCH_SERIES = 200
"""Series that one query asks about."""

_COLUMNS = (
    "series_key",
    "issued_at",
    "resolution",
    "lead_day",
    "family",
    "rows",
    "absolute_error_sum",
)


def live_errors(
    documents: DocumentStore, flow: str, keys: Sequence[str], *, now: pd.Timestamp
) -> dict[str, LiveErrors]:
    """Errors of the first day ahead over the last `LIVE_DAYS` days, by key of the series.

    Args:
        documents: Hold the scores of issued forecasts.
        flow: Whose series.
        keys: Which.
        now: The present, UTC.
    """
    found: dict[str, LiveErrors] = {}
    for start in range(0, len(keys), BATCH_SERIES):
        rows = documents.read(
            FORECAST_SCORES,
            [
                Filter("flow", "=", flow),
                Filter("series_key", "in", list(keys[start : start + BATCH_SERIES])),
                Filter("valid_at", ">=", now - pd.Timedelta(days=LIVE_DAYS)),
                Filter("lead_day", "=", 1),
                Filter("resolution", "=", "hourly"),
            ],
            columns=_COLUMNS,
        )
        for key, own in rows.groupby("series_key"):
            found[str(key)] = _errors(own)
    return found


def _errors(rows: pd.DataFrame) -> LiveErrors:
    """Sums by family over the issues that the yardstick was scored on too."""
    yardstick = rows[rows["family"] == YARDSTICK].set_index("issued_at")["absolute_error_sum"]
    rows = rows.assign(beside=rows["issued_at"].map(yardstick)).dropna(subset=["beside"])
    sums = rows.groupby("family")[["absolute_error_sum", "beside", "rows"]].sum()
    return LiveErrors(
        error={str(name): float(value) for name, value in sums["absolute_error_sum"].items()},
        beside={str(name): float(value) for name, value in sums["beside"].items()},
        rows={str(name): int(value) for name, value in sums["rows"].items()},
    )
