"""The weather port: what every provider can tell of a place, and how it fails.

Providers live in `resources/weather/`. They know nothing of stores; who asked when is recorded by
those who ask.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Place:
    """A point on earth.

    Attributes:
        latitude: North is positive. [°]
        longitude: East is positive. [°]
    """

    latitude: float
    longitude: float


class WeatherProvider(Protocol):
    """Somebody who tells air temperatures by the hour."""

    @property
    def name(self) -> str:
        """Its name in the store."""
        ...

    @property
    def is_normal(self) -> bool:
        """Whether it tells what is usual rather than what is predicted."""
        ...

    @property
    def reach_days(self) -> int:
        """How far ahead its forecast reaches, in days."""
        ...

    def forecast(self, place: Place, *, now: datetime) -> pd.DataFrame:
        """Temperatures of the coming hours.

        Returns:
            `valid_at` (UTC, full hours, ascending, at or after the hour of `now`) and
            `temperature_c`; hours that the provider leaves out are interpolated over at most six,
            and missing beyond that.

        Raises:
            WeatherUnavailableError: No usable answer after all attempts; see its subclasses.
        """
        ...

    def history(self, place: Place, *, start: datetime, end: datetime) -> pd.DataFrame:
        """Temperatures measured in [start, end), in the same form.

        Raises:
            WeatherUnavailableError: No usable answer after all attempts; see its subclasses.
        """
        ...
