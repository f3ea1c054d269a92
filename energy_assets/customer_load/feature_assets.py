"""Readings to features per customer, as a Dagster asset: a thin shell around `features`."""

import dagster as dg
import pandas as pd
import structlog

from energy_assets.customer_load.checks import evaluate_coverage
from energy_assets.customer_load.customer_frames import customer_frames
from energy_assets.customer_load.file_assets import measurements
from energy_assets.findings import check_result
from energy_assets.forecasts.knowledge import known_instant
from energy_assets.outages import retry_outages
from energy_assets.partitions import (
    CUSTOMERS,
    customer_of_partition_key,
    partition_key_of_customer,
)
from energy_assets.settings import Settings
from resources.stores import DocumentStoreResource
from resources.wall_clock import WallClock

LOG = structlog.stdlib.get_logger("energy_assets.customer_load")


@dg.asset(
    partitions_def=CUSTOMERS,
    backfill_policy=dg.BackfillPolicy.multi_run(500),
    deps=[dg.AssetDep(measurements, partition_mapping=dg.AllPartitionMapping())],
    io_manager_key="parquet",
    dagster_type=dg.PythonObjectDagsterType(dict, name="FramesByCustomer"),
    check_specs=[
        dg.AssetCheckSpec(
            "enough_readings",
            asset="customer_features",
            description="At least 80 % of the last 28 days' intervals are known.",
        )
    ],
    group_name="customer_load",
    kinds={"pandas", "parquet"},
    owners=["team:energy-data"],
    tags={"layer": "features"},
    code_version="1",
)
def customer_features(
    context: dg.AssetExecutionContext,
    document_store: dg.ResourceParam[DocumentStoreResource],
    settings: dg.ResourceParam[Settings],
    wall_clock: dg.ResourceParam[WallClock],
) -> dg.MaterializeResult:
    """Nine live features on each customer's regular grid of intervals; gaps stay gaps.

    Registers are differenced per meter and added up over the customer's meters. Nothing is
    imputed here: a missing interval is missing. Readings that become known after the run looked at
    its clock are left to the next run.
    """
    refs = [customer_of_partition_key(key) for key in context.partition_keys]
    now = known_instant(pd.Timestamp(wall_clock()))
    frames: dict[str, pd.DataFrame] = {}
    with retry_outages(context):
        for ref, meters, frame in customer_frames(
            refs,
            documents=document_store.open(),
            days=settings.history_days,
            zone=settings.display_zone,
            known_at=now,
        ):
            key = partition_key_of_customer(ref)
            frames[key] = frame
            context.add_asset_metadata(_facts(frame, meters=meters), partition_key=key)
    silent = sorted(set(context.partition_keys) - set(frames))
    if silent:
        LOG.warning("customers without readings", customers=silent[:20], count=len(silent))
    return dg.MaterializeResult(
        value=frames,
        metadata={"run_customers": len(frames), "run_customers_without_readings": silent[:100]},
        check_results=[check_result("enough_readings", evaluate_coverage(frames))],
    )


def _facts(frame: pd.DataFrame, *, meters: int) -> dict[str, dg.MetadataValue]:
    known = frame["import_kwh"].notna()
    reasons = frame.loc[~known, "reason"].value_counts()
    facts: dict[str, dg.MetadataValue] = {
        "intervals": dg.MetadataValue.int(len(frame)),
        "interval_minutes": dg.MetadataValue.int(int(frame.attrs["interval_minutes"])),
        "meters": dg.MetadataValue.int(meters),
        "known_share": dg.MetadataValue.float(float(known.mean()) if len(frame) else 0.0),
        "energy_kwh": dg.MetadataValue.float(float(frame["import_kwh"].sum())),
        "unknown_intervals": dg.MetadataValue.json({str(r): int(n) for r, n in reasons.items()}),
    }
    if len(frame):
        facts["first_interval"] = dg.MetadataValue.timestamp(frame.index[0].to_pydatetime())
        facts["last_interval"] = dg.MetadataValue.timestamp(frame.index[-1].to_pydatetime())
    return facts
