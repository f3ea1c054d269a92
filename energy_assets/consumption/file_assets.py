"""Electricity and water files to stored values, as Dagster assets."""

from collections.abc import Iterator

import dagster as dg

from energy_assets.consumption.ingestion import ConsumptionRules, ingest_consumption_file
from energy_assets.consumption.point_table import stored_points_of
from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.dagster import (
    FRESHNESS,
    FileEvent,
    file_checks,
    ingested_files,
)
from energy_assets.intake.report import IngestReport, MeterFile
from energy_assets.partitions import (
    CONSUMPTION_FILES,
    CONSUMPTION_METERS,
    partition_key_of_meter,
)
from energy_assets.settings import Settings
from resources.stores import DocumentStoreResource, ObjectStoreResource, SeriesStoreResource
from resources.wall_clock import WallClock

consumption_file = dg.AssetSpec(
    key="consumption_file",
    partitions_def=CONSUMPTION_FILES,
    group_name="consumption",
    kinds={"csv", "excel"},
    owners=["team:energy-data"],
    tags={"layer": "raw"},
    description=(
        "Electricity and water files under raw/consumption/<electricity|water>/ in the object "
        "store. A partition is one content of one file: object key, `@` and a digest of its ETag."
    ),
)
"""The files as they arrive; nothing here writes them."""


@dg.asset(
    partitions_def=CONSUMPTION_FILES,
    backfill_policy=dg.BackfillPolicy.multi_run(100),
    output_required=False,
    deps=[consumption_file],
    check_specs=file_checks("consumption"),
    group_name="consumption",
    kinds={"pandas", "influxdb"},
    owners=["team:energy-data"],
    tags={"layer": "record"},
    code_version="1",
    pool="consumption",
    freshness_policy=FRESHNESS,
)
def consumption(
    context: dg.AssetExecutionContext,
    object_store: dg.ResourceParam[ObjectStoreResource],
    document_store: dg.ResourceParam[DocumentStoreResource],
    series_store: dg.ResourceParam[SeriesStoreResource],
    settings: dg.ResourceParam[Settings],
    wall_clock: dg.ResourceParam[WallClock],
) -> Iterator[FileEvent]:
    """Checked values of every electricity and water meter, each with its version.

    Good rows of a file are stored, refused rows go to quarantine with reason and remedy. A file
    that cannot be read at all fails its own partition and no other.
    """
    objects = object_store.open()
    rules = ConsumptionRules(
        clock=MeterClock.parse(settings.consumption_clock),
        label=settings.consumption_label,
        units={"electricity": settings.electricity_unit, "water": settings.water_unit},
        prefix=settings.consumption_prefix,
    )

    def ingest(file: MeterFile) -> IngestReport:
        return ingest_consumption_file(
            file=file,
            objects=objects,
            documents=document_store.open(),
            series=series_store.open(),
            rules=rules,
            now=wall_clock(),
            chunk_rows=settings.ingest_chunk_rows,
        )

    yield from ingested_files(
        context,
        objects=objects,
        ingest=ingest,
        count_stored=lambda report: stored_points_of(series_store.open(), report),
        partitions=CONSUMPTION_METERS,
        partition_keys=lambda report: set(map(partition_key_of_meter, report.meters)),
    )
