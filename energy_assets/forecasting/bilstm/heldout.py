"""What weights predict for windows of a pool, and the calibration by their errors."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.bands import fit_bands
from energy_assets.forecasting.bilstm import network
from energy_assets.forecasting.bilstm.shape import Shape
from energy_assets.forecasting.bilstm.windows import Pool
from energy_assets.forecasting.calibration import UNCALIBRATED, Calibration, no_baselines
from energy_assets.forecasting.conditions import Conditions, joined_conditions
from energy_assets.forecasting.days import Days, conditions_of, whole_days
from energy_assets.forecasting.expected import fit_expected
from energy_assets.forecasting.forecast import MEDIAN
from energy_assets.forecasting.past import Rows, rows_ahead
from energy_assets.forecasting.series import HOURS_AHEAD, Series, imputed_shares
from energy_assets.forecasting.timeline import Floats, Positions, timeline_of

AT_A_TIME = 256
"""Windows in one computation."""

FAR_DAY: Final[int] = 1 << 32
"""Keeps days of different series apart where both are one number."""

LEAST_UNIT: Final[float] = 1e-9
"""A home that is never predicted to use more than this is left out of a pool's errors. [kWh]"""


def predict_windows(
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
    steps = HOURS_AHEAD * shape.steps_per_hour
    return np.concatenate([np.zeros((0, steps, len(QUANTILES))), *parts])


@dataclass(frozen=True, kw_only=True, eq=False)
class Errors:
    """Windows of one series that weights have not seen; one row per interval.

    Attributes:
        actual: What happened, NaN where unknown. [kWh]
        quantiles: As predicted, before calibration. [kWh]
        rows: Conditions of each.
        day: Local day of each.
        days: Whole local days among the rows.
        days_rows: Conditions of these.
        non_negative: Whether the series is never below zero.
    """

    actual: Floats
    quantiles: Floats
    rows: Conditions
    day: Positions
    days: Days
    days_rows: Conditions
    non_negative: bool

    @staticmethod
    def of(series: Series, origins: Positions, actual: Floats, quantiles: Floats) -> "Errors":
        """The errors of windows.

        Args:
            series: Whose they are.
            origins: Where each window starts, positions in the series.
            actual: What happened: windows, intervals.
            quantiles: What was predicted: windows, intervals, levels.
        """
        order = np.argsort(origins, kind="stable")
        origins, timeline = origins[order], timeline_of(series)
        rows = window_rows(series, origins)
        missing = imputed_shares(series, rows.origins)
        days = whole_days(timeline, rows)
        return Errors(
            actual=actual[order].reshape(-1),
            quantiles=quantiles[order].reshape(-1, len(QUANTILES)),
            rows=conditions_of(timeline, rows, missing=missing),
            day=timeline.day[rows.targets],
            days=days,
            days_rows=days.conditions(timeline, missing=missing[days.first]),
            non_negative=series.non_negative,
        )

    @property
    def held_quantiles(self) -> Floats:
        """The quantiles, never below zero where the series is not."""
        return hold_at_zero(self.quantiles, non_negative=self.non_negative)

    @property
    def unit(self) -> float:
        """What a pool counts this series' energy in: mean of the uppermost quantile, in kWh."""
        top = np.abs(self.held_quantiles[:, -1])
        return float(top.mean()) if len(top) else 0.0

    def day_errors(self, made: Calibration) -> tuple[Floats, float]:
        """Errors of totals of whole days, in usual days, and what a usual day is, in kWh."""
        mean = made.means(self.held_quantiles, non_negative=self.non_negative)
        total = self.days.sums(mean)
        usual = float(self.days.sums(np.abs(mean)).mean()) if len(total) else 0.0
        if usual < LEAST_UNIT:
            return np.full(len(total), np.nan), 0.0
        return (self.days.sums(self.actual) - total) / usual, usual


def hold_at_zero(quantiles: Floats, *, non_negative: bool) -> Floats:
    """What a network predicts, before calibration, of a series that is never below zero."""
    return np.maximum(quantiles, 0.0) if non_negative else quantiles


def window_rows(series: Series, origins: Positions) -> Rows:
    """The intervals of windows."""
    return rows_ahead(origins, series.steps_per_day, series.steps_per_day)


def errors_of(
    weights: Tensor,
    histories: Sequence[Series],
    *,
    shape: Shape,
    pool: Pool,
    rows: NDArray[np.int64],
) -> list[Errors]:
    """Errors of windows of a pool, series by series; without those that have none.

    Args:
        weights: Parameters that have not seen the windows.
        histories: The series of the pool.
        shape: Shape of the network.
        pool: Where the rows point.
        rows: Rows of the windows' origins.
    """
    quantiles = predict_windows(weights, shape=shape, pool=pool, rows=rows)
    actual = pool.energy_ahead(rows)
    number, origins = pool.places(rows)
    return [
        Errors.of(histories[n], origins[number == n], actual[number == n], quantiles[number == n])
        for n in np.unique(number).tolist()
    ]


def pooled_calibration(errors: Sequence[Errors]) -> Calibration:
    """What is presumed of every series: errors of all of them, each in its own unit."""
    usable = [(one, one.unit) for one in errors if one.unit > LEAST_UNIT]
    if not usable:
        return UNCALIBRATED
    actual = np.concatenate([one.actual / unit for one, unit in usable])
    raw = np.concatenate([one.quantiles / unit for one, unit in usable])
    number = np.repeat(np.arange(len(usable)), [len(one.actual) for one, _ in usable])
    # What one home did on a day is no sign of what another one did.
    day = np.concatenate([n * FAR_DAY + one.day for n, (one, _) in enumerate(usable)])
    bounds = np.concatenate([one.held_quantiles / unit for one, unit in usable])
    made = Calibration(
        intervals=fit_bands(
            actual - raw[:, MEDIAN],
            joined_conditions([one.rows for one, _ in usable]),
            day=day,
            raw=raw,
        ),
        expected=fit_expected(
            actual,
            bounds,
            no_baselines(len(actual)),
            day=np.concatenate([one.day for one, _ in usable]),
            series=number,
        ),
        days=UNCALIBRATED.days,
        usual_day=0.0,  # a day's own expected total: others' usual days are no measure of it
    )
    days = fit_bands(
        np.concatenate([one.day_errors(made)[0] for one, _ in usable]),
        joined_conditions([one.days_rows for one, _ in usable]),
        day=np.concatenate(
            [n * FAR_DAY + one.day[one.days.first] for n, (one, _) in enumerate(usable)]
        ),
        centred=False,
    )
    return replace(made, days=days)


def own_calibration(errors: Sequence[Errors], pooled: Calibration) -> Calibration:
    """A series' own calibration, drawn towards the pool's where its own errors are few.

    Args:
        errors: Of its held-out windows; without any, the pool's calibration is all there is.
        pooled: Of the pool.
    """
    if not errors:
        return pooled
    (own,) = errors
    made = Calibration(
        intervals=fit_bands(
            own.actual - own.quantiles[:, MEDIAN],
            own.rows,
            day=own.day,
            raw=own.quantiles,
            prior=pooled.intervals,
        ),
        expected=fit_expected(
            own.actual,
            own.held_quantiles,
            no_baselines(len(own.actual)),
            day=own.day,
            prior=pooled.expected,
        ),
        days=pooled.days,
    )
    error, usual = own.day_errors(made)
    prior = pooled.days if pooled.days.has_width else None
    day = own.day[own.days.first]
    days = fit_bands(error, own.days_rows, day=day, prior=prior, centred=False)
    return replace(made, days=days, usual_day=usual)
