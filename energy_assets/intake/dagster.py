"""Partitions that are files, as Dagster runs them: each on its own, with its row balance shown.

What a file means is decided by the `ingest` that an asset hands in.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Final, cast

import dagster as dg
import structlog

from energy_assets.contracts.meter_files import QUARANTINE
from energy_assets.findings import check_result
from energy_assets.intake.arrivals import arrival_of, note_content
from energy_assets.intake.checks import (
    KeptRows,
    evaluate_quarantine_share,
    evaluate_row_balance,
)
from energy_assets.intake.errors import MeterFileError
from energy_assets.intake.report import IngestReport, MeterFile
from energy_assets.outages import retry_outages
from energy_assets.partitions import (
    PartitionKeyError,
    file_id_of,
    object_key_of,
    refused_files_of,
)
from resources.document_store import DocumentStore
from resources.errors import ObjectChangedError, ObjectMissingError
from resources.object_store import ObjectStore
from resources.tables import Filter

LOG = structlog.stdlib.get_logger("energy_assets.intake")

FILE_FAULTS: Final = (MeterFileError, ObjectMissingError, ObjectChangedError, PartitionKeyError)
"""What can be wrong with one file without saying anything about the next."""

FRESHNESS: Final = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=48), warn_window=timedelta(hours=26)
)
"""Files are expected every day."""

FileEvent = dg.AssetMaterialization | dg.AssetObservation | dg.AssetCheckResult
"""What Dagster hears about a run over files."""


def file_checks(asset: str) -> list[dg.AssetCheckSpec]:
    """The checks that `ingested_files` answers for an asset."""
    return [
        dg.AssetCheckSpec(
            "row_balance",
            asset=asset,
            blocking=True,
            description="Rows in = stored + duplicates + superseded + quarantined, per file, and "
            "the stores hold those rows: they are counted there.",
        ),
        dg.AssetCheckSpec(
            "few_rows_refused",
            asset=asset,
            description="Every file is readable, and at most 5 % of its rows are in quarantine.",
        ),
    ]


def ingested_files(
    context: dg.AssetExecutionContext,
    *,
    objects: ObjectStore,
    ingest: Callable[[MeterFile], IngestReport],
    count_stored: Callable[[IngestReport], int],
    partitions: dg.DynamicPartitionsDefinition,
    partition_keys: Callable[[IngestReport], set[str]],
) -> Iterator[FileEvent]:
    """Ingest every file of a run; one that cannot be read fails its own partition and no other.

    Args:
        context: Of a run over file partitions.
        objects: Where the files lie.
        ingest: Stores the rows of one file and accounts for them.
        count_stored: Counts the rows of a file in their store.
        partitions: Partitions that files bring forth.
        partition_keys: Those that a file is about.

    Raises:
        Failure: Some files could not be read; all others were stored.
    """
    known = set(context.instance.get_dynamic_partitions(partitions.name or ""))
    reports: dict[str, IngestReport] = {}
    kept: dict[str, KeptRows] = {}
    faults: dict[str, str] = {}
    for file_id in context.partition_keys:
        with structlog.contextvars.bound_contextvars(run_id=context.run.run_id, partition=file_id):
            try:
                with retry_outages(context):
                    documents: DocumentStore = context.resources.document_store.open()
                    file, content = _listed_file(file_id, objects, documents)
                    reports[file_id] = ingest(file)
                    note_content(documents, file_id, content)
                    kept[file_id] = KeptRows(
                        stored=count_stored(reports[file_id]),
                        quarantined=documents.count(QUARANTINE, [Filter("file_id", "=", file_id)]),
                    )
            except FILE_FAULTS as fault:
                faults[file_id] = str(fault)
                if isinstance(fault, MeterFileError):
                    _note_refused(context, file_id)
                LOG.warning("meter file refused", reason=str(fault))
                yield dg.AssetObservation(
                    context.asset_key, partition=file_id, metadata={"refused": str(fault)}
                )
                continue
            LOG.info("meter file stored", rows=reports[file_id].rows_stored)
        new = partition_keys(reports[file_id]) - known
        if new:
            context.instance.add_dynamic_partitions(partitions.name or "", sorted(new))
            known |= new
        yield dg.AssetMaterialization(
            context.asset_key, partition=file_id, metadata=_metadata(reports[file_id])
        )
    yield check_result(
        "row_balance", evaluate_row_balance(reports, kept), severity=dg.AssetCheckSeverity.ERROR
    )
    yield check_result("few_rows_refused", evaluate_quarantine_share(reports, faults))
    if faults:
        raise _failure(faults, files=len(context.partition_keys))


def _note_refused(context: dg.AssetExecutionContext, file_id: str) -> None:
    """Keep the sensor from asking for these bytes again; a person still may."""
    files = cast("dg.DynamicPartitionsDefinition", context.assets_def.partitions_def)
    context.instance.add_dynamic_partitions(refused_files_of(files), [file_id])


def _listed_file(
    file_id: str, objects: ObjectStore, documents: DocumentStore
) -> tuple[MeterFile, str]:
    """The file that lies there as its partition says, and the digest of its content."""
    info = objects.info(object_key_of(file_id))
    current_id = file_id_of(info.key, info.etag)
    returned_id = file_id_of(info.key, info.etag, returned_at=info.modified_at)
    if file_id not in (current_id, returned_id):
        raise ObjectChangedError(
            info.key, file_id.rpartition("@")[2], current_id.rpartition("@")[2]
        )
    arrival = arrival_of(info, objects=objects, documents=documents)
    file = MeterFile(
        file_id=file_id,
        object_key=info.key,
        etag=info.etag,
        size_bytes=info.size_bytes,
        known_at=arrival.known_at,
        url=f"{objects.url}/{info.key}",
    )
    return file, arrival.content


def _metadata(report: IngestReport) -> dict[str, dg.MetadataValue]:
    reasons = "\n".join(f"| {r} | {n:,} |" for r, n in sorted(report.quarantine_reasons.items()))
    counts = {
        "rows_in": report.rows_in,
        "rows_stored": report.rows_stored,
        "rows_corrected": report.rows_corrected,
        "rows_duplicate": report.rows_duplicate,
        "rows_superseded": report.rows_superseded,
        "rows_quarantined": report.rows_quarantined,
        "meters": len(report.meters),
    }
    if report.customer_refs:
        counts["customers"] = len(report.customer_refs)
    counts |= {f"left_out_{what.replace(' ', '_')}": n for what, n in report.left_out.items() if n}
    facts = {name: dg.MetadataValue.int(count) for name, count in counts.items()}
    dropped = "\n".join(f"| {what} | {n:,} |" for what, n in sorted(report.cells_dropped.items()))
    lists = {"refused": ("reason | rows", reasons), "cells_left_out": ("cells | number", dropped)}
    tables = {name: _table(*each) for name, each in lists.items() if each[1]}
    ignored = ", ".join(report.ignored_columns)
    not_read = {"not_read": dg.MetadataValue.text(ignored)} if ignored else {}
    return {**facts, **_period(report), **tables, **not_read}


def _period(report: IngestReport) -> dict[str, dg.MetadataValue]:
    if report.first_timestamp is None or report.last_timestamp is None:
        return {}
    return {
        "first_timestamp": dg.MetadataValue.timestamp(report.first_timestamp),
        "last_timestamp": dg.MetadataValue.timestamp(report.last_timestamp),
    }


def _table(header: str, rows: str) -> dg.MetadataValue:
    return dg.MetadataValue.md(f"| {header} |\n|---|---|\n{rows}")


def _failure(faults: dict[str, str], *, files: int) -> dg.Failure:
    some: Sequence[tuple[str, str]] = list(faults.items())[:50]
    listed = "\n".join(f"- `{key}`: {reason}" for key, reason in some)
    return dg.Failure(
        description=f"{len(faults)} of {files} files could not be read: "
        + "; ".join(list(faults.values())[:3]),
        metadata={"refused_files": dg.MetadataValue.md(listed)},
        allow_retries=False,
    )
