"""Findings about features, scores and forecasts, as pure functions that asset checks report."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.contracts.forecasts import QUANTILE_NAMES
from energy_assets.findings import Finding

RECENT_DAYS: Final = 28
"""How far back readings are expected to be complete."""


def evaluate_coverage(
    features: Mapping[str, pd.DataFrame], *, smallest_share: float = 0.8
) -> Finding:
    """Whether each customer's energy is known for most of the last weeks.

    Args:
        features: Feature frames by customer key.
        smallest_share: Share of the intervals of the last 28 days that must be known.
    """
    offenders: list[str] = []
    for key, frame in features.items():
        if frame.empty:
            continue
        recent = frame["import_kwh"][frame.index > frame.index[-1] - pd.Timedelta(days=RECENT_DAYS)]
        share = float(recent.notna().mean())
        if share < smallest_share:
            offenders.append(f"{key}: {share:.0%} known")
    return Finding(
        passed=not offenders,
        sentence=f"{len(offenders)} of {len(features)} customers miss more than "
        f"{1 - smallest_share:.0%} of the last {RECENT_DAYS} days.",
        offenders=offenders,
    )


def evaluate_scores(scores: pd.DataFrame) -> Finding:
    """Whether each customer's model beats the best seasonal naive on the held-out rows.

    Args:
        scores: Rows of the customer_score table of one training.
    """
    wape = scores.pivot_table(index="customer_ref", columns="family", values="wape")
    if "bilstm" not in wape.columns:
        return Finding(passed=True, sentence="No customer was trained.")
    wape["naive"] = wape.filter(like="naive_").min(axis="columns")
    worse = wape[wape["bilstm"] > wape["naive"]]
    offenders = [
        f"{ref}: WAPE {own:.1%}, best naive {naive:.1%}"
        for ref, own, naive in zip(worse.index, worse["bilstm"], worse["naive"], strict=True)
    ]
    return Finding(
        passed=not offenders,
        sentence=f"{len(wape) - len(offenders)} of {len(wape)} customers' models beat the best "
        f"seasonal naive.",
        offenders=offenders,
    )


def forecast_faults(predictions: pd.DataFrame) -> dict[str, str]:
    """What is wrong with each customer's forecast that is not whole or not possible.

    Whole: 24 hours without a hole. Possible: finite, not negative, quantiles in order, and a
    register that never runs backwards.

    Args:
        predictions: Rows of the customer_prediction table of one issue per customer.
    """
    faults = {
        str(ref): _forecast_fault(rows.sort_values("valid_at"))
        for ref, rows in predictions.groupby("customer_ref")
    }
    return {ref: fault for ref, fault in faults.items() if fault}


def evaluate_forecasts(predictions: pd.DataFrame, faults: Mapping[str, str]) -> Finding:
    """Whether every forecast is whole and possible.

    Args:
        predictions: Rows of the customer_prediction table of one issue per customer.
        faults: What `forecast_faults` found in them.
    """
    customers = predictions["customer_ref"].nunique()
    return Finding(
        passed=not faults,
        sentence=f"{customers - len(faults)} of {customers} forecasts are whole and possible.",
        offenders=[f"{ref}: {fault}" for ref, fault in faults.items()],
    )


def _forecast_fault(rows: pd.DataFrame) -> str:
    length = rows["prediction_timestamp"] - rows["valid_at"]
    if (
        length.sum() != pd.Timedelta(hours=24)
        or (rows["valid_at"].to_numpy()[1:] != rows["prediction_timestamp"].to_numpy()[:-1]).any()
    ):
        return "does not cover 24 hours without a hole"
    quantiles = rows[list(QUANTILE_NAMES)].to_numpy(dtype=float)
    if not np.isfinite(quantiles).all() or (quantiles < 0).any():
        return "holds values that are missing or negative"
    if (np.diff(quantiles, axis=1) < 0).any():
        return "has quantiles that cross"
    if (rows["predicted_import_kwh"].dropna().diff() < 0).any():
        return "has a register that runs backwards"
    return ""
