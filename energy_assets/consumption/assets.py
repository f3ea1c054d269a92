"""All assets of electricity and water, in the order in which data flows through them."""

from typing import Final

from energy_assets.consumption.feature_assets import consumption_features
from energy_assets.consumption.file_assets import consumption, consumption_file
from energy_assets.consumption.forecast_assets import consumption_forecast, consumption_plot
from energy_assets.consumption.model_assets import consumption_xgboost
from energy_assets.consumption.night_flow_assets import night_flow
from energy_assets.consumption.weather_assets import locations, weather

__all__ = [
    "CONSUMPTION_ASSETS",
    "consumption",
    "consumption_features",
    "consumption_forecast",
    "consumption_plot",
    "consumption_xgboost",
    "locations",
    "night_flow",
    "weather",
]

CONSUMPTION_ASSETS: Final = [
    consumption_file,
    consumption,
    locations,
    weather,
    consumption_features,
    consumption_xgboost,
    consumption_forecast,
    consumption_plot,
    night_flow,
]
"""Files, values, weather, features, models, forecasts, plots, findings."""
