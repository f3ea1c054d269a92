"""Findings about features, scores and forecasts, as pure functions that asset checks report."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

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
