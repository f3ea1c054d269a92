"""Contracts of what meters said: measurements, meters, customers, processed files, quarantine.

Collection and field names are those of the load-profile documents. Nothing is computed here.
"""

from typing import Final

from resources.tables import Column, Index, Table, TimeSeries

READING_VALUES: Final[tuple[Column, ...]] = (
    Column(
        name="avg_import_kw",
        kind="float",
        nullable=True,
        unit="kW",
        minimum=0,
        maximum=1e6,
        meaning="Mean import power over the interval that ends at `timestamp`.",
    ),
    Column(
        name="import_kwh",
        kind="float",
        nullable=True,
        unit="kWh",
        minimum=0,
        maximum=1e10,
        meaning="Cumulative import register at `timestamp`.",
    ),
    Column(
        name="avg_export_kw",
        kind="float",
        nullable=True,
        unit="kW",
        minimum=0,
        maximum=1e6,
        meaning="Mean export power over the interval that ends at `timestamp`.",
    ),
    Column(
        name="export_kwh",
        kind="float",
        nullable=True,
        unit="kWh",
        minimum=0,
        maximum=1e10,
        meaning="Cumulative export register at `timestamp`.",
    ),
    Column(
        name="avg_import_kva",
        kind="float",
        nullable=True,
        unit="kVA",
        minimum=0,
        maximum=1e6,
        meaning="Mean apparent import power.",
    ),
    Column(
        name="avg_export_kva",
        kind="float",
        nullable=True,
        unit="kVA",
        minimum=0,
        maximum=1e6,
        meaning="Mean apparent export power.",
    ),
    Column(
        name="import_kvarh",
        kind="float",
        nullable=True,
        unit="kvarh",
        minimum=0,
        maximum=1e10,
        meaning="Cumulative reactive import register.",
    ),
    Column(
        name="export_kvarh",
        kind="float",
        nullable=True,
        unit="kvarh",
        minimum=0,
        maximum=1e10,
        meaning="Cumulative reactive export register.",
    ),
    Column(
        name="power_factor",
        kind="float",
        nullable=True,
        minimum=-1,
        maximum=1,
        meaning="Power factor of the interval.",
    ),
    Column(
        name="avg_current",
        kind="float",
        nullable=True,
        unit="A",
        minimum=0,
        maximum=1e5,
        meaning="Mean current.",
    ),
    Column(
        name="avg_voltage",
        kind="float",
        nullable=True,
        unit="V",
        minimum=0,
        maximum=1e6,
        meaning="Mean voltage.",
    ),
    Column(
        name="phase_a_current",
        kind="float",
        paths=("phases.A.instCurrent",),
        nullable=True,
        unit="A",
        minimum=0,
        maximum=1e5,
        meaning="Phase A current at `timestamp`.",
    ),
    Column(
        name="phase_a_voltage",
        kind="float",
        paths=("phases.A.instVoltage",),
        nullable=True,
        unit="V",
        minimum=0,
        maximum=1e6,
        meaning="Phase A voltage at `timestamp`.",
    ),
    Column(
        name="phase_a_power_factor",
        kind="float",
        paths=("phases.A.instPowerFactor",),
        nullable=True,
        minimum=-1,
        maximum=1,
        meaning="Power factor at `timestamp`.",
    ),
    Column(
        name="phase_b_current",
        kind="float",
        paths=("phases.B.instCurrent",),
        nullable=True,
        unit="A",
        minimum=0,
        maximum=1e5,
        meaning="Phase B current at `timestamp`.",
    ),
    Column(
        name="phase_b_voltage",
        kind="float",
        paths=("phases.B.instVoltage",),
        nullable=True,
        unit="V",
        minimum=0,
        maximum=1e6,
        meaning="Phase B voltage at `timestamp`.",
    ),
    Column(
        name="phase_c_current",
        kind="float",
        paths=("phases.C.instCurrent",),
        nullable=True,
        unit="A",
        minimum=0,
        maximum=1e5,
        meaning="Phase C current at `timestamp`.",
    ),
    Column(
        name="phase_c_voltage",
        kind="float",
        paths=("phases.C.instVoltage",),
        nullable=True,
        unit="V",
        minimum=0,
        maximum=1e6,
        meaning="Phase C voltage at `timestamp`.",
    ),
)
"""What one reading may say, in the order of the export layout."""

