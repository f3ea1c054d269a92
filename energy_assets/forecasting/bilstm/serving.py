"""Forecasts from learned models, down the ladder: customer, shared, seasonal blend."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from energy_assets.forecasting.bands import WEIGHTS
from energy_assets.forecasting.bilstm.heldout import predicted
from energy_assets.forecasting.bilstm.models import CustomerModel, SharedModel
from energy_assets.forecasting.bilstm.scaler import Scaler, fitted_scaler
from energy_assets.forecasting.bilstm.threads import one_thread
from energy_assets.forecasting.bilstm.windows import Pool
from energy_assets.forecasting.calibration import calibrated
from energy_assets.forecasting.forecast import Forecast, joined_rows, plain_rows
from energy_assets.forecasting.naive import SeasonalNaive
from energy_assets.forecasting.series import HOURS_AHEAD, Series, imputed_share, on_grid

FEWEST_DAYS: Final[float] = 1.0
"""Days of known values below which not even the shared model has anything to go by."""

BLEND: Final = SeasonalNaive(variant="blend")
"""What serves where the network cannot, and beyond its 24 hours."""


def predict(
    model: SharedModel | CustomerModel, series: Series, *, origin_at: pd.Timestamp | None = None
) -> Forecast:
    """The 24 hours after an origin.

    Args:
        model: The customer's model, or the shared one for a customer without.
        series: Everything known; what is at or after the origin is not looked at.
        origin_at: Start of the first interval; the end of the series without it. Any instant.

    Returns:
        A forecast for every series: with less than a day of known values, or another interval
        than the model's, the seasonal blend makes it, and `basis` says so.
    """
    return predict_origins(model, series, [series.end_at if origin_at is None else origin_at])[0]


def predict_origins(
    model: SharedModel | CustomerModel,
    series: Series,
    origins: Sequence[pd.Timestamp],
    *,
    days: int = 1,
    held_out: bool = False,
) -> list[Forecast]:
    """The days after each of some origins, each from what was known there.

    Args:
        model: The customer's model, or the shared one.
        series: Everything known.
        origins: Any instants, in any order.
        days: How far ahead; the network reaches one day, the seasonal blend goes on. [d]
        held_out: Use the weights and bands of a customer's model that have not seen its test part.
    """
    if not len(origins):
        return []
    grid, positions = on_grid(series, origins)
    known = np.concatenate([[0], np.isfinite(grid.values).cumsum()])
    able = known[positions] >= FEWEST_DAYS * grid.steps_per_day
    if grid.interval_minutes != model.interval_minutes:
        able[:] = False
    learned: dict[int, Forecast] = {}
    with one_thread():
        if able.any():
            learned = _learned(model, grid, positions[able], held_out=held_out)
    blends = _blends(series, origins, able, days=days)
    return [
        _continued(learned[int(position)], blends.get(number))
        if int(position) in learned
        else blends[number]
        for number, position in enumerate(positions)
    ]


def _blends(
    series: Series, origins: Sequence[pd.Timestamp], able: NDArray[np.bool_], *, days: int
) -> dict[int, Forecast]:
    """Seasonal blends of the origins from which the network cannot predict, or not far enough."""
    wanted = [number for number in range(len(origins)) if days > 1 or not able[number]]
    made = BLEND.predict(series, [origins[number] for number in wanted], days=days)
    return dict(zip(wanted, made, strict=True))


def _continued(first: Forecast, further: Forecast | None) -> Forecast:
    """A day of the network, and what the blend says of the days after it."""
    if further is None:
        return first
    steps, whole = len(first.intervals), len(first.daily)
    return Forecast(
        origin_at=first.origin_at,
        model_id=first.model_id,
        intervals=joined_rows([first.intervals, further.intervals.taken(slice(steps, None))]),
        daily=joined_rows([first.daily, further.daily.taken(slice(whole, None))]),
        imputed_share=first.imputed_share,
    )


def _learned(
    model: SharedModel | CustomerModel,
    series: Series,
    positions: NDArray[np.int64],
    *,
    held_out: bool,
) -> dict[int, Forecast]:
    """Forecasts of the network, by position of their origin."""
    if isinstance(model, SharedModel):
        # Its scale comes from what is known at each origin, so every origin has a pool of its own.
        parts = [(fitted_scaler(series.cut(0, int(p))), [int(p)]) for p in positions]
        weights, factors, basis = model.weights, model.factors, "shared"
    else:
        parts = [(model.scaler, [int(p) for p in positions])]
        weights = model.scored_weights if held_out else model.weights
        factors = model.scored_factors if held_out else model.factors
        basis = model.basis
    forecasts: dict[int, Forecast] = {}
    model_id = model.model_id
    for scaler, asked in parts:
        for position, energy in _energy(model, weights, series, scaler, asked).items():
            share = imputed_share(series, position)
            table = calibrated(
                energy, factors, imputed_share=share, non_negative=series.non_negative
            )
            starts = series.grid(series.start_of(position), HOURS_AHEAD * series.steps_per_hour)
            intervals = plain_rows(starts, table, table @ WEIGHTS, basis)
            forecasts[position] = Forecast(
                origin_at=starts[0],
                model_id=model_id,
                intervals=intervals,
                daily=intervals.taken(slice(0, 0)),
                imputed_share=share,
            )
    return forecasts


def _energy(
    model: SharedModel | CustomerModel,
    weights: NDArray[np.float32],
    series: Series,
    scaler: Scaler,
    positions: list[int],
) -> dict[int, NDArray[np.float64]]:
    """Quantiles of the energy ahead of each position, before their bands are corrected."""
    pool = Pool([series], [scaler], device="cpu")
    rows = pool.rows(0, np.array(positions, dtype=np.int64))
    energy = predicted(torch.from_numpy(weights), shape=model.shape, pool=pool, rows=rows)
    return dict(zip(positions, energy, strict=True))
