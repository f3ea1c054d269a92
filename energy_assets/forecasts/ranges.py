"""A range of a series as people ask for it: measured, missing and predicted values, in one frame.

Pure: what is measured and what was issued come in. Where from is decided in `answers`.
"""

from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.calendar import utc_of
from energy_assets.contracts.columns import QUANTILE_NAMES
from energy_assets.contracts.ledger import Resolution
from energy_assets.forecasting.series import Series
from energy_assets.forecasts.errors import (
    RangeOrderError,
    RangeTooEarlyError,
    RangeTooLateError,
    RangeTooLongError,
    RangeZoneError,
    UnmeasuredSeriesError,
)
from energy_assets.forecasts.flow import Measured
from energy_assets.forecasts.stored_forecasts import expected_values

LONGEST_RANGE_DAYS: Final[int] = 3_660
"""Ten years: the longest range that one question may span."""

RANGE_COLUMNS: Final[tuple[str, ...]] = (
    "datetime",
    "value",
    "mean",
    "type",
    *QUANTILE_NAMES,
    "temperature_c",
    "basis",
    "weather",
    "issued_at",
)
"""Columns of a range, one row per interval or local day.

- `datetime`: its start, UTC.
- `value`: what was measured, or the median of the forecast; of a predicted day made of intervals
  their means, for medians do not add up. Null where missing. [unit of the series]
- `mean`: expected value, what totals of forecasts are made of; measured rows have none.
- `type`: `historical`, `missing` or `forecast`.
- `q05` to `q95`: quantiles of a forecast.
- `temperature_c`: measured or expected, null where unknown. [°C]
- `basis`: `measured`, what made the forecast, or why the value is missing.
- `weather`: which weather the forecast rests on; null elsewhere.
- `issued_at`: when the forecast was made; of a day made of intervals, the newest of them.
"""


def checked_instant(name: str, instant: datetime) -> pd.Timestamp:
    """An instant of a question in UTC.

    Raises:
        RangeZoneError: It has no time zone.
    """
    if pd.isna(instant) or instant.tzinfo is None:
        raise RangeZoneError(name, instant)
    return pd.Timestamp(instant).tz_convert("UTC")


