"""The only clock arithmetic: what a clock shows at an instant, local days, lags, holidays.

Instants stay UTC; a zone is only used to know what the customer's clock shows.
"""

from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Final, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

CALENDAR: Final[int] = 8
"""Calendar channels: two harmonics of the day, one of the week, weekend, holiday."""


Wall = TypeVar("Wall", pd.Timestamp, pd.DatetimeIndex)
"""What a clock shows, without a zone; and the instants of it."""


def utc_of(wall: Wall, zone: str) -> Wall:
    """Instants from what a zone's clock shows; a time that it skips is the next instant."""
    local = wall.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    return local.tz_convert("UTC")


def local_day(instant: pd.Timestamp, zone: str) -> pd.Timestamp:
    """Midnight of the day that a zone's clock shows at an instant, as the clock shows it."""
    return instant.tz_convert(zone).tz_localize(None).normalize()


def grid_starts(
    first: pd.Timestamp, count: int, *, interval_minutes: int, zone: str
) -> pd.DatetimeIndex:
    """Starts of so many intervals, UTC: a step apart, or local midnights where they are days.

    Args:
        first: Start of the first interval, or any instant of the first day.
        count: How many.
        interval_minutes: Length of an interval; 1440 for local days. [min]
        zone: IANA name of the zone of the days.
    """
    if interval_minutes < 1440:
        return pd.date_range(first, periods=count, freq=pd.Timedelta(minutes=interval_minutes))
    return utc_of(pd.date_range(local_day(first, zone), periods=count, freq="D"), zone)


def offset_minutes(starts: pd.DatetimeIndex, zone: str) -> NDArray[np.int64]:
    """How far the zone's clock is ahead of UTC at each instant, in minutes."""
    local = starts.tz_convert(zone).tz_localize(None)
    ahead = local - starts.tz_convert("UTC").tz_localize(None)
    return np.asarray(ahead // pd.Timedelta(minutes=1), dtype=np.int64)


def local_minutes(starts: pd.DatetimeIndex, zone: str) -> NDArray[np.int64]:
    """What the zone's clock shows, as minutes since its own 1970-01-01 00:00."""
    utc = starts.tz_convert("UTC").tz_localize(None)
    since = np.asarray((utc - pd.Timestamp(0)) // pd.Timedelta(minutes=1), dtype=np.int64)
    return since + offset_minutes(starts, zone)


def day_lags(
    starts: pd.DatetimeIndex, *, zone: str, interval_minutes: int, days: int
) -> NDArray[np.int64]:
    """Where the clock showed the same time 1 to `days` days earlier.

    Args:
        starts: Interval starts on a regular grid, UTC.
        zone: Zone of the clock.
        interval_minutes: Length of an interval. [min]
        days: How many days to look back.

    Returns:
        Positions on the same grid, one row per interval, one column per day; negative before the
        grid begins. On the day after a clock change a lag of a day is 23 or 25 hours.
    """
    per_day = 24 * 60 // interval_minutes
    position = np.arange(len(starts), dtype=np.int64)[:, None]
    plain = position - per_day * np.arange(1, days + 1, dtype=np.int64)[None, :]
    offset = offset_minutes(starts, zone)
    if not len(offset) or int(offset.min()) == int(offset.max()):
        return plain
    then = offset[np.clip(plain, 0, len(starts) - 1)]
    return plain + (offset[:, None] - then) // interval_minutes


def local_midnights(starts: pd.DatetimeIndex, *, zone: str, per_day: int = 1) -> NDArray[np.int64]:
    """Positions of the first start at or after each local midnight, or `per_day`-th of the day.

    Hourly intervals that begin at half past by the local clock give 00:30.
    """
    if len(starts) < 2:
        return np.zeros(0, dtype=np.int64)
    minutes = int((starts[1] - starts[0]) / pd.Timedelta(minutes=1))
    local = local_minutes(starts, zone)
    return np.flatnonzero(local % (24 * 60 // per_day) < minutes)


def calendar(starts: pd.DatetimeIndex, *, zone: str) -> NDArray[np.float32]:
    """Calendar channels of the local clock, one row per instant, `CALENDAR` columns in -1 to 1."""
    minutes = local_minutes(starts, zone)
    day = minutes // (24 * 60)
    turn = 2 * np.pi * (minutes % (24 * 60)) / (24 * 60)
    weekday = (day + 3) % 7  # 1970-01-01 was a Thursday
    week = 2 * np.pi * weekday / 7
    days, where = np.unique(day, return_inverse=True)
    free = np.array([is_holiday(date.fromordinal(719_163 + int(d)), zone) for d in days])
    columns = [
        np.sin(turn),
        np.cos(turn),
        np.sin(2 * turn),
        np.cos(2 * turn),
        np.sin(week),
        np.cos(week),
        weekday >= 5,
        free[where] if len(days) else np.zeros(0),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


@lru_cache(maxsize=64)
def _country(zone: str) -> str | None:
    """ISO code of the one country of a zone; nothing where the zone is of none or of several."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        fields = line.split("\t")
        if not line.startswith("#") and len(fields) > 2 and fields[2] == zone:
            return fields[0]
    return None


@lru_cache(maxsize=16_384)
def is_holiday(day: date, zone: str, country: str | None = None) -> bool:
    """Whether a day is a public holiday in a whole country; no where that is unknown.

    Args:
        day: Local day.
        zone: Zone whose one country is meant, unless one is given.
        country: ISO 3166 code of the country.
    """
    code = country or _country(zone)
    return code is not None and day in _holidays(code, day.year)


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> frozenset[date]:
    import holidays  # heavy, and only needed where a country is known

    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()
