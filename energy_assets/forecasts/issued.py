"""Issued forecasts and what is known of their series: how a flow shows both to be scored.

Lead days are told apart here. What a flow's tables look like is known to its own `issued`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.calendar import local_day, utc_of
from energy_assets.contracts.columns import QUANTILE_NAMES
from energy_assets.contracts.ledger import Flow, Resolution
from energy_assets.forecasting.forecast import ForecastRows
from energy_assets.forecasting.series import LEAD_DAYS, Series

DAY = pd.Timedelta(days=1)
"""24 hours, whatever the clock does."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Issue:
    """One forecast of one series as it was issued.

    Attributes:
        series_key: Of which series.
        issued_at: When, UTC.
        model_id: What made it.
        rows: Its rows in time order from the first one on, by resolution; at least one row.
    """

    series_key: str
    issued_at: pd.Timestamp
    model_id: str
    rows: Mapping[Resolution, ForecastRows]

    @property
    def origin_at(self) -> pd.Timestamp:
        """Start of the first interval; of the first day where there are only days."""
        return min(rows.valid_at[0] for rows in self.rows.values())


@dataclass(frozen=True, kw_only=True, eq=False)
class Known:
    """A series as it is known at some instant, and when each of its readings became known.

    Attributes:
        series: Every interval from the first known one to the last.
        read_at: Instants of the readings that it is made of, ascending; several may be equal.
        known_at: When each became known, same length.
        is_register: Whether what was used lies between readings, rather than after each.
    """

    series: Series
    read_at: pd.DatetimeIndex
    known_at: pd.DatetimeIndex
    is_register: bool

    def newest_between(self, start: pd.Timestamp, end: pd.Timestamp) -> pd.Timestamp | None:
        """When the newest reading became known that what was used in [start, end) follows from.

        None where there is no such reading. Of a register, the readings around the stretch count.
        """
        first = int(self.read_at.searchsorted(start, side="left"))
        last = int(self.read_at.searchsorted(end, side="left"))
        if self.is_register:
            at_or_before = int(self.read_at.searchsorted(start, side="right")) - 1
            if at_or_before >= 0:
                first = int(self.read_at.searchsorted(self.read_at[at_or_before], side="left"))
            if last < len(self.read_at):
                last = int(self.read_at.searchsorted(self.read_at[last], side="right"))
        return self.known_at[first:last].max() if last > first else None


class Versions(Protocol):
    """All versions of the readings of some series."""

    def known(
        self, keys: Sequence[str], *, known_at: pd.Timestamp | None = None
    ) -> Mapping[str, Known]:
        """The series that have values, as they were known at an instant; now without it."""
        ...


class ScoredFlow(Protocol):
    """A flow that shows its issued forecasts and its series."""

    @property
    def name(self) -> Flow:
        """Its name in the ledger."""
        ...

    @property
    def reach_days(self) -> int:
        """How many days its forecasts reach ahead [d]."""
        ...

    def series_keys(self) -> Sequence[str]:
        """Every series that there is."""
        ...

    def changed_since(self, instant: pd.Timestamp) -> Mapping[str, pd.Timestamp]:
        """The series that files were taken in of since, and the first instant in those files."""
        ...

    def issues(
        self, keys: Sequence[str], *, ended_after: pd.Timestamp, now: pd.Timestamp
    ) -> Sequence[Issue]:
        """The forecasts with a lead day that ended after an instant, and perhaps some more.

        Rows that start after `now` may be missing.
        """
        ...

    def versions(self, keys: Sequence[str], *, since: pd.Timestamp) -> Versions:
        """All versions of readings of some series from an instant on."""
        ...


def forecast_rows_of(rows: pd.DataFrame) -> ForecastRows:
    """Stored rows of one issue and resolution, in time order.

    Args:
        rows: Columns `valid_at`, `mean`, the quantiles, `basis`, `weather` and `temperature_c`.
    """
    return ForecastRows(
        valid_at=pd.DatetimeIndex(rows["valid_at"]),
        quantiles=rows[list(QUANTILE_NAMES)].to_numpy(np.float64),
        mean=rows["mean"].to_numpy(np.float64),
        basis=rows["basis"].to_numpy(np.str_),
        weather=rows["weather"].to_numpy(np.str_),
        temperature_c=rows["temperature_c"].to_numpy(np.float64),
    )


def lead_days(
    valid_at: pd.DatetimeIndex, resolution: Resolution, *, origin_at: pd.Timestamp, zone: str
) -> NDArray[np.int64]:
    """Lead day of each row, from 1.

    Intervals are counted in 24 hours from the origin, as every family counts them; the 25th hour of
    a local day is in the second. Daily rows are counted by the local calendar: the day that holds
    the origin is the first one, however long it is.
    """
    if resolution == "hourly":
        return np.asarray((valid_at - origin_at) // DAY, dtype=np.int64) + 1
    local = valid_at.tz_convert(zone).tz_localize(None).normalize()
    days = np.asarray((local - local_day(origin_at, zone)).days, dtype=np.int64) + 1
    # 336 hours from shortly before a midnight reach a 15th day where a clock change shortens one.
    return np.minimum(days, LEAD_DAYS)


def lead_day_end(
    last: pd.Timestamp,
    lead_day: int,
    resolution: Resolution,
    *,
    origin_at: pd.Timestamp,
    zone: str,
) -> pd.Timestamp:
    """When a lead day is over: 24 hours each after the origin, or the local midnight.

    Args:
        last: Start of its last row.
        lead_day: Which it is.
        resolution: Of its rows.
        origin_at: From where it is counted.
        zone: Of the midnights.
    """
    if resolution == "hourly":
        return origin_at + lead_day * DAY
    return utc_of(local_day(last, zone) + DAY, zone)
