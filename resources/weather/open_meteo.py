"""Open-Meteo: forecasts and history by the hour, without a key.

Free for non-commercial use within 600 calls a minute and 10,000 a day.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, cast

import pandas as pd

from resources.errors import WeatherUnavailableError
from resources.wall_clock import WallClock, utc_now
from resources.weather.answers import JsonAnswers, Patience
from resources.weather.budget import RateBudget
from resources.weather.hours import Temperatures, on_full_hours
from resources.weather_provider import Place

FORECAST_URL: Final = "https://api.open-meteo.com/v1/forecast"
"""Predicted hours, and the last three months as the forecast models analysed them."""

ARCHIVE_URL: Final = "https://archive-api.open-meteo.com/v1/archive"
"""Hours since 1940 from reanalysis, complete about five days later."""

ARCHIVE_DELAY_DAYS: Final = 5
"""Younger hours are taken from the forecast models' own analysis."""


class OpenMeteo:
    """Hourly temperatures of the weather services' models, 16 days ahead.

    Args:
        budget: Shared by all who ask in this process.
        forecast_url: Base of forecasts.
        archive_url: Base of history.
        patience: Time limits and attempts.
        now: The clock that tells which hours the archive has already.
    """

    name: str = "open_meteo"
    is_normal: bool = False
    reach_days: int = 16

    def __init__(
        self,
        *,
        budget: RateBudget | None = None,
        forecast_url: str = FORECAST_URL,
        archive_url: str = ARCHIVE_URL,
        patience: Patience | None = None,
        now: WallClock = utc_now,
    ) -> None:
        budget = budget or RateBudget(
            provider=self.name, calls_per_minute=600, units_per_day=10_000
        )
        self._answers = JsonAnswers(provider=self.name, budget=budget, patience=patience, now=now)
        self._forecast_url = forecast_url
        self._archive_url = archive_url
        self._now = now

    def forecast(self, place: Place, *, now: datetime) -> pd.DataFrame:
        """Temperatures of the coming hours; see `WeatherProvider`."""
        start = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        answer = self._ask(self._forecast_url, place, {"forecast_days": str(self.reach_days)})
        end = start + timedelta(days=self.reach_days)
        hours = on_full_hours(self._temperatures(answer), start=start, end=end)
        if hours.empty:
            raise WeatherUnavailableError(self.name, "its forecast holds no coming hour")
        return hours

    def history(self, place: Place, *, start: datetime, end: datetime) -> pd.DataFrame:
        """Temperatures of past hours; see `WeatherProvider`.

        Reanalysis where it is complete, and the models' first hours since then: neither is a
        reading of one station. Hours that are in neither yet are left out.
        """
        today = self._now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        archived_until = today - timedelta(days=ARCHIVE_DELAY_DAYS)
        answers: list[Temperatures] = []
        if start < archived_until:
            answers.append(self._days(self._archive_url, place, start, min(end, archived_until)))
        if end > archived_until:
            answers.append(self._days(self._forecast_url, place, max(start, archived_until), end))
        together = Temperatures(
            provider=self.name,
            epochs_s=[epoch for answer in answers for epoch in answer.epochs_s],
            celsius=[value for answer in answers for value in answer.celsius],
        )
        return on_full_hours(together, start=start, end=end)

    def _days(self, url: str, place: Place, start: datetime, end: datetime) -> Temperatures:
        """Whole UTC days that cover [start, end)."""
        last = end.astimezone(UTC) - timedelta(microseconds=1)
        days = {
            "start_date": f"{start.astimezone(UTC):%Y-%m-%d}",
            "end_date": f"{last:%Y-%m-%d}",
        }
        return self._temperatures(self._ask(url, place, days))

    def _ask(self, url: str, place: Place, parameters: Mapping[str, str]) -> dict[str, object]:
        return self._answers.ask(
            url,
            {
                "latitude": f"{place.latitude:.5f}",
                "longitude": f"{place.longitude:.5f}",
                "hourly": "temperature_2m",
                "timeformat": "unixtime",
                "timezone": "UTC",
                **parameters,
            },
        )

    def _temperatures(self, answer: Mapping[str, object]) -> Temperatures:
        hourly = answer.get("hourly")
        block = cast(Mapping[str, object], hourly) if isinstance(hourly, dict) else {}
        times, values = block.get("time"), block.get("temperature_2m")
        if not isinstance(times, list) or not isinstance(values, list):
            said = str(answer.get("reason", sorted(answer)))[:200]
            raise WeatherUnavailableError(
                self.name, f"its answer has no hourly.time and hourly.temperature_2m: {said}"
            )
        return Temperatures(
            provider=self.name,
            epochs_s=cast(Sequence[object], times),
            celsius=cast(Sequence[object], values),
        )