VALUE_NAMES: Final[tuple[str, ...]] = tuple(column.name for column in READING_VALUES)
"""Names of the value columns of a reading."""

MEASUREMENTS: Final = Table(
    name="measurements",
    meaning="Every reading ever accepted; a correction is a new version.",
    columns=(
        Column(
            name="serial",
            kind="str",
            paths=("metadata.serial",),
            meaning="Meter serial without leading zeros.",
        ),
        Column(
            name="timestamp",
            kind="instant",
            meaning="When the registers were read: the end of the interval, UTC.",
        ),
        Column(
            name="version",
            kind="int",
            minimum=1,
            meaning="1 for the first value, one more for each correction.",
        ),
        Column(
            name="obis",
            kind="str",
            paths=("metadata.obis",),
            nullable=True,
            meaning="OBIS text as exported.",
        ),
        Column(
            name="customer_ref",
            kind="str",
            paths=("customerRef",),
            meaning="Whose reading this was.",
        ),
        Column(name="file_id", kind="str", paths=("fileId",), meaning="The file that brought it."),
        Column(
            name="known_at",
            kind="instant",
            paths=("knownAt",),
            meaning="When that file arrived in the object store, UTC.",
        ),
        Column(
            name="fingerprint",
            kind="int",
            meaning="64-bit digest of customer and values, to recognise equal readings.",
        ),
        *READING_VALUES,
    ),
    key=("serial", "timestamp", "version"),
    indexes=(Index(columns=("serial",)), Index(columns=("serial", "-timestamp"))),
    time_series=TimeSeries(time_column="timestamp", meta_field="metadata", granularity="minutes"),
)
"""One row per meter, instant and version."""

CUSTOMERS: Final = Table(
    name="customers",
    meaning="Customers seen in meter files.",
    columns=(
        Column(
            name="customer_ref",
            kind="str",
            paths=("_id", "customerRef"),
            meaning="Customer reference without leading zeros.",
        ),
        Column(
            name="exported_as",
            kind="str",
            paths=("exportedAs",),
            nullable=True,
            meaning="The reference as first exported, leading zeros included.",
        ),
        Column(name="first_name", kind="str", paths=("firstName",), nullable=True),
        Column(name="last_name", kind="str", paths=("lastName",), nullable=True),
        Column(name="email", kind="str", nullable=True),
        Column(name="created_at", kind="instant", paths=("createdAt",), nullable=True),
        Column(name="updated_at", kind="instant", paths=("updatedAt",), nullable=True),
    ),
    key=("customer_ref",),
    indexes=(Index(columns=("email",)), Index(columns=("updated_at",))),
)
"""One row per customer."""

METERS: Final = Table(
    name="meters",
    meaning="Meters seen in meter files, and whose they are now.",
    columns=(
        Column(name="serial", kind="str", paths=("_id",), meaning="Serial without leading zeros."),
        Column(
            name="customer_ref",
            kind="str",
            paths=("customerRef",),
            meaning="The customer of its newest reading.",
        ),
        Column(
            name="exported_as",
            kind="str",
            paths=("exportedAs",),
            nullable=True,
            meaning="The serial as first exported, leading zeros included.",
        ),
        Column(
            name="interval_minutes",
            kind="int",
            paths=("intervalMinutes",),
            nullable=True,
            unit="min",
            meaning="Interval found from the data: 15, 30 or 60.",
        ),
        Column(
            name="clock",
            kind="str",
            nullable=True,
            meaning="`utc`, `local:<zone>` or `standard:<offset>`.",
        ),
        Column(
            name="last_reading_at",
            kind="instant",
            paths=("lastReadingAt",),
            nullable=True,
            meaning="Its newest reading.",
        ),
        Column(name="created_at", kind="instant", paths=("createdAt",), nullable=True),
        Column(name="updated_at", kind="instant", paths=("updatedAt",), nullable=True),
    ),
    key=("serial",),
    indexes=(Index(columns=("customer_ref",)),),
)
"""One row per meter."""

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
    indexes=(Index(columns=("object_key",)),),
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
