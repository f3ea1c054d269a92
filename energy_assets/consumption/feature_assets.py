"""Stored values to one regular grid per meter, as a Dagster asset: a shell around the grid."""

from typing import Final

import dagster as dg
import pandas as pd
import structlog

from energy_assets.consumption.checks import (
    evaluate_flat_lines,
    evaluate_freshness,
    evaluate_gaps,
    evaluate_jumps,
    evaluate_outliers,
)
from energy_assets.consumption.file_assets import consumption
from energy_assets.consumption.locations import default_location
from energy_assets.consumption.meter_frames import meter_frames
from energy_assets.consumption.weather_assets import locations
from energy_assets.contracts.consumption import UNITS
from energy_assets.findings import check_result
from energy_assets.forecasts.knowledge import known_instant
from energy_assets.outages import retry_outages
from energy_assets.partitions import (
    CONSUMPTION_METERS,
    meter_of_partition_key,
    partition_key_of_meter,
)
from energy_assets.settings import Settings
from resources.stores import DocumentStoreResource, SeriesStoreResource
from resources.wall_clock import WallClock

LOG = structlog.stdlib.get_logger("energy_assets.consumption")

Frames = dict[str, pd.DataFrame]
"""Feature frames by partition key."""

LATE_AFTER: Final = pd.Timedelta(hours=50)
"""A meter that reports every day is late after two days."""

_CHECKS: Final = {
    "few_gaps": "The last 28 days of every meter are known, without a long gap.",
    "no_flat_lines": "Every meter's values change as often as they usually do.",
    "no_outliers": "The last 28 days look like the same hours of the meter's other weeks.",
    "no_jumps": "No meter's weekly level jumped beyond what it ever was.",
    "fresh_values": "Every meter reported within the last 50 hours.",
}


@dg.asset(
    partitions_def=CONSUMPTION_METERS,
    backfill_policy=dg.BackfillPolicy.multi_run(500),
    deps=[dg.AssetDep(consumption, partition_mapping=dg.AllPartitionMapping()), locations],
    io_manager_key="parquet",
    dagster_type=dg.PythonObjectDagsterType(dict, name="FramesByMeter"),
    check_specs=[
        dg.AssetCheckSpec(name, asset="consumption_features", description=description)
        for name, description in _CHECKS.items()
    ],
    group_name="consumption",
    kinds={"pandas", "parquet"},
    owners=["team:energy-data"],
    tags={"layer": "features"},
    code_version="1",
)
def consumption_features(
    context: dg.AssetExecutionContext,
    document_store: dg.ResourceParam[DocumentStoreResource],
    series_store: dg.ResourceParam[SeriesStoreResource],
    settings: dg.ResourceParam[Settings],
    wall_clock: dg.ResourceParam[WallClock],
) -> dg.MaterializeResult:
    """Consumption on each meter's regular grid of hours or local days; gaps stay gaps.

    Registers are differenced, quarter hours added up to hours. Nothing is imputed here: a missing
    interval is missing, with its reason. Values that become known after the run looked at its clock
    are left to the next run.
    """
    now = known_instant(pd.Timestamp(wall_clock()))
    frames: Frames = {}
    with retry_outages(context):
        keys = [meter_of_partition_key(key) for key in context.partition_keys]
        since = now - pd.Timedelta(days=settings.consumption_history_days)
        for key, frame in meter_frames(
            keys,
            documents=document_store.open(),
            series=series_store.open(),
            default=default_location(settings),
            since=since,
            known_at=now,
        ):
            frames[partition_key_of_meter(key)] = frame
            context.add_asset_metadata(_facts(frame), partition_key=partition_key_of_meter(key))
    silent = sorted(set(context.partition_keys) - set(frames))
    if silent:
        LOG.warning("meters without values", meters=silent[:20], count=len(silent))
    return dg.MaterializeResult(
        value=frames,
        metadata={"run_meters": len(frames), "run_meters_without_values": silent[:100]},
        check_results=_check_results(frames, silent=silent, now=now),
    )


def _check_results(
    frames: Frames, *, silent: list[str], now: pd.Timestamp
) -> list[dg.AssetCheckResult]:
    last: dict[str, pd.Timestamp | None] = dict.fromkeys(silent)
    last |= {
        key: frame.index[frame["consumption"].notna()].max()
        if frame["consumption"].notna().any()
        else None
        for key, frame in frames.items()
    }
    findings = {
        "few_gaps": evaluate_gaps(frames),
        "no_flat_lines": evaluate_flat_lines(frames),
        "no_outliers": evaluate_outliers(frames),
        "no_jumps": evaluate_jumps(frames),
        "fresh_values": evaluate_freshness(last, now=now, warn_after=LATE_AFTER),
    }
    return [check_result(name, finding) for name, finding in findings.items()]


def _facts(frame: pd.DataFrame) -> dict[str, dg.MetadataValue]:
    known = frame["consumption"].notna()
    reasons = frame.loc[~known, "reason"].astype("str").value_counts()
    unit = UNITS[frame.attrs["meter_type"]]
    facts: dict[str, dg.MetadataValue] = {
        "location": dg.MetadataValue.text(str(frame.attrs["location"])),
        "interval_minutes": dg.MetadataValue.int(int(frame.attrs["interval_minutes"])),
        "intervals": dg.MetadataValue.int(len(frame)),
        "known_share": dg.MetadataValue.float(round(float(known.mean()), 4) if len(frame) else 0.0),
        f"consumption_{unit}": dg.MetadataValue.float(round(float(frame["consumption"].sum()), 3)),
    }
    if len(reasons):
        unknown = {str(reason): int(count) for reason, count in reasons.items()}
        facts["unknown_intervals"] = dg.MetadataValue.json(unknown)
    if len(frame):
        facts["first_interval"] = dg.MetadataValue.timestamp(frame.index[0].to_pydatetime())
        facts["last_interval"] = dg.MetadataValue.timestamp(frame.index[-1].to_pydatetime())
    return facts
