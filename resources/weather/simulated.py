"""Simulated weather, for the demo and for tests: plausible, seeded, and named as what it is.

Every hour of a place has one temperature, whichever window it is asked in. Forecasts know less of
it the further they reach, down to what is usual; their errors are new at every hour of issue.
"""

import math
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resources.weather.climate import formula_normal_c
from resources.weather.hours import COLDEST_C, HOTTEST_C, hourly_frame
from resources.weather_provider import Place

_MEMORY_HOURS: Final = 480
_PERSISTENCE: Final = 0.985  # of an hour's departure from the normal, the next hour keeps this much
_TROPICAL_DEPARTURE_C: Final = 1.2  # how far from usual it gets at the equator
_DEPARTURE_PER_DEGREE_C: Final = 0.045  # and how much farther with each degree of latitude
_SKILL_AT_ISSUE: Final = 0.99  # share of the departure's variance that a forecast knows
_SKILL_DAYS: Final = 7.0  # after so many days it knows 1/e of that
_TRUTH: Final = 0
_MASK: Final = (1 << 64) - 1


class SimulatedWeather:
    """A made-up weather of every place on earth.

    Args:
        seed: Another seed is another weather.
    """

    name: str = "simulated"
    is_normal: bool = False
    reach_days: int = 16

    def __init__(self, *, seed: int = 0) -> None:
        self._seed = seed

    def forecast(self, place: Place, *, now: datetime) -> pd.DataFrame:
        """The coming hours as a forecast without bias knows them; see `WeatherProvider`."""
        first = _first_hour(now.astimezone(UTC).timestamp(), rounded_up=False)
        hours = np.arange(first, first + 24 * self.reach_days, dtype=np.int64)
        lead_days = (hours - first) / 24.0
        skill = _SKILL_AT_ISSUE * np.exp(-lead_days / _SKILL_DAYS)
        # 0 is the truth's own stream, so an issue in the first hour of 1970 takes the next one.
        error = self._departure(place, hours, stream=first + 1) * np.sqrt(skill * (1.0 - skill))
        known = skill * self._departure(place, hours, stream=_TRUTH) + error
        return self._frame(hours, self._normal_c(place, hours) + _deviation_c(place) * known)

    def history(self, place: Place, *, start: datetime, end: datetime) -> pd.DataFrame:
        """The truth in [start, end)."""
        first = _first_hour(start.timestamp(), rounded_up=True)
        last = _first_hour(end.timestamp(), rounded_up=True)
        hours = np.arange(first, last, dtype=np.int64)
        return self._frame(hours, self._truth_c(place, hours))

    def _frame(self, hours: NDArray[np.int64], celsius: NDArray[np.float64]) -> pd.DataFrame:
        # Two decimals hide that a sum's last bits depend on where its window starts.
        return hourly_frame(hours * 3600, celsius.clip(COLDEST_C, HOTTEST_C).round(2))

    def _truth_c(self, place: Place, hours: NDArray[np.int64]) -> NDArray[np.float64]:
        departure = self._departure(place, hours, stream=_TRUTH)
        return self._normal_c(place, hours) + _deviation_c(place) * departure

    def _normal_c(self, place: Place, hours: NDArray[np.int64]) -> NDArray[np.float64]:
        valid_at = pd.DatetimeIndex((hours * 3600).astype("datetime64[s]")).tz_localize("UTC")
        return formula_normal_c(place, valid_at)

    def _departure(
        self, place: Place, hours: NDArray[np.int64], *, stream: int
    ) -> NDArray[np.float64]:
        """A persistent standard-normal process at consecutive hours, by hour and stream.

        An AR(1) process as the weighted sum of its last 480 shocks, each of which is a hash of its
        hour: the same in any window.
        """
        if not len(hours):
            return np.empty(0)
        shocks = np.arange(hours[0] - _MEMORY_HOURS + 1, hours[-1] + 1, dtype=np.int64)
        weights = _PERSISTENCE ** np.arange(_MEMORY_HOURS) * math.sqrt(1.0 - _PERSISTENCE**2)
        key = self._key(place, stream)
        return np.convolve(_standard_normal(shocks, key=key), weights, mode="valid")

    def _key(self, place: Place, stream: int) -> int:
        key = 0x9E3779B97F4A7C15
        for part in (
            self._seed,
            round(place.latitude * 100) + 9_000,
            round(place.longitude * 100) + 18_000,
            stream,
        ):
            key = _mixed(np.array([(key ^ part) & _MASK], dtype=np.uint64)).item()
        return key


def _deviation_c(place: Place) -> float:
    """Standard deviation of the weather around what is usual, in °C."""
    return _TROPICAL_DEPARTURE_C + _DEPARTURE_PER_DEGREE_C * abs(place.latitude)


def _first_hour(epoch_s: float, *, rounded_up: bool) -> int:
    return math.ceil(epoch_s / 3600) if rounded_up else math.floor(epoch_s / 3600)


def _standard_normal(counters: NDArray[np.int64], *, key: int) -> NDArray[np.float64]:
    """One standard-normal number per counter, by hashing (Box and Muller 1958)."""
    base = counters.astype(np.uint64) * np.uint64(2) + np.uint64(key)
    radius = (_mixed(base) >> np.uint64(11)).astype(np.float64) + 0.5
    angle = (_mixed(base + np.uint64(1)) >> np.uint64(11)).astype(np.float64)
    scale = 2.0**-53
    return np.sqrt(-2.0 * np.log(radius * scale)) * np.cos(2.0 * np.pi * angle * scale)


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's mixing of 64-bit numbers (Steele, Lea and Flood 2014)."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
