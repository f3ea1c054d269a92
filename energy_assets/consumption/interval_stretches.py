"""A meter that changed its interval: the grids of its stretches as one grid of the current one.

What was reported at shorter intervals is added up. Of what was reported at longer ones the time is
unknown, and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from energy_assets.consumption.grids import DAY_MINUTES, MINUTE_MS, Grid, means
from energy_assets.consumption.interval_reasons import CODES
from energy_assets.consumption.local_days import local_days, midnights_ms


def joined(grids: Sequence[Grid], *, interval_minutes: int, zone: str) -> Grid | None:
    """One grid out of those of several stretches.

    Args:
        grids: In time order.
        interval_minutes: Of the grid to be, that of at least one of them. [min]
        zone: IANA name of the meter's time zone, whose days are those of daily values.

    Returns:
        From the first to the last interval; None where no grid has that interval. Time between the
        stretches, and of stretches whose intervals begin at other minutes, is a gap.
    """
    model = next((g for g in reversed(grids) if g.interval_minutes == interval_minutes), None)
    if model is None:
        return None
    ruler = _ruler(grids, model, zone)
    size = len(ruler.edges_ms) - 1
    consumption, temperature_c = np.full(size, np.nan), np.full(size, np.nan)
    codes = np.full(size, CODES["gap"], dtype=np.int8)
    for grid in grids:
        part = _on_ruler(grid, ruler)
        fresh = part.codes != CODES["gap"]
        fresh &= np.isnan(consumption) | ~np.isnan(part.consumption)
        consumption[fresh], codes[fresh] = part.consumption[fresh], part.codes[fresh]
        warm = ~np.isnan(part.temperature_c)
        temperature_c[warm] = part.temperature_c[warm]
    return Grid(
        starts_ms=ruler.edges_ms[:-1],
        interval_minutes=interval_minutes,
        consumption=consumption,
        temperature_c=temperature_c,
        codes=codes,
    )


@dataclass(frozen=True, kw_only=True)
class _Ruler:
    """Starts of the intervals to be, and the end of the last."""

    edges_ms: NDArray[np.int64]
    interval_minutes: int


def _ruler(grids: Sequence[Grid], model: Grid, zone: str) -> _Ruler:
    """The intervals of the model's grid over the time of all grids."""
    minutes = model.interval_minutes
    first = min(int(grid.starts_ms[0]) for grid in grids)
    last = max(int(grid.starts_ms[-1]) for grid in grids)
    if minutes == DAY_MINUTES:
        days = local_days(np.array([first, last], dtype=np.int64), zone)
        edges_ms = midnights_ms(int(days[0]), int(days[1] - days[0]) + 2, zone)
    else:
        step_ms = minutes * MINUTE_MS
        phase_ms = int(model.starts_ms[0]) % step_ms
        slots = np.arange((first - phase_ms) // step_ms, (last - phase_ms) // step_ms + 2)
        edges_ms = slots * step_ms + phase_ms
    return _Ruler(edges_ms=edges_ms, interval_minutes=minutes)


def _on_ruler(grid: Grid, ruler: _Ruler) -> Grid:
    """A stretch on the intervals to be: gaps where it says nothing."""
    size = len(ruler.edges_ms) - 1
    slots = np.searchsorted(ruler.edges_ms, grid.starts_ms, side="right") - 1
    consumption = np.full(size, np.nan)
    codes = np.full(size, CODES["gap"], dtype=np.int8)
    temperature_c = np.full(size, np.nan)
    step_ms = grid.interval_minutes * MINUTE_MS
    if grid.interval_minutes > ruler.interval_minutes:
        last = slots[-1] + grid.interval_minutes // ruler.interval_minutes
        codes[slots[0] : last] = CODES["coarse"]
    elif (grid.starts_ms[0] - ruler.edges_ms[slots[0]]) % step_ms == 0:
        consumption, codes = _added_up(grid, slots, ruler)
        temperature_c = means(slots, grid.temperature_c, size)
    return Grid(
        starts_ms=ruler.edges_ms[:-1],
        interval_minutes=ruler.interval_minutes,
        consumption=consumption,
        temperature_c=temperature_c,
        codes=codes,
    )


def _added_up(
    grid: Grid, slots: NDArray[np.int64], ruler: _Ruler
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Consumption and reason of each interval to be, from equal or shorter ones."""
    size = len(ruler.edges_ms) - 1
    consumption = np.full(size, np.nan)
    codes = np.full(size, CODES["gap"], dtype=np.int8)
    if grid.interval_minutes == ruler.interval_minutes:
        consumption[slots], codes[slots] = grid.consumption, grid.codes
        return consumption, codes
    due = np.rint(np.diff(ruler.edges_ms) / (grid.interval_minutes * MINUTE_MS))
    known = ~np.isnan(grid.consumption)
    counts = np.bincount(slots[known], minlength=size)
    whole = counts == due
    sums = np.bincount(slots[known], weights=grid.consumption[known], minlength=size)
    consumption[whole] = sums[whole]
    codes[counts > 0] = CODES["partial"]
    codes[slots[grid.codes == CODES["disputed"]]] = CODES["disputed"]
    codes[whole] = CODES["ok"]
    return consumption, codes
