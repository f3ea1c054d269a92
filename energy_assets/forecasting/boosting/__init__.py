"""Gradient-boosted forecasts of electricity and water meters, up to 14 days ahead."""

from energy_assets.forecasting.boosting.errors import ModelFileError, TooFewRowsError
from energy_assets.forecasting.boosting.forecast import (
    NO_WEATHER,
    XGBOOST,
    Explanation,
    ForecastRows,
    MeterForecast,
)
from energy_assets.forecasting.boosting.model import MeterModel
from energy_assets.forecasting.boosting.parameters import (
    DEFAULTS,
    TreeParams,
    accurate_day_ahead,
)
from energy_assets.forecasting.boosting.scoring import test_model
from energy_assets.forecasting.boosting.seasonal_naives import NAIVES, naive_forecast
from energy_assets.forecasting.boosting.training import fit
from energy_assets.forecasting.boosting.tuning import tune

__all__ = [
    "DEFAULTS",
    "NAIVES",
    "NO_WEATHER",
    "XGBOOST",
    "Explanation",
    "ForecastRows",
    "MeterForecast",
    "MeterModel",
    "ModelFileError",
    "TooFewRowsError",
    "TreeParams",
    "accurate_day_ahead",
    "fit",
    "naive_forecast",
    "test_model",
    "tune",
]
