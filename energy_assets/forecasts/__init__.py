"""Forecasts of any flow: the kernel of `forecasting` joined to the stores. Knows no Dagster."""
