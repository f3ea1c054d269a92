"""One meter's readings on the regular grid of its customer: rounding, resampling, energy.

Adding up several meters is `features`; what a register does is `intake.registers`; which intervals
a meter has had is found by `intake.intervals`.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.intake.intervals import Rhythm, Stretch
from energy_assets.intake.registers import disputed_powers, interval_energy

MEASURED = (
    "avg_import_kw",
    "power_factor",
    "phase_a_current",
    "phase_a_voltage",
    "phase_b_current",
    "phase_b_voltage",
    "phase_c_current",
    "phase_c_voltage",
)
"""Values that are used as the meter says them."""


def nanoseconds(timestamps: pd.Series | pd.DataFrame) -> NDArray[np.int64]:
    """Instants as nanoseconds since 1970."""
    return pd.DatetimeIndex(timestamps.to_numpy()).as_unit("ns").asi8


def grid_phase(times: NDArray[np.int64], *, interval_minutes: int) -> int:
    """The commonest distance of readings from whole intervals since midnight UTC, in ns.

    A meter in a zone of half hours reads whole local hours at half past by UTC.
    """
    phases, counts = np.unique(times % _step(interval_minutes), return_counts=True)
    return int(phases[int(counts.argmax())]) if len(phases) else 0


def meter_features(
    readings: pd.DataFrame, *, rhythm: Rhythm, grid_minutes: int, phase_ns: int
) -> pd.DataFrame:
    """One meter's features on the grid of its customer.

    Args:
        readings: Its measurements, one version of each, in time order.
        rhythm: The intervals that it has had, by position in the readings.
        grid_minutes: The customer's interval. [min]
        phase_ns: Distance of the grid from whole intervals since midnight UTC. [ns]

    Returns:
        One row per interval of the grid from its first to its last reading, indexed by the
        interval's end; columns `MEASURED`, `import_kwh` (energy of the interval), `register_kwh`
        and `reason`. Where the register does not show the energy, the mean power does, and
        `reason` keeps the register's fault. What was read at shorter intervals is added up; of what
        was read at longer ones than the grid's the energy is unknown, `coarse`.
    """
    parts = [_stretch_features(readings, each, grid_minutes, phase_ns) for each in rhythm.stretches]
    parts = [part for part in parts if len(part)] or parts[:1]
    if len(parts) == 1:
        return parts[0]
    table = pd.concat(parts)
    table = table[~table.index.duplicated(keep="last")].sort_index()
    ends = pd.date_range(
        table.index[0],
        table.index[-1],
        freq=pd.to_timedelta(grid_minutes, unit="min"),
        name=table.index.name,
    )
    return table.reindex(ends)


def _stretch_features(
    readings: pd.DataFrame, stretch: Stretch, grid_minutes: int, phase_ns: int
) -> pd.DataFrame:
    """Features of a stretch of one interval; its first interval begins with a reading before it."""
    times = nanoseconds(readings["timestamp"])
    coarse = stretch.minutes > grid_minutes
    minutes = grid_minutes if coarse else stretch.minutes
    start = stretch.start
    if start:
        reach = times[start] - _step(minutes) * 11 // 10
        start = int(np.searchsorted(times[:start], reach, side="left"))
    table = _features(readings.iloc[start : stretch.end], minutes, phase_ns)
    if coarse:
        table[["import_kwh", "avg_import_kw"]] = np.nan
        table["reason"] = "coarse"
    elif minutes < grid_minutes:
        table = _resampled(table, minutes, grid_minutes, phase_ns)
    if not stretch.start:
        return table
    before = pd.to_datetime(times[stretch.start - 1] + _step(minutes) // 10, unit="ns", utc=True)
    return table[table.index > before]


def _features(readings: pd.DataFrame, interval_minutes: int, phase_ns: int) -> pd.DataFrame:
    """Features on the grid of the meter's own interval."""
    own = _on_own_grid(readings, interval_minutes, phase_ns)
    power_kw = own["avg_import_kw"].to_numpy(np.float64)
    disputed = disputed_powers(power_kw)
    energy, reason = _energy(own, interval_minutes, disputed)
    table = own[list(MEASURED)].assign(
        import_kwh=energy, register_kwh=own["import_kwh"], reason=reason
    )
    if disputed.any():
        table["avg_import_kw"] = np.where(disputed, np.nan, power_kw)
    return table


def _on_own_grid(readings: pd.DataFrame, interval_minutes: int, phase_ns: int) -> pd.DataFrame:
    """Readings at their nearest grid instant, the later of two, and NaN rows in between.

    A reading more than a tenth of an interval off the grid tells no interval's energy: it is left
    out.
    """
    step = _step(interval_minutes)
    shift = phase_ns % step
    rows = readings.sort_values("timestamp", kind="stable")
    since = nanoseconds(rows["timestamp"]) - shift
    slot = np.round(since / step).astype(np.int64)
    near = np.abs(since - slot * step) <= step // 10
    rows = rows.assign(slot=slot).loc[near].drop_duplicates("slot", keep="last").set_index("slot")
    slots = slot[near]
    rows = rows.reindex(range(int(slots.min()), int(slots.max()) + 1) if len(slots) else [])
    ends = pd.to_datetime(rows.index.to_numpy() * step + shift, unit="ns", utc=True)
    columns = [*MEASURED, "import_kwh"]
    return rows[columns].astype("float64").set_index(pd.DatetimeIndex(ends, name="end_at"))


def _energy(
    own: pd.DataFrame, interval_minutes: int, disputed: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    """Energy of each interval, from the register or else from the mean power, and why."""
    told = interval_energy(own.reset_index(names="timestamp"), interval_minutes=interval_minutes)
    energy = told["energy_kwh"].to_numpy(np.float64)
    reason = told["reason"].to_numpy(dtype=object)
    power = own["avg_import_kw"].to_numpy(np.float64) * interval_minutes / 60
    unexplained = np.isnan(energy) & np.isin(reason, ["first", "gap"])
    stands_in = np.isnan(energy) & np.isfinite(power) & ~disputed
    reason = np.where(stands_in & unexplained, "mean_power", reason)
    reason = np.where(disputed & unexplained, "disputed", reason)
    return np.where(stands_in, power, energy), np.where(reason == "ok", "", reason)


def _resampled(
    table: pd.DataFrame, interval_minutes: int, grid_minutes: int, phase_ns: int
) -> pd.DataFrame:
    """The same meter on a coarser grid: energy added up, the rest averaged."""
    bins = table.resample(
        pd.to_timedelta(grid_minutes, unit="min"),
        closed="right",
        label="right",
        origin=pd.to_datetime(phase_ns, unit="ns", utc=True),
    )
    coarse = bins[list(MEASURED)].mean()
    coarse["import_kwh"] = bins["import_kwh"].sum(min_count=grid_minutes // interval_minutes)
    # Only a reading at the very end of a bin is the register there.
    coarse["register_kwh"] = table["register_kwh"].reindex(coarse.index)
    coarse["reason"] = bins["reason"].max().fillna("")
    return coarse


def _step(interval_minutes: int) -> int:
    """Length of an interval in nanoseconds."""
    return interval_minutes * 60 * 1_000_000_000
