"""A meter file as it is listed, its row balance, and its row in the table of processed files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from energy_assets.contracts.meter_files import QUARANTINE
from energy_assets.intake.cells.dates import DateOrder
from resources.document_store import DocumentStore
from resources.tables import Filter


@dataclass(frozen=True, kw_only=True)
class MeterFile:
    """One content of one meter file in the object store.

    Attributes:
        object_key: Where it lies.
        etag: ETag of the content that was listed.
        size_bytes: Its size.
        known_at: When it arrived in the object store, UTC.
        url: Its address, for people.
        file_id: Identity of this content; worked out from key and ETag without it.
        date_order: Order of day and month, when a person knows; found from the file without it.
        interval_minutes: Interval of its meters, for labels that mark starts; found without it.
    """

    object_key: str
    etag: str
    size_bytes: int
    known_at: datetime
    url: str = ""
    file_id: str = ""
    date_order: DateOrder | None = None
    interval_minutes: int | None = None

    def __post_init__(self) -> None:
        if not self.file_id:
            # Partition grammar lives with the orchestrator, which takes a second to load.
            from energy_assets.partitions import file_id_of

            object.__setattr__(self, "file_id", file_id_of(self.object_key, self.etag))


@dataclass(frozen=True, kw_only=True)
class IngestReport:
    """The row balance of a file, and what it is about.

    Attributes:
        file_id: Which file.
        rows_in: Rows in the file.
        rows_stored: Rows that are readings in the store because of this file.
        rows_corrected: Of those, rows that replace an older value.
        rows_duplicate: Rows that say what was known.
        rows_superseded: Rows that a file known later had corrected before.
        rows_quarantined: Rows that were refused.
        first_timestamp: Oldest reading, UTC.
        last_timestamp: Newest reading, UTC.
        meters: Meters in the file.
        customer_refs: Customers in the file.
        quarantine_reasons: Refused rows by reason code.
        interval_minutes: Interval of each meter, None where it does not show. [min]
        ignored_columns: Headers that mean nothing here; not known of a file processed before.
        fallback_rows: Rows that were no UTF-8 and read as Windows-1252; likewise.
        cells_dropped: Faulty cells that were left out while their row was kept, by field and
            reason; likewise.
        left_out: Lines that are no rows, by what they are: titles, comments, totals; likewise.
    """

    file_id: str
    rows_in: int
    rows_stored: int
    rows_corrected: int
    rows_duplicate: int
    rows_superseded: int
    rows_quarantined: int
    first_timestamp: datetime | None
    last_timestamp: datetime | None
    meters: tuple[str, ...]
    customer_refs: tuple[str, ...]
    quarantine_reasons: Mapping[str, int]
    interval_minutes: Mapping[str, int | None]
    ignored_columns: tuple[str, ...] = field(default=(), compare=False)
    fallback_rows: int = field(default=0, compare=False)
    cells_dropped: Mapping[str, int] = field(default_factory=dict[str, int], compare=False)
    left_out: Mapping[str, int] = field(default_factory=dict[str, int], compare=False)

    @property
    def rows_accounted(self) -> int:
        """Rows whose fate is known: all of them, or something is wrong."""
        fates = (self.rows_stored, self.rows_duplicate, self.rows_superseded)
        return sum(fates) + self.rows_quarantined


@dataclass(frozen=True, kw_only=True)
class RowBalance:
    """How many rows of a file had which fate; see `IngestReport`."""

    rows_in: int
    stored: int
    corrected: int
    duplicate: int
    superseded: int
    quarantined: int


@dataclass(frozen=True, kw_only=True)
class FileExtent:
    """What the rows of a file are about.

    Attributes:
        meters: Its meters.
        customer_refs: Its customers.
        first_ms: Oldest reading, milliseconds since 1970; None for none.
        last_ms: Newest reading, likewise.
    """

    meters: Sequence[str]
    customer_refs: Sequence[str] = ()
    first_ms: int | None
    last_ms: int | None


Intervals = Callable[[Sequence[str]], Mapping[str, int]]
"""Tells the intervals that are known of meters, by meter [min]."""


def processed_row(
    file: MeterFile, balance: RowBalance, extent: FileExtent, *, now: datetime
) -> pd.DataFrame:
    """The row of the table of processed files."""
    return pd.DataFrame(
        {
            "file_id": [file.file_id],
            "object_key": [file.object_key],
            "etag": [file.etag],
            "url": [file.url],
            "size_bytes": [file.size_bytes],
            "known_at": _instant(pd.Timestamp(file.known_at)),
            "processed_at": _instant(pd.Timestamp(now)),
            "rows_in": [balance.rows_in],
            "rows_stored": [balance.stored],
            "rows_duplicate": [balance.duplicate],
            "rows_superseded": [balance.superseded],
            "rows_quarantined": [balance.quarantined],
            "rows_corrected": [balance.corrected],
            "first_timestamp": _instant(_moment(extent.first_ms)),
            "last_timestamp": _instant(_moment(extent.last_ms)),
            "serials": [sorted(extent.meters)],
            "customer_refs": [sorted(extent.customer_refs)],
        }
    )


def stored_report(
    documents: DocumentStore, processed: pd.DataFrame, intervals: Intervals
) -> IngestReport:
    """The report of a processed file, from what the store says of it."""
    row = processed.iloc[0]
    meters = tuple(map(str, row["serials"]))
    reasons = documents.read(
        QUARANTINE, [Filter("file_id", "=", row["file_id"])], columns=["reason"]
    )["reason"]
    known = intervals(meters)
    return IngestReport(
        file_id=str(row["file_id"]),
        rows_in=int(row["rows_in"]),
        rows_stored=int(row["rows_stored"]),
        rows_corrected=int(row["rows_corrected"]),
        rows_duplicate=int(row["rows_duplicate"]),
        rows_superseded=int(row["rows_superseded"]),
        rows_quarantined=int(row["rows_quarantined"]),
        first_timestamp=_datetime(row["first_timestamp"]),
        last_timestamp=_datetime(row["last_timestamp"]),
        meters=meters,
        customer_refs=tuple(map(str, row["customer_refs"])),
        quarantine_reasons={str(k): int(v) for k, v in reasons.value_counts().items()},
        interval_minutes={meter: known.get(meter) for meter in meters},
    )


def _moment(utc_ms: int | None) -> pd.Timestamp | None:
    return None if utc_ms is None else pd.Timestamp(utc_ms, unit="ms", tz="UTC")


def _instant(moment: pd.Timestamp | None) -> pd.Series:
    return pd.Series([moment], dtype="datetime64[ms, UTC]")


def _datetime(moment: pd.Timestamp) -> datetime | None:
    return None if pd.isna(moment) else moment.to_pydatetime()
