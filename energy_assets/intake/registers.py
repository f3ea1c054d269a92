"""Energy per interval from a cumulative register: rollover, swap, reset, reversal and gaps.

Pure, for one meter at a time. Energy is never negative and never clipped: an interval whose energy
cannot be known is NaN and says why.
"""

from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.intake.limits import PEAK_FACTOR, doubted, limits_before

IntervalReason = Literal[
    "ok",
    "first",
    "gap",
    "rollover",
    "reset",
    "swap",
    "reversed",
    "disputed",
    "coarse",
    "mean_power",
]
"""Why an interval has the energy that it has.

- `ok`: the difference of two readings.
- `first`: nothing was read before.
- `gap`: a reading at its start or end is missing; energy over a gap is not spread.
- `rollover`: the register passed its last digit; the energy counts on both sides.
- `reset`: the register started again from zero, unknown energy.
- `swap`: another register goes on, unknown energy.
- `reversed`: the register went back a little, unknown energy.
- `disputed`: a rise beyond all measure that the mean power contradicts, or a mean power beyond
  all measure of the meter so far, unknown energy.
- `coarse`: the meter was read at a longer interval than now, unknown energy.
- `mean_power`: the meter shows no register; energy is mean power times time.
"""

SMALLEST_LIMIT_KW: Final = 25.0
"""Rises and mean powers below this are never doubted. [kW]"""

LARGEST_CONNECTION_KW: Final = 1_000.0
"""Mean powers above this are doubted while nothing is known of a meter: hardly any connection at
low voltage can deliver more. [kW]"""

AGREEMENT: Final = 0.25
"""How far register and mean power may differ, as a share, and still confirm each other."""

FEWEST_DIGITS: Final = 3
"""A register has at least this many digits before the decimal point."""

ROLLOVER_ZONE: Final = 0.1
"""A rollover falls from the last to the first tenth of the register's span."""

MEAN_POWER: Final = {"import_kwh": "avg_import_kw", "export_kwh": "avg_export_kw"}
"""The mean power that belongs to each register."""


def interval_energy(
    readings: pd.DataFrame, *, register: str = "import_kwh", interval_minutes: int
) -> pd.DataFrame:
    """Energy in each interval of one meter, from its first reading to its last.

    Args:
        readings: `timestamp` (UTC, when the register was read), the register and, if there is one,
            its mean power over the interval that ends at `timestamp`. Any order, one row an
            instant. Readings that are off the meter's rhythm by more than a tenth of an interval
            are left out.
        register: Column of the cumulative register. [kWh]
        interval_minutes: The meter's interval. [min]

    Returns:
        One row an interval in time order: `start_at` (UTC), `energy_kwh` (NaN when unknown) and
        `reason`, an `IntervalReason`. [kWh]
    """
    step_ms = interval_minutes * 60_000
    grid = _on_grid(readings, register, step_ms)
    if grid.empty:
        return _result(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=object))
    slots = grid["slot"].to_numpy()
    size = int(slots[-1] - slots[0]) + 1
    level = np.full(size, np.nan)
    power_kwh = np.full(size, np.nan)
    level[slots - slots[0]] = grid["register_kwh"].to_numpy()
    power_kwh[slots - slots[0]] = grid["mean_kw"].to_numpy() * interval_minutes / 60
    if np.isnan(level).all():
        energy, reason = _of_power(power_kwh, hours=interval_minutes / 60)
    else:
        energy, reason = _steps(level, power_kwh, hours=interval_minutes / 60)
    starts = (np.arange(size) + slots[0] - 1) * step_ms + int(grid["phase_ms"].iloc[0])
    return _result(starts, energy, reason)


def _result(
    starts: NDArray[np.int64], energy: NDArray[np.float64], reason: NDArray[np.object_]
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "start_at": pd.DatetimeIndex(starts.astype("datetime64[ms]")).tz_localize("UTC"),
            "energy_kwh": energy,
            "reason": pd.Series(reason, dtype="str"),
        }
    )


