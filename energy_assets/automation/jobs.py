"""Jobs: the selections of assets that sensors, schedules and people launch."""

import dagster as dg

from energy_assets.consumption.assets import (
    consumption,
    consumption_features,
    consumption_forecast,
    consumption_plot,
    consumption_xgboost,
    locations,
    night_flow,
    weather,
)
from energy_assets.customer_load.assets import (
    customer_bilstm,
    customer_features,
    customer_forecast,
    customer_plot,
    shared_bilstm,
)
from energy_assets.customer_load.file_assets import measurements
from energy_assets.scoreboard.assets import forecast_scores

ingest_meter_files = dg.define_asset_job(
    "ingest_meter_files",
    selection=[measurements],
    description="Meter files to checked readings.",
)

train_and_forecast = dg.define_asset_job(
    "train_and_forecast",
    selection=[
        customer_features,
        shared_bilstm,
        customer_bilstm,
        customer_forecast,
        customer_plot,
    ],
    description="Features, models of customers with new readings, forecasts and plots.",
)

forecast_customers = dg.define_asset_job(
    "forecast_customers",
    selection=[customer_features, customer_forecast, customer_plot],
    description="Features, forecasts and plots with the models that are there.",
)

ingest_consumption_files = dg.define_asset_job(
    "ingest_consumption_files",
    selection=[consumption],
    description="Electricity and water files to checked values.",
)

update_weather = dg.define_asset_job(
    "update_weather",
    selection=[locations, weather],
    description="Locations, the newest weather forecast for each, and what was measured since.",
)

train_and_forecast_meters = dg.define_asset_job(
    "train_and_forecast_meters",
    selection=[
        consumption_features,
        consumption_xgboost,
        consumption_forecast,
        consumption_plot,
        night_flow,
    ],
    description="Features, models of meters with new values, forecasts, plots and night flow.",
)

forecast_meters = dg.define_asset_job(
    "forecast_meters",
    selection=[consumption_features, consumption_forecast, consumption_plot, night_flow],
    description="Features, forecasts, plots and night flow with the models that are there.",
)

score_forecasts = dg.define_asset_job(
    "score_forecasts",
    selection=[forecast_scores],
    description="Issued forecasts against what happened since, beside the seasonal naives.",
)

JOBS = [
    ingest_meter_files,
    train_and_forecast,
    forecast_customers,
    ingest_consumption_files,
    update_weather,
    train_and_forecast_meters,
    forecast_meters,
    score_forecasts,
]
"""All jobs of the project."""
