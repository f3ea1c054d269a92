"""The versions of load-profile readings in the document store, beside other writers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.contracts.readings import MEASUREMENTS, VALUE_NAMES
from energy_assets.intake.report import IngestReport
from energy_assets.intake.rows import one_text, utc_index
from energy_assets.intake.versions.reconciliation import FileRank
from energy_assets.intake.versions.version_store import VERSION_COLUMNS, ReadingWindow
from resources.document_store import DocumentStore
from resources.tables import Filter


class MeasurementTable:
    """The table of measurements. See `VersionedReadings`."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents

    def read(self, window: ReadingWindow, *, values: Sequence[str] = ()) -> pd.DataFrame:
        """The stored versions in a window."""
        columns = ["serial" if name == "meter_id" else name for name in VERSION_COLUMNS]
        stored = self._documents.read(MEASUREMENTS, _within(window), columns=[*columns, *values])
        return stored.rename(columns={"serial": "meter_id"})

    def has_any(self, window: ReadingWindow) -> bool:
        """Whether there is any version in a window."""
        found = self._documents.read(MEASUREMENTS, _within(window), columns=["serial"], limit=1)
        return not found.empty

    def insert(self, frame: pd.DataFrame, version: NDArray[np.int64], rank: FileRank) -> int:
        """Insert rows; fewer than given were new when another writer was faster."""
        values = {name: frame[name].to_numpy() for name in VALUE_NAMES if name in frame}
        known = np.full(len(frame), rank.known_ms, dtype="datetime64[ms]")
        rows = pd.DataFrame(
            {
                "serial": frame["meter_id"].astype("str").array,
                "timestamp": utc_index(frame["utc_ms"].to_numpy().astype("datetime64[ms]")),
                "version": pd.array(version, dtype="Int64"),
                "obis": frame["obis"].astype("str").array,
                "customer_ref": frame["customer_ref"].astype("str").array,
                "file_id": one_text(rank.file_id, len(frame)),
                "known_at": utc_index(known),
                "fingerprint": pd.array(frame["fingerprint"].to_numpy(), dtype="Int64"),
                **{name: column for name, column in values.items() if not np.isnan(column).all()},
            },
            copy=False,
        )
        return self._documents.insert_new(MEASUREMENTS, rows)


def _within(window: ReadingWindow) -> list[Filter]:
    return [
        Filter("serial", "in", window.meters),
        Filter("timestamp", ">=", window.first_at),
        Filter("timestamp", "<=", window.last_at),
    ]


def stored_readings(documents: DocumentStore, report: IngestReport) -> int:
    """How many readings in the store a file brought."""
    if report.first_timestamp is None or report.last_timestamp is None:
        return 0
    window = ReadingWindow(
        meters=list(report.meters),
        first_at=pd.Timestamp(report.first_timestamp),
        last_at=pd.Timestamp(report.last_timestamp),
    )
    return documents.count(MEASUREMENTS, [*_within(window), Filter("file_id", "=", report.file_id)])
