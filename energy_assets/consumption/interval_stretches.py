"""A meter that changed its interval: stretches of one interval each."""

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.consumption.value_intervals import INTERVALS_MINUTES

FEWEST_VALUES: Final = 14
"""Steps of another length are a change of the interval from this many in a row on."""

SHORTEST_MINUTES: Final = 2 * 1440
"""And if they last this long; else values are missing. [min]"""

Stretch = tuple[int, int, int]
"""First position, position behind the last one, and interval in minutes."""


def stretches_of(at_ms: NDArray[np.int64], *, usual: int) -> list[Stretch]:
    """Stretches of values of one interval, in time order; one for a meter that never changed.

    Args:
        at_ms: Starts of intervals, ascending, at least one.
        usual: Interval where the values show none. [min]
    """
    size = len(at_ms)
    steps = np.diff(at_ms) // 60_000
    if not len(steps):
        return [(0, size, usual)]
    steps = np.append(steps, steps[-1])
    last_known = np.maximum.accumulate(
        np.where(np.isin(steps, INTERVALS_MINUTES), np.arange(size), -1)
    )
    interval = np.where(last_known >= 0, steps[last_known], usual)
    bounds = [0, *(np.flatnonzero(np.diff(interval)) + 1).tolist(), size]
    found: list[Stretch] = []
    for start, end in pairwise(bounds):
        minutes = int(interval[start])
        lasts = end - start >= FEWEST_VALUES and (end - start) * minutes >= SHORTEST_MINUTES
        if not lasts:
            continue
        if found and found[-1][2] == minutes:
            found[-1] = (found[-1][0], end, minutes)
        else:
            found.append((start, end, minutes))
    if not found:
        return [(0, size, usual)]
    starts = [0, *(start for start, _, _ in found[1:]), size]
    return [(starts[n], starts[n + 1], minutes) for n, (_, _, minutes) in enumerate(found)]