def checked_instants(start: datetime, end: datetime) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The two ends of a range in UTC.

    Args:
        start: First instant.
        end: First instant after the range.

    Raises:
        RangeZoneError: An instant has no time zone.
        RangeOrderError: The end is not after the start.
        RangeTooLongError: It spans more than ten years.
    """
    first, last = checked_instant("start", start), checked_instant("end", end)
    if last <= first:
        raise RangeOrderError(first, last)
    days = (last - first) / pd.Timedelta(days=1)
    if days > LONGEST_RANGE_DAYS:
        raise RangeTooLongError(days, LONGEST_RANGE_DAYS)
    return first, last


def require_reach(
    start: pd.Timestamp,
    end: pd.Timestamp,
    *,
    first_known_at: pd.Timestamp | None,
    origin_at: pd.Timestamp,
    reach_days: int,
) -> None:
    """Refuse a range of which something is never known.

    Args:
        start: First instant.
        end: First instant after the range.
        first_known_at: Start of the first interval; None if there is no value. A range may start
            up to a day earlier, so that whole local days can be asked for.
        origin_at: From where the series is forecast.
        reach_days: How far ahead forecasts reach. [d]

    Raises:
        UnmeasuredSeriesError: There is no value.
        RangeTooEarlyError: It starts before the first value.
        RangeTooLateError: It ends beyond the reach; the sentence names the latest end.
    """
    if first_known_at is None or pd.isna(first_known_at):
        raise UnmeasuredSeriesError
    if start < first_known_at - pd.Timedelta(days=1):
        raise RangeTooEarlyError(start, first_known_at)
    latest = origin_at.floor("min") + pd.Timedelta(days=reach_days)
    if end > latest:
        raise RangeTooLateError(end, latest, reach_days)


def range_values(
    measured: Measured,
    forecasts: pd.DataFrame,
    *,
    start: pd.Timestamp,
    end: pd.Timestamp,
    resolution: Resolution,
    now: pd.Timestamp,
) -> pd.DataFrame:
    """One row per interval, or local day, that starts in [start, end).

    Args:
        measured: What is known of the series.
        forecasts: Rows of its forecasts, columns `FORECAST_COLUMNS`, of any issues and resolutions.
            Of each interval the newest issue counts, and only from the end of the history on.
        start: First instant, UTC.
        end: First instant after the range, UTC.
        resolution: `hourly` is the series' own interval, `daily` sums of local days.
        now: Present time, which tells what is missing from what is not predicted.

    Returns:
        Columns `RANGE_COLUMNS`. A value is `historical` where it was measured, `forecast` where it
        lies after the last measurement and was predicted, else `missing`. A day is measured only
        if all of it is: a sum that lacks an hour is no day. The day in which measurements end is
        the daily forecast of it, or measured plus predicted hours.
    """
    series = measured.series
    if series.is_daily or resolution == "hourly":
        kinds = ("hourly", "daily") if series.is_daily else ("hourly",)
        starts = interval_starts(series, start, end)
        return _by_interval(measured, _newest(forecasts, kinds), starts, now).reset_index()
    days = local_midnights(start, end, zone=series.zone)
    if not len(days):
        return _by_interval(measured, _newest(forecasts, ()), days, now).reset_index()
    after = local_midnights(days[-1], days[-1] + pd.Timedelta(days=2), zone=series.zone)
    bounds = days.union(after[1:2])
    hours = _newest(forecasts, ("hourly",))
    parts = _by_interval(measured, hours, interval_starts(series, days[0], bounds[-1]), now)
    measured_until = _last_measured(series) + series.interval
    daily = _newest(forecasts, ("daily",)).reindex(days[bounds[1:] > measured_until]).reindex(days)
    return _by_day(parts, daily, bounds, now).reset_index()


def local_midnights(start: pd.Timestamp, end: pd.Timestamp, *, zone: str) -> pd.DatetimeIndex:
    """Starts of the local days that start in [start, end), UTC."""
    first, last = (i.tz_convert(zone).tz_localize(None).normalize() for i in (start, end))
    days = pd.date_range(first, last, freq="D", unit="ms")
    starts = utc_of(days, zone)
    return starts[(starts >= start) & (starts < end)]


def interval_starts(series: Series, start: pd.Timestamp, end: pd.Timestamp) -> pd.DatetimeIndex:
    """Starts of the intervals of a series in [start, end), in step with its history."""
    if series.is_daily:
        return local_midnights(start, end, zone=series.zone)
    anchor = series.start_at
    first = anchor - (anchor - start) // series.interval * series.interval
    return pd.date_range(first, end, freq=series.interval, inclusive="left", unit="ms")


def _last_measured(series: Series) -> pd.Timestamp:
    """Start of the last interval with a value; the year 1970 if there is none."""
    measured = series.starts[np.isfinite(series.values)]
    return measured[-1] if len(measured) else pd.Timestamp(0, tz="UTC")


def _newest(forecasts: pd.DataFrame, resolutions: tuple[str, ...]) -> pd.DataFrame:
    """The newest issue of each interval, by its start."""
    rows = forecasts[forecasts["resolution"].isin(resolutions)]
    newest = rows.sort_values("issued_at", kind="stable").drop_duplicates("valid_at", keep="last")
    return newest.set_index("valid_at").sort_index()


def _by_interval(
    measured: Measured, ahead: pd.DataFrame, starts: pd.DatetimeIndex, now: pd.Timestamp
) -> pd.DataFrame:
    series = measured.series
    history = pd.DataFrame(
        {
            "value": series.values,
            "temperature_c": measured.temperature_c,
            "reason": measured.reason,
        },
        index=series.starts,
    )
    past, future = history.reindex(starts), ahead.reindex(starts)
    known = past["value"].notna().to_numpy()
    later = np.asarray(starts > _last_measured(series))
    predicted = later & ~known & future["value"].notna().to_numpy()
    over = np.asarray(starts + series.interval <= now)
    unknown = pd.Series(np.where(over, "no_value", "no_forecast"), index=starts)
    reason = past["reason"].astype(object)
    columns = {
        "value": past["value"].where(~predicted, future["value"]),
        "mean": expected_values(future).where(predicted),
        "type": np.select([known, predicted], ["historical", "forecast"], "missing"),
        **{name: future[name].astype(float).where(predicted) for name in QUANTILE_NAMES},
        "temperature_c": past["temperature_c"].fillna(future["temperature_c"]),
        "basis": reason.where(reason.notna() & (reason != ""), unknown)
        .mask(predicted, future["basis"].astype(object))
        .mask(known, "measured"),
        "weather": future["weather"].astype(object).where(predicted),
        "issued_at": future["issued_at"].where(predicted),
    }
    return pd.DataFrame(columns, index=starts.rename("datetime"))


def _by_day(
    parts: pd.DataFrame, daily: pd.DataFrame, bounds: pd.DatetimeIndex, now: pd.Timestamp
) -> pd.DataFrame:
    """Local days out of their intervals and the daily forecasts.

    Args:
        parts: What `_by_interval` says of every interval of these days.
        daily: One row per day: its daily forecast, empty where there is none.
        bounds: Starts of the days, and the end of the last one.
        now: Present time.
    """
    days = bounds[:-1].rename("datetime")
    day = days[np.searchsorted(days, parts.index, side="right") - 1]
    counts = pd.crosstab(day, parts["type"]).reindex(
        index=days, columns=["historical", "forecast", "missing"], fill_value=0
    )
    measured, predicted, missing = counts.to_numpy().T
    complete = missing == 0
    started = complete & (predicted > 0) & (measured > 0)
    by_row = daily["value"].notna().to_numpy() & (missing + predicted > 0) & ~started
    ahead = by_row | (complete & (predicted > 0))
    rows = _day_sums(parts, day).reindex(days)
    daily = daily.assign(mean=expected_values(daily))
    numbers = ["value", "mean", *QUANTILE_NAMES, "temperature_c"]
    for name in numbers:
        shown = {"value": ahead | complete, "temperature_c": np.ones_like(ahead)}.get(name, ahead)
        rows[name] = rows[name].mask(by_row, daily[name].astype(float)).where(shown)
    rows["type"] = np.select([ahead, complete], ["forecast", "historical"], "missing")
    whole = pd.Series(measured + predicted + missing, index=days).astype(str)
    known = counts["historical"].astype(str) + " of " + whole + " intervals known"
    known = known.where((bounds[1:] <= now) | (measured > 0), "no_forecast")
    rows["basis"] = (
        known.mask(complete, "measured")
        .mask(ahead, rows["basis"])
        .mask(by_row, daily["basis"].astype(object))
    )
    for name in ("weather", "issued_at"):
        rows[name] = rows[name].mask(by_row, daily[name]).where(ahead)
    return rows[list(RANGE_COLUMNS[1:])]


def _day_sums(parts: pd.DataFrame, day: pd.DatetimeIndex) -> pd.DataFrame:
    """Sums, mean temperature and forecast basis by day.

    A predicted day adds up its hours' means, and their quantiles as if they all erred together:
    wide on purpose.
    """
    predicted = parts["type"] == "forecast"
    numbers = ["mean", *QUANTILE_NAMES]
    added = pd.DataFrame({n: parts[n].where(predicted, parts["value"]) for n in numbers})
    rows = added.groupby(day).sum()
    rows["value"] = rows["mean"]
    rows["temperature_c"] = parts["temperature_c"].groupby(day).mean()
    for name in ("basis", "weather"):
        rows[name] = parts[name].where(predicted).groupby(day).last()
    rows["issued_at"] = parts["issued_at"].groupby(day).max()
    return rows
