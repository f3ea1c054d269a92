"""All assets of customer load, in the order in which data flows through them."""

from typing import Final

from energy_assets.customer_load.feature_assets import customer_features
from energy_assets.customer_load.forecast_assets import customer_forecast, customer_plot
from energy_assets.customer_load.model_assets import customer_bilstm, shared_bilstm

__all__ = [
    "CUSTOMER_LOAD_ASSETS",
    "customer_bilstm",
    "customer_features",
    "customer_forecast",
    "customer_plot",
    "shared_bilstm",
]

CUSTOMER_LOAD_ASSETS: Final = [
    customer_features,
    shared_bilstm,
    customer_bilstm,
    customer_forecast,
    customer_plot,
]
"""Features, models, forecasts, plots."""
