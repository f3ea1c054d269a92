"""What a provider said, as hourly temperatures: checked, in order, on full hours.

Every provider goes through here, so that nothing else needs to know what can be wrong.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resources.errors import WeatherUnavailableError

COLDEST_C: Final = -90.0
"""No weather station has measured less. [°C]"""

HOTTEST_C: Final = 60.0
"""No weather station has measured more. [°C]"""

LONGEST_HOLE_HOURS: Final = 6
"""So many missing hours in a row are interpolated; a longer hole stays one. [h]"""

_HOUR_S: Final = 3600
_LAST_EPOCH_S: Final = 32_503_680_000  # the year 3000: beyond it are milliseconds or nonsense


@dataclass(frozen=True, kw_only=True)
class Temperatures:
    """Instants and temperatures as an answer gives them, in any order.

    Attributes:
        provider: Who said so, for errors.
        epochs_s: Seconds since 1970, UTC; whatever the answer holds. [s]
        celsius: One value per instant, None for none; whatever the answer holds. [°C]
    """

    provider: str
    epochs_s: Sequence[object]
    celsius: Sequence[object]


def on_full_hours(temperatures: Temperatures, *, start: datetime, end: datetime) -> pd.DataFrame:
    """Temperatures of the full hours in [start, end), interpolated over at most six.

    Returns:
        `valid_at` (UTC, ascending) and `temperature_c`; hours inside longer holes, before the first
        and after the last value are left out.

    Raises:
        WeatherUnavailableError: A value is no number, or no temperature of this planet.
    """
    at, celsius = _checked(temperatures)
    first = -(-int(start.timestamp()) // _HOUR_S) * _HOUR_S
    hours = np.arange(first, math.ceil(end.timestamp()), _HOUR_S, dtype=np.int64)
    if len(at):
        hours = hours[(hours >= at[0]) & (hours <= at[-1])]
        right = np.searchsorted(at, hours)
        hole_s = at[right] - at[np.maximum(right - 1, 0)]
        known = (at[right] == hours) | (hole_s <= (LONGEST_HOLE_HOURS + 1) * _HOUR_S)
        hours = hours[known]
        values = np.interp(hours, at, celsius).round(2)
    else:
        hours, values = hours[:0], celsius
    return hourly_frame(hours, values)


def hourly_frame(epochs_s: NDArray[np.int64], celsius: NDArray[np.float64]) -> pd.DataFrame:
    """The frame that every provider returns, from seconds since 1970 and temperatures."""
    valid_at = pd.DatetimeIndex(epochs_s.astype("datetime64[s]")).as_unit("ms").tz_localize("UTC")
    return pd.DataFrame({"valid_at": valid_at, "temperature_c": celsius.astype(np.float64)})


def _checked(temperatures: Temperatures) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Instants in order and without repetition, with a number each."""
    provider = temperatures.provider
    if len(temperatures.epochs_s) != len(temperatures.celsius):
        raise WeatherUnavailableError(
            provider,
            f"the answer has {len(temperatures.epochs_s)} times and "
            f"{len(temperatures.celsius)} temperatures",
        )
    known: dict[int, float] = {}
    for epoch_s, celsius in zip(temperatures.epochs_s, temperatures.celsius, strict=True):
        if celsius is None:
            continue
        at = round(_number(epoch_s, provider=provider, what="time"))
        if abs(at) > _LAST_EPOCH_S:
            raise WeatherUnavailableError(provider, f"a time in its answer is {at:.3g} s")
        value = _number(celsius, provider=provider, what="temperature")
        if not COLDEST_C <= value <= HOTTEST_C:
            raise WeatherUnavailableError(
                provider,
                f"it says {value:g} °C, which is outside {COLDEST_C:g} to {HOTTEST_C:g} °C",
                "Check the units that are set for it; it is asked again later.",
            )
        known[at] = value
    at = np.array(sorted(known), dtype=np.int64)
    return at, np.array([known[second] for second in at.tolist()], dtype=np.float64)


def _number(value: object, *, provider: str, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise WeatherUnavailableError(provider, f"a {what} in its answer is {str(value)[:40]!r}")
    return float(value)
