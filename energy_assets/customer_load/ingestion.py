"""The way in: one meter file from the object store into the document store.

What a row means is decided in `block_readings`, what becomes of it in `reconciliation`, the
order of writes in `file_run`.
"""

from datetime import datetime
from functools import partial
from typing import Final

from energy_assets.contracts.meter_files import PROCESSED_FILES
from energy_assets.customer_load.file_opening import ReadingOptions, opened
from energy_assets.customer_load.load_profile_intake import LoadProfileIntake
from energy_assets.customer_load.meter_records import known_intervals
from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.opening import IntervalLabel
from energy_assets.intake.report import IngestReport, MeterFile, stored_report
from energy_assets.intake.run import FileRun
from resources.document_store import DocumentStore
from resources.object_store import ObjectStore
from resources.tables import Filter

__all__ = ["CHUNK_ROWS", "IngestReport", "MeterFile", "ingest_meter_file"]

CHUNK_ROWS: Final = 100_000
"""Rows that are read and stored at once."""


def ingest_meter_file(
    *,
    file: MeterFile,
    objects: ObjectStore,
    documents: DocumentStore,
    clock: MeterClock,
    now: datetime,
    label: IntervalLabel = "end",
    chunk_rows: int = CHUNK_ROWS,
) -> IngestReport:
    """Store the readings of a meter file, quarantine its bad rows, and account for every row.

    A file that was processed before changes nothing and gives the same report. Readings are written
    first, then refused rows, customers and meters, then the file: a crash in between is repaired by
    running again.

    Args:
        file: Which content of which object.
        objects: Where it lies, and where refused rows are put for mending.
        documents: Where readings go; the tables exist.
        clock: The clock that its times show, where they state no UTC offset.
        now: The present instant, UTC.
        label: Which end of its interval a time marks.
        chunk_rows: Rows that are read and stored at once.

    Raises:
        MeterFileError: It cannot be read as a whole; nothing was stored.
        ObjectMissingError: It was deleted after it was listed.
        ObjectChangedError: It was replaced after it was listed.
        StoreUnavailableError: A store went away; run again.
        ConcurrentWritersError: Others kept writing the same readings; run again.
    """
    processed = documents.read(PROCESSED_FILES, [Filter("file_id", "=", file.file_id)])
    if len(processed):
        return stored_report(documents, processed, partial(known_intervals, documents))
    options = ReadingOptions(
        clock=clock,
        label=label,
        interval_minutes=file.interval_minutes,
        date_order=file.date_order,
        chunk_rows=chunk_rows,
        known_intervals=partial(known_intervals, documents),
    )
    open_file = opened(
        partial(objects.stream, file.object_key, expected_etag=file.etag),
        object_key=file.object_key,
        now=now,
        options=options,
    )
    intake = LoadProfileIntake(documents, file=file, rules=open_file.rules)
    run = FileRun(
        file=file, open_file=open_file, objects=objects, documents=documents, intake=intake
    )
    run.read_all()
    return run.finish(now)
