"""Models to forecasts and plots, as Dagster assets."""

from typing import Final

import dagster as dg
import pandas as pd
import structlog

from energy_assets.contracts.forecasts import CUSTOMER_PREDICTION
from energy_assets.customer_load.features import series_of
from energy_assets.customer_load.flow import CustomerFlow, measured_customer
from energy_assets.customer_load.model_assets import Frames, customer_bilstm
from energy_assets.customer_load.records import store_predictions
from energy_assets.customer_load.serving import CUSTOMER, issued_rows
from energy_assets.findings import check_result
from energy_assets.forecasting.series import Series
from energy_assets.forecasts.answers import newest_charts
from energy_assets.forecasts.checks import evaluate_forecasts, forecast_faults
from energy_assets.forecasts.flow import Measured
from energy_assets.forecasts.knowledge import known_instant
from energy_assets.forecasts.ladder import ended_sentence, has_ended
from energy_assets.forecasts.news import changed
from energy_assets.forecasts.stored_forecasts import joined
from energy_assets.inline_plots import INLINE_PLOTS, plot_facts
from energy_assets.outages import retry_outages
from energy_assets.partitions import (
    CUSTOMERS,
    customer_of_partition_key,
    partition_key_of_customer,
)
from energy_assets.settings import Settings
from resources.stores import DocumentStoreResource, ObjectStoreResource
from resources.wall_clock import WallClock

LOG = structlog.stdlib.get_logger("energy_assets.customer_load")

PLOTS_PREFIX: Final = "plots/customer_load"
"""Where plots lie in the object store."""


@dg.asset(
    partitions_def=CUSTOMERS,
    backfill_policy=dg.BackfillPolicy.multi_run(500),
    deps=[customer_bilstm],
    check_specs=[
        dg.AssetCheckSpec(
            "whole_and_possible",
            asset="customer_forecast",
            blocking=True,
            description="24 hours without a hole, finite, not negative, quantiles in order.",
        )
    ],
    group_name="customer_load",
    kinds={"pytorch", "mongodb"},
    owners=["team:energy-models"],
    tags={"layer": "forecast"},
    code_version="1",
)
def customer_forecast(
    context: dg.AssetExecutionContext,
    customer_features: Frames,
    document_store: dg.ResourceParam[DocumentStoreResource],
    settings: dg.ResourceParam[Settings],
    wall_clock: dg.ResourceParam[WallClock],
) -> dg.MaterializeResult:
    """24 hours ahead of each customer's last reading, with bands; every forecast is kept.

    A customer is served by its champion, its own model, the shared one, or a seasonal naive; the
    row says which in `basis`. One that has been silent for more than two days is forecast from now
    on; one whose readings ended long ago is not, and says so. A forecast that says the same as the
    last one is not issued again.
    """
    issued: dict[str, pd.DataFrame] = {}
    ended: list[str] = []
    now = known_instant(pd.Timestamp(wall_clock()))
    with retry_outages(context):
        flow = CustomerFlow(documents=document_store.open(), settings=settings)
        histories = [series_of(frame) for frame in customer_features.values() if len(frame)]
        ladders = flow.ladders(histories)
        for history in histories:
            key = partition_key_of_customer(history.key)
            if has_ended(history, now=now):
                ended.append(history.key)
                context.add_asset_metadata(_ended_facts(history, now), partition_key=key)
                continue
            rows = issued_rows(customer_features[key], ladders[history.key], issued_at=now)
            issued[history.key] = rows
            facts = _facts(rows) | {
                "readings_until": dg.MetadataValue.timestamp(history.end_at.to_pydatetime())
            }
            context.add_asset_metadata(facts, partition_key=key)
        predictions = joined(CUSTOMER_PREDICTION, issued.values())
        faults = forecast_faults(
            predictions, series=CUSTOMER, days=1, register="predicted_import_kwh"
        )
        sound = {ref: rows for ref, rows in issued.items() if ref not in faults}
        previous = flow.forecasts.rows(flow.forecasts.newest(list(sound), until=now))
        new = changed(sound, flow.forecasts.by_series(previous))
        stored = store_predictions(flow.documents, joined(CUSTOMER_PREDICTION, new.values()))
    finding = evaluate_forecasts(predictions, faults, series=CUSTOMER)
    return dg.MaterializeResult(
        metadata={
            "run_customers": len(issued),
            "run_rows_issued": stored,
            "run_customers_whose_readings_ended": ended[:100],
        },
        check_results=[
            check_result("whole_and_possible", finding, severity=dg.AssetCheckSeverity.ERROR)
        ],
    )


@dg.asset(
    partitions_def=CUSTOMERS,
    backfill_policy=dg.BackfillPolicy.multi_run(500),
    deps=[customer_forecast],
    group_name="customer_load",
    kinds={"matplotlib"},
    owners=["team:energy-models"],
    tags={"layer": "presentation"},
    code_version="1",
)
def customer_plot(
    context: dg.AssetExecutionContext,
    customer_features: Frames,
    document_store: dg.ResourceParam[DocumentStoreResource],
    object_store: dg.ResourceParam[ObjectStoreResource],
    settings: dg.ResourceParam[Settings],
    wall_clock: dg.ResourceParam[WallClock],
) -> dg.MaterializeResult:
    """Each customer's last 48 hours and next 24, as PNG in the object store and inline here."""
    drawn = 0
    with retry_outages(context):
        objects = object_store.open()
        flow = CustomerFlow(documents=document_store.open(), settings=settings)
        refs = [customer_of_partition_key(key) for key in customer_features]

        def measured_of(ref: str) -> Measured | None:
            frame = customer_features[partition_key_of_customer(ref)]
            return measured_customer(frame) if len(frame) else None

        charts = newest_charts(flow, refs, measured_of, until=pd.Timestamp(wall_clock()))
        for ref, issued_at, image in charts:
            key = partition_key_of_customer(ref)
            name = f"{PLOTS_PREFIX}/{key}/{issued_at:%Y-%m-%dT%H%M%S}Z.png"
            objects.put(name, image)
            inline = len(context.partition_keys) <= INLINE_PLOTS
            context.add_asset_metadata(
                plot_facts(image, f"{objects.url}/{name}", inline=inline), partition_key=key
            )
            drawn += 1
    return dg.MaterializeResult(metadata={"run_plots": drawn})


def _facts(rows: pd.DataFrame) -> dict[str, dg.MetadataValue]:
    return {
        "energy_kwh": dg.MetadataValue.float(float(rows["mean"].sum())),
        "from": dg.MetadataValue.timestamp(rows["valid_at"].iloc[0].to_pydatetime()),
        "intervals": dg.MetadataValue.int(len(rows)),
        "basis": dg.MetadataValue.text(str(rows["basis"].iloc[0])),
        "model_id": dg.MetadataValue.text(str(rows["model_id"].iloc[0])),
        "imputed_share": dg.MetadataValue.float(float(rows["imputed_share"].iloc[0])),
    }


def _ended_facts(history: Series, now: pd.Timestamp) -> dict[str, dg.MetadataValue]:
    return {
        "not_forecast": dg.MetadataValue.text(ended_sentence(history, now=now)),
        "readings_until": dg.MetadataValue.timestamp(history.end_at.to_pydatetime()),
    }
