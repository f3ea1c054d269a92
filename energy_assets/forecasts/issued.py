"""One issued forecast as every flow shows it, and which lead day each of its rows is of."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.calendar import local_day, utc_of
from energy_assets.contracts.columns import QUANTILE_NAMES
from energy_assets.contracts.ledger import Resolution
from energy_assets.forecasting.forecast import ForecastRows
from energy_assets.forecasting.series import LEAD_DAYS

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
