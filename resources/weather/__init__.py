"""Weather providers: who they are, and how one is opened by its name.

One module a provider; what they share is in `answers`, `budget` and `hours`.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal, get_args

from resources.wall_clock import WallClock, utc_now
from resources.weather.answers import Patience
from resources.weather_provider import WeatherProvider

ProviderName = Literal[
    "open_meteo", "openweathermap", "visual_crossing", "simulated", "climate_normal"
]
"""A provider's name, in settings and in the store."""

PROVIDER_NAMES: Final[tuple[ProviderName, ...]] = get_args(ProviderName)
"""All of them."""


class UnknownProviderError(ValueError):
    """A setting names no provider."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} is no weather provider. Use one of: {', '.join(PROVIDER_NAMES)}."
        )


@dataclass(frozen=True, kw_only=True)
class WeatherAccess:
    """What providers need; those that are not opened need nothing.

    Attributes:
        openweathermap_api_key: Key of OpenWeatherMap.
        openweathermap_base_url: Base of its forecasts; the published one when empty.
        visual_crossing_api_key: Key of Visual Crossing.
        visual_crossing_base_url: Base of its timeline; the published one when empty.
        visual_crossing_units: `metric` or `us`: what it is asked for.
        timeout_s: Longest wait for a provider's next piece of an answer. [s]
        seed: Of the simulated weather.
    """

    openweathermap_api_key: str = field(default="", repr=False)
    openweathermap_base_url: str = ""
    visual_crossing_api_key: str = field(default="", repr=False)
    visual_crossing_base_url: str = ""
    visual_crossing_units: str = "metric"
    timeout_s: float = 10.0
    seed: int = 0


def open_weather_provider(
    name: str, *, access: WeatherAccess | None = None, now: WallClock = utc_now
) -> WeatherProvider:
    """The provider of that name, with a rate budget of its own; nobody is asked before its use.

    Args:
        name: One of `PROVIDER_NAMES`.
        access: Keys and the like.
        now: The clock; tests hand in their own.

    Raises:
        UnknownProviderError: There is no such provider.
        ValueError: Its units are not known.
    """
    access = access or WeatherAccess()
    patience = Patience(timeout_s=access.timeout_s, total_s=2.0 * access.timeout_s)
    match name:
        case "open_meteo":
            from resources.weather.open_meteo import OpenMeteo

            return OpenMeteo(patience=patience, now=now)
        case "openweathermap":
            from resources.weather import openweathermap

            return openweathermap.OpenWeatherMap(
                api_key=access.openweathermap_api_key,
                base_url=access.openweathermap_base_url or openweathermap.BASE_URL,
                patience=patience,
                now=now,
            )
        case "visual_crossing":
            from resources.weather import visual_crossing

            return visual_crossing.VisualCrossing(
                api_key=access.visual_crossing_api_key,
                base_url=access.visual_crossing_base_url or visual_crossing.BASE_URL,
                units=access.visual_crossing_units,
                patience=patience,
                now=now,
            )
        case "simulated":
            from resources.weather.simulated import SimulatedWeather

            return SimulatedWeather(seed=access.seed)
        case "climate_normal":
            from resources.weather.climate_normal import ClimateNormal

            return ClimateNormal()
        case _:
            raise UnknownProviderError(name)


@lru_cache(maxsize=8)
def _provider(name: str, access: WeatherAccess, process: int) -> WeatherProvider:
    del process  # the budget is counted per process
    return open_weather_provider(name, access=access)


@dataclass(frozen=True, repr=False, kw_only=True)
class WeatherResource:
    """The weather provider of a deployment, as a Dagster resource.

    A plain object rather than configuration, because configuration is shown in the UI and these
    values hold keys. What is a function is called when the provider is first opened.

    Attributes:
        name: One of `PROVIDER_NAMES`.
        access: Keys and the like.
        provider: A provider that is used as it is, in place of the named one; for tests.
    """

    name: str | Callable[[], str] = "open_meteo"
    access: WeatherAccess | Callable[[], WeatherAccess] = WeatherAccess()
    provider: WeatherProvider | None = None

    def open(self) -> WeatherProvider:
        """The provider, one per process, so that its rate budget holds for all runs in it.

        Raises:
            UnknownProviderError: There is no such provider.
            ValueError: Its units are not known.
        """
        if self.provider is not None:
            return self.provider
        name = self.name() if callable(self.name) else self.name
        access = self.access() if callable(self.access) else self.access
        return _provider(name, access, os.getpid())
