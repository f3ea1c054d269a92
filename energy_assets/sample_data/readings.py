"""From demand to what a meter shows: registers, powers, voltages and currents that agree.

A reading is stamped with the wall-clock end of its interval. Files and their flaws are elsewhere.
"""

from typing import Final

import numpy as np
import pandas as pd

from energy_assets.sample_data.habits import SLOT_HOURS, demand_kw, solar_kw
from energy_assets.sample_data.meters import Meter

REGISTER_SPAN_KWH: Final[float] = 1_000_000.0
"""A six-digit register is back at zero after this much energy. [kWh]"""

SWAP_HOURS: Final[float] = 3.0
"""How long the meter board is dark while a meter is replaced. [h]"""

NOMINAL_VOLTAGE_V: Final[float] = 230.0
"""Phase voltage at the substation. [V]"""


def meter_readings(
    meter: Meter, starts: pd.DatetimeIndex, temperature: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """All readings of one meter, oldest first, with none missing.

    Args:
        meter: Which meter.
        starts: Wall-clock starts of the simulated quarter hours; the first hour is a lead-in
            without readings.
        temperature: Outdoor temperature of each of them. [°C]
        rng: Draws everything.

    Returns:
        Columns `at`, `SERIAL`, `CUSTOMER_REF` and the value columns of the export layout.
    """
    net_kw = demand_kw(meter.kind, starts, temperature, rng)
    if meter.solar_peak_kw:
        net_kw = net_kw - solar_kw(starts, meter.solar_peak_kw, rng)
    ends = starts + pd.Timedelta(hours=SLOT_HOURS)
    minutes = (ends.hour * 60 + ends.minute).to_numpy()
    read = minutes % meter.interval_minutes == 0
    hours = meter.interval_minutes / 60.0
    imported_kwh = _energy_kwh(np.clip(net_kw, 0.0, None), read)
    exported_kwh = _energy_kwh(np.clip(-net_kw, 0.0, None), read)
    kept = ends[read] > starts[0] + pd.Timedelta(hours=1)
    values = _electrical(meter, imported_kwh[kept] / hours, exported_kwh[kept] / hours, rng)
    values.insert(0, "at", ends[read][kept])
    values.insert(1, "SERIAL", meter.serial)
    values.insert(2, "CUSTOMER_REF", meter.customer_ref)
    values["IMPORT_KWH (kWh)"] = np.round(np.cumsum(imported_kwh[kept]), 3)
    values["EXPORT_KWH (kWh)"] = np.round(np.cumsum(exported_kwh[kept]), 3)
    if meter.phases == 3:
        reactive_kvar = values["AVG._IMPORT_KW (kW)"] * np.tan(np.arccos(values["POWER_FACTOR"]))
        values["IMPORT_KVARH (kvarh)"] = np.round(np.cumsum(reactive_kvar * hours), 3)
        values["EXPORT_KVARH (kvarh)"] = 0.0
    return _turn_registers(meter, values)


def _energy_kwh(power_kw: np.ndarray, read: np.ndarray) -> np.ndarray:
    """Energy between two readings, in whole watt hours; the first since the lead-in began."""
    total_kwh = np.cumsum(power_kw * SLOT_HOURS)[read]
    return np.diff(np.round(total_kwh, 3), prepend=0.0)


def _electrical(
    meter: Meter, import_kw: np.ndarray, export_kw: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Powers, power factor, and per phase the voltage and current that carry the power."""
    rows = len(import_kw)
    net_kw = import_kw - export_kw
    power_factor = np.round(
        np.clip(rng.uniform(0.9, 0.97) + rng.normal(0.0, 0.012, rows), 0.7, 1.0), 3
    )
    share = np.array([[0.45, 0.32, 0.23]]) if meter.phases == 3 else np.array([[1.0]])
    share = share * np.exp(rng.normal(0.0, 0.08, (rows, meter.phases)))
    phase_kw = net_kw[:, None] * share / share.sum(axis=1, keepdims=True)
    sag_v = 6.0 * phase_kw / max(float(np.abs(phase_kw).max()), 1.0)
    drift_v = rng.normal(0.0, 1.2, (rows, meter.phases))
    voltage_v = np.round(NOMINAL_VOLTAGE_V + 3.0 + drift_v - sag_v, 1)
    current_a = np.round(np.abs(phase_kw) * 1000.0 / (voltage_v * power_factor[:, None]), 3)
    values: dict[str, np.ndarray] = {
        "POWER_FACTOR": power_factor,
        "AVG._IMPORT_KW (kW)": np.round(import_kw, 4),
        "AVG._EXPORT_KW (kW)": np.round(export_kw, 4),
        "AVG._IMPORT_KVA (kVA)": np.round(import_kw / power_factor, 4),
        "AVG._EXPORT_KVA (kVA)": np.round(export_kw / power_factor, 4),
        "AVG._CURRENT (V)": np.round(current_a.mean(axis=1), 3),
        "AVG._VOLTAGE (V)": np.round(voltage_v.mean(axis=1), 1),
    }
    for phase, name in enumerate("ABC"):
        wired = phase < meter.phases
        nothing = np.full(rows, np.nan)
        values[f"PHASE_{name}_INST._CURRENT (A)"] = current_a[:, phase] if wired else nothing
        values[f"PHASE_{name}_INST._VOLTAGE (V)"] = voltage_v[:, phase] if wired else nothing
    return pd.DataFrame(values)


def _turn_registers(meter: Meter, readings: pd.DataFrame) -> pd.DataFrame:
    """Set where the registers start, and let them roll over or restart."""
    energy_kwh = readings["IMPORT_KWH (kWh)"].to_numpy()
    first_kwh = meter.first_register_kwh
    if meter.rolls_over:
        first_kwh = REGISTER_SPAN_KWH - round(float(energy_kwh[len(energy_kwh) // 2]), 3)
    readings["IMPORT_KWH (kWh)"] = np.round((first_kwh + energy_kwh) % REGISTER_SPAN_KWH, 3)
    if meter.restart == "never":
        return readings
    at = pd.DatetimeIndex(readings["at"])
    restart_at = at[len(at) * 2 // 3]
    after = np.asarray(at > restart_at)
    restarted_kwh = energy_kwh - energy_kwh[~after][-1]
    readings.loc[after, "IMPORT_KWH (kWh)"] = np.round(restarted_kwh[after], 3)
    if meter.restart == "reset":
        return readings
    readings.loc[after, "SERIAL"] = meter.next_serial
    dark = after & np.asarray(at <= restart_at + pd.Timedelta(hours=SWAP_HOURS))
    return readings.loc[~dark].reset_index(drop=True)
