"""`python -m energy_assets.demo`: sample files to forecasts, scores, plots and findings."""
