"""Model families behind one Forecaster interface. Knows no Dagster and no store."""
