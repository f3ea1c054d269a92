"""Points of one meter on a regular grid: hours, longer parts of a day, or local days.

Pure arrays: instants are milliseconds since 1970. What registers do is in `register_grid`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.consumption.interval_reasons import CODES
from energy_assets.consumption.interval_stretches import stretches_of
from energy_assets.consumption.local_days import local_days, midnights_ms, zone_offset_ms
from energy_assets.consumption.register_grid import (
    HOUR_MS,
    MAX_DAILY_SPREAD_MS,
    MAX_SPREAD_MS,
    Gap,
    register_consumption,
)
from energy_assets.consumption.value_intervals import INTERVALS_MINUTES

MINUTE_MS: Final = 60_000
"""Milliseconds of a minute."""

DAY_MINUTES: Final = 1440
"""An interval of this length is a local day."""


@dataclass(frozen=True, kw_only=True)
class MeterPoints:
    """Newest versions of one meter's points in time order, one an instant.

    Attributes:
        at_ms: Starts of intervals, or when a register was read.
        values: Consumption, or the register. [kWh or m3]
        temperature_c: Outdoor temperature beside it, NaN for none. [°C]
    """

    at_ms: NDArray[np.int64]
    values: NDArray[np.float64]
    temperature_c: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Intervals without holes in time.

    Attributes:
        starts_ms: Start of each interval.
        interval_minutes: 60, a multiple that divides a day, or 1440 for local days. [min]
        consumption: NaN where unknown. [kWh or m3]
        temperature_c: Mean over the interval, NaN where none was given. [°C]
        codes: Reason of each interval, see `interval_reasons`.
        gaps: Stretches of a register that are too long to be shared out.
    """

    starts_ms: NDArray[np.int64]
    interval_minutes: int
    consumption: NDArray[np.float64]
    temperature_c: NDArray[np.float64]
    codes: NDArray[np.int8]
    gaps: tuple[Gap, ...] = ()


def values_on_grid(points: MeterPoints, *, interval_minutes: int | None, zone: str) -> Grid | None:
    """Values of intervals on the grid; None where not a single interval is complete.

    Parts of an hour are summed to hours of the zone's wall clock. Values that are off the meter's
    rhythm by more than a tenth of its interval are left out. Where a meter changed its interval,
    the time of another grid than the newest is unknown.

    Args:
        points: With consumption as values.
        interval_minutes: As known of the meter; without it found from the points. [min]
        zone: IANA name of the meter's time zone.
    """
    if not len(points.at_ms):
        return None
    usual = interval_minutes or _usual_step(points.at_ms)
    stretches = stretches_of(points.at_ms, usual=usual)
    if len(stretches) == 1:
        return _stretch_on_grid(points, usual, zone)
    grids = [
        _stretch_on_grid(_between(points, start, end), minutes, zone)
        for start, end, minutes in stretches
    ]
    return _joined([grid for grid in grids if grid is not None])


def _between(points: MeterPoints, start: int, end: int) -> MeterPoints:
    return MeterPoints(
        at_ms=points.at_ms[start:end],
        values=points.values[start:end],
        temperature_c=points.temperature_c[start:end],
    )


def _joined(grids: list[Grid]) -> Grid | None:
    """One grid out of those that are parts of the newest one; the time between is a gap."""
    if not grids:
        return None
    newest = grids[-1]
    step_ms = newest.interval_minutes * MINUTE_MS
    if newest.interval_minutes == DAY_MINUTES:
        return newest
    phase_ms = int(newest.starts_ms[0]) % step_ms
    parts = [
        grid
        for grid in grids
        if grid.interval_minutes == newest.interval_minutes
        and int(grid.starts_ms[0]) % step_ms == phase_ms
    ]
    first = int(parts[0].starts_ms[0])
    size = (int(newest.starts_ms[-1]) - first) // step_ms + 1
    consumption, temperature_c = np.full(size, np.nan), np.full(size, np.nan)
    codes = np.full(size, CODES["gap"], dtype=np.int8)
    for part in parts:
        slots = (part.starts_ms - first) // step_ms
        consumption[slots], temperature_c[slots] = part.consumption, part.temperature_c
        codes[slots] = part.codes
    return Grid(
        starts_ms=first + np.arange(size) * step_ms,
        interval_minutes=newest.interval_minutes,
        consumption=consumption,
        temperature_c=temperature_c,
        codes=codes,
    )


