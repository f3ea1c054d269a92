"""From archived weather to what was known at each origin: nothing that was issued later matters.

Pure; the archive itself is in `weather_archive`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.forecasting.series import LEAD_DAYS, KnownFuture

MIN_KNOWN_SHARE: Final = 0.8
"""An interval has a temperature when so much of its hours are known; 5 hours of a day may miss."""

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 86_400_000


def known_weather(
    rows: pd.DataFrame,
    *,
    starts: pd.DatetimeIndex,
    origin_at: pd.Timestamp,
    interval_minutes: int,
    preferred_provider: str | None = None,
) -> KnownFuture:
    """The weather of intervals, as it was known at an origin and at the origins before it.

    Of several values for one hour and lead, a forecast wins over a normal, the preferred provider
    over others, and then the newest issue. An interval longer than an hour has the mean of its
    hours.

    Args:
        rows: Rows of `WEATHER` of one location, in any order.
        starts: Starts of the intervals, UTC, ascending.
        origin_at: Nothing that was issued later is used.
        interval_minutes: 60, a multiple that divides a day, or 1440 for local days. [min]
        preferred_provider: Whose word counts most.

    Returns:
        For an interval that started before the origin, column d - 1 of `predicted_c` is what was
        known d times 24 hours before its start. For one that starts at or after the origin, in the
        k-th 24 hours, columns up to k - 1 are what was known at the origin, and those beyond it
        as before. Missing where nothing was archived.
    """
    hours = _Hours.of(starts, interval_minutes=interval_minutes)
    origin_ms = int(origin_at.timestamp() * 1000)
    known = rows[rows["issued_at"] <= origin_at]
    said = _Said.of(known)
    is_preferred = said.is_from(known, preferred_provider)
    forecast_c = hours.blank(LEAD_DAYS + 1)
    normal_c = hours.blank(LEAD_DAYS + 1)
    forecasts = known["kind"].eq("forecast").to_numpy(dtype=np.bool_)
    normals = known["kind"].eq("normal").to_numpy(dtype=np.bool_)
    for target, mine in (
        (forecast_c, forecasts & ~is_preferred),
        (forecast_c, forecasts & is_preferred),
        (normal_c, normals),
    ):
        _lay_over(target, _newest_by_lead(said.where(mine), hours))
    by_lead, normal = _combined(forecast_c, normal_c, hours)
    predicted_c, is_normal = _at_origin(by_lead, normal, hours, origin_ms=origin_ms)
    observations = known["kind"].eq("observation").to_numpy(dtype=np.bool_)
    observations = observations & (said.valid_ms <= said.issued_ms)  # nobody measures the future
    observed_c = hours.blank(1)
    for mine in (observations & ~is_preferred, observations & is_preferred):
        _lay_over(observed_c, _newest(said.where(mine), hours))
    return KnownFuture(
        starts=starts,
        observed=hours.means(observed_c)[0],
        predicted=predicted_c,
        normal=is_normal,
    )


@dataclass(frozen=True, kw_only=True)
class _Hours:
    """The hours that intervals are made of: cells, numbered through all intervals.

    Attributes:
        starts_ms: Start of each interval. [ms]
        ends_ms: End of each interval. [ms]
        first_cell: Number of each interval's first hour; one more at the end.
    """

    starts_ms: NDArray[np.int64]
    ends_ms: NDArray[np.int64]
    first_cell: NDArray[np.int64]

    @classmethod
    def of(cls, starts: pd.DatetimeIndex, *, interval_minutes: int) -> "_Hours":
        starts_ms = _milliseconds(starts)
        longest_ms = interval_minutes * 60_000
        if interval_minutes == 1440:
            longest_ms += _HOUR_MS  # the day on which clocks are set back
        ends_ms = starts_ms + interval_minutes * 60_000
        if len(starts_ms):
            ends_ms[:-1] = np.minimum(starts_ms[1:], starts_ms[:-1] + longest_ms)
        counts = np.maximum(1, -((starts_ms - ends_ms) // _HOUR_MS))
        return cls(
            starts_ms=starts_ms,
            ends_ms=ends_ms,
            first_cell=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        )

    def blank(self, layers: int) -> NDArray[np.float64]:
        """That many layers of cells, all missing."""
        return np.full((layers, int(self.first_cell[-1])), np.nan)

    def place(self, instants_ms: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Interval and cell of each instant, -1 outside all intervals."""
        if not len(self.starts_ms):
            nowhere = np.full(len(instants_ms), -1, dtype=np.int64)
            return nowhere, nowhere
        interval = np.searchsorted(self.starts_ms, instants_ms, side="right") - 1
        inside = (interval >= 0) & (instants_ms < self.ends_ms[interval])
        cell = self.first_cell[interval] + (instants_ms - self.starts_ms[interval]) // _HOUR_MS
        return np.where(inside, interval, -1), np.where(inside, cell, -1)

    def means(self, layers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean of each interval's hours, missing where too few are known."""
        if not len(self.starts_ms):
            return np.empty((len(layers), 0))
        counts = np.diff(self.first_cell)
        if (counts == 1).all():
            return layers
        at = self.first_cell[:-1]
        known = np.add.reduceat(~np.isnan(layers), at, axis=1, dtype=np.int64)
        total = np.add.reduceat(np.nan_to_num(layers, nan=0.0), at, axis=1)
        return np.where(known >= MIN_KNOWN_SHARE * counts, total / np.maximum(known, 1), np.nan)


@dataclass(frozen=True, kw_only=True)
class _Said:
    """What was said about which instant, and when; `issued_ms` and `valid_ms` in ms since 1970."""

    issued_ms: NDArray[np.int64]
    valid_ms: NDArray[np.int64]
    celsius: NDArray[np.float64]

    @classmethod
    def of(cls, rows: pd.DataFrame) -> "_Said":
        return cls(
            issued_ms=_milliseconds(pd.DatetimeIndex(rows["issued_at"])),
            valid_ms=_milliseconds(pd.DatetimeIndex(rows["valid_at"])),
            celsius=rows["temperature_c"].to_numpy(dtype=np.float64),
        )

    def is_from(self, rows: pd.DataFrame, provider: str | None) -> NDArray[np.bool_]:
        """Which rows a provider said."""
        if provider is None:
            return np.zeros(len(self.celsius), dtype=np.bool_)
        return rows["provider"].eq(provider).to_numpy(dtype=np.bool_)

    def where(self, mine: NDArray[np.bool_]) -> "_Said":
        """These rows without missing values, in the order in which they were issued."""
        mine = mine & ~np.isnan(self.celsius)
        if mine.all() and self._in_order(self.issued_ms):
            return self
        at = np.flatnonzero(mine)
        issued_ms = self.issued_ms[at]
        if not self._in_order(issued_ms):
            at = at[np.argsort(issued_ms, kind="stable")]
        return _Said(
            issued_ms=self.issued_ms[at], valid_ms=self.valid_ms[at], celsius=self.celsius[at]
        )

    @staticmethod
    def _in_order(issued_ms: NDArray[np.int64]) -> bool:
        return bool((issued_ms[1:] >= issued_ms[:-1]).all())


def _newest_by_lead(said: _Said, hours: _Hours) -> NDArray[np.float64]:
    """For each cell, the newest value that was issued by d times 24 hours before its interval.

    Returns:
        `LEAD_DAYS` + 1 layers: d = 0, which is the newest value of all, to d = `LEAD_DAYS`.
    """
    interval, cell = hours.place(said.valid_ms)
    lead_ms = hours.starts_ms[interval] - said.issued_ms if len(hours.starts_ms) else said.issued_ms
    band = np.clip(lead_ms // _DAY_MS, 0, LEAD_DAYS).astype(np.int8)
    band[interval < 0] = -1
    newest = hours.blank(LEAD_DAYS + 1)
    # Whatever is issued in a nearer band is newer than all of the farther bands, and in order of
    # issue the last value that is put into a cell stays there.
    for day in range(LEAD_DAYS, -1, -1):
        if day < LEAD_DAYS:
            newest[day] = newest[day + 1]
        mine = np.flatnonzero(band == day)
        newest[day, cell[mine]] = said.celsius[mine]
    return newest


def _newest(said: _Said, hours: _Hours) -> NDArray[np.float64]:
    """For each cell, the newest value, as one layer."""
    _, cell = hours.place(said.valid_ms)
    newest = hours.blank(1)
    inside = cell >= 0
    newest[0, cell[inside]] = said.celsius[inside]
    return newest


def _lay_over(under: NDArray[np.float64], over: NDArray[np.float64]) -> None:
    """Replace what is under a known value."""
    np.copyto(under, over, where=~np.isnan(over))


def _combined(
    forecast_c: NDArray[np.float64], normal_c: NDArray[np.float64], hours: _Hours
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Means of the intervals by lead, and which of them rest on normals for half or more."""
    missing = np.isnan(forecast_c)
    means = hours.means(np.where(missing, normal_c, forecast_c))
    from_normal = np.where(missing & np.isnan(normal_c), np.nan, missing.astype(np.float64))
    return means, (hours.means(from_normal) >= 0.5) & ~np.isnan(means)


def _at_origin(
    by_lead: NDArray[np.float64],
    normal: NDArray[np.bool_],
    hours: _Hours,
    *,
    origin_ms: int,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """One row per interval and `LEAD_DAYS` columns, with what is known now for coming intervals."""
    until_start_ms = hours.starts_ms - origin_ms
    day = np.where(until_start_ms >= 0, until_start_ms // _DAY_MS + 1, 0)
    columns = np.arange(1, LEAD_DAYS + 1)
    layer = np.where(columns[None, :] <= day[:, None], 0, columns[None, :])
    interval = np.arange(len(day))[:, None]
    return by_lead[layer, interval], normal[layer, interval]


def _milliseconds(instants: pd.DatetimeIndex) -> NDArray[np.int64]:
    return instants.as_unit("ms").asi8.copy()
