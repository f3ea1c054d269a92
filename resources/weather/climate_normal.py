"""The climate normal as a provider: always there, asks nobody, and says that it is no forecast."""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from resources.weather.climate import climate_normal_c
from resources.weather.hours import hourly_frame
from resources.weather_provider import Place

PastObservations = Callable[[Place], pd.DataFrame]
"""What was measured at a place: `valid_at` (UTC) and `temperature_c`."""


class ClimateNormal:
    """What is usual at a place.

    Args:
        past: Tells what was measured at a place in past years; without it, or where it has too
            little, a formula of latitude and season is used.
    """

    name: str = "climate_normal"
    is_normal: bool = True
    reach_days: int = 16

    def __init__(self, *, past: PastObservations | None = None) -> None:
        self._past = past

    def forecast(self, place: Place, *, now: datetime) -> pd.DataFrame:
        """What is usual in the coming hours, without a hole; never fails.

        Observations from `now` on are left out, whatever `past` holds.
        """
        start = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        first = int(start.timestamp())
        epochs_s = np.arange(first, first + self.reach_days * 86_400, 3600, dtype=np.int64)
        valid_at = pd.DatetimeIndex(epochs_s.astype("datetime64[s]")).tz_localize("UTC")
        observations = None
        if self._past is not None:
            observations = self._past(place)
            observations = observations[observations["valid_at"] < start]
        return hourly_frame(
            epochs_s, climate_normal_c(place, valid_at, observations=observations).round(2)
        )

    def history(self, place: Place, *, start: datetime, end: datetime) -> pd.DataFrame:
        """No row: a normal measures nothing."""
        del place, start, end
        return hourly_frame(np.empty(0, dtype=np.int64), np.empty(0))
