"""What a meter used or will use over any range of time: measured, missing, predicted."""

from datetime import datetime
from typing import Final, Literal

import numpy as np
import pandas as pd

from energy_assets.calendar import utc_of
from energy_assets.contracts.forecasts import QUANTILE_NAMES
from energy_assets.forecasts.errors import (
    RangeOrderError,
    RangeTooEarlyError,
    RangeTooLateError,
    RangeTooLongError,
    RangeZoneError,
    UnmeasuredSeriesError,
)

Resolution = Literal["hourly", "daily"]
"""By the meter's interval, or by the local day."""

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
)
"""Columns of a range. `mean` is what totals of forecasts are made of; measured rows have none."""


def checked_range(
    start: datetime,
    end: datetime,
    *,
    first_known_at: pd.Timestamp | None,
    now: pd.Timestamp,
    reach_days: int = 14,
) -> tuple[pd.Timestamp, pd.Timestamp]:
    """A range that can be answered, in UTC.

    Args:
        start: First instant.
        end: First instant after the range.
        first_known_at: Start of the meter's first interval; None if it has no value. A range may
            start up to a day earlier, so that whole local days can be asked for.
        now: Present time.
        reach_days: How far ahead forecasts reach.

    Raises:
        RangeZoneError: An instant has no time zone.
        RangeOrderError: The end is not after the start.
        RangeTooLongError: It spans more than ten years.
        UnmeasuredSeriesError: The meter has no value.
        RangeTooEarlyError: It starts before the meter's first value.
        RangeTooLateError: It ends beyond the reach; the sentence names the latest end.
    """
    for name, instant in (("start", start), ("end", end)):
        if pd.isna(instant) or instant.tzinfo is None:
            raise RangeZoneError(name, instant)
    first, last = (pd.Timestamp(i).tz_convert("UTC") for i in (start, end))
    if last <= first:
        raise RangeOrderError(first, last)
    days = (last - first) / pd.Timedelta(days=1)
    if days > LONGEST_RANGE_DAYS:
        raise RangeTooLongError(days, LONGEST_RANGE_DAYS)
    if first_known_at is None or pd.isna(first_known_at):
        raise UnmeasuredSeriesError
    if first < first_known_at - pd.Timedelta(days=1):
        raise RangeTooEarlyError(first, first_known_at)
    latest = now.floor("min") + pd.Timedelta(days=reach_days)
    if last > latest:
        raise RangeTooLateError(last, latest, reach_days)
    return first, last


def range_values(
    history: pd.DataFrame,
    forecasts: pd.DataFrame,
    *,
    start: pd.Timestamp,
    end: pd.Timestamp,
    resolution: Resolution,
    now: pd.Timestamp,
) -> pd.DataFrame:
    """One row per interval, or local day, that starts in [start, end).

    Args:
        history: The meter's frame.
        forecasts: Rows of the forecast table of this meter, of any issues and resolutions. Of each
            interval the newest issue counts, and only from the end of the history on.
        start: First instant, UTC.
        end: First instant after the range, UTC.
        resolution: `hourly` is the meter's own interval, `daily` sums of local days.
        now: Present time, which tells what is missing from what is not predicted.

    Returns:
        Columns `RANGE_COLUMNS`; `datetime` is the start in UTC. A value is `historical` where it
        was measured, `forecast` where it lies after the last measurement and was predicted, else
        `missing`, with a null value. `basis` is `measured`, the forecast's own, or why it is
        missing. A day is measured only if all of it is: a sum that lacks an hour is no day. The day
        in which measurements end is the daily forecast of it, or measured plus predicted hours.
    """
    minutes = int(history.attrs["interval_minutes"])
    if minutes >= 1440 or resolution == "hourly":
        kinds = ("hourly", "daily") if minutes >= 1440 else ("hourly",)
        slots = _slots(history, start, end)
        return _by_interval(history, _newest(forecasts, kinds), slots, now).reset_index()
    days = local_midnights(start, end, zone=str(history.attrs["zone"]))
    if not len(days):
        return _by_interval(history, _newest(forecasts, ()), days, now).reset_index()
    after = local_midnights(
        days[-1], days[-1] + pd.Timedelta(days=2), zone=str(history.attrs["zone"])
    )
    bounds = days.union(after[1:2])
    hours = _newest(forecasts, ("hourly",))
    parts = _by_interval(history, hours, _slots(history, days[0], bounds[-1]), now)
    measured_until = _last_measured(history) + pd.Timedelta(minutes=minutes)
    daily = _newest(forecasts, ("daily",)).reindex(days[bounds[1:] > measured_until]).reindex(days)
    return _by_day(parts, daily, bounds, now).reset_index()


