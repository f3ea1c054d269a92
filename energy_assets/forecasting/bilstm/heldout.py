"""What weights predict for windows of a pool, in kWh, beside what happened."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.bilstm import network
from energy_assets.forecasting.bilstm.shape import Shape
from energy_assets.forecasting.bilstm.windows import Pool
from energy_assets.forecasting.calibration import Factors, band_factors, blended_factors

AT_A_TIME = 256
"""Windows in one computation."""


def predicted(
    weights: Tensor, *, shape: Shape, pool: Pool, rows: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Quantiles of the energy ahead of each window: windows, intervals, levels, in kWh.

    They are in order along each row, not yet calibrated, and may be negative.
    """
    parts: list[NDArray[np.float64]] = []
    flat = weights[None].to(pool.device)
    with torch.no_grad():
        for first in range(0, len(rows), AT_A_TIME):
            at = torch.from_numpy(rows[None, first : first + AT_A_TIME]).to(pool.device)
            batch = pool.batch(at)
            over = network.quantiles(shape, flat, batch).sort(dim=-1).values
            energy = batch.blend[..., None] + over * batch.spread[..., None]
            parts.append(energy[0].double().cpu().numpy())
    steps = 24 * shape.steps_per_hour
    return np.concatenate([np.zeros((0, steps, len(QUANTILES))), *parts])


def window_errors(
    weights: Tensor, *, shape: Shape, pool: Pool, rows: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Actual energy and its quantiles, one row per interval of every window, in kWh."""
    quantiles = predicted(weights, shape=shape, pool=pool, rows=rows)
    actual = pool.energy_ahead(rows)
    return actual.reshape(-1), quantiles.reshape(-1, len(QUANTILES))


def own_factors(
    weights: Tensor,
    *,
    shape: Shape,
    pool: Pool,
    rows: NDArray[np.int64],
    per_day: int,
    pooled: Factors,
) -> Factors:
    """Band factors from a customer's own held-out windows, drawn towards the pool's.

    Args:
        weights: Parameters that have not seen the windows.
        shape: Shape of the network.
        pool: Where the rows point.
        rows: Held-out windows; without any, the pool's factors are all there is.
        per_day: Windows that start in a day, for how many days these are.
        pooled: Factors of the pool.
    """
    if not len(rows):
        return pooled
    actual, quantiles = window_errors(weights, shape=shape, pool=pool, rows=rows)
    days = float(np.isfinite(actual).sum()) / (24 * shape.steps_per_hour * per_day)
    return blended_factors(band_factors(actual, quantiles), pooled, days=days)
