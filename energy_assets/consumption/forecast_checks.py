"""Findings about forecasts and scores of electricity and water meters, for asset checks."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.contracts.forecasts import QUANTILE_NAMES
from energy_assets.findings import Finding

NARROWING: Final[float] = 0.95
"""Bands of the second half may be this much of those of the first, for the weather's sake."""


def consumption_forecast_faults(forecasts: pd.DataFrame, *, days: int = 14) -> dict[str, str]:
    """What is wrong with each meter's forecast that is not whole or not possible.

    Whole: no hole over the days asked for. Possible: finite, not negative, quantiles in order.

    Args:
        forecasts: Rows of the forecast table, one issue per meter and resolution.
        days: How many days each forecast is to cover; by the day, whole local days within them.

    Returns:
        The first fault by meter key.
    """
    faults: dict[str, str] = {}
    grouped = forecasts.groupby(["meter_type", "meter_id", "resolution"], sort=True)
    for (meter_type, meter_id, resolution), rows in grouped:
        fault = _fault(rows.sort_values("valid_at"), days=days)
        if fault:
            faults.setdefault(f"{meter_type}/{meter_id}", f"{resolution} forecast {fault}")
    return faults


def evaluate_consumption_forecasts(forecasts: pd.DataFrame, faults: Mapping[str, str]) -> Finding:
    """Whether every forecast is whole and possible.

    Args:
        forecasts: Rows of the forecast table, one issue per meter and resolution.
        faults: What `consumption_forecast_faults` found in them.
    """
    meters = len(forecasts[["meter_type", "meter_id"]].drop_duplicates())
    return Finding(
        passed=not faults,
        sentence=f"{meters - len(faults)} of {meters} meters' forecasts are whole and possible.",
        offenders=[f"{key}: {fault}" for key, fault in faults.items()],
    )


def evaluate_bands(forecasts: pd.DataFrame) -> Finding:
    """Whether bands get no narrower with the distance.

    The 90 % band of the second half is on average not narrower than that of the first, neither as
    such nor as a share of the median.

    Args:
        forecasts: Rows of the forecast table, one issue per meter and resolution.
    """
    grouped = forecasts.groupby(["meter_type", "meter_id", "resolution"], sort=True)
    offenders = [
        f"{meter_type}/{meter_id}: {resolution} forecast {fault}"
        for (meter_type, meter_id, resolution), rows in grouped
        if (fault := _narrowing(rows.sort_values("valid_at")))
    ]
    return Finding(
        passed=not offenders,
        sentence=f"{len(offenders)} forecasts have bands that narrow with distance.",
        offenders=offenders,
    )


def evaluate_consumption_scores(scores: pd.DataFrame) -> Finding:
    """Whether each meter's model beats the best seasonal naive on the same rows.

    Args:
        scores: Rows of the score table of one training per meter. A model counts as it does with
            the weather that helps it most.
    """
    offenders: list[str] = []
    judged = 0
    for (meter_type, meter_id), rows in scores.groupby(["meter_type", "meter_id"], sort=True):
        known = rows[rows["mae"].notna()].sort_values("mae")
        is_naive = known["family"].str.startswith("naive_")
        if is_naive.all() or not is_naive.any():
            continue
        judged += 1
        naive, own = known[is_naive].iloc[0], known[~is_naive].iloc[0]
        if own["mae"] > naive["mae"]:
            offenders.append(
                f"{meter_type}/{meter_id}: {own['family']} {_error(own)}, "
                f"{naive['family']} {_error(naive)}"
            )
    won = judged - len(offenders)
    return Finding(
        passed=not offenders,
        sentence=f"{won} of {judged} meters' models beat the best seasonal naive.",
        offenders=offenders,
    )


def _fault(rows: pd.DataFrame, *, days: int) -> str:
    if _has_hole(pd.DatetimeIndex(rows["valid_at"]), days=days):
        return f"does not cover {days} days without a hole"
    values = rows[["value", *QUANTILE_NAMES]].to_numpy(dtype=float)
    if not np.isfinite(values).all() or (values < 0).any():
        return "holds values that are missing or negative"
    if (np.diff(values[:, 1:], axis=1) < 0).any():
        return "has quantiles that cross"
    return ""


def _has_hole(starts: pd.DatetimeIndex, *, days: int) -> bool:
    """Whether the starts are not evenly spaced over the days; local days last 23 to 25 hours."""
    if len(starts) < 2:
        return True
    steps = np.diff(starts.as_unit("s").asi8) / 3600
    step = float(np.median(steps))
    if step >= 23:
        return bool(((steps < 23) | (steps > 25)).any()) or len(starts) < days - 1
    return bool((steps != step).any()) or len(starts) * step < days * 24


def _narrowing(rows: pd.DataFrame) -> str:
    """Says so if the band narrows with distance; halves of 14 days are whole weeks."""
    half = len(rows) // 2
    width = (rows["q95"] - rows["q05"]).to_numpy(dtype=float)
    level = rows["q50"].to_numpy(dtype=float)
    near, far = float(width[:half].mean()), float(width[-half:].mean())
    shrunk = float(level[-half:].mean()) / max(float(level[:half].mean()), 1e-12)
    if far >= NARROWING * near * min(1.0, shrunk):
        return ""
    return f"has bands that narrow with distance: {near:.3g} wide at first, {far:.3g} later"


def _error(score: pd.Series) -> str:
    """WAPE, or the mean absolute error where nothing was used."""
    if pd.notna(score["wape"]):
        return f"WAPE {score['wape']:.1%}"
    return f"MAE {score['mae']:.3g}"
