"""Findings about forecasts and scores of any flow, for asset checks."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.contracts.columns import QUANTILE_NAMES
from energy_assets.findings import Finding

NARROWING: Final[float] = 0.95
"""Bands of the second half may be this much of those of the first, for the weather's sake."""


def forecast_faults(
    forecasts: pd.DataFrame,
    *,
    series: Sequence[str],
    days: int,
    register: str | None = None,
    signed: Collection[str] = (),
) -> dict[str, str]:
    """What is wrong with each series' forecast that is not whole or not possible.

    Whole: no hole over the days asked for. Possible: finite, not negative where the series is not,
    quantiles in order, and a register that never runs backwards.

    Args:
        forecasts: Rows of a forecast table, one issue per series and resolution.
        series: Columns that name a series.
        days: How many days each forecast is to cover; by the day, whole local days within them.
        register: Column of a cumulative register ahead, if there is one.
        signed: Keys of series that may be negative, such as net-metered ones.

    Returns:
        The first fault by key of the series.
    """
    faults: dict[str, str] = {}
    for key, resolution, rows in _by_series(forecasts, series):
        fault = _fault(rows, days=days, register=register, signed=key in signed)
        if fault:
            faults.setdefault(key, f"{resolution}forecast {fault}")
    return faults


def evaluate_forecasts(
    forecasts: pd.DataFrame, faults: Mapping[str, str], *, series: Sequence[str]
) -> Finding:
    """Whether every forecast is whole and possible.

    Args:
        forecasts: Rows of a forecast table, one issue per series and resolution.
        faults: What `forecast_faults` found in them.
        series: Columns that name a series.
    """
    count = len(forecasts[list(series)].drop_duplicates())
    return Finding(
        passed=not faults,
        sentence=f"{count - len(faults)} of {count} forecasts are whole and possible.",
        offenders=[f"{key}: {fault}" for key, fault in faults.items()],
    )


def evaluate_bands(forecasts: pd.DataFrame, *, series: Sequence[str]) -> Finding:
    """Whether bands get no narrower with the distance.

    The 90 % band of the second half is on average not narrower than that of the first, neither as
    such nor as a share of the median.

    Args:
        forecasts: Rows of a forecast table, one issue per series and resolution.
        series: Columns that name a series.
    """
    offenders = [
        f"{key}: {resolution}forecast {fault}"
        for key, resolution, rows in _by_series(forecasts, series)
        if (fault := _narrowing(rows))
    ]
    return Finding(
        passed=not offenders,
        sentence=f"{len(offenders)} forecasts have bands that narrow with distance.",
        offenders=offenders,
    )


def evaluate_scores(scores: pd.DataFrame, *, series: Sequence[str]) -> Finding:
    """Whether each series' model beats the best seasonal naive on the same rows.

    Args:
        scores: Rows of a score table, one training per series. Of several families the best
            counts, and so does the best of the naives.
        series: Columns that name a series.
    """
    offenders: list[str] = []
    judged = 0
    for key, _, rows in _by_series(scores, series):
        known = rows[rows["mae"].notna()].sort_values("mae")
        is_naive = known["family"].str.startswith("naive_")
        if is_naive.all() or not is_naive.any():
            continue
        judged += 1
        naive, own = known[is_naive].iloc[0], known[~is_naive].iloc[0]
        if own["mae"] > naive["mae"]:
            offenders.append(
                f"{key}: {own['family']} {_error(own)}, {naive['family']} {_error(naive)}"
            )
    won = judged - len(offenders)
    return Finding(
        passed=not offenders,
        sentence=f"{won} of {judged} models beat the best seasonal naive.",
        offenders=offenders,
    )


def _by_series(
    rows: pd.DataFrame, series: Sequence[str]
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Key, resolution where there are several, and rows in time order."""
    several = "resolution" in rows.columns
    for names, own in rows.groupby([*series, *(["resolution"] if several else [])], sort=True):
        parts = [str(name) for name in names]
        key = "/".join(parts[: len(series)])
        ordered = own.sort_values("valid_at") if "valid_at" in own.columns else own
        yield key, f"{parts[-1]} " if several else "", ordered


def _fault(rows: pd.DataFrame, *, days: int, register: str | None, signed: bool) -> str:
    if _has_hole(pd.DatetimeIndex(rows["valid_at"]), days=days):
        return f"does not cover {days} days without a hole"
    table = rows[list(QUANTILE_NAMES)].to_numpy(dtype=float)
    mean = rows["mean"].to_numpy(dtype=float)
    both = np.column_stack([table, mean])
    if not np.isfinite(both).all() or (not signed and (both < 0).any()):
        return "holds values that are missing" + ("" if signed else " or negative")
    if (np.diff(table, axis=1) < 0).any():
        return "has quantiles that cross"
    if register is not None and (rows[register].dropna().diff() < 0).any():
        return "has a register that runs backwards"
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
