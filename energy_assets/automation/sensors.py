"""Sensors: new and changed meter files, and customers with new readings.

A tick lists and compares; it never downloads or parses. The stores' keys are the guarantee that
nothing is counted twice, so a tick may repeat what an earlier one requested.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

import dagster as dg

from energy_assets.automation.jobs import ingest_meter_files, train_and_forecast
from energy_assets.automation.ranges import customer_requests, range_tags, ranges
from energy_assets.metering.assets import measurements
from energy_assets.partitions import METER_FILES, PartitionKeyError, file_id_of
from energy_assets.settings import Settings
from resources.object_store import ObjectInfo
from resources.stores import ObjectStoreResource

SINGLE_RUNS: Final = 10
"""Up to this many new files get a run each; more of them share runs over ranges of files."""

FILES_A_RUN: Final = 100
"""Most files that one run ingests."""

METER_FILE: Final = re.compile(r"\.(csv|csv\.gz|xlsx|xls)$", re.IGNORECASE)
"""The names of objects that are meter files; others under the prefix are left alone."""

IN_PROGRESS_RUN_STATUSES: Final = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]
"""A run in one of these may still write readings."""

_RUNNING: Final = dg.DefaultSensorStatus.RUNNING


@dg.sensor(
    job=ingest_meter_files,
    minimum_interval_seconds=30,
    default_status=_RUNNING,
    description="Ingests every new or changed file under raw/load_profiles/, page by page.",
)
def new_meter_files(
    context: dg.SensorEvaluationContext,
    object_store: dg.ResourceParam[ObjectStoreResource],
    settings: dg.ResourceParam[Settings],
) -> dg.SensorResult:
    """Asks for the ingestion of every file content under raw/load_profiles/ not seen before.

    Each tick looks at one page of the listing and keeps its place in the cursor; after the last
    page it starts over, so that a file that was replaced anywhere is found in the next round.
    """
    place = _cursor_place(context.cursor)
    page = object_store.open().list(
        settings.load_profiles_prefix, after=place, limit=settings.sensor_page_objects
    )
    known = set(context.instance.get_dynamic_partitions(METER_FILES.name or ""))
    new, refused = _new_file_ids(page, known)
    for sentence in refused:
        context.log.warning(sentence)
    complete = len(page) < settings.sensor_page_objects
    cursor = json.dumps({"after": "" if complete else page[-1].key})
    return dg.SensorResult(
        run_requests=list(_ingest_requests(new)),
        dynamic_partitions_requests=[METER_FILES.build_add_request(new)] if new else [],
        cursor=cursor,
        skip_reason=None if new else dg.SkipReason(f"Nothing new among {len(page):,} objects."),
    )


def _cursor_place(cursor: str | None) -> str:
    try:
        state = json.loads(cursor or "{}")
    except json.JSONDecodeError:
        return ""
    place = state.get("after", "") if isinstance(state, dict) else ""
    return place if isinstance(place, str) else ""


def _new_file_ids(page: Sequence[ObjectInfo], known: set[str]) -> tuple[list[str], list[str]]:
    new: list[str] = []
    refused: list[str] = []
    for info in page:
        if not METER_FILE.search(info.key):
            continue
        try:
            file_id = file_id_of(info.key, info.etag)
        except PartitionKeyError as error:
            refused.append(str(error))
            continue
        if file_id not in known:
            new.append(file_id)
    return new, refused


def _ingest_requests(file_ids: Sequence[str]) -> Iterator[dg.RunRequest]:
    size = 1 if len(file_ids) <= SINGLE_RUNS else FILES_A_RUN
    for first, last in ranges(file_ids, size=size):
        if first == last:
            yield dg.RunRequest(run_key=first, partition_key=first)
        else:
            yield dg.RunRequest(run_key=f"{first} to {last}", tags=range_tags(first, last))


@dg.sensor(
    job=train_and_forecast,
    minimum_interval_seconds=60,
    default_status=_RUNNING,
    description="Trains and forecasts all customers once new readings are complete.",
)
def new_readings(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Asks for models and forecasts when readings arrived and no file is being ingested.

    The runs take all customers in ranges: customers without new readings keep their model.
    """
    readings = _newest_event(context.instance, measurements.key)
    if readings is None:
        return dg.SkipReason("No readings yet.")
    if str(readings) == context.cursor:
        return dg.SkipReason("No readings since the last forecast.")
    busy = _ingesting(context.instance)
    if busy:
        return dg.SkipReason(f"{busy} runs are still ingesting files.")
    return dg.SensorResult(
        run_requests=list(customer_requests(context.instance, run_key=str(readings))),
        cursor=str(readings),
    )


def _ingesting(instance: dg.DagsterInstance) -> int:
    """How many runs, of whatever job, are ingesting meter files or about to."""
    active = instance.get_runs(dg.RunsFilter(statuses=IN_PROGRESS_RUN_STATUSES))
    return sum(
        run.job_name == ingest_meter_files.name or measurements.key in (run.asset_selection or ())
        for run in active
    )


def _newest_event(instance: dg.DagsterInstance, key: dg.AssetKey) -> int | None:
    """Number of the newest materialization of an asset; later ones have greater numbers."""
    records = instance.fetch_materializations(key, limit=1).records
    return records[0].storage_id if records else None


SENSORS: Final = [new_meter_files, new_readings]
"""All sensors of the project."""
