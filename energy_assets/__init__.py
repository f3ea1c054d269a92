"""Energy Assets: raw energy data to forecasts and findings, as one Dagster project."""