def _stretch_on_grid(points: MeterPoints, minutes: int, zone: str) -> Grid | None:
    """Values of one interval on the grid."""
    if minutes == DAY_MINUTES:
        return _days(points, zone)
    step_ms = minutes * MINUTE_MS
    phase_ms = _usual(points.at_ms % step_ms)
    slots = np.rint((points.at_ms - phase_ms) / step_ms).astype(np.int64)
    off_ms = np.abs(points.at_ms - phase_ms - slots * step_ms)
    # Longer intervals follow the wall clock, which moves by an hour twice a year.
    near = off_ms <= (step_ms // 10 if minutes <= 60 else step_ms // 2)
    kept = np.flatnonzero(near)
    kept = kept[np.diff(slots[kept], prepend=slots[kept[0]] - 1) > 0]
    slots = slots[kept]
    values, temperature_c = points.values[kept], points.temperature_c[kept]
    if minutes < 60:
        hour_phase_ms = -zone_offset_ms(zone, int(points.at_ms[0])) % HOUR_MS
        into, slots = 60 // minutes, (slots * step_ms + phase_ms - hour_phase_ms) // HOUR_MS
        phase_ms, minutes, step_ms = hour_phase_ms, 60, HOUR_MS
    else:
        into = 1
    first, size = int(slots[0]), int(slots[-1] - slots[0]) + 1
    counts = np.bincount(slots - first, minlength=size)
    grid = Grid(
        starts_ms=(np.arange(size) + first) * step_ms + phase_ms,
        interval_minutes=minutes,
        consumption=_sums(slots - first, values, counts, into),
        temperature_c=_means(slots - first, temperature_c, size),
        codes=_coverage(counts, into),
    )
    return _trimmed(grid)


def _sums(
    slots: NDArray[np.int64], values: NDArray[np.float64], counts: NDArray[np.int64], into: int
) -> NDArray[np.float64]:
    sums = np.bincount(slots, weights=values, minlength=len(counts)).astype(np.float64)
    sums[counts < into] = np.nan
    return sums


def _coverage(counts: NDArray[np.int64], into: int) -> NDArray[np.int8]:
    codes = np.full(len(counts), CODES["ok"], dtype=np.int8)
    codes[counts < into] = CODES["partial"]
    codes[counts == 0] = CODES["gap"]
    return codes


def _means(slots: NDArray[np.int64], values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Mean of the known values of each slot, NaN for none."""
    known = ~np.isnan(values)
    if not known.any():
        return np.full(size, np.nan)
    counts = np.bincount(slots[known], minlength=size)
    sums = np.bincount(slots[known], weights=values[known], minlength=size)
    with np.errstate(invalid="ignore"):
        return np.where(counts > 0, sums / counts, np.nan)


def _trimmed(grid: Grid) -> Grid | None:
    """The grid without incomplete intervals at its ends: they began before, or go on after it."""
    complete = np.flatnonzero(grid.codes != CODES["partial"])
    if not len(complete):
        return None
    kept = slice(int(complete[0]), int(complete[-1]) + 1)
    return Grid(
        starts_ms=grid.starts_ms[kept],
        interval_minutes=grid.interval_minutes,
        consumption=grid.consumption[kept],
        temperature_c=grid.temperature_c[kept],
        codes=grid.codes[kept],
        gaps=grid.gaps,
    )


def _days(points: MeterPoints, zone: str) -> Grid:
    """Values of days; one that starts at another hour is that of the nearest midnight."""
    days = local_days(points.at_ms + 12 * HOUR_MS, zone)
    fresh = np.concatenate([[True], np.diff(days) > 0])
    slots = days[fresh] - days[0]
    size = int(slots[-1]) + 1
    consumption = np.full(size, np.nan)
    temperature_c = np.full(size, np.nan)
    consumption[slots], temperature_c[slots] = points.values[fresh], points.temperature_c[fresh]
    codes = np.full(size, CODES["gap"], dtype=np.int8)
    codes[slots] = CODES["ok"]
    return Grid(
        starts_ms=midnights_ms(int(days[0]), size, zone),
        interval_minutes=DAY_MINUTES,
        consumption=consumption,
        temperature_c=temperature_c,
        codes=codes,
    )


def register_on_grid(points: MeterPoints, *, zone: str, smallest_limit: float) -> Grid | None:
    """Consumption from a register, by the hour, or by the local day where it is read about daily.

    Args:
        points: With register levels as values.
        zone: IANA name of the meter's time zone.
        smallest_limit: Rises below this are never doubted. [kW or m3/h]

    Returns:
        None where the readings do not cover a single interval.
    """
    if len(points.at_ms) < 2:
        return None
    hourly = float(np.median(np.diff(points.at_ms))) <= MAX_SPREAD_MS
    first, last = int(points.at_ms[0]), int(points.at_ms[-1])
    if hourly:
        phase_ms = -zone_offset_ms(zone, first) % HOUR_MS
        edges = np.arange(-(-(first - phase_ms) // HOUR_MS), (last - phase_ms) // HOUR_MS + 1)
        edges_ms = edges * HOUR_MS + phase_ms
    else:
        day = int(local_days(points.at_ms[:1], zone)[0])
        count = int(local_days(points.at_ms[-1:], zone)[0]) - day + 1
        edges_ms = midnights_ms(day, count, zone)
        edges_ms = edges_ms[(edges_ms >= first) & (edges_ms <= last)]
    if len(edges_ms) < 2:
        return None
    found = register_consumption(
        points.at_ms,
        points.values,
        edges_ms,
        max_spread_ms=MAX_SPREAD_MS if hourly else MAX_DAILY_SPREAD_MS,
        smallest_limit=smallest_limit,
    )
    slots = np.searchsorted(edges_ms, points.at_ms, side="right") - 1
    inside = (slots >= 0) & (slots < len(edges_ms) - 1)
    return Grid(
        starts_ms=edges_ms[:-1],
        interval_minutes=60 if hourly else DAY_MINUTES,
        consumption=found.consumption,
        temperature_c=_means(slots[inside], points.temperature_c[inside], len(edges_ms) - 1),
        codes=found.codes,
        gaps=found.gaps,
    )


def _usual_step(at_ms: NDArray[np.int64]) -> int:
    """The interval that most steps show; an hour where none is understood [min]."""
    minutes = _usual(np.diff(at_ms)) // MINUTE_MS if len(at_ms) > 1 else 60
    return minutes if minutes in INTERVALS_MINUTES else 60


def _usual(numbers: NDArray[np.int64]) -> int:
    """The number that occurs most."""
    if (numbers == numbers[0]).all():
        return int(numbers[0])
    distinct, counts = np.unique(numbers, return_counts=True)
    return int(distinct[np.argmax(counts)])
