"""Rows of the ledger by hand."""

import pandas as pd

from energy_assets.contracts.ledger import FORECAST_SCORES
from energy_assets.contracts.validation import validated

MONDAY = pd.Timestamp("2025-10-20", tz="UTC")


def lead_day(errors, **columns):
    """One lead day of 24 intervals with the absolute errors of each family, the first one served.

    Args:
        errors: Sum of absolute errors by family.
        **columns: Others than the usual ones.
    """
    usual = {
        "flow": "consumption",
        "series_key": "electricity/house-01",
        "unit": "kWh",
        "issued_at": MONDAY,
        "origin_at": MONDAY,
        "resolution": "hourly",
        "lead_day": 1,
        "valid_at": MONDAY,
        "model_id": "m",
        "basis": "b",
        "weather": "none",
        "rows": 24,
        "actual_sum": 100.0,
        "absolute_actual_sum": 100.0,
        "mean_sum": 110.0,
        "squared_error_sum": 1.0,
        "pinball_sum": 1.0,
        "covered_90": 18,
        "winkler_sum": 48.0,
        "scored_at": MONDAY,
        "known_at": MONDAY,
    } | columns
    served = next(iter(errors))
    return [
        usual | {"family": family, "served": family == served, "absolute_error_sum": error}
        for family, error in errors.items()
    ]


def ledger_of(*lead_days):
    rows = [row for one in lead_days for row in one]
    return validated(FORECAST_SCORES, pd.DataFrame(rows))
