"""Readings to per-customer features, Bi-LSTM models, 24-hour forecasts and plots."""
