"""Which rows a model learns from: every known interval, from origins near and far."""

import numpy as np
from numpy.typing import NDArray

from energy_assets.forecasting.boosting.parameters import TreeParams
from energy_assets.forecasting.past import LEAD_GROUPS, Past, Rows

FEWEST_ROWS = 4_000
"""A short history is looked at from several origins until there are this many rows."""

MOST_INTERVALS = 96
"""Of a day of more intervals so many, drawn, are looked at."""

MOST_LOOKS = 8
"""From how many origins a short history is looked at, at most."""


def training_rows(past: Past, *, until: int, params: TreeParams, rng: np.random.Generator) -> Rows:
    """Rows to learn from.

    Every known interval (of short ones `MOST_INTERVALS` a day) is looked at from the midnight
    before it, every second one from anywhere in the 24 hours before its end, and a quarter each
    from two to five and from more days before.

    Args:
        past: What is known.
        until: Targets lie before this position.
        params: Origins and lead days.
        rng: Draws origins.
    """
    day = past.timeline.steps_per_day
    known = np.flatnonzero(np.isfinite(past.values[:until]))
    if day > MOST_INTERVALS:
        known = _some(known, day // MOST_INTERVALS, rng)
    looks = int(np.clip(FEWEST_ROWS // max(len(known), 1), 1, MOST_LOOKS))
    near = np.tile(known, looks)
    origins, targets = [near - past.timeline.slot[near]], [near]
    if params.origins == "any" and day > 1 and len(near):
        some = _some(near, 2, rng)
        origins.append(some - rng.integers(0, day, size=len(some)))
        targets.append(some)
    for first, last in LEAD_GROUPS[1:]:
        last_day = min(last, params.lead_days)
        if first > last_day or not len(near):
            continue
        far = _some(near, 4, rng)
        days = rng.integers(first, last_day + 1, size=len(far)) - 1
        origins.append(_origins(past, far, params, rng) - days * day)
        targets.append(far)
    origin, target = np.concatenate(origins), np.concatenate(targets)
    seen = origin > (known[0] if len(known) else 0)
    return Rows(origins=origin[seen], targets=target[seen], steps_per_day=day)


def _some(targets: NDArray[np.int64], one_in: int, rng: np.random.Generator) -> NDArray[np.int64]:
    return np.sort(rng.choice(targets, size=-(-len(targets) // one_in), replace=False))


def _origins(
    past: Past, targets: NDArray[np.int64], params: TreeParams, rng: np.random.Generator
) -> NDArray[np.int64]:
    """An origin within the 24 hours before each target's end: midnight, or any for half of them."""
    midnight = targets - past.timeline.slot[targets]
    if params.origins == "midnight":
        return midnight
    anywhere = targets - rng.integers(0, past.timeline.steps_per_day, size=len(targets))
    return np.where(rng.random(len(targets)) < 0.5, midnight, anywhere)