def _on_grid(readings: pd.DataFrame, register: str, step_ms: int) -> pd.DataFrame:
    """Readings with the number of the interval that they end, in order, one an interval."""
    utc_ms = readings["timestamp"].to_numpy(dtype="datetime64[ms]").astype(np.int64)
    power = MEAN_POWER.get(register, "")
    frame = pd.DataFrame(
        {
            "utc_ms": utc_ms,
            "register_kwh": readings[register].to_numpy(dtype=np.float64),
            "mean_kw": readings[power].to_numpy(dtype=np.float64) if power in readings else np.nan,
        }
    ).sort_values("utc_ms", kind="stable")
    if frame.empty:
        return frame
    phase_ms = int((frame["utc_ms"] % step_ms).mode().iloc[0])
    slot = ((frame["utc_ms"] - phase_ms) / step_ms).round().astype(np.int64)
    off_ms = (frame["utc_ms"] - phase_ms - slot * step_ms).abs()
    near = frame.assign(slot=slot, phase_ms=phase_ms, off_ms=off_ms)[off_ms <= step_ms // 10]
    return near.sort_values(["slot", "off_ms"], kind="stable").drop_duplicates("slot")


def _steps(
    level: NDArray[np.float64], power_kwh: NDArray[np.float64], *, hours: float
) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    """Energy and reason of each interval from register levels at the interval ends."""
    energy = np.full(len(level), np.nan)
    energy[1:] = np.diff(level)
    reason = np.full(len(level), "ok", dtype=object)
    reason[np.isnan(energy)] = "gap"
    reason[0] = "first"
    floor = SMALLEST_LIMIT_KW * hours
    odd = (energy < 0) | (energy > floor)
    if not odd.any():
        return energy, reason
    limits = rise_limits(energy, floor=floor)
    for i in np.flatnonzero(odd & ~((energy >= 0) & (energy <= limits))).tolist():
        limit = float(limits[i])
        energy[i], reason[i] = explained_step(level[i - 1], level[i], power_kwh[i], limit=limit)
    return energy, reason


def rise_limits(rises: NDArray[np.float64], *, floor: float) -> NDArray[np.float64]:
    """The largest credible rise of a register at each step, from the steps before it.

    Args:
        rises: By step in time order: energy or power, negative for a fall, NaN for unknown.
        floor: Rises up to this one are always credible, same unit.
    """
    # Rises beside a fall may be two registers that take turns: they say nothing of consumption.
    fell = np.concatenate([[False], rises < 0, [False]])
    counted = np.where((rises > 0) & ~fell[:-2] & ~fell[2:], rises, np.nan)
    limits = limits_before(counted, floor=floor)
    # While nothing is known a fall is judged by the floor: a register does not fall far.
    return np.where(np.isnan(limits), np.where(rises > 0, PEAK_FACTOR, 1.0) * floor, limits)


def disputed_powers(power_kw: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which mean powers are beyond all measure of what the meter showed before.

    Args:
        power_kw: By interval in time order, NaN for none. [kW]
    """
    return doubted(power_kw, floor=SMALLEST_LIMIT_KW, unknown_limit=LARGEST_CONNECTION_KW)


def _of_power(
    power_kwh: NDArray[np.float64], *, hours: float
) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    """Energy and reason of each interval of a meter that shows mean powers only."""
    disputed = disputed_powers(power_kwh / hours)
    reason = np.where(np.isnan(power_kwh), "gap", "mean_power").astype(object)
    reason[disputed] = "disputed"
    return np.where(disputed, np.nan, power_kwh), reason


def explained_step(
    before: float, after: float, mean_power: float = np.nan, *, limit: float
) -> tuple[float, str]:
    """Consumption and reason of a step that is a fall or an incredible rise.

    Args:
        before: Register at the start of the interval.
        after: Register at its end.
        mean_power: What the mean power says of the step, NaN for nothing.
        limit: Largest credible consumption of the step, in the register's unit.
    """
    step = after - before
    if step > 0:
        if _agree(step, mean_power):
            return step, "ok"
        return np.nan, "swap" if np.isnan(mean_power) else "disputed"
    digits = max(FEWEST_DIGITS, int(np.floor(np.log10(max(before, 1.0)))) + 1)
    span = 10.0**digits
    at_its_end = before >= (1 - ROLLOVER_ZONE) * span and after <= ROLLOVER_ZONE * span
    passed = span + step
    if at_its_end and passed <= limit and (np.isnan(mean_power) or _agree(passed, mean_power)):
        return passed, "rollover"
    if -step <= limit and after >= before / 2:
        return np.nan, "reversed"
    return np.nan, "reset" if after <= limit else "swap"


def _agree(energy_kwh: float, power_kwh: float) -> bool:
    """Whether register and mean power tell the same energy; False when there is no mean power."""
    if np.isnan(power_kwh):
        return False
    return abs(energy_kwh - power_kwh) <= AGREEMENT * max(energy_kwh, power_kwh) + 0.05
