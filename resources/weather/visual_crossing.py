"""Visual Crossing: past and coming hours from one timeline.

An hour of history costs a record, a forecast costs one as a whole, and the free plan has 1,000
records a day. Days that the plan tells only as a mean keep that mean in each of their hours.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, cast

import pandas as pd

from resources.errors import WeatherUnavailableError
from resources.wall_clock import WallClock, utc_now
from resources.weather.answers import ApiKey, JsonAnswers, Patience
from resources.weather.budget import RateBudget
from resources.weather.hours import Temperatures, on_full_hours
from resources.weather_provider import Place

log = logging.getLogger(__name__)

BASE_URL: Final = (
    "https://weather.visualcrossing.com/VisualCrossingWebServices/rest/services/timeline"
)
"""Base of the timeline; place and days follow as path."""

KEY_VARIABLE: Final = "VISUAL_CROSSING_API_KEY"
"""The setting that holds the key."""

Units = Literal["metric", "us"]
"""The unit group that is asked for: °C or °F. What is returned is always °C."""

_ZONE_MARGIN: Final = timedelta(hours=4)  # how far a legal zone strays from the sun's


class VisualCrossing:
    """Hourly temperatures, today and the 14 days after it ahead.

    Args:
        api_key: The key; empty refuses every question.
        base_url: Base of the timeline.
        units: Unit group that is asked for.
        budget: Shared by all who ask in this process; its units are records.
        patience: Time limits and attempts.
        now: The clock of waiting times that are given as a date.

    Raises:
        ValueError: The units are none of `Units`.
    """

    name: str = "visual_crossing"
    is_normal: bool = False
    reach_days: int = 15

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str = BASE_URL,
        units: str = "metric",
        budget: RateBudget | None = None,
        patience: Patience | None = None,
        now: WallClock = utc_now,
    ) -> None:
        if units not in ("metric", "us"):
            raise ValueError(f"VISUAL_CROSSING_UNITS is {units!r}: set it to metric or us.")
        self._units = units
        self._answers = JsonAnswers(
            provider=self.name,
            budget=budget
            or RateBudget(provider=self.name, calls_per_minute=60, units_per_day=1_000),
            key=ApiKey(parameter="key", variable=KEY_VARIABLE, value=api_key),
            patience=patience,
            now=now,
        )
        self._base_url = base_url.rstrip("/")

    def forecast(self, place: Place, *, now: datetime) -> pd.DataFrame:
        """Temperatures of the coming hours; see `WeatherProvider`.

        Later days are not asked for: they would be what is usual, under the name of a forecast.
        """
        start = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        first = _local_day(start - _ZONE_MARGIN, place)
        last = _local_day(start, place) + timedelta(days=self.reach_days - 1)
        answer = self._ask(place, first, last, units=1)
        end = start + timedelta(days=self.reach_days + 1)
        hours = on_full_hours(self._temperatures(answer), start=start, end=end)
        if hours.empty:
            raise WeatherUnavailableError(self.name, "its forecast holds no coming hour")
        return hours

    def history(self, place: Place, *, start: datetime, end: datetime) -> pd.DataFrame:
        """Temperatures measured in [start, end); see `WeatherProvider`."""
        first = _local_day(start - _ZONE_MARGIN, place)
        last = _local_day(end + _ZONE_MARGIN, place)
        records = 24 * ((last - first).days + 1)
        answer = self._ask(place, first, last, units=records)
        return on_full_hours(self._temperatures(answer), start=start, end=end)

    def _ask(self, place: Place, first: date, last: date, *, units: int) -> dict[str, object]:
        where = f"{place.latitude:.5f},{place.longitude:.5f}"
        return self._answers.ask(
            f"{self._base_url}/{where}/{first.isoformat()}/{last.isoformat()}",
            {
                "unitGroup": self._units,
                "include": "days,hours",
                "elements": "datetimeEpoch,temp",
                "contentType": "json",
            },
            units=units,
        )

    def _temperatures(self, answer: Mapping[str, object]) -> Temperatures:
        days = answer.get("days")
        if not isinstance(days, list):
            raise WeatherUnavailableError(self.name, "its answer has no days")
        epochs_s: list[object] = []
        celsius: list[object] = []
        means = 0
        for day in cast(list[object], days):
            fields = self._fields(day)
            hours = fields.get("hours")
            if isinstance(hours, list) and hours:
                steps = [self._fields(hour) for hour in cast(list[object], hours)]
            else:
                means += 1
                steps = self._spread(fields)
            epochs_s += [step["datetimeEpoch"] for step in steps]
            celsius += [self._celsius(step.get("temp")) for step in steps]
        if means:
            log.warning("visual_crossing told %d days as a mean only: no cycle in them", means)
        return Temperatures(provider=self.name, epochs_s=epochs_s, celsius=celsius)

    def _fields(self, step: object) -> Mapping[str, object]:
        fields = cast(Mapping[str, object], step) if isinstance(step, dict) else {}
        if "datetimeEpoch" not in fields:
            raise WeatherUnavailableError(self.name, "a day or hour in it has no datetimeEpoch")
        return fields

    def _spread(self, day: Mapping[str, object]) -> list[Mapping[str, object]]:
        """The mean of a day in each of its hours, which start at the local midnight."""
        midnight = day["datetimeEpoch"]
        if isinstance(midnight, bool) or not isinstance(midnight, int):
            raise WeatherUnavailableError(self.name, "the datetimeEpoch of a day is no integer")
        return [
            {"datetimeEpoch": midnight + 3600 * hour, "temp": day.get("temp")} for hour in range(24)
        ]

    def _celsius(self, temperature: object) -> object:
        is_number = isinstance(temperature, int | float) and not isinstance(temperature, bool)
        if self._units == "metric" or not is_number:
            return temperature
        return (cast(float, temperature) - 32.0) * 5.0 / 9.0


def _local_day(instant: datetime, place: Place) -> date:
    """The day at a place, by the sun: a timeline is cut into local days."""
    return (instant.astimezone(UTC) + timedelta(hours=place.longitude / 15.0)).date()
