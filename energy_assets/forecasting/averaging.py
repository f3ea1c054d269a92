"""The average of what several models forecast of one series from the same origins.

Quantiles are averaged level by level (Vincent averaging), days from the members' own days. Which
weights, and what errors say of the average, is decided elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.forecasting.calibration import Calibration
from energy_assets.forecasting.days import Days, conditions_of, whole_days
from energy_assets.forecasting.forecast import Forecast, ForecastRows, joined_rows
from energy_assets.forecasting.naive import IMPUTED_DAYS
from energy_assets.forecasting.past import Rows
from energy_assets.forecasting.raw_errors import DayRows, RawErrors, calibrated, calibrated_days
from energy_assets.forecasting.series import Series, imputed_shares, on_grid
from energy_assets.forecasting.timeline import Floats, Timeline, timeline_of
from energy_assets.forecasting.weights import MemberRows, Weights, average

COMBINATION: Final[str] = "combination"
"""Basis of averaged rows, and the name of the family."""

NAIVE: Final[str] = "naive_"
"""How the basis of rows begins that a seasonal naive made in place of a model."""

SURENESS: Final[tuple[str, ...]] = ("observation", "normal", "forecast")
"""Kinds of weather, the least certain first: what was only measured later has seen the future."""


def known_rows(member: str, rows: ForecastRows) -> NDArray[np.bool_]:
    """Rows that a member made itself: a naive that stood in for it is no opinion of its own."""
    if member.startswith(NAIVE):
        return np.ones(len(rows), dtype=np.bool_)
    return ~np.char.startswith(rows.basis.astype(np.str_), NAIVE)


def member_rows(member: str, rows: ForecastRows) -> MemberRows:
    """What a member predicts; NaN where a naive stood in for it."""
    known = known_rows(member, rows)
    return MemberRows(
        quantiles=np.where(known[:, None], rows.quantiles, np.nan),
        mean=np.where(known, rows.mean, np.nan),
    )


def averaged_rows(rows: Mapping[str, ForecastRows], weights: Weights) -> ForecastRows:
    """The average of the same rows by several members, before calibration.

    A member gives its weight to the others where a naive stood in for it; where that is so of all,
    the naives are averaged, and `basis` names one.

    Args:
        rows: By member, at least one, of the same intervals.
        weights: Of the members.
    """
    names = list(rows)
    own = np.stack([known_rows(name, rows[name]) for name in names], axis=1)
    own = np.where(own.any(axis=1, keepdims=True), own, True)
    quantiles = np.stack([rows[name].quantiles for name in names], axis=-1)
    mean = np.stack([rows[name].mean for name in names], axis=-1)
    for_quantiles, for_means = weights.of(names)
    first = rows[names[int(np.argmax(for_quantiles))]]
    made = np.any([known_rows(name, rows[name]) for name in names], axis=0)
    counted = own & ((for_quantiles + for_means) > 0.0)
    counted = np.where(counted.any(axis=1, keepdims=True), counted, own)
    temperature = np.stack([rows[name].temperature_c for name in names], axis=1)
    return ForecastRows(
        valid_at=first.valid_at,
        quantiles=np.sort(
            average(np.where(own[:, None], quantiles, np.nan), for_quantiles), axis=1
        ),
        mean=average(np.where(own, mean, np.nan), for_means),
        basis=np.where(made, COMBINATION, first.basis),
        weather=_weather([rows[name].weather for name in names], counted),
        temperature_c=average(np.where(counted, temperature, np.nan), np.ones(len(names))),
    )


def _weather(kinds: Sequence[NDArray[np.str_]], counted: NDArray[np.bool_]) -> NDArray[np.str_]:
    """The least certain weather that a counted member rests on; `none` where none rests on any."""
    found = np.full(len(counted), "none", dtype="<U11")
    table = np.stack(kinds, axis=1)
    for kind in reversed(SURENESS):
        found[(counted & (table == kind)).any(axis=1)] = kind
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class Averaged:
    """Averages from several origins of one series, before calibration.

    Attributes:
        series: The stretch that holds the origins.
        origins: Positions there, ascending or not.
        forecasts: One per origin: intervals and days as averaged.
    """

    series: Series
    origins: NDArray[np.int64]
    forecasts: tuple[Forecast, ...]

    @staticmethod
    def of(
        series: Series, members: Mapping[str, Sequence[Forecast]], weights: Weights
    ) -> "Averaged":
        """The averages of members' forecasts.

        Args:
            series: The series; its values only say which share of the recent past is missing.
            members: Forecasts by member, from the same origins and equally far.
            weights: Of the members.
        """
        first = next(iter(members.values()))
        window, positions = _window(series, [one.origin_at for one in first])
        shares = imputed_shares(window, positions, days=IMPUTED_DAYS)
        return Averaged(
            series=window,
            origins=positions,
            forecasts=tuple(
                Forecast(
                    origin_at=first[n].origin_at,
                    model_id="",
                    intervals=averaged_rows(
                        {name: own[n].intervals for name, own in members.items()}, weights
                    ),
                    daily=_averaged_days({name: own[n] for name, own in members.items()}, weights),
                    imputed_share=float(shares[n]),
                )
                for n in range(len(first))
            ),
        )

    def errors(self) -> RawErrors:
        """How far the averages were off, without rows that only naives made."""
        timeline = timeline_of(self.series)
        intervals = joined_rows([one.intervals for one in self.forecasts])
        count = [len(one.intervals) for one in self.forecasts]
        rows = _rows(self.series, self.origins, count)
        missing = np.repeat([one.imputed_share for one in self.forecasts], count)
        inside = np.minimum(rows.targets, len(self.series) - 1)
        actual = np.where(rows.targets < len(self.series), self.series.values[inside], np.nan)
        days, raw = _days(timeline, rows, self.forecasts, daily=self.series.is_daily)
        return RawErrors(
            actual=np.where(intervals.basis == COMBINATION, actual, np.nan),
            quantiles=intervals.quantiles,
            mean=intervals.mean,
            rows=conditions_of(timeline, rows, missing=missing),
            day=timeline.day[rows.targets],
            days=days,
            of_days=DayRows(
                total=days.sums(intervals.mean),
                unit=np.ones(len(days)),
                rows=days.conditions(timeline, missing=missing[days.first]),
                raw=raw,
            ),
        )

    def calibrated(self, calibration: Calibration, *, model_id: str) -> list[Forecast]:
        """The forecasts with what earlier errors said of them."""
        timeline = timeline_of(self.series)
        found: list[Forecast] = []
        for position, one in zip(self.origins, self.forecasts, strict=True):
            rows = _rows(self.series, np.array([position]), [len(one.intervals)])
            known = conditions_of(timeline, rows, missing=one.imputed_share)
            signed = not self.series.non_negative
            table, mean = calibrated(
                calibration,
                one.intervals.quantiles,
                one.intervals.mean,
                known,
                non_negative=not signed,
            )
            intervals = _with(one.intervals, table, mean)
            daily = intervals
            if not self.series.is_daily:
                days, raw = _days(timeline, rows, [one], daily=False)
                found_days = DayRows(
                    total=days.sums(intervals.mean),
                    unit=np.ones(len(days)),
                    rows=days.conditions(timeline, missing=one.imputed_share),
                    raw=raw,
                )
                table = calibrated_days(calibration, found_days, alike=raw, non_negative=not signed)
                daily = _with(one.daily, table, found_days.total)
            found.append(
                Forecast(
                    origin_at=one.origin_at,
                    model_id=model_id,
                    intervals=intervals,
                    daily=daily,
                    imputed_share=one.imputed_share,
                )
            )
        return found


def _window(series: Series, origins: Sequence[pd.Timestamp]) -> tuple[Series, NDArray[np.int64]]:
    """The stretch from two weeks before the first origin on, and the position of each."""
    at = [series.steps_before(origin) for origin in origins]
    first = min(at) - IMPUTED_DAYS * series.steps_per_day
    window, positions = on_grid(series.cut(first, max(len(series), *at)), origins)
    return window, positions


def _averaged_days(members: Mapping[str, Forecast], weights: Weights) -> ForecastRows:
    """Days of the members that have the same ones as most."""
    usual = max((len(one.daily) for one in members.values()), default=0)
    same = {name: one.daily for name, one in members.items() if len(one.daily) == usual}
    return averaged_rows(same, weights)


def _days(
    timeline: Timeline, rows: Rows, forecasts: Sequence[Forecast], *, daily: bool
) -> tuple[Days, Floats]:
    """Whole local days among rows, and the averaged quantiles of each."""
    days = whole_days(timeline, rows)
    if daily:
        return days, np.concatenate([one.intervals.quantiles for one in forecasts])[days.first]
    made = joined_rows([one.daily for one in forecasts])
    starts = timeline.starts[rows.targets[days.first]]
    if len(starts) != len(made) or not (starts == made.valid_at).all():
        raise ValueError(
            f"members forecast {len(made)} whole days where the rows hold {len(starts)}; give "
            f"forecasts from the same origins, equally far."
        )
    return days, made.quantiles


def _rows(series: Series, origins: NDArray[np.int64], count: Sequence[int]) -> Rows:
    ahead = np.concatenate([np.arange(n, dtype=np.int64) for n in count])
    start = np.repeat(origins, count)
    return Rows(origins=start, targets=start + ahead, steps_per_day=series.steps_per_day)


def _with(rows: ForecastRows, quantiles: Floats, mean: Floats) -> ForecastRows:
    """Rows with other values; the bands of those that only naives made stay."""
    own = rows.basis == COMBINATION
    return replace(rows, quantiles=np.where(own[:, None], quantiles, rows.quantiles), mean=mean)
