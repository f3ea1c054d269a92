"""Chronological splits: training, then validation, then test, cut at local midnights.

A window belongs to a part only if every interval that it predicts does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.calendar import local_midnights, utc_of
from energy_assets.forecasting.series import Series

FEWEST_KNOWN_SHARE = 0.5
"""A window with less known energy than this share teaches nothing."""

FIRST_ORIGIN_DAYS = 2
"""Training windows need this many days of history before them."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """Where the parts of a history meet.

    Attributes:
        validate_from: End of the training part and start of the validation part, UTC.
        test_from: End of the validation part and start of the test part, UTC.
    """

    validate_from: pd.Timestamp
    test_from: pd.Timestamp


def split_of(history: Series, *, share: float, most_days: int) -> Split:
    """The split of one history.

    Args:
        history: From its first known interval to its last.
        share: Share of the days in the validation part, and again in the test part.
        most_days: The longest either part gets. [d]

    Returns:
        Parts of at least one whole local day each. A last day that is not over belongs to the test.
    """
    first, end = history.known_range()
    days = (end - first) / history.steps_per_day
    held_out = int(np.clip(days * share, 1, most_days))
    end_at = history.start_at + end * history.interval
    midnight = end_at.tz_convert(history.zone).tz_localize(None).normalize()
    return Split(
        validate_from=utc_of(midnight - pd.DateOffset(days=2 * held_out), history.zone),
        test_from=utc_of(midnight - pd.DateOffset(days=held_out), history.zone),
    )


def pool_split(histories: Sequence[Series], *, share: float, most_days: int) -> Split:
    """One split for all: the middle one of the histories' own splits.

    A single day on the calendar divides all customers, so that no customer's training knows what
    the weather did to another's test.
    """
    splits = [split_of(history, share=share, most_days=most_days) for history in histories]
    middle = len(splits) // 2
    return Split(
        validate_from=sorted(split.validate_from for split in splits)[middle],
        test_from=sorted(split.test_from for split in splits)[middle],
    )


def window_origins(
    history: Series,
    *,
    per_day: int,
    since: pd.Timestamp | None = None,
    until: pd.Timestamp | None = None,
) -> NDArray[np.int64]:
    """Origins of the windows that lie within a part of a history.

    Args:
        history: Where to look.
        per_day: Origins a local day, at equal distances from midnight.
        since: First origin allowed; two days after the first known interval without it.
        until: Every interval predicted ends by then; the end of the history without it.

    Returns:
        Positions of origins, of windows at least half of which is known.
    """
    origins = local_midnights(history.starts, zone=history.zone, per_day=per_day)
    first, end = history.known_range()
    low = first + FIRST_ORIGIN_DAYS * history.steps_per_day
    if since is not None:
        low = max(0, -int((history.start_at - since) // history.interval))
    high = end if until is None else min(end, history.steps_before(until))
    origins = origins[(origins >= low) & (origins + history.steps_per_day <= high)]
    known = np.concatenate([[0], np.isfinite(history.values).cumsum()])
    share = (known[origins + history.steps_per_day] - known[origins]) / history.steps_per_day
    return origins[share >= FEWEST_KNOWN_SHARE]
