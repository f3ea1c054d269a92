"""Calibration of forecasts that bring quantiles and a mean of their own, by held-out errors.

Bands of intervals and days are corrected in width, the mean in level; families that predict by
trees, and averages of families, share this. How widths are learned is in `bands`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.bands import AS_IT_IS, NO_BANDS, fit_bands
from energy_assets.forecasting.calibration import TINY, Calibration
from energy_assets.forecasting.conditions import Conditions, joined_conditions
from energy_assets.forecasting.days import Days
from energy_assets.forecasting.expected import Expected, fit_expected
from energy_assets.forecasting.forecast import MEDIAN
from energy_assets.forecasting.timeline import Floats, Positions

OWN_MEAN: Final = Expected(weights=np.append(np.zeros(len(QUANTILES)), 1.0))
"""The mean that a forecast brings, as it is."""

AS_PREDICTED: Final = Calibration(intervals=AS_IT_IS, expected=OWN_MEAN, days=NO_BANDS)
"""Before any error is known."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DayRows:
    """Whole local days to come, one entry each.

    Attributes:
        total: Expected total. [unit of the series]
        unit: In what errors of each are counted, positive. [unit of the series]
        rows: Conditions of each.
        raw: Quantiles of the totals where a forecast brings them; without them bands lie around
            the expected total. [unit of the series]
    """

    total: Floats
    unit: Floats
    rows: Conditions
    raw: Floats | None = None

    @property
    def centre(self) -> Floats:
        """What the bands lie around, in units."""
        return (self.total if self.raw is None else self.raw[:, MEDIAN]) / self.unit

    @property
    def scaled(self) -> Floats | None:
        """The quantiles in units."""
        return None if self.raw is None else self.raw / self.unit[:, None]


@dataclass(frozen=True, kw_only=True, eq=False)
class RawErrors:
    """Rows of one series that were predicted before they happened, one entry per interval.

    Attributes:
        actual: What happened, NaN where unknown. [unit of the series]
        quantiles: As predicted, in order along each row. [unit of the series]
        mean: As predicted. [unit of the series]
        rows: Conditions of each.
        day: Local day of each.
        days: Whole local days among the rows.
        of_days: These days as predicted, but for the total, which follows from the means.
    """

    actual: Floats
    quantiles: Floats
    mean: Floats
    rows: Conditions
    day: Positions
    days: Days
    of_days: DayRows

    @property
    def unit(self) -> float:
        """What a pool counts this series in: the mean size of the uppermost quantile."""
        return float(np.abs(self.quantiles[:, -1]).mean()) if len(self.quantiles) else 0.0

    def day_rows(self, made: Calibration) -> DayRows:
        """The days, their totals as the calibrated means add up."""
        mean = made.expected.mean(self.quantiles, self.mean[:, None])
        return replace(self.of_days, total=self.days.sums(mean))

    def day_errors(self, found: DayRows) -> Floats:
        """What days had less the centre of their bands, in units."""
        return self.days.sums(self.actual) / found.unit - found.centre


def calibration_of(
    errors: Sequence[RawErrors], *, prior: Calibration | None = None, means: bool = True
) -> Calibration:
    """The calibration by errors of one series, or of a pool.

    Bands of intervals are never a pool's: a forecast's own quantiles are presumed until errors of
    the series itself show otherwise, since some of a pool stand still and some never do.

    Args:
        errors: Of one or more series; series that were never predicted to be anything are not
            looked at.
        prior: What is presumed: that of the pool.
        means: Whether the mean is corrected too.

    Returns:
        The prior, or the forecast as it is, where there are no errors.
    """
    usable = [one for one in errors if one.unit > TINY]
    if not usable:
        return prior or AS_PREDICTED
    start = prior or AS_PREDICTED
    actual = np.concatenate([one.actual / one.unit for one in usable])
    raw = np.concatenate([one.quantiles / one.unit for one in usable])
    mean = np.concatenate([one.mean / one.unit for one in usable])
    day = np.concatenate([one.day for one in usable])
    expected = start.expected
    if means:
        expected = fit_expected(
            actual,
            raw,
            mean[:, None],
            day=day,
            series=np.repeat(np.arange(len(usable)), [len(one.actual) for one in usable]),
            prior=start.expected,
        )
    bands = start.intervals
    if prior is not None:
        rows = joined_conditions([one.rows for one in usable])
        bands = fit_bands(actual - raw[:, MEDIAN], rows, day=day, raw=raw)
    made = Calibration(intervals=bands, expected=expected, days=start.days)
    return _with_days(made, usable, prior)


def _with_days(
    made: Calibration, errors: Sequence[RawErrors], prior: Calibration | None
) -> Calibration:
    found = [one.day_rows(made) for one in errors]
    scaled = [one.scaled for one in found if one.scaled is not None and len(one.total)]
    days = fit_bands(
        np.concatenate([one.day_errors(rows) for one, rows in zip(errors, found, strict=True)]),
        joined_conditions([rows.rows for rows in found]),
        day=np.concatenate([one.day[one.days.first] for one in errors]),
        raw=np.concatenate(scaled) if scaled else None,
        prior=None if prior is None else prior.days,
        centred=bool(scaled),
    )
    return replace(made, days=days)


def calibrated(
    made: Calibration, quantiles: Floats, mean: Floats, rows: Conditions, *, non_negative: bool
) -> tuple[Floats, Floats]:
    """Quantiles and means of intervals, corrected by a calibration.

    A quantile at zero of a series that is never below stays there: it is where such a series often
    is, and a band that began just above would miss all of that.
    """
    table = made.intervals.around(quantiles[:, MEDIAN], rows, raw=quantiles)
    expected = made.expected.mean(quantiles, mean[:, None])
    if non_negative:
        table = np.where(quantiles > 0.0, np.maximum(table, 0.0), 0.0)
        return np.maximum.accumulate(table, axis=1), np.maximum(expected, 0.0)
    return table, expected


def calibrated_days(
    made: Calibration, days: DayRows, *, alike: Floats, non_negative: bool
) -> Floats:
    """Quantiles of totals of days, corrected by a calibration.

    Args:
        made: The calibration.
        days: The days.
        alike: What the bands of each day's intervals add up to on either side of the median,
            taken where nothing is known of days.
        non_negative: Whether the series is never below zero.
    """
    if made.days.factors.any():
        table = made.days.around(days.centre, days.rows, raw=days.scaled) * days.unit[:, None]
    else:
        table = days.total[:, None] + alike if days.raw is None else days.raw
    return np.maximum(table, 0.0) if non_negative else table
