"""Features to models, as Dagster assets: the shared Bi-LSTM and each customer's own."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import dagster as dg
import pandas as pd
import structlog

from energy_assets.customer_load.feature_assets import customer_features
from energy_assets.customer_load.features import series_of
from energy_assets.customer_load.model_records import (
    ModelStore,
    due_for_training,
    needs_shared_model,
    sampled_keys,
)
from energy_assets.customer_load.records import serving_scores
from energy_assets.customer_load.scoring import customer_scores
from energy_assets.customer_load.serving import CUSTOMER, FLOW, OWN_FAMILY
from energy_assets.findings import check_result
from energy_assets.forecasting.series import Series
from energy_assets.forecasts.challenge import Recipe, challenged, decided, is_accurate, readers
from energy_assets.forecasts.champion import Champion, ChampionLog
from energy_assets.forecasts.checks import evaluate_scores
from energy_assets.forecasts.contest import Contest
from energy_assets.forecasts.models import FamilyModels
from energy_assets.markdown import markdown_table
from energy_assets.outages import retry_outages
from energy_assets.partitions import (
    CUSTOMERS,
    customer_of_partition_key,
    partition_key_of_customer,
)
from energy_assets.settings import Settings
from resources.parquet_io_manager import ParquetIOManager
from resources.stores import DocumentStoreResource
from resources.wall_clock import WallClock

if TYPE_CHECKING:
    from energy_assets.forecasting.bilstm import CustomerModel

LOG = structlog.stdlib.get_logger("energy_assets.customer_load")

Frames = dict[str, pd.DataFrame]
"""Feature frames by partition key."""


def histories_by_interval(frames: Frames) -> dict[int, list[Series]]:
    """Histories of customers with at least one reading, by the length of their interval."""
    grouped: dict[int, list[Series]] = {}
    for _, frame in sorted(frames.items()):
        if len(frame):
            history = series_of(frame)
            grouped.setdefault(history.interval_minutes, []).append(history)
    return grouped


@dg.asset(
    deps=[customer_features],
    group_name="customer_load",
    kinds={"pytorch"},
    owners=["team:energy-models"],
    tags={"layer": "model"},
    code_version="1",
    pool="training",
)
def shared_bilstm(
    context: dg.AssetExecutionContext,
    document_store: dg.ResourceParam[DocumentStoreResource],
    parquet: dg.ResourceParam[ParquetIOManager],
    settings: dg.ResourceParam[Settings],
    wall_clock: dg.ResourceParam[WallClock],
) -> dg.MaterializeResult:
    """One Bi-LSTM per interval length, trained over a sample of all customers.

    It is renewed when its newest data is a week old or the pool has doubled; else it stays.
    """
    from energy_assets.forecasting.bilstm import pretrain

    facts: dict[str, object] = {}
    with retry_outages(context):
        models = ModelStore(document_store.open())
        keys = sampled_keys(parquet.keys(customer_features.key), seed=settings.seed)
        pools = histories_by_interval(parquet.read(customer_features.key, keys))
        for minutes, pool in sorted(pools.items()):
            current = models.shared(minutes)
            if not needs_shared_model(current, pool, days=settings.shared_model_days):
                facts[f"{minutes} min"] = f"{current.model_id if current else ''} still serves"
                continue
            shared = pretrain(pool, seed=settings.seed, device=settings.train_device)
            models.keep_shared(shared, trained_at=wall_clock())
            facts[f"{minutes} min"] = (
                f"{shared.model_id}: {shared.customers} customers, {shared.windows} windows, "
                f"validation loss by pass: {', '.join(f'{loss:.4f}' for loss in shared.losses)}"
            )
            LOG.info("shared model trained", interval=minutes, customers=len(pool))
    return dg.MaterializeResult(metadata={name: str(value) for name, value in facts.items()})


@dg.asset(
    partitions_def=CUSTOMERS,
    backfill_policy=dg.BackfillPolicy.multi_run(500),
    deps=[shared_bilstm],
    check_specs=[
        dg.AssetCheckSpec(
            "beats_seasonal_naive",
            asset="customer_bilstm",
            description="Each model's WAPE is below the best seasonal naive's on the same rows.",
        )
    ],
    group_name="customer_load",
    kinds={"pytorch"},
    owners=["team:energy-models"],
    tags={"layer": "model"},
    code_version="1",
    pool="training",
)
def customer_bilstm(
    context: dg.AssetExecutionContext,
    customer_features: Frames,
    document_store: dg.ResourceParam[DocumentStoreResource],
    settings: dg.ResourceParam[Settings],
    wall_clock: dg.ResourceParam[WallClock],
) -> dg.MaterializeResult:
    """Each customer's own Bi-LSTM, fine-tuned from the shared one or its own last one.

    Customers without new readings keep their model; those with too little history are served by
    the shared model. Scores come from days that the scored weights never saw.
    """
    from energy_assets.forecasting.bilstm import fine_tune

    trained = kept = 0
    workers = settings.train_workers or os.cpu_count() or 1
    with retry_outages(context):
        models = ModelStore(document_store.open())
        champions = ChampionLog(models.documents, FLOW)
        estate = context.instance.get_dynamic_partitions(str(CUSTOMERS.name))
        accurate = is_accurate(settings.quality, series=len(estate))
        recipe = Recipe(seed=settings.seed, workers=workers, device=settings.train_device)
        for minutes, pool in sorted(histories_by_interval(customer_features).items()):
            shared = models.shared(minutes)
            previous = models.serving([history.key for history in pool])
            due = due_for_training(pool, previous)
            kept += len(pool) - len(due)
            if shared is None or not due:
                continue
            fitted = fine_tune(
                shared,
                due,
                previous=previous,
                seed=settings.seed,
                device=settings.train_device,
                workers=workers,
            )
            now = wall_clock()
            contests = _contests(
                fitted,
                due,
                champions=champions,
                recipe=recipe if accurate else None,
                decided_at=pd.Timestamp(now).floor("ms"),
            )
            scores = pd.concat(
                [
                    customer_scores(
                        contests[history.key],
                        history,
                        model_id=fitted[history.key].model_id,
                        scored_at=pd.Timestamp(now),
                    )
                    for history in due
                ]
            )
            models.keep(fitted, scores=scores, trained_at=now)
            trained += len(fitted)
        refs = [customer_of_partition_key(key) for key in context.partition_keys]
        scores = serving_scores(models.documents, refs)
        serving = champions.of(refs)
    for customer_ref, rows in scores.groupby("customer_ref"):
        key = partition_key_of_customer(str(customer_ref))
        facts = _score_facts(rows, serving.get(str(customer_ref)))
        context.add_asset_metadata(facts, partition_key=key)
    return dg.MaterializeResult(
        metadata={"run_customers_trained": trained, "run_customers_without_new_readings": kept},
        check_results=[
            check_result("beats_seasonal_naive", evaluate_scores(scores, series=CUSTOMER))
        ],
    )


def _contests(
    models: "Mapping[str, CustomerModel]",
    due: list[Series],
    *,
    champions: ChampionLog,
    recipe: Recipe | None,
    decided_at: pd.Timestamp,
) -> dict[str, Contest]:
    """Decide who serves each customer; other families take part where there is a recipe."""
    from energy_assets.forecasting.bilstm.family import fitted_model

    own = {one.key: fitted_model(models[one.key], one) for one in due}
    fitted = {key: {OWN_FAMILY: one} for key, one in own.items()}
    if recipe is not None:
        fitted = challenged(due, own_family=OWN_FAMILY, own=own, recipe=recipe, days=1)
    return decided(
        due,
        fitted,
        own_family=OWN_FAMILY,
        champions=champions,
        models=FamilyModels(champions.documents, FLOW, readers(recipe) if recipe else {}),
        decided_at=decided_at,
    )


def _score_facts(rows: pd.DataFrame, champion: Champion | None) -> dict[str, dg.MetadataValue]:
    """What people read of a customer: the score of what serves, and everybody's beside it."""
    columns = ["family", "mae", "wape", "mase", "pinball", "r2_score", "coverage_90", "total_bias"]
    serves = OWN_FAMILY if champion is None else champion.family
    facts: dict[str, dg.MetadataValue] = {
        "model_id": dg.MetadataValue.text(str(rows["model_id"].iloc[0])),
        "serves": dg.MetadataValue.text(serves),
        "scores": dg.MetadataValue.md(markdown_table(rows[columns].round(4))),
        "test_from": dg.MetadataValue.timestamp(rows["window_start_at"].min().to_pydatetime()),
        "test_to": dg.MetadataValue.timestamp(rows["window_end_at"].max().to_pydatetime()),
    }
    if champion is not None:
        facts["why_it_serves"] = dg.MetadataValue.text(champion.reason)
    naive = rows.loc[rows["family"].str.startswith("naive_"), "wape"].min()
    facts["wape_best_naive"] = dg.MetadataValue.float(round(float(naive), 4))
    for name in ("wape", "mse", "r2_score", "total_bias"):
        for value in rows.loc[rows["family"] == serves, name]:
            facts[name] = dg.MetadataValue.float(round(float(value), 4))
    return facts
