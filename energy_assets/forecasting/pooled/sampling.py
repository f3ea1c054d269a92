"""Which rows of a series the shared trees learn from."""

import numpy as np

from energy_assets.forecasting.past import Past, Rows
from energy_assets.forecasting.pooled.parameters import PooledParams
from energy_assets.forecasting.series import LEAD_DAYS

FIRST_DAYS = 8
"""Targets of the first days have no week before them and teach nothing. [d]"""


def drawn_rows(past: Past, *, count: int, params: PooledParams, rng: np.random.Generator) -> Rows:
    """Rows drawn from the known intervals of a series, with origins near and far.

    Args:
        past: The series, all of which may be learned from.
        count: How many rows, at most.
        params: Shares of midnights and of distant rows.
        rng: Draws targets and origins.

    Returns:
        Rows in no order; none of a series that is too short.
    """
    day = past.timeline.steps_per_day
    known = np.flatnonzero(np.isfinite(past.values))
    first = int(known[0]) if len(known) else 0
    known = known[known >= first + FIRST_DAYS * day]
    if not len(known):
        none = np.zeros(0, dtype=np.int64)
        return Rows(origins=none, targets=none, steps_per_day=day)
    targets = rng.choice(known, size=min(count, 4 * len(known)))
    from_midnight = rng.random(len(targets)) < params.midnight_share
    back = rng.integers(0, day, size=len(targets))
    far = rng.random(len(targets)) < params.far_share
    days = np.where(far, rng.integers(1, LEAD_DAYS, size=len(targets)), 0)
    origins = targets - np.where(from_midnight, past.timeline.slot[targets], back) - days * day
    seen = origins > first
    return Rows(origins=origins[seen], targets=targets[seen], steps_per_day=day)
