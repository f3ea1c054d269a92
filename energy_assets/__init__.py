"""Energy Assets: raw energy data to forecasts and findings, as one Dagster project."""

import warnings

# Backfill policies are marked beta; without them a backfill is one run a customer.
warnings.filterwarnings("ignore", message="Parameter `backfill_policy` of function `asset`")
