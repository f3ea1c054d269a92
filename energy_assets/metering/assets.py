"""Meter files to stored readings, as Dagster assets: thin shells around `ingestion`."""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg
import structlog

from energy_assets.findings import check_result
from energy_assets.metering.checks import evaluate_quarantine_share, evaluate_row_balance
from energy_assets.metering.errors import MeterFileError
from energy_assets.metering.ingestion import IngestReport, MeterFile, ingest_meter_file
from energy_assets.metering.meter_clock import MeterClock
from energy_assets.outages import retry_outages
from energy_assets.partitions import (
    CUSTOMERS,
    METER_FILES,
    PartitionKeyError,
    file_id_of,
    object_key_of,
    partition_key_of_customer,
)
from energy_assets.settings import Settings
from resources.errors import ObjectChangedError, ObjectMissingError
from resources.object_store import ObjectStore
from resources.stores import DocumentStoreResource, ObjectStoreResource
from resources.wall_clock import WallClock

LOG = structlog.stdlib.get_logger("energy_assets.metering")

FILE_FAULTS = (MeterFileError, ObjectMissingError, ObjectChangedError, PartitionKeyError)
"""What can be wrong with one file without saying anything about the next."""

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
    check_specs=[
        dg.AssetCheckSpec(
            "row_balance",
            asset="measurements",
            blocking=True,
            description="Rows in = stored + duplicates + superseded + quarantined, per file.",
        ),
        dg.AssetCheckSpec(
            "few_rows_refused",
            asset="measurements",
            description="Every file is readable, and at most 5 % of its rows are in quarantine.",
        ),
    ],
    group_name="metering",
    kinds={"pandas", "mongodb"},
    owners=["team:energy-data"],
    tags={"layer": "record"},
    code_version="1",
    pool="measurements",
    freshness_policy=dg.FreshnessPolicy.time_window(
        fail_window=timedelta(hours=48), warn_window=timedelta(hours=26)
    ),
)
def measurements(
    context: dg.AssetExecutionContext,
    object_store: dg.ResourceParam[ObjectStoreResource],
    document_store: dg.ResourceParam[DocumentStoreResource],
    settings: dg.ResourceParam[Settings],
    wall_clock: dg.ResourceParam[WallClock],
) -> Iterator[dg.AssetMaterialization | dg.AssetObservation | dg.AssetCheckResult]:
    """Checked readings of every meter, each with its version and when it became known.

    Good rows of a file are stored, refused rows go to quarantine with reason and remedy. A file
    that cannot be read at all fails its own partition and no other.
    """
    objects = object_store.open()
    reports: dict[str, IngestReport] = {}
    faults: dict[str, str] = {}
    for file_id in context.partition_keys:
        with structlog.contextvars.bound_contextvars(run_id=context.run.run_id, partition=file_id):
            try:
                with retry_outages(context):
                    reports[file_id] = ingest_meter_file(
                        file=_listed_file(file_id, objects),
                        objects=objects,
                        documents=document_store.open(),
                        clock=MeterClock.parse(settings.meter_clock),
                        label=settings.interval_label,
                        now=wall_clock(),
                        chunk_rows=settings.ingest_chunk_rows,
                    )
            except FILE_FAULTS as fault:
                faults[file_id] = str(fault)
                LOG.warning("meter file refused", reason=str(fault))
                yield dg.AssetObservation(
                    context.asset_key, partition=file_id, metadata={"refused": str(fault)}
                )
                continue
            LOG.info("meter file stored", rows=reports[file_id].rows_stored)
        _add_customers(context, reports[file_id])
        yield dg.AssetMaterialization(
            context.asset_key, partition=file_id, metadata=_metadata(reports[file_id])
        )
    yield check_result(
        "row_balance", evaluate_row_balance(reports), severity=dg.AssetCheckSeverity.ERROR
    )
    yield check_result("few_rows_refused", evaluate_quarantine_share(reports, faults))
    if faults:
        raise _failure(faults, files=len(context.partition_keys))


def _listed_file(file_id: str, objects: ObjectStore) -> MeterFile:
    info = objects.info(object_key_of(file_id))
    current_id = file_id_of(info.key, info.etag)
    if current_id != file_id:
        raise ObjectChangedError(
            info.key, file_id.rpartition("@")[2], current_id.rpartition("@")[2]
        )
    return MeterFile(
        file_id=file_id,
        object_key=info.key,
        etag=info.etag,
        size_bytes=info.size_bytes,
        known_at=info.modified_at,
        url=f"{objects.url}/{info.key}",
    )


def _add_customers(context: dg.AssetExecutionContext, report: IngestReport) -> None:
    keys = {partition_key_of_customer(ref) for ref in report.customer_refs}
    known = set(context.instance.get_dynamic_partitions(CUSTOMERS.name or ""))
    if keys - known:
        context.instance.add_dynamic_partitions(CUSTOMERS.name or "", sorted(keys - known))


def _metadata(report: IngestReport) -> dict[str, dg.MetadataValue]:
    reasons = "\n".join(f"| {r} | {n:,} |" for r, n in sorted(report.quarantine_reasons.items()))
    facts: dict[str, dg.MetadataValue] = {
        "rows_in": dg.MetadataValue.int(report.rows_in),
        "rows_stored": dg.MetadataValue.int(report.rows_stored),
        "rows_corrected": dg.MetadataValue.int(report.rows_corrected),
        "rows_duplicate": dg.MetadataValue.int(report.rows_duplicate),
        "rows_superseded": dg.MetadataValue.int(report.rows_superseded),
        "rows_quarantined": dg.MetadataValue.int(report.rows_quarantined),
        "meters": dg.MetadataValue.int(len(report.serials)),
        "customers": dg.MetadataValue.int(len(report.customer_refs)),
    }
    if report.first_timestamp is not None and report.last_timestamp is not None:
        facts["first_timestamp"] = dg.MetadataValue.timestamp(report.first_timestamp)
        facts["last_timestamp"] = dg.MetadataValue.timestamp(report.last_timestamp)
    if reasons:
        facts["refused"] = dg.MetadataValue.md(f"| reason | rows |\n|---|---|\n{reasons}")
    return facts


def _failure(faults: dict[str, str], *, files: int) -> dg.Failure:
    listed = "\n".join(f"- `{key}`: {reason}" for key, reason in list(faults.items())[:50])
    return dg.Failure(
        description=f"{len(faults)} of {files} files could not be read: "
        + "; ".join(list(faults.values())[:3]),
        metadata={"refused_files": dg.MetadataValue.md(listed)},
        allow_retries=False,
    )
