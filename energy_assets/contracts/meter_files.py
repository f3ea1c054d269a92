"""Contracts of how files were taken in: processed files and the rows that were refused."""

from typing import Final

from resources.tables import Column, Index, Table

PROCESSED_FILES: Final = Table(
    name="processed_files",
    meaning="Every meter file version and its row balance; written last.",
    columns=(
        Column(
            name="file_id",
            kind="str",
            paths=("fileName",),
            meaning="Object key and short ETag: one content of one file.",
        ),
        Column(name="object_key", kind="str", paths=("objectKey",)),
        Column(name="etag", kind="str"),
        Column(
            name="content",
            kind="str",
            nullable=True,
            meaning="Digest of the bytes, the same for equal contents wherever they lie.",
        ),
        Column(name="url", kind="str", paths=("s3Path",), nullable=True),
        Column(name="size_bytes", kind="int", paths=("sizeBytes",), unit="B"),
        Column(name="known_at", kind="instant", paths=("knownAt",)),
        Column(name="processed_at", kind="instant", paths=("processedAt",)),
        Column(name="rows_in", kind="int", paths=("rowsIn",), minimum=0),
        Column(name="rows_stored", kind="int", paths=("rowsStored",), minimum=0),
        Column(name="rows_duplicate", kind="int", paths=("rowsDuplicate",), minimum=0),
        Column(name="rows_superseded", kind="int", paths=("rowsSuperseded",), minimum=0),
        Column(name="rows_quarantined", kind="int", paths=("rowsQuarantined",), minimum=0),
        Column(
            name="rows_corrected",
            kind="int",
            paths=("rowsCorrected",),
            minimum=0,
            meaning="Of the rows stored: those that are a new version of an older value.",
        ),
        Column(name="first_timestamp", kind="instant", paths=("firstTimestamp",), nullable=True),
        Column(name="last_timestamp", kind="instant", paths=("lastTimestamp",), nullable=True),
        Column(name="serials", kind="json", meaning="Serials of the meters in the file."),
        Column(
            name="customer_refs",
            kind="json",
            paths=("customerRefs",),
            meaning="Customers in the file.",
        ),
    ),
    key=("file_id",),
    indexes=(
        Index(columns=("object_key",)),
        Index(columns=("processed_at",)),
        Index(columns=("content",)),
    ),
)
"""One row per file content that was ingested to its end."""

QUARANTINE: Final = Table(
    name="quarantined_readings",
    meaning="Rows that were refused, with the reason and what to do about it.",
    columns=(
        Column(name="file_id", kind="str", paths=("fileId",)),
        Column(
            name="row_number",
            kind="int",
            paths=("rowNumber",),
            minimum=1,
            meaning="Row in the file as a spreadsheet counts: the header is row 1.",
        ),
        Column(name="column", kind="str", meaning="Header of the first offending column."),
        Column(name="value", kind="str", nullable=True, meaning="The value as it stands there."),
        Column(name="reason", kind="str", meaning="Reason code."),
        Column(name="remedy", kind="str", meaning="What to do, for people."),
        Column(
            name="raw_row",
            kind="json",
            paths=("rawRow",),
            meaning="The whole row as text, by header, so that it can be mended.",
        ),
        Column(name="known_at", kind="instant", paths=("knownAt",)),
        Column(
            name="resolved_by",
            kind="str",
            paths=("resolvedBy",),
            nullable=True,
            meaning="The file that brought the mended row.",
        ),
    ),
    key=("file_id", "row_number"),
    indexes=(Index(columns=("reason",)),),
)
"""One row per refused row of a file; a row with several faults names the first."""