def local_midnights(start: pd.Timestamp, end: pd.Timestamp, *, zone: str) -> pd.DatetimeIndex:
    """Starts of the local days that start in [start, end), UTC."""
    first, last = (i.tz_convert(zone).tz_localize(None).normalize() for i in (start, end))
    days = pd.date_range(first, last, freq="D", unit="ms")
    starts = utc_of(days, zone)
    return starts[(starts >= start) & (starts < end)]


def _slots(history: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DatetimeIndex:
    """Starts of the meter's intervals in [start, end), in step with its history."""
    minutes = int(history.attrs["interval_minutes"])
    if minutes >= 1440:
        return local_midnights(start, end, zone=str(history.attrs["zone"]))
    step = pd.Timedelta(minutes=minutes)
    anchor = pd.Timestamp(history.index[0]) if len(history) else start.floor("D")
    first = anchor - (anchor - start) // step * step
    return pd.date_range(first, end, freq=step, inclusive="left", unit="ms")


def _last_measured(history: pd.DataFrame) -> pd.Timestamp:
    """Start of the last interval with a value; the year 1970 if there is none."""
    measured = history.index[history["consumption"].notna()]
    return measured[-1] if len(measured) else pd.Timestamp(0, tz="UTC")


def _newest(forecasts: pd.DataFrame, resolutions: tuple[str, ...]) -> pd.DataFrame:
    """The newest issue of each interval, by its start."""
    rows = forecasts[forecasts["resolution"].isin(resolutions)]
    newest = rows.sort_values("issued_at", kind="stable").drop_duplicates("valid_at", keep="last")
    return newest.set_index("valid_at").sort_index()


def _by_interval(
    history: pd.DataFrame, ahead: pd.DataFrame, starts: pd.DatetimeIndex, now: pd.Timestamp
) -> pd.DataFrame:
    length = pd.Timedelta(minutes=int(history.attrs["interval_minutes"]))
    past, future = history.reindex(starts), ahead.reindex(starts)
    measured = past["consumption"].notna().to_numpy()
    later = np.asarray(starts > _last_measured(history))
    predicted = later & ~measured & future["value"].notna().to_numpy()
    unknown = pd.Series(np.where(starts + length > now, "no_forecast", "no_value"), index=starts)
    reason = past["reason"].astype(object) if "reason" in past else unknown
    known = {
        "value": past["consumption"].astype(float).where(~predicted, future["value"]),
        "mean": _means(future).where(predicted),
        "type": np.select([measured, predicted], ["historical", "forecast"], "missing"),
        **{name: future[name].astype(float).where(predicted) for name in QUANTILE_NAMES},
        "temperature_c": past["temperature_c"].astype(float).fillna(future["temperature_c"]),
        "basis": reason.where(reason.notna() & (reason != ""), unknown)
        .mask(predicted, future["basis"].astype(object))
        .mask(measured, "measured"),
    }
    return pd.DataFrame(known, index=starts.rename("datetime"))


def _means(forecasts: pd.DataFrame) -> pd.Series:
    """Expected values; medians of forecasts that were issued before means were learned."""
    return forecasts["mean"].astype(float).fillna(forecasts["value"].astype(float))


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
    daily = daily.assign(mean=_means(daily))
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
    rows["basis"] = parts["basis"].where(predicted).groupby(day).last()
    return rows
