"""Jobs: the selections of assets that sensors, schedules and people launch."""

import dagster as dg

from energy_assets.customer_load.assets import (
    customer_bilstm,
    customer_features,
    customer_forecast,
    customer_plot,
    shared_bilstm,
)
from energy_assets.metering.assets import measurements

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
