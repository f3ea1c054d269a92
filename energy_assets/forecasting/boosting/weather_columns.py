"""Temperature as columns: degrees above and below comfort, lags, means, and what is coming."""

from typing import Final

import numpy as np

from energy_assets.forecasting.boosting.past import Rows
from energy_assets.forecasting.boosting.timeline import Floats, Timeline
from energy_assets.forecasting.boosting.weather_path import WeatherPath

COMFORT_C: Final[float] = 18.0
"""Below it buildings are heated, above it cooled. [°C]"""

COLD_C: Final[float] = 12.0
"""Below it heating grows faster. [°C]"""

HOT_C: Final[float] = 23.0
"""Above it cooling grows faster. [°C]"""


def weather_for_trees(timeline: Timeline, weather: WeatherPath, rows: Rows) -> dict[str, Floats]:
    """Weather columns of the trees, in °C, named after what they hold."""
    day = timeline.steps_per_day
    ends = rows.targets + 1
    now = weather.at(rows.targets, rows)
    columns = {
        "temperature": now,
        "cooling_degrees": np.maximum(now - COMFORT_C, 0.0),
        "heating_degrees": np.maximum(COMFORT_C - now, 0.0),
        "temperature_day_before": weather.at(rows.targets - day, rows),
        "temp_rolling_mean_24h": weather.mean(rows.origins, day, rows),
        "temperature_mean_24h": weather.mean(ends, day, rows),
        "temperature_mean_72h": weather.mean(ends, 3 * day, rows),
        "temperature_week_before_origin": weather.mean(rows.origins, 7 * day, rows),
    }
    columns["temperature_change"] = now - columns["temperature_day_before"]
    if day >= 4:
        columns["temperature_mean_6h"] = weather.mean(ends, day // 4, rows)
        for step in (1, 2, 3):
            columns[f"temperature_{step}_before"] = weather.at(rows.targets - step, rows)
    return columns


def weather_for_linear(
    timeline: Timeline, weather: WeatherPath, rows: Rows, *, seasons: bool
) -> dict[str, Floats]:
    """Weather columns of the linear part: every temperature as a bent line.

    The recency effect: Wang, Liu and Hong (2016), International Journal of Forecasting 32, 585-597.
    """
    day = timeline.steps_per_day
    ends = rows.targets + 1
    now = _bent(weather.at(rows.targets, rows))
    before = _bent(weather.at(rows.targets - day, rows))
    blocks = {
        "temperature": now,
        "temperature_change": {name: now[name] - before[name] for name in now},
        "temperature_mean_24h": _bent(weather.mean(ends, day, rows)),
        "temperature_before_origin": _bent(weather.mean(rows.origins, day, rows)),
    }
    if not seasons:  # a short history cannot tell more columns apart
        return _flat(blocks)
    blocks["temperature_mean_72h"] = _bent(weather.mean(ends, 3 * day, rows))
    if day >= 4:
        blocks["temperature_mean_6h"] = _bent(weather.mean(ends, day // 4, rows))
        blocks["temperature_2_before"] = _bent(weather.at(rows.targets - 2, rows))
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
