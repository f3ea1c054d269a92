"""Gradient-boosted forecasts that many series of one interval length share."""

from energy_assets.forecasting.pooled.family import Pooled
from energy_assets.forecasting.pooled.model import PooledModel, Shared
from energy_assets.forecasting.pooled.parameters import PooledParams
from energy_assets.forecasting.pooled.training import fit_pooled

__all__ = ["Pooled", "PooledModel", "PooledParams", "Shared", "fit_pooled"]
