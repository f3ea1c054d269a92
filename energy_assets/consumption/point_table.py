"""The versions of electricity and water points in the series store; one writer at a time."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.consumption.meter_keys import parsed_meter_key
from energy_assets.contracts.consumption import ENERGY_CONSUMPTION, MeterType
from energy_assets.intake.report import IngestReport
from energy_assets.intake.rows import one_text, utc_index
from energy_assets.intake.versions.fingerprint import fingerprints
from energy_assets.intake.versions.reconciliation import FileRank
from energy_assets.intake.versions.version_store import VERSION_COLUMNS, ReadingWindow
from resources.series_store import SeriesStore
from resources.tables import Filter

POINT_VALUES: Final = ("consumption", "register", "temperature_c")
"""Fields that hold numbers."""

_READ: Final = ("meter_id", "timestamp", "version", "file_id", "known_at", *POINT_VALUES)


class PointTable:
    """Points of one meter type. See `VersionedReadings`."""

    def __init__(self, series: SeriesStore, meter_type: MeterType) -> None:
        self._series = series
        self._meter_type = meter_type

    def read(self, window: ReadingWindow, *, values: Sequence[str] = ()) -> pd.DataFrame:
        """The stored versions in a window; their fingerprints are worked out."""
        stored = self._series.read(ENERGY_CONSUMPTION, self._within(window), columns=_READ)
        wanted = [*VERSION_COLUMNS, *values]
        numbers = {name: stored[name].to_numpy(dtype=np.float64) for name in POINT_VALUES}
        nobody = np.zeros(len(stored), dtype=np.uint64)
        return stored.assign(fingerprint=fingerprints(nobody, numbers))[wanted]

    def has_any(self, window: ReadingWindow) -> bool:
        """Whether there is any version in a window."""
        return self._series.count(ENERGY_CONSUMPTION, self._within(window)) > 0

    def _within(self, window: ReadingWindow) -> list[Filter]:
        return [
            Filter("meter_type", "=", self._meter_type),
            Filter("meter_id", "in", window.meters),
            Filter("timestamp", ">=", window.first_at),
            Filter("timestamp", "<=", window.last_at),
        ]

    def insert(self, frame: pd.DataFrame, version: NDArray[np.int64], rank: FileRank) -> int:
        """Write points; nobody else writes meanwhile, so all of them are new."""
        values = {name: frame[name].to_numpy() for name in POINT_VALUES if name in frame}
        known = np.full(len(frame), rank.known_ms, dtype="datetime64[ms]")
        rows = pd.DataFrame(
            {
                "meter_type": one_text(self._meter_type, len(frame)),
                "meter_id": frame["meter_id"].astype("str").array,
                "version": pd.array(version, dtype="Int64"),
                "timestamp": utc_index(frame["utc_ms"].to_numpy().astype("datetime64[ms]")),
                **{name: column for name, column in values.items() if not np.isnan(column).all()},
                "known_at": utc_index(known),
                "file_id": one_text(rank.file_id, len(frame)),
            },
            copy=False,
        )
        self._series.write(ENERGY_CONSUMPTION, rows)
        return len(rows)


def stored_points_of(series: SeriesStore, report: IngestReport) -> int:
    """How many points in the store a file brought."""
    if report.first_timestamp is None or report.last_timestamp is None:
        return 0
    meters = [parsed_meter_key(key) for key in report.meters]
    return series.count(
        ENERGY_CONSUMPTION,
        [
            Filter("meter_type", "in", sorted({meter_type for meter_type, _ in meters})),
            Filter("meter_id", "in", [meter_id for _, meter_id in meters]),
            Filter("timestamp", ">=", pd.Timestamp(report.first_timestamp)),
            Filter("timestamp", "<=", pd.Timestamp(report.last_timestamp)),
            Filter("file_id", "=", report.file_id),
        ],
    )
