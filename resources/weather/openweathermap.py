"""OpenWeatherMap: a forecast of five days in steps of three hours, and history by the hour.

Every key has the forecast. History needs a plan that holds the History API; One Call 3.0 needs a
subscription of its own and a call an hour of history, and is not used.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, cast

import pandas as pd

from resources.errors import WeatherKeyError, WeatherUnavailableError
from resources.wall_clock import WallClock, utc_now
from resources.weather.answers import ApiKey, JsonAnswers, Patience
from resources.weather.budget import RateBudget
from resources.weather.hours import Temperatures, on_full_hours
from resources.weather_provider import Place

BASE_URL: Final = "https://api.openweathermap.org/data/2.5"
"""Where `/forecast` is."""

HISTORY_URL: Final = "https://history.openweathermap.org/data/2.5"
"""Where `/history/city` is."""

KEY_VARIABLE: Final = "OPENWEATHERMAP_API_KEY"
"""The setting that holds the key."""

HISTORY_CALL_DAYS: Final = 7
"""One call of the History API tells of at most a week."""


class OpenWeatherMap:
    """Temperatures five days ahead, three-hourly values interpolated to hours.

    Args:
        api_key: The key; empty refuses every question.
        budget: Shared by all who ask in this process.
        base_url: Base of forecasts.
        history_url: Base of history.
        patience: Time limits and attempts.
        now: The clock of waiting times that are given as a date.
    """

    name: str = "openweathermap"
    is_normal: bool = False
    reach_days: int = 5

    def __init__(
        self,
        *,
        api_key: str,
        budget: RateBudget | None = None,
        base_url: str = BASE_URL,
        history_url: str = HISTORY_URL,
        patience: Patience | None = None,
        now: WallClock = utc_now,
    ) -> None:
        self._has_key = bool(api_key)
        self._answers = JsonAnswers(
            provider=self.name,
            budget=budget
            or RateBudget(provider=self.name, calls_per_minute=60, units_per_day=30_000),
            key=ApiKey(parameter="appid", variable=KEY_VARIABLE, value=api_key),
            patience=patience,
            now=now,
        )
        self._base_url = base_url.rstrip("/")
        self._history_url = history_url.rstrip("/")

    def forecast(self, place: Place, *, now: datetime) -> pd.DataFrame:
        """Temperatures of the coming hours; see `WeatherProvider`."""
        start = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        answer = self._ask(f"{self._base_url}/forecast", place, {})
        end = start + timedelta(days=self.reach_days + 1)
        hours = on_full_hours(self._temperatures([answer]), start=start, end=end)
        if hours.empty:
            raise WeatherUnavailableError(self.name, "its forecast holds no coming hour")
        return hours

    def history(self, place: Place, *, start: datetime, end: datetime) -> pd.DataFrame:
        """Temperatures measured in [start, end); see `WeatherProvider`."""
        url = f"{self._history_url}/history/city"
        answers: list[dict[str, object]] = []
        at = start
        try:
            while at < end:
                until = min(at + timedelta(days=HISTORY_CALL_DAYS), end)
                # The end is inclusive, and an hour more lets the last one be interpolated.
                span = {"start": str(int(at.timestamp())), "end": str(int(until.timestamp()))}
                answers.append(self._ask(url, place, {"type": "hour", **span}))
                at = until
        except WeatherKeyError:
            if not self._has_key:
                raise
            raise WeatherUnavailableError(
                self.name,
                "the key was refused for history",
                f"Use a plan that holds the History API, or another provider of history; if "
                f"forecasts fail too, correct {KEY_VARIABLE}.",
            ) from None
        return on_full_hours(self._temperatures(answers), start=start, end=end)

    def _ask(self, url: str, place: Place, parameters: Mapping[str, str]) -> dict[str, object]:
        where = {"lat": f"{place.latitude:.5f}", "lon": f"{place.longitude:.5f}"}
        return self._answers.ask(url, {**where, "units": "metric", **parameters})

    def _temperatures(self, answers: list[dict[str, object]]) -> Temperatures:
        epochs_s: list[object] = []
        celsius: list[object] = []
        for answer in answers:
            steps = answer.get("list")
            if not isinstance(steps, list):
                raise WeatherUnavailableError(
                    self.name, f"its answer has no list: {str(answer.get('message'))[:200]}"
                )
            for step in cast(list[object], steps):
                epoch_s, value = self._step(step)
                epochs_s.append(epoch_s)
                celsius.append(value)
        return Temperatures(provider=self.name, epochs_s=epochs_s, celsius=celsius)

    def _step(self, step: object) -> tuple[object, object]:
        """Time and temperature of one element of the list."""
        fields = cast(Mapping[str, object], step) if isinstance(step, dict) else {}
        main = fields.get("main")
        if "dt" not in fields or not isinstance(main, dict):
            raise WeatherUnavailableError(self.name, "an element of its list has no dt and main")
        return fields["dt"], cast(Mapping[str, object], main).get("temp")
