"""Local days of a zone as plain arrays: instants are milliseconds since 1970."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.calendar import utc_of


def zone_offset_ms(zone: str, utc_ms: int) -> int:
    """How far a zone's wall clock is ahead of UTC at an instant."""
    offset = pd.Timestamp(utc_ms, unit="ms", tz="UTC").tz_convert(zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds() * 1_000)


def local_days(utc_ms: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    """The local date of each instant, in days since 1970."""
    moments = pd.DatetimeIndex(utc_ms.astype("datetime64[ms]")).tz_localize("UTC")
    wall = moments.tz_convert(zone).tz_localize(None)
    return wall.to_numpy(dtype="datetime64[D]").astype(np.int64)


def midnights_ms(first_day: int, count: int, zone: str) -> NDArray[np.int64]:
    """Local midnights, as the meter history has them."""
    days = pd.DatetimeIndex((np.arange(count) + first_day).astype("datetime64[D]"))
    return utc_of(days, zone).as_unit("ms").to_numpy(dtype="datetime64[ms]").astype(np.int64)
