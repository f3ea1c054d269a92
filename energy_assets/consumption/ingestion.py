"""The way in: one electricity or water file from the object store into the series store.

What a row means is decided in `block_points`, what becomes of it in `intake.versions`, the order
of writes in `intake.run`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

import pandas as pd

from energy_assets.consumption.consumption_meters import FileMeters, known_intervals
from energy_assets.consumption.consumption_rules import PREFIX, ConsumptionRules
from energy_assets.consumption.file_kind import consumption_kind
from energy_assets.consumption.meter_keys import meter_id_of, meter_key, meter_type_of
from energy_assets.consumption.point_table import PointTable
from energy_assets.contracts.consumption import MeterType
from energy_assets.contracts.meter_files import PROCESSED_FILES
from energy_assets.intake.opening import ReadingOptions, open_file
from energy_assets.intake.report import FileExtent, IngestReport, MeterFile, stored_report
from energy_assets.intake.run import FileRun
from energy_assets.intake.versions.version_store import VersionedReadings
from resources.document_store import DocumentStore
from resources.object_store import ObjectStore
from resources.series_store import SeriesStore
from resources.tables import Filter

__all__ = ["CHUNK_ROWS", "PREFIX", "ConsumptionRules", "ingest_consumption_file"]

CHUNK_ROWS: Final = 100_000
"""Rows that are read and stored at once."""


def ingest_consumption_file(
    *,
    file: MeterFile,
    objects: ObjectStore,
    documents: DocumentStore,
    series: SeriesStore,
    rules: ConsumptionRules,
    now: datetime,
    chunk_rows: int = CHUNK_ROWS,
) -> IngestReport:
    """Store the values of an electricity or water file, and account for every row.

    A file that was processed before changes nothing and gives the same report. Points are written
    first, then refused rows, meters, then the file: a crash in between is repaired by running
    again. One process at a time may write points.

    Args:
        file: Which content of which object.
        objects: Where it lies, and where refused rows are put for mending.
        documents: Where refused rows, meters and processed files go; the tables exist.
        series: Where points go; the tables exist.
        rules: What the file itself does not say.
        now: The present instant, UTC.
        chunk_rows: Rows that are read and stored at once.

    Returns:
        The row balance; its `serials` are meter keys such as `water/abc`.

    Raises:
        MeterFileError: It cannot be read as a whole; nothing was stored.
        ObjectMissingError: It was deleted after it was listed.
        ObjectChangedError: It was replaced after it was listed.
        StoreUnavailableError: A store went away; run again.
    """
    meter_type = meter_type_of(file.object_key, prefix=rules.prefix)
    processed = documents.read(PROCESSED_FILES, [Filter("file_id", "=", file.file_id)])
    if len(processed):
        return stored_report(documents, processed, partial(_intervals, documents, meter_type))
    kind = consumption_kind(meter_type, unit=rules.units[meter_type], label=rules.label)
    opened = open_file(
        partial(objects.stream, file.object_key, expected_etag=file.etag),
        file=file,
        kind=kind,
        options=ReadingOptions(
            clock=rules.clock,
            meter_id=meter_id_of(file.object_key),
            chunk_rows=chunk_rows,
            earliest=rules.earliest,
            known_intervals=partial(known_intervals, documents, meter_type),
        ),
    )
    is_register = "register" in opened.first_rules.layout.positions
    run = FileRun(
        file=file,
        opened=opened,
        objects=objects,
        documents=documents,
        tables=_ConsumptionTables(documents, series, meter_type, is_register=is_register),
    )
    run.read_all()
    return run.finish(now)


class _ConsumptionTables:
    """Keeps the points of one file in the series store. See `Tables`."""

    def __init__(
        self,
        documents: DocumentStore,
        series: SeriesStore,
        meter_type: MeterType,
        *,
        is_register: bool,
    ) -> None:
        self._documents, self._series = documents, series
        self._meters = FileMeters(meter_type, is_register=is_register)
        self.versions: VersionedReadings = PointTable(series, meter_type)

    def note(self, frame: pd.DataFrame, spellings: Mapping[str, Mapping[str, str]]) -> None:
        """Note the meters of accepted points."""
        del spellings
        self._meters.add(frame)

    def record(self, now: datetime) -> FileExtent:
        """Write the meters."""
        meters = self._meters
        meters.record(self._documents, now=now, series=self._series)
        return FileExtent(
            meters=[meter_key(meters.meter_type, meter) for meter in meters.newest_ms],
            first_ms=min(meters.oldest_ms.values(), default=None),
            last_ms=max(meters.newest_ms.values(), default=None),
        )

    def intervals(self, meters: Sequence[str]) -> Mapping[str, int]:
        """The intervals that are known of meters, by key [min]."""
        return _intervals(self._documents, self._meters.meter_type, meters)


def _intervals(
    documents: DocumentStore, meter_type: MeterType, keys: Sequence[str]
) -> dict[str, int]:
    meters = [key.partition("/")[2] for key in keys]
    known = known_intervals(documents, meter_type, meters)
    return {meter_key(meter_type, meter): minutes for meter, minutes in known.items()}
