"""What temperature is usual at a place, day of the year and hour: by formula, or by past years.

Pure functions; the provider that tells them is `climate_normal`.
"""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resources.weather_provider import Place

YEARS: Final = 5
"""The normal is the mean of at most so many years."""

WINDOW_DAYS: Final = 7
"""So many days before and after the calendar day count as the same season."""

MIN_SAMPLES: Final = 10
"""With fewer past values the formula is used."""

_YEAR_DAYS: Final = 365.2425
_WARMEST_DAY: Final = 201.0  # 20 July in the north
_DAILY_SWING_C: Final = 4.0
_WARMEST_SOLAR_HOUR: Final = 15.0
_HOUR_NS: Final = 3_600_000_000_000


def formula_normal_c(place: Place, valid_at: pd.DatetimeIndex) -> NDArray[np.float64]:
    """A rough climate for places of which nothing was observed.

    The mean of the year falls by half a degree for each degree of latitude beyond 15, from 27.5 °C
    down; summer and winter are apart by 0.4 °C for each degree of latitude, the other way
    round in the south; a day swings by 8 °C around the sun's clock. Height above the sea and the
    nearness of an ocean are not known here: errors of 5 °C are usual.

    Args:
        place: Where.
        valid_at: Instants, UTC.

    Returns:
        One value per instant. [°C]
    """
    latitude = abs(place.latitude)
    mean_c = min(27.5, 35.0 - 0.5 * latitude)
    season_c = np.copysign(min(0.2 * latitude, 12.0), place.latitude)
    hour = _epoch_hours(valid_at)
    # Days since a warmest day rather than the day of the year: no seam on 31 December.
    days = hour / 24.0 - (_WARMEST_DAY - 1.0)
    solar_hour = hour % 24 + place.longitude / 15.0
    return (
        mean_c
        + season_c * np.cos(2.0 * np.pi * days / _YEAR_DAYS)
        + _DAILY_SWING_C * np.cos(2.0 * np.pi * (solar_hour - _WARMEST_SOLAR_HOUR) / 24.0)
    )


def climate_normal_c(
    place: Place, valid_at: pd.DatetimeIndex, *, observations: pd.DataFrame | None = None
) -> NDArray[np.float64]:
    """The mean of past years at the same time of the year and hour, else the formula.

    Past years are whole years of 365.2425 days back, to the nearest day, so that 29 February and
    the turn of the year are days like others. Nothing from the last 350 days before an instant
    enters its normal.

    Args:
        place: Where.
        valid_at: Instants, UTC.
        observations: `valid_at` (UTC) and `temperature_c` that were measured there; may have holes.

    Returns:
        One value per instant. [°C]
    """
    usual = formula_normal_c(place, valid_at)
    if observations is None or observations.empty or not len(valid_at):
        return usual
    hours = _epoch_hours(valid_at)
    sums, counts = _season_sums(observations)
    total = np.zeros(len(hours))
    samples = np.zeros(len(hours))
    for year in range(1, YEARS + 1):
        day = hours // 24 - round(year * _YEAR_DAYS) - sums.first_day
        inside = (day >= 0) & (day < len(sums.by_day))
        at = (np.where(inside, day, 0), hours % 24)
        total += np.where(inside, sums.by_day[at], 0.0)
        samples += np.where(inside, counts.by_day[at], 0.0)
    enough = samples >= MIN_SAMPLES
    return np.where(enough, total / np.maximum(samples, 1.0), usual)


class _DayHours:
    """A value for each day and hour, from a first day on."""

    def __init__(self, first_day: int, by_day: NDArray[np.float64]) -> None:
        self.first_day = first_day
        self.by_day = by_day


def _season_sums(observations: pd.DataFrame) -> tuple[_DayHours, _DayHours]:
    """Sum and number of what was observed within `WINDOW_DAYS` of each day, hour by hour."""
    known = observations.dropna(subset=["temperature_c"])
    hours = _epoch_hours(pd.DatetimeIndex(known["valid_at"]))
    first_day = int(hours.min()) // 24 - WINDOW_DAYS if len(hours) else 0
    days = int(hours.max()) // 24 - first_day + 1 + WINDOW_DAYS if len(hours) else 1
    values = np.zeros((days, 24))
    seen = np.zeros((days, 24))
    at = (hours // 24 - first_day, hours % 24)
    values[at] = known["temperature_c"].to_numpy(dtype=np.float64)
    seen[at] = 1.0
    return _DayHours(first_day, _windowed(values)), _DayHours(first_day, _windowed(seen))


def _windowed(by_day: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum over `WINDOW_DAYS` before to `WINDOW_DAYS` after each day."""
    padded = np.pad(by_day, ((WINDOW_DAYS + 1, WINDOW_DAYS), (0, 0)))
    running = padded.cumsum(axis=0)
    return running[2 * WINDOW_DAYS + 1 :] - running[: -2 * WINDOW_DAYS - 1]


def _epoch_hours(instants: pd.DatetimeIndex) -> NDArray[np.int64]:
    """Full hours since 1970."""
    return instants.as_unit("ns").asi8 // _HOUR_NS
