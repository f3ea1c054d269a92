"""Forecasts from learned models, down the ladder: customer, shared, seasonal blend."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from energy_assets.forecasting.bilstm.heldout import hold_at_zero, predict_windows, window_rows
from energy_assets.forecasting.bilstm.models import CustomerModel, SharedModel, Weights
from energy_assets.forecasting.bilstm.scaler import Scaler, fitted_scaler
from energy_assets.forecasting.bilstm.threads import one_thread
from energy_assets.forecasting.bilstm.windows import Pool
from energy_assets.forecasting.calibration import Calibration
from energy_assets.forecasting.conditions import recent_ratio
from energy_assets.forecasting.days import conditions_of, recent_midnights, whole_days
from energy_assets.forecasting.forecast import MEDIAN, Forecast, joined_rows, plain_rows
from energy_assets.forecasting.naive import BLEND
from energy_assets.forecasting.series import Series, imputed_shares, on_grid
from energy_assets.forecasting.timeline import Floats, Positions, timeline_of

FEWEST_DAYS: Final[float] = 1.0
"""Days of known values below which not even the shared model has anything to go by."""


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
        than the model's, the seasonal blend makes it, and `basis` states it.
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
            learned = _network_forecasts(model, grid, positions[able], held_out=held_out)
    blends = _blends(series, origins, able, days=days)
    return [
        _continue(learned[int(position)], blends.get(number))
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


def _continue(first: Forecast, further: Forecast | None) -> Forecast:
    """A day of the network, and the blend for the days after it."""
    if further is None:
        return first
    steps, whole = len(first.intervals), len(first.daily)
    return Forecast(
        origin_at=first.origin_at,
        model_id=first.model_id,
        intervals=joined_rows([first.intervals, further.intervals.keep(slice(steps, None))]),
        daily=joined_rows([first.daily, further.daily.keep(slice(whole, None))]),
        imputed_share=first.imputed_share,
    )


def _network_forecasts(
    model: SharedModel | CustomerModel,
    series: Series,
    positions: Positions,
    *,
    held_out: bool,
) -> dict[int, Forecast]:
    """Forecasts of the network, by position of their origin."""
    use = _Use.of(model, held_out=held_out)
    if isinstance(model, CustomerModel):
        return use.forecasts(series, model.scaler, positions)
    forecasts: dict[int, Forecast] = {}
    for position in positions.tolist():
        # Its scale comes from what is known at each origin, so every origin has a pool of its own.
        known = series.cut(0, position)
        forecasts |= use.forecasts(series, fitted_scaler(known), np.array([position]))
    return forecasts


@dataclass(frozen=True, kw_only=True, eq=False)
class _Use:
    """What of a model is used.

    Attributes:
        model: The model.
        weights: Its parameters that predict.
        calibration: Bands and means that belong to them.
        since: End of what either has learned from.
    """

    model: SharedModel | CustomerModel
    weights: Weights
    calibration: Calibration
    since: pd.Timestamp

    @staticmethod
    def of(model: SharedModel | CustomerModel, *, held_out: bool) -> "_Use":
        if isinstance(model, SharedModel):
            weights, calibration, since = model.weights, model.calibration, model.validated_until
        elif held_out:
            weights, calibration = model.scored_weights, model.scored_calibration
            since = model.validated_until
        else:
            weights, calibration, since = model.weights, model.calibration, model.data_until
        return _Use(model=model, weights=weights, calibration=calibration, since=since)

    def forecasts(
        self, series: Series, scaler: Scaler, positions: Positions
    ) -> dict[int, Forecast]:
        """Forecasts from some positions, in any order."""
        tried = self._recent_midnights(series, positions)
        origins = np.union1d(positions, tried)
        pool = Pool([series], [scaler], device="cpu")
        weights = torch.from_numpy(self.weights)
        energy = predict_windows(
            weights, shape=self.model.shape, pool=pool, rows=pool.rows(0, origins)
        )
        recent = self._recent(series, positions, tried, energy[np.searchsorted(origins, tried)])
        return {
            int(position): self._forecast(series, int(position), energy[at], recent=float(ratio))
            for position, at, ratio in zip(
                positions, np.searchsorted(origins, positions), recent, strict=True
            )
        }

    def _recent_midnights(self, series: Series, positions: Positions) -> Positions:
        """Local midnights of the last days before the positions that were not learned from."""
        since = max(series.steps_before(self.since), 0)
        return recent_midnights(timeline_of(series), positions, since=since)

    def _recent(
        self, series: Series, positions: Positions, tried: Positions, energy: Floats
    ) -> Floats:
        """Recent errors over usual ones before each position, see `Conditions.recent`."""
        if not len(tried):
            return np.zeros(len(positions))
        clock, rows = timeline_of(series), window_rows(series, tried)
        inside = np.minimum(rows.targets, len(series) - 1)
        actual = np.where(rows.targets < len(series), series.values[inside], np.nan)
        raw = energy.reshape(-1, energy.shape[-1])
        known = conditions_of(clock, rows, missing=imputed_shares(series, rows.origins))
        size = self.calibration.intervals.size(actual - raw[:, MEDIAN], known, raw=raw)
        return recent_ratio(size, day=clock.day[rows.targets], before=clock.day[positions])

    def _forecast(
        self, series: Series, position: int, energy: Floats, *, recent: float
    ) -> Forecast:
        """The forecast from one position."""
        clock, rows = timeline_of(series), window_rows(series, np.array([position]))
        missing = float(imputed_shares(series, np.array([position]))[0])
        made, non_negative = self.calibration, series.non_negative
        known = conditions_of(clock, rows, missing=missing, recent=recent)
        table = made.intervals.around(energy[:, MEDIAN], known, raw=energy)
        mean = made.means(
            hold_at_zero(energy, non_negative=non_negative), non_negative=non_negative
        )
        starts = series.grid(series.start_of(position), len(rows))
        basis = "shared" if isinstance(self.model, SharedModel) else self.model.basis
        intervals = plain_rows(starts, hold_at_zero(table, non_negative=non_negative), mean, basis)
        days = whole_days(clock, rows)
        total = days.sums(mean)
        of_days = made.day_quantiles(
            total,
            days.conditions(clock, missing=missing, recent=recent),
            alike=np.stack([days.sums(column) for column in (table - table[:, [MEDIAN]]).T], 1),
        )
        return Forecast(
            origin_at=starts[0],
            model_id=self.model.model_id,
            intervals=intervals,
            daily=plain_rows(
                starts[days.first], hold_at_zero(of_days, non_negative=non_negative), total, basis
            ),
            imputed_share=missing,
        )
