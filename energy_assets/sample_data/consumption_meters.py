"""The made-up electricity and water meters of the demo estate: what each one counts.

Everything is drawn from the generator that is passed in; files and their flaws are elsewhere.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from energy_assets.contracts.consumption import MeterType
from energy_assets.sample_data.habits import SLOT_HOURS, demand_kw

Use = Literal["household", "office", "server_room", "school", "water_home"]
"""What is behind a meter."""

SLOT_MINUTES: Final = 15
"""Length of the slots in which everything is simulated. [min]"""

HEATING_BELOW_C: Final = 16.0
"""Heaters run below this outdoor temperature. [°C]"""

COOLING_ABOVE_C: Final = 24.0
"""Offices and servers are cooled above this outdoor temperature. [°C]"""

LEAK_M3_PER_H: Final = 0.018
"""What a dripping cistern loses. [m3/h]"""

LEAK_DAYS: Final = 10
"""How long before the end of the sample the leak begins. [d]"""

PULSE_M3: Final = 0.001
"""Water meters count whole litres. [m3]"""


@dataclass(frozen=True, kw_only=True)
class SampleMeter:
    """One meter of the estate.

    Attributes:
        meter_type: What it measures.
        meter_id: Its name.
        use: What is behind it.
        interval_minutes: Interval of its values. [min]
        location: Name of its location.
        leaks: Whether a leak begins before the end.
    """

    meter_type: MeterType
    meter_id: str
    use: Use
    interval_minutes: int = 60
    location: str = "Colombo"
    leaks: bool = False


SAMPLE_METERS: Final[tuple[SampleMeter, ...]] = (
    SampleMeter(meter_type="electricity", meter_id="house-01", use="household"),
    SampleMeter(
        meter_type="electricity", meter_id="house-02", use="household", location="Nuwara Eliya"
    ),
    SampleMeter(meter_type="electricity", meter_id="office", use="office"),
    SampleMeter(
        meter_type="electricity", meter_id="shop floor 2", use="office", interval_minutes=15
    ),
    SampleMeter(
        meter_type="electricity", meter_id="server-room", use="server_room", interval_minutes=5
    ),
    SampleMeter(
        meter_type="electricity", meter_id="school", use="school", interval_minutes=1440,
        location="Nuwara Eliya",
    ),
    SampleMeter(meter_type="water", meter_id="home-a", use="water_home"),
    SampleMeter(meter_type="water", meter_id="home-b", use="water_home"),
    SampleMeter(
        meter_type="water", meter_id="home-c", use="water_home", location="Nuwara Eliya",
        leaks=True,
    ),
    SampleMeter(meter_type="water", meter_id="7f/12-d", use="water_home"),
)  # fmt: skip
"""All meters of the estate; the last one is a register that is read at odd times."""


def slot_use(
    meter: SampleMeter, wall: pd.DatetimeIndex, temperature_c: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Consumption of a meter in each quarter hour.

    Args:
        meter: Which one.
        wall: Wall-clock starts of the quarter hours.
        temperature_c: Outdoor temperature of each. [°C]
        rng: Draws habits and days.

    Returns:
        Not negative, as long as `wall`. [kWh or m3]
    """
    if meter.use == "water_home":
        return _water_m3(wall, rng, leaks=meter.leaks)
    if meter.use == "household":
        power_kw = demand_kw("household", wall, temperature_c, rng)
        return (power_kw + 0.04 * _cold(temperature_c) * _awake(wall)) * SLOT_HOURS
    if meter.use == "server_room":
        load = 3.2 + np.cumsum(rng.normal(0.0, 0.004, len(wall)))
        return (np.clip(load, 2.0, 5.0) + 0.09 * _warm(temperature_c)) * SLOT_HOURS
    power_kw = demand_kw("workshop" if meter.use == "school" else "shop", wall, temperature_c, rng)
    busy = power_kw / power_kw.max()
    comfort_kw = (0.35 * _warm(temperature_c) + 0.30 * _cold(temperature_c)) * busy
    return (power_kw + comfort_kw) * SLOT_HOURS


def _warm(temperature_c: np.ndarray) -> np.ndarray:
    return np.clip(temperature_c - COOLING_ABOVE_C, 0.0, None)


def _cold(temperature_c: np.ndarray) -> np.ndarray:
    return np.clip(HEATING_BELOW_C - temperature_c, 0.0, None)


def _awake(wall: pd.DatetimeIndex) -> np.ndarray:
    hour = wall.hour.to_numpy()
    return ((hour >= 6) & (hour < 22)).astype(float)


def _water_m3(wall: pd.DatetimeIndex, rng: np.random.Generator, *, leaks: bool) -> np.ndarray:
    """Showers, kitchens and gardens in whole litres; nothing between midnight and five."""
    hour = wall.hour.to_numpy() + wall.minute.to_numpy() / 60
    weekend = wall.day_of_week.to_numpy() >= 5
    morning = np.exp(-0.5 * ((hour - rng.normal(6.8, 0.3) - 1.2 * weekend) / 0.9) ** 2)
    evening = np.exp(-0.5 * ((hour - rng.normal(19.2, 0.5)) / 1.6) ** 2)
    noon = 0.35 * np.exp(-0.5 * ((hour - 12.5) / 1.5) ** 2)
    expected = 0.05 + 1.5 * morning + 1.0 * evening + noon
    expected = expected * rng.uniform(0.7, 1.3) * (hour >= 5)
    taps = rng.poisson(expected)
    litres = np.where(taps > 0, rng.gamma(2.0, 4.0, len(wall)) * taps, 0.0)
    dripping_m3 = np.zeros(len(wall))
    if leaks:
        began = wall[-1] + pd.Timedelta(minutes=SLOT_MINUTES) - pd.Timedelta(days=LEAK_DAYS)
        drip = LEAK_M3_PER_H * SLOT_HOURS * rng.uniform(0.8, 1.2, len(wall))
        dripping_m3 = np.where(np.asarray(wall >= began), drip, 0.0)
    total = np.cumsum(litres * PULSE_M3 + dripping_m3)
    return np.diff(np.round(total / PULSE_M3), prepend=0.0) * PULSE_M3
