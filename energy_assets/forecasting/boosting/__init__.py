"""Gradient-boosted forecasts of electricity and water meters, up to 14 days ahead."""

from energy_assets.forecasting.boosting.family import Boosting
from energy_assets.forecasting.boosting.issuing import NO_WEATHER, XGBOOST
from energy_assets.forecasting.boosting.model import MeterModel
from energy_assets.forecasting.boosting.parameters import (
    DEFAULTS,
    TreeParams,
    accurate_day_ahead,
)
from energy_assets.forecasting.boosting.training import fit_twice
from energy_assets.forecasting.boosting.tuning import tune
from energy_assets.forecasting.errors import ModelFileError, TooFewRowsError

__all__ = [
    "DEFAULTS",
    "NO_WEATHER",
    "XGBOOST",
    "Boosting",
    "MeterModel",
    "ModelFileError",
    "TooFewRowsError",
    "TreeParams",
    "accurate_day_ahead",
    "fit_twice",
    "tune",
]
