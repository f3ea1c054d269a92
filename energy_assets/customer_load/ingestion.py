"""The way in: one meter file from the object store into the document store.

What its files look like is in `file_kind`; everything else is the `intake` of all flows.
"""

from datetime import datetime
from functools import partial
from typing import Final

from energy_assets.contracts.meter_files import PROCESSED_FILES
from energy_assets.customer_load.file_kind import load_profile_kind
from energy_assets.customer_load.load_profile_tables import LoadProfileTables
from energy_assets.customer_load.meter_records import known_intervals
from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.file_kind import IntervalLabel
from energy_assets.intake.opening import ReadingOptions, open_file
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
    opened = open_file(
        partial(objects.stream, file.object_key, expected_etag=file.etag),
        file=file,
        kind=load_profile_kind(label),
        options=ReadingOptions(
            clock=clock,
            chunk_rows=chunk_rows,
            known_intervals=partial(known_intervals, documents),
        ),
    )
    run = FileRun(
        file=file,
        opened=opened,
        objects=objects,
        documents=documents,
        tables=LoadProfileTables(documents, clock=clock.text),
    )
    run.read_all()
    return run.finish(now)
