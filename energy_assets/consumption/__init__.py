"""Electricity and water: files to hourly consumption, weather, gradient-boosted forecasts."""
