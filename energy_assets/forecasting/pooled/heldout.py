"""Which days of a pool are held out, and the calibration of each series and of all by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.calendar import local_day, utc_of
from energy_assets.forecasting.calibration import Calibration
from energy_assets.forecasting.days import conditions_of
from energy_assets.forecasting.held_out import HELD_OUT_SHARE, MOST_HELD_OUT, held_out_rows
from energy_assets.forecasting.pooled.issuing import PooledForecasts, Stretch
from energy_assets.forecasting.pooled.trees import SharedTrees
from energy_assets.forecasting.raw_errors import AS_PREDICTED, RawErrors, calibration_of
from energy_assets.forecasting.series import LEAD_DAYS, Series

FEWEST_HELD_OUT: Final[int] = 3
"""Held-out days, at least. [d]"""


def held_out_since(series: Sequence[Series]) -> pd.Timestamp:
    """Start of the held-out days of a pool, one instant for all: a local midnight of the first.

    A series that began later is held out as a whole, one that ended before has no held-out day.
    """
    ranges = [(one.known_range(), one.steps_per_day) for one in series]
    spans = [(end - first) / day for (first, end), day in ranges if end]
    usual = float(np.median(spans)) if spans else 0.0
    days = int(np.clip(HELD_OUT_SHARE * usual, FEWEST_HELD_OUT, MOST_HELD_OUT))
    zone = series[0].zone
    end = max(one.known_until for one in series)
    return utc_of(local_day(end, zone) - pd.Timedelta(days=days), zone)


def middle_of(border: pd.Timestamp, end: pd.Timestamp, zone: str) -> pd.Timestamp:
    """A local midnight halfway between two instants."""
    return utc_of(local_day(border + (end - border) / 2, zone), zone)


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOutSeries:
    """Held-out rows of one series, as trees that had not seen them predict them.

    Attributes:
        series: The series, without weather that was measured later.
        midnights: Positions of the held-out local midnights.
        issued: From these a day ahead, and from some of them two weeks.
    """

    series: Series
    midnights: np.ndarray[tuple[int], np.dtype[np.int64]]
    issued: PooledForecasts | None

    @staticmethod
    def of(trees: SharedTrees, series: Series, border: pd.Timestamp) -> "HeldOutSeries":
        """The held-out rows; none of a series that ended before the border."""
        honest = series.without_hindsight()
        since = max(series.steps_before(border), 0)
        midnights = series.midnights(since)
        issued = None
        end = series.steps_before(series.known_until)
        if len(midnights) and end > since:
            work = Stretch.on(trees, honest, midnights)
            day = series.steps_per_day
            rows = held_out_rows(work.past, since=since, until=end, steps=LEAD_DAYS * day)
            issued = work.issue(rows.keep(np.isfinite(work.past.values[rows.targets])))
        return HeldOutSeries(series=honest, midnights=midnights, issued=issued)

    def errors(self, until: pd.Timestamp | None = None) -> RawErrors | None:
        """Errors of intervals that end by an instant; of all without one."""
        if self.issued is None:
            return None
        issued = self.issued
        if until is not None:
            issued = issued.keep(issued.rows.targets < self.series.steps_before(until))
        if not len(issued.rows):
            return None
        past, rows, made = issued.work.past, issued.rows, issued.made
        days, of_days = issued.days(made.mean)
        return RawErrors(
            actual=past.values[rows.targets],
            quantiles=made.quantiles,
            mean=made.mean,
            rows=conditions_of(past.timeline, rows, missing=issued.missing),
            day=past.timeline.day[rows.targets],
            days=days,
            of_days=of_days,
        )


def calibrations(
    held: Sequence[HeldOutSeries], *, until: pd.Timestamp | None = None
) -> tuple[Calibration, list[Calibration]]:
    """Calibrations by held-out errors before an instant: of the pool, and of each of its series."""
    errors = [one.errors(until) for one in held]
    known = [one for one in errors if one is not None]
    pool = calibration_of(known) if known else AS_PREDICTED
    return pool, [pool if one is None else calibration_of([one], prior=pool) for one in errors]
