"""Metrics and rolling-origin backtests. Knows no Dagster and no store."""
