"""How made-up customers use electricity: mean power over each quarter hour, from habits.

Everything is drawn from the generator that is passed in. No meter and no file is known here.
"""

from typing import Final, Literal

import numpy as np
import pandas as pd

Kind = Literal["household", "shop", "workshop", "transformer"]
"""Who uses the electricity; a `transformer` meter sees a street of households."""

SLOT_HOURS: Final[float] = 0.25
"""Length of the quarter hour in which demand is simulated. [h]"""

SLOTS_A_DAY: Final[int] = 96
"""Quarter hours in a day; the sample estate has no clock changes."""

HOMES_A_STREET: Final[int] = 30
"""Households behind a transformer meter."""

COOLING_FROM_C: Final[float] = 26.0
"""Fans and air conditioners start at this outdoor temperature. [°C]"""


def temperature_c(starts: pd.DatetimeIndex, rng: np.random.Generator) -> np.ndarray:
    """Outdoor temperature of a tropical town, with warm and cool spells of some days, in °C."""
    spells = pd.Series(rng.normal(0.0, 7.0, len(starts))).ewm(halflife=SLOTS_A_DAY * 3).mean()
    wave = np.sin((_hour(starts) - 9.0) / 24.0 * 2 * np.pi)
    year = np.sin((starts.day_of_year.to_numpy() - 20.0) / 365.25 * 2 * np.pi)
    return 27.5 + 3.0 * wave + 1.2 * year + 4.0 * spells.to_numpy()


def demand_kw(
    kind: Kind,
    starts: pd.DatetimeIndex,
    temperature: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Mean demand over each quarter hour.

    Args:
        kind: Whose habits.
        starts: Wall-clock start of each quarter hour.
        temperature: Outdoor temperature of each quarter hour. [°C]
        rng: Draws the customer's habits and its days.

    Returns:
        Power, above zero, as long as `starts`. [kW]
    """
    if kind == "household":
        return _household_kw(starts, temperature, rng)
    if kind == "transformer":
        return np.sum(
            [_household_kw(starts, temperature, rng) for _ in range(HOMES_A_STREET)], axis=0
        )
    opens, closes, saturday = (8.5, 19.0, 0.9) if kind == "shop" else (7.0, 16.0, 0.35)
    level_kw = rng.uniform(2.0, 4.0) if kind == "shop" else rng.uniform(6.0, 11.0)
    share = np.choose(starts.day_of_week.to_numpy(), [1.0, 1.0, 1.0, 1.0, 1.0, saturday, 0.08])
    at_work = _open(_hour(starts), opens + rng.normal(0, 0.3), closes + rng.normal(0, 0.3))
    lunch = 1.0 - 0.35 * _bump(_hour(starts), 12.6, 0.45) * (kind == "workshop")
    cooling = 0.06 * np.clip(temperature - COOLING_FROM_C, 0.0, None)
    always_kw = level_kw * rng.uniform(0.12, 0.22)
    work_kw = level_kw * at_work * share * lunch * (1.0 + cooling)
    return always_kw + work_kw * _mood(starts, rng, daily=0.12, hourly=0.18)


def solar_kw(starts: pd.DatetimeIndex, peak_kw: float, rng: np.random.Generator) -> np.ndarray:
    """Mean output of a roof over each quarter hour, with cloudy days and passing clouds, in kW."""
    height = np.sin((_hour(starts) + SLOT_HOURS / 2 - 6.0) / 12.0 * np.pi)
    day_number = np.arange(len(starts)) // SLOTS_A_DAY
    clear_day = rng.beta(5.0, 2.0, int(day_number[-1]) + 1)[day_number]
    passing = rng.beta(9.0, 1.5, len(starts))
    return peak_kw * np.clip(height, 0.0, None) ** 1.2 * clear_day * passing


def _household_kw(
    starts: pd.DatetimeIndex, temperature: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    hour = _hour(starts)
    weekday = starts.day_of_week.to_numpy()
    free_day = (weekday >= 5).astype(float)
    morning = rng.normal(6.3, 0.5) + 1.3 * free_day
    at_home = rng.uniform(0.1, 0.9) * (1.0 - free_day) + free_day
    habits_kw = (
        rng.uniform(0.25, 0.8) * _bump(hour, morning, 0.8)
        + rng.uniform(0.15, 0.5) * _bump(hour, 12.8, 1.5) * at_home
        + rng.uniform(0.5, 1.4) * _bump(hour, rng.normal(19.6, 0.7), 1.6) * (1.0 + 0.15 * free_day)
        + rng.uniform(0.02, 0.12)
        * np.clip(temperature - COOLING_FROM_C, 0.0, None)
        * _bump(hour, 23.5, 3.5)
    )
    wash_hour = rng.uniform(8.0, 17.0)
    wash_kw = (weekday == rng.integers(0, 7)) * 1.1 * _bump(hour, wash_hour, 0.5)
    always_kw = rng.uniform(0.08, 0.22) * (1.0 + 0.3 * (rng.random(len(starts)) < 0.4))
    used_kw = (habits_kw + wash_kw) * _mood(starts, rng, daily=0.25, hourly=0.45)
    return always_kw + used_kw + _peaks_kw(habits_kw, rng)


def _peaks_kw(activity: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Irons, ovens and water heaters: some a day, mostly when people are active."""
    count = rng.poisson(len(activity) / SLOTS_A_DAY * rng.uniform(1.0, 3.0))
    first = rng.choice(len(activity), size=count, p=activity / activity.sum())
    power_kw = rng.uniform(0.8, 2.4, count)
    steps = np.zeros(len(activity) + 4)
    np.add.at(steps, first, power_kw)
    np.add.at(steps, first + rng.integers(1, 4, count), -power_kw)
    return np.clip(np.cumsum(steps)[: len(activity)], 0.0, None)


def _mood(
    starts: pd.DatetimeIndex, rng: np.random.Generator, *, daily: float, hourly: float
) -> np.ndarray:
    """Multiplies habits: good and bad days that follow each other, and restless hours."""
    days = len(starts) // SLOTS_A_DAY + 2
    day_of_slot = (np.arange(len(starts)) + SLOTS_A_DAY // 2) // SLOTS_A_DAY
    of_day = pd.Series(rng.normal(0.0, daily * 1.6, days)).ewm(alpha=0.5).mean().to_numpy()
    of_hour = pd.Series(rng.normal(0.0, hourly * 1.6, len(starts))).ewm(alpha=0.5).mean().to_numpy()
    return np.exp(of_day[day_of_slot] + of_hour)


def _hour(starts: pd.DatetimeIndex) -> np.ndarray:
    return (starts.hour + starts.minute / 60.0).to_numpy()


def _bump(hour: np.ndarray, centre: float | np.ndarray, width: float) -> np.ndarray:
    """One at the centre, falling off over `width` hours, across midnight too."""
    away = (hour - centre + 12.0) % 24.0 - 12.0
    return np.exp(-0.5 * (away / width) ** 2)


def _open(hour: np.ndarray, opens: float, closes: float) -> np.ndarray:
    """Near one between opening and closing, with half an hour of coming and going."""
    return 1.0 / (1.0 + np.exp(-(hour - opens) * 5)) / (1.0 + np.exp((hour - closes) * 5))
