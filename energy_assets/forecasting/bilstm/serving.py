"""Forecasts from learned models, down the ladder: customer, shared, seasonal blend."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from energy_assets.forecasting.bilstm.heldout import predicted
from energy_assets.forecasting.bilstm.models import CustomerModel, SharedModel
from energy_assets.forecasting.bilstm.threads import one_thread
from energy_assets.forecasting.bilstm.windows import Pool
from energy_assets.forecasting.calibration import calibrated
from energy_assets.forecasting.forecaster import Forecast
from energy_assets.forecasting.scaler import Scaler, fitted_scaler
from energy_assets.forecasting.seasonal_naive import SeasonalNaive
from energy_assets.forecasting.series import (
    HOURS_AHEAD,
    OnGrid,
    Series,
    imputed_share,
    on_grid,
)

FEWEST_DAYS = 1.0
"""Days of known energy below which not even the shared model has anything to go by."""


def predict(
    model: SharedModel | CustomerModel, history: Series, *, origin_at: pd.Timestamp | None = None
) -> Forecast:
    """The 24 hours after an origin.

    Args:
        model: The customer's model, or the shared one for a customer without.
        history: Everything known; what is at or after the origin is not looked at.
        origin_at: Start of the first interval; the end of the history without it. Any instant.

    Returns:
        A forecast for every history: with less than a day of known energy, or another interval
        than the model's, the seasonal blend makes it, and `basis` says so.
    """
    return predict_origins(model, history, [history.end_at if origin_at is None else origin_at])[0]


def predict_origins(
    model: SharedModel | CustomerModel,
    history: Series,
    origins: Sequence[pd.Timestamp],
    *,
    held_out: bool = False,
) -> list[Forecast]:
    """The 24 hours after each of some origins, each from what was known there.

    Args:
        model: The customer's model, or the shared one.
        history: Everything known.
        origins: Any instants, in any order.
        held_out: Use the weights and bands of a customer's model that have not seen its test part.
    """
    forecasts: dict[int, Forecast] = {}
    with one_thread():
        for group in on_grid(history, origins):
            for asked, forecast in zip(
                group.asked, _forecasts(model, group, held_out=held_out), strict=True
            ):
                forecasts[int(asked)] = forecast
    return [forecasts[number] for number in range(len(origins))]


def _forecasts(
    model: SharedModel | CustomerModel, group: OnGrid, *, held_out: bool
) -> list[Forecast]:
    """Forecasts of one group of origins."""
    history = group.series
    known = np.concatenate([[0], np.isfinite(history.values).cumsum()])
    able = known[group.positions] >= FEWEST_DAYS * history.steps_per_day
    if history.interval_minutes != model.interval_minutes:
        able[:] = False
    learned: dict[int, Forecast] = {}
    if able.any():
        learned = _learned(model, history, group.positions[able], held_out=held_out)
    blend = SeasonalNaive(variant="blend")
    return [
        learned[int(position)]
        if int(position) in learned
        else blend.predict(history, [history.start_at + int(position) * history.interval])[0]
        for position in group.positions
    ]


def _learned(
    model: SharedModel | CustomerModel,
    history: Series,
    positions: np.ndarray[tuple[int], np.dtype[np.int64]],
    *,
    held_out: bool,
) -> dict[int, Forecast]:
    """Forecasts of the network, by position of their origin."""
    if isinstance(model, SharedModel):
        # Its scale comes from what is known at each origin, so every origin has a pool of its own.
        parts = [
            (fitted_scaler(history.until(history.start_at + int(p) * history.interval)), [int(p)])
            for p in positions
        ]
        weights, factors, basis = model.weights, model.factors, "shared"
    else:
        parts = [(model.scaler, [int(p) for p in positions])]
        weights = model.scored_weights if held_out else model.weights
        factors = model.scored_factors if held_out else model.factors
        basis = model.basis
    forecasts: dict[int, Forecast] = {}
    for scaler, asked in parts:
        for position, energy in _energy(model, weights, history, scaler, asked).items():
            share = imputed_share(history, position)
            origin_at = history.start_at + position * history.interval
            forecasts[position] = Forecast(
                origin_at=origin_at,
                valid_at=pd.date_range(
                    origin_at, periods=HOURS_AHEAD * history.steps_per_hour, freq=history.interval
                ),
                quantiles=calibrated(energy, factors, imputed_share=share),
                basis=basis,
                imputed_share=share,
            )
    return forecasts


def _energy(
    model: SharedModel | CustomerModel,
    weights: np.ndarray[tuple[int], np.dtype[np.float32]],
    history: Series,
    scaler: Scaler,
    positions: list[int],
) -> dict[int, np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    """Quantiles of the energy ahead of each position, before their bands are corrected."""
    pool = Pool([history], [scaler], device="cpu")
    rows = pool.rows(0, np.array(positions, dtype=np.int64))
    energy = predicted(torch.from_numpy(weights), shape=model.shape, pool=pool, rows=rows)
    return dict(zip(positions, energy, strict=True))
