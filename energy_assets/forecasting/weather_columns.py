"""Temperature as columns: degrees above and below comfort, lags, means, and what is coming."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from energy_assets.forecasting.past import Rows
from energy_assets.forecasting.timeline import Floats, Timeline
from energy_assets.forecasting.weather_path import WeatherPath

COMFORT_C: Final[float] = 18.0
"""Below it buildings are heated, above it cooled. [°C]"""

COLD_C: Final[float] = 12.0
"""Below it heating grows faster. [°C]"""

WITHOUT_WEATHER: Final[float] = 1 / 3
"""Share of the rows that trees learn from whose temperature is withheld."""

HOT_C: Final[float] = 23.0
"""Above it cooling grows faster. [°C]"""


@dataclass(frozen=True, kw_only=True, eq=False)
class Warmth:
    """Temperatures in °C that both parts of a model look at, one of each per row.

    Attributes:
        now: At the target.
        day_before: A day before it.
        one_before: An hour before it, or an interval that is longer.
        two_before: Two of these.
        mean_6h: Mean of the 6 hours that end with the target.
        mean_24h: Mean of 24 hours.
        mean_72h: Mean of 72 hours.
        before_origin: Mean of the 24 hours before the origin.
    """

    now: Floats
    day_before: Floats
    one_before: Floats
    two_before: Floats
    mean_6h: Floats
    mean_24h: Floats
    mean_72h: Floats
    before_origin: Floats


def warmth_of(timeline: Timeline, weather: WeatherPath, rows: Rows) -> Warmth:
    """Temperatures of rows."""
    day = timeline.steps_per_day
    hour = max(day // 24, 1)
    ends = rows.targets + 1
    return Warmth(
        now=weather.at(rows.targets, rows),
        day_before=weather.at(rows.targets - day, rows),
        one_before=weather.at(rows.targets - hour, rows),
        two_before=weather.at(rows.targets - 2 * hour, rows),
        mean_6h=weather.mean(ends, max(day // 4, 1), rows),
        mean_24h=weather.mean(ends, day, rows),
        mean_72h=weather.mean(ends, 3 * day, rows),
        before_origin=weather.mean(rows.origins, day, rows),
    )


def weather_for_trees(weather: WeatherPath, rows: Rows, warmth: Warmth) -> dict[str, Floats]:
    """Weather columns of the trees in °C, named after what they hold."""
    return {
        "temperature": warmth.now,
        "cooling_degrees": np.maximum(warmth.now - COMFORT_C, 0.0),
        "heating_degrees": np.maximum(COMFORT_C - warmth.now, 0.0),
        "temperature_1_before": warmth.one_before,
        "temperature_2_before": warmth.two_before,
        "temperature_day_before": warmth.day_before,
        "temperature_change": warmth.now - warmth.day_before,
        "temp_rolling_mean_24h": warmth.before_origin,
        "temperature_mean_6h": warmth.mean_6h,
        "temperature_mean_24h": warmth.mean_24h,
        "temperature_mean_72h": warmth.mean_72h,
        "temperature_week_before_origin": weather.mean(rows.origins, 7 * rows.steps_per_day, rows),
    }


def weather_for_linear(
    timeline: Timeline, rows: Rows, warmth: Warmth, *, seasons: bool
) -> dict[str, Floats]:
    """Weather columns of the linear part: every temperature as a bent line.

    The recency effect: Wang, Liu and Hong (2016), International Journal of Forecasting 32, 585-597.
    A history of less than a year is too short for as many columns.
    """
    now = _bent(warmth.now)
    before = _bent(warmth.day_before)
    blocks = {
        "temperature": now,
        "temperature_change": {name: now[name] - before[name] for name in now},
        "temperature_mean_24h": _bent(warmth.mean_24h),
        "temperature_before_origin": _bent(warmth.before_origin),
    }
    if not seasons:
        return _flat(blocks)
    blocks["temperature_mean_72h"] = _bent(warmth.mean_72h)
    blocks["temperature_mean_6h"] = _bent(warmth.mean_6h)
    blocks["temperature_2_before"] = _bent(warmth.two_before)
    weekend = (timeline.weekday[rows.targets] >= 5).astype(np.float64)
    blocks["weekend_temperature"] = {name: weekend * value for name, value in now.items()}
    turn = 2 * np.pi * timeline.year_turn[rows.targets]
    for season, wave in (("sine", np.sin(turn)), ("cosine", np.cos(turn))):
        blocks[f"{season}_temperature"] = {name: wave * value for name, value in now.items()}
    return _flat(blocks)


def _flat(blocks: dict[str, dict[str, Floats]]) -> dict[str, Floats]:
    return {f"{block}_{name}": v for block, parts in blocks.items() for name, v in parts.items()}


def _bent(temperature: Floats) -> dict[str, Floats]:
    """A temperature and its degrees beyond three bends, in °C."""
    return {
        "c": temperature,
        "cold": np.maximum(COLD_C - temperature, 0.0),
        "heating": np.maximum(COMFORT_C - temperature, 0.0),
        "cooling": np.maximum(temperature - COMFORT_C, 0.0),
        "hot": np.maximum(temperature - HOT_C, 0.0),
    }
