"""Meter files to stored readings, as Dagster assets: thin shells around `ingestion`."""

from collections.abc import Iterator

import dagster as dg

from energy_assets.customer_load.ingestion import IngestReport, MeterFile, ingest_meter_file
from energy_assets.customer_load.measurement_table import stored_readings
from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.dagster import (
    FRESHNESS,
    FileEvent,
    file_checks,
    ingested_files,
)
from energy_assets.partitions import CUSTOMERS, METER_FILES, partition_key_of_customer
from energy_assets.settings import Settings
from resources.stores import DocumentStoreResource, ObjectStoreResource
from resources.wall_clock import WallClock

meter_file = dg.AssetSpec(
    key="meter_file",
    partitions_def=METER_FILES,
    group_name="metering",
    kinds={"csv", "excel"},
    owners=["team:energy-data"],
    tags={"layer": "raw"},
    description=(
        "Load-profile exports of meters under raw/load_profiles/ in the object store. "
        "A partition is one content of one file: object key, `@` and a digest of its ETag."
    ),
)
"""The files as they arrive; nothing here writes them."""


@dg.asset(
    partitions_def=METER_FILES,
    backfill_policy=dg.BackfillPolicy.multi_run(100),
    output_required=False,
    deps=[meter_file],
    check_specs=file_checks("measurements"),
    group_name="metering",
    kinds={"pandas", "mongodb"},
    owners=["team:energy-data"],
    tags={"layer": "record"},
    code_version="1",
    pool="measurements",
    freshness_policy=FRESHNESS,
)
def measurements(
    context: dg.AssetExecutionContext,
    object_store: dg.ResourceParam[ObjectStoreResource],
    document_store: dg.ResourceParam[DocumentStoreResource],
    settings: dg.ResourceParam[Settings],
    wall_clock: dg.ResourceParam[WallClock],
) -> Iterator[FileEvent]:
    """Checked readings of every meter, each with its version and when it became known.

    Good rows of a file are stored, refused rows go to quarantine with reason and remedy. A file
    that cannot be read at all fails its own partition and no other.
    """
    objects = object_store.open()

    def ingest(file: MeterFile) -> IngestReport:
        return ingest_meter_file(
            file=file,
            objects=objects,
            documents=document_store.open(),
            clock=MeterClock.parse(settings.meter_clock),
            label=settings.interval_label,
            now=wall_clock(),
            chunk_rows=settings.ingest_chunk_rows,
        )

    yield from ingested_files(
        context,
        objects=objects,
        ingest=ingest,
        count_stored=lambda report: stored_readings(document_store.open(), report),
        partitions=CUSTOMERS,
        partition_keys=lambda report: set(map(partition_key_of_customer, report.customer_refs)),
    )
