"""Points of one meter on a regular grid: hours, longer parts of a day, or local days.

Pure arrays: instants are milliseconds since 1970. What registers do is in `register_grid`, which
intervals a meter has had in `intake.intervals`, what becomes of older ones in `interval_stretches`.
"""

import numpy as np
from numpy.typing import NDArray

from energy_assets.consumption.grids import DAY_MINUTES, MINUTE_MS, Grid, MeterPoints, means
from energy_assets.consumption.interval_reasons import CODES
from energy_assets.consumption.interval_stretches import joined
from energy_assets.consumption.local_days import local_days, midnights_ms, zone_offset_ms
from energy_assets.consumption.register_grid import (
    HOUR_MS,
    MAX_DAILY_SPREAD_MS,
    MAX_SPREAD_MS,
    register_consumption,
)
from energy_assets.intake.intervals import Rhythm, Stretch, rhythm_of
from energy_assets.intake.limits import doubted, overflow_numbers

__all__ = ["Grid", "MeterPoints", "register_on_grid", "values_on_grid"]


def values_on_grid(
    points: MeterPoints,
    *,
    interval_minutes: int | None,
    zone: str,
    smallest_limit: float = np.inf,
    signed: bool = False,
) -> Grid | None:
    """Values of intervals on the grid; None where not a single interval is complete.

    Parts of an hour are summed to hours of the zone's wall clock. Values that are off the meter's
    rhythm by more than a tenth of its interval are left out. Where a meter changed its interval,
    older values of shorter intervals are added up, and the time of longer ones is unknown.

    Args:
        points: With consumption as values.
        interval_minutes: As known of the meter, where its points show none that lasts. [min]
        zone: IANA name of the meter's time zone.
        smallest_limit: Values below this rate are never doubted. [kW or m3/h]
        signed: Whether negative values are energy exported; else they are disputed.
    """
    if not len(points.at_ms):
        return None
    rhythm = rhythm_of(points.at_ms, known=interval_minutes, default=60)
    disputed = _disputed(points.values, rhythm, smallest_limit)
    if not signed:
        disputed |= points.values < 0
    if disputed.any():
        values = np.where(disputed, np.nan, points.values)
        points = MeterPoints(at_ms=points.at_ms, values=values, temperature_c=points.temperature_c)
    if len(rhythm.stretches) == 1:
        return _stretch_on_grid(points, rhythm.minutes, zone)
    grids = [_stretch_on_grid(_of(points, each), each.minutes, zone) for each in rhythm.stretches]
    return joined(
        [grid for grid in grids if grid is not None],
        interval_minutes=max(rhythm.minutes, 60),
        zone=zone,
    )


def _disputed(
    values: NDArray[np.float64], rhythm: Rhythm, smallest_limit: float
) -> NDArray[np.bool_]:
    """Values beyond all measure of what the meter reported before, as energy or as mean power."""
    hours = np.empty(len(values))
    for start, end, minutes in rhythm.stretches:
        hours[start:end] = minutes / 60
    rates = values / hours
    if not (np.abs(rates) > smallest_limit).any():
        return np.zeros(len(values), dtype=np.bool_)
    return doubted(
        rates,
        floor=smallest_limit,
        unknown_limit=np.inf,
        overflows=overflow_numbers(rates) | overflow_numbers(values),
    )


def _of(points: MeterPoints, stretch: Stretch) -> MeterPoints:
    kept = slice(stretch.start, stretch.end)
    return MeterPoints(
        at_ms=points.at_ms[kept],
        values=points.values[kept],
        temperature_c=points.temperature_c[kept],
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
        temperature_c=means(slots - first, temperature_c, size),
        codes=_coverage(slots - first, values, counts, into),
    )
    return _trimmed(grid)


def _sums(
    slots: NDArray[np.int64], values: NDArray[np.float64], counts: NDArray[np.int64], into: int
) -> NDArray[np.float64]:
    sums = np.bincount(slots, weights=values, minlength=len(counts)).astype(np.float64)
    sums[counts < into] = np.nan
    return sums


def _coverage(
    slots: NDArray[np.int64], values: NDArray[np.float64], counts: NDArray[np.int64], into: int
) -> NDArray[np.int8]:
    """Reason of each interval; a value that is not a number was disputed."""
    codes = np.full(len(counts), CODES["ok"], dtype=np.int8)
    codes[counts < into] = CODES["partial"]
    codes[counts == 0] = CODES["gap"]
    codes[slots[np.isnan(values)]] = CODES["disputed"]
    return codes


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
    codes[slots] = np.where(np.isnan(consumption[slots]), CODES["disputed"], CODES["ok"])
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
    hourly = _is_hourly(points.at_ms)
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
        temperature_c=means(slots[inside], points.temperature_c[inside], len(edges_ms) - 1),
        codes=found.codes,
        gaps=found.gaps,
    )


def _is_hourly(read_ms: NDArray[np.int64]) -> bool:
    """Whether a register is read often enough for hours now."""
    usual = int(np.median(np.diff(read_ms)))
    changed = rhythm_of(read_ms, known=None, default=usual // MINUTE_MS)
    if len(changed.stretches) > 1:
        return changed.minutes * MINUTE_MS <= MAX_SPREAD_MS
    return usual <= MAX_SPREAD_MS


def _usual(numbers: NDArray[np.int64]) -> int:
    """The number that occurs most."""
    if (numbers == numbers[0]).all():
        return int(numbers[0])
    distinct, counts = np.unique(numbers, return_counts=True)
    return int(distinct[np.argmax(counts)])
