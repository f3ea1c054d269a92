"""Sensors: new and changed files, and what became known since models last looked.

A tick lists and compares; it never downloads or parses.
"""

from typing import Final

import dagster as dg

from energy_assets.automation.file_listing import Listing, new_files
from energy_assets.automation.jobs import (
    ingest_consumption_files,
    ingest_meter_files,
    train_and_forecast,
    train_and_forecast_meters,
)
from energy_assets.automation.ranges import requests_for_all
from energy_assets.consumption.assets import consumption
from energy_assets.consumption.locations import LOCATIONS_FILE, METERS_FILE
from energy_assets.customer_load.file_assets import measurements
from energy_assets.partitions import (
    CONSUMPTION_FILES,
    CONSUMPTION_METERS,
    CUSTOMERS,
    METER_FILES,
)
from energy_assets.settings import Settings
from resources.stores import DocumentStoreResource, ObjectStoreResource
from resources.wall_clock import WallClock

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
    document_store: dg.ResourceParam[DocumentStoreResource],
    settings: dg.ResourceParam[Settings],
    wall_clock: dg.ResourceParam[WallClock],
) -> dg.SensorResult:
    """Asks for the ingestion of every load-profile file content not seen before."""
    listing = Listing(
        prefix=settings.load_profiles_prefix,
        partitions=METER_FILES,
        page_objects=settings.sensor_page_objects,
    )
    return new_files(context, object_store.open(), document_store.open(), listing, now=wall_clock())


@dg.sensor(
    job=ingest_consumption_files,
    minimum_interval_seconds=30,
    default_status=_RUNNING,
    description="Ingests every new or changed file under raw/consumption/, page by page.",
)
def new_consumption_files(
    context: dg.SensorEvaluationContext,
    object_store: dg.ResourceParam[ObjectStoreResource],
    document_store: dg.ResourceParam[DocumentStoreResource],
    settings: dg.ResourceParam[Settings],
    wall_clock: dg.ResourceParam[WallClock],
) -> dg.SensorResult:
    """Asks for the ingestion of every electricity or water file content not seen before."""
    prefix = settings.consumption_prefix
    listing = Listing(
        prefix=prefix,
        partitions=CONSUMPTION_FILES,
        page_objects=settings.sensor_page_objects,
        left_alone=frozenset({prefix + LOCATIONS_FILE, prefix + METERS_FILE}),
    )
    return new_files(context, object_store.open(), document_store.open(), listing, now=wall_clock())


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
    return _after_ingestion(
        context, asset=measurements, ingestion=ingest_meter_files.name, partitions=CUSTOMERS
    )


@dg.sensor(
    job=train_and_forecast_meters,
    minimum_interval_seconds=60,
    default_status=_RUNNING,
    description="Trains and forecasts all electricity and water meters once files are complete.",
)
def new_consumption(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Asks for models and forecasts when consumption arrived and no file is being ingested.

    The runs take all meters in ranges: meters without new values keep their model.
    """
    return _after_ingestion(
        context,
        asset=consumption,
        ingestion=ingest_consumption_files.name,
        partitions=CONSUMPTION_METERS,
    )


def _after_ingestion(
    context: dg.SensorEvaluationContext,
    *,
    asset: dg.AssetsDefinition,
    ingestion: str,
    partitions: dg.DynamicPartitionsDefinition,
) -> dg.SensorResult | dg.SkipReason:
    """Runs over all partitions, once for each time that an asset of files came to rest."""
    newest = _newest_event(context.instance, asset.key)
    if newest is None:
        return dg.SkipReason("No readings yet.")
    if str(newest) == context.cursor:
        return dg.SkipReason("No readings since the last forecast.")
    busy = _ingesting(context.instance, asset.key, ingestion)
    if busy:
        return dg.SkipReason(f"{busy} runs are still ingesting files.")
    requests = requests_for_all(context.instance, partitions, run_key=str(newest))
    return dg.SensorResult(run_requests=list(requests), cursor=str(newest))


def _ingesting(instance: dg.DagsterInstance, key: dg.AssetKey, job: str) -> int:
    """How many runs, of whatever job, are ingesting files of an asset or about to."""
    active = instance.get_runs(dg.RunsFilter(statuses=IN_PROGRESS_RUN_STATUSES))
    return sum(run.job_name == job or key in (run.asset_selection or ()) for run in active)


def _newest_event(instance: dg.DagsterInstance, key: dg.AssetKey) -> int | None:
    """Number of the newest materialization of an asset; later ones have greater numbers."""
    records = instance.fetch_materializations(key, limit=1).records
    return records[0].storage_id if records else None


SENSORS: Final = [new_meter_files, new_consumption_files, new_readings, new_consumption]
"""All sensors of the project."""
