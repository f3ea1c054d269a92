"""Features and weather to models, as a Dagster asset: a shell around `training`."""

import os
from collections.abc import Iterator

import dagster as dg
import pandas as pd

from energy_assets.consumption.feature_assets import Frames
from energy_assets.consumption.meter_weather import weather_of
from energy_assets.consumption.model_records import MeterModels
from energy_assets.consumption.serving import FLOW, METER
from energy_assets.consumption.weather_assets import weather
from energy_assets.findings import check_result
from energy_assets.forecasts.challenge import is_accurate
from energy_assets.forecasts.champion import Champion, ChampionLog
from energy_assets.forecasts.checks import evaluate_scores
from energy_assets.markdown import markdown_table
from energy_assets.outages import retry_outages
from energy_assets.partitions import (
    CONSUMPTION_METERS,
    meter_of_partition_key,
    partition_key_of_meter,
)
from energy_assets.settings import Settings
from resources.stores import DocumentStoreResource, SeriesStoreResource
from resources.wall_clock import WallClock


@dg.asset(
    partitions_def=CONSUMPTION_METERS,
    backfill_policy=dg.BackfillPolicy.multi_run(500),
    deps=[weather],
    check_specs=[
        dg.AssetCheckSpec(
            "beats_seasonal_naive",
            asset="consumption_xgboost",
            description="Each model's error is below the best seasonal naive's on the same rows.",
        )
    ],
    group_name="consumption",
    kinds={"xgboost"},
    owners=["team:energy-models"],
    tags={"layer": "model"},
    code_version="1",
    pool="training",
)
def consumption_xgboost(
    context: dg.AssetExecutionContext,
    consumption_features: Frames,
    document_store: dg.ResourceParam[DocumentStoreResource],
    series_store: dg.ResourceParam[SeriesStoreResource],
    settings: dg.ResourceParam[Settings],
    wall_clock: dg.ResourceParam[WallClock],
) -> dg.MaterializeResult:
    """Gradient-boosted trees of each meter, learned from everything that is known of it.

    Meters without new values keep their model; those with too little history are served by a
    seasonal naive. Where the estate is worth it, other families are tried too. A contest on days
    that no model had seen decides who serves; scores are of days that had no say in it.
    """
    from energy_assets.consumption.training import (
        LearnedMeter,
        TrainingPlan,
        due,
        judged,
        train_meters,
    )

    now = pd.Timestamp(wall_clock())
    keys = [meter_of_partition_key(key) for key in context.partition_keys]
    refused: dict[str, str] = {}
    trained = 0
    with retry_outages(context):
        models = MeterModels(document_store.open())
        champions = ChampionLog(models.documents, FLOW)
        frames = {meter_of_partition_key(k): frame for k, frame in consumption_features.items()}
        waiting = due(frames, dict(models.serving(list(frames))))
        around = weather_of(settings, series_store.open(), now=now)
        estate = context.instance.get_dynamic_partitions(str(CONSUMPTION_METERS.name))
        plan = TrainingPlan(
            trained_at=now,
            seed=settings.seed,
            tune_trials=settings.tune_trials,
            tune_seconds=settings.tune_seconds,
            workers=settings.train_workers or os.cpu_count() or 1,
            accurate=is_accurate(settings.quality, series=len(estate)),
        )

        def learned() -> Iterator[LearnedMeter]:
            for meter in train_meters(waiting, weather=around, plan=plan):
                if meter.fitted is None:
                    refused[meter.key] = meter.problem
                yield meter

        for meter in judged(learned(), champions=champions, plan=plan):
            models.keep(meter.key, meter.model, meter.scores, trained_at=now)
            trained += 1
        serving = champions.of(keys)
        scores = models.scores(keys)
    _add_metadata(context, scores, refused, serving)
    return dg.MaterializeResult(
        metadata={
            "run_meters_trained": trained,
            "run_meters_without_new_values": len(frames) - len(waiting),
            "run_meters_with_too_little": [f"{k}: {why}" for k, why in refused.items()][:100],
        },
        check_results=[check_result("beats_seasonal_naive", evaluate_scores(scores, series=METER))],
    )


def _add_metadata(
    context: dg.AssetExecutionContext,
    scores: pd.DataFrame,
    refused: dict[str, str],
    champions: dict[str, Champion],
) -> None:
    for key, why in refused.items():
        context.add_asset_metadata(
            {"no_model": dg.MetadataValue.text(why)}, partition_key=partition_key_of_meter(key)
        )
    for (meter_type, meter_id), rows in scores.groupby(["meter_type", "meter_id"]):
        key = f"{meter_type}/{meter_id}"
        facts = _score_facts(rows, champions.get(key))
        context.add_asset_metadata(facts, partition_key=partition_key_of_meter(key))


def _score_facts(rows: pd.DataFrame, champion: Champion | None) -> dict[str, dg.MetadataValue]:
    """What people read of a meter: the score of what serves it, and everybody's beside it."""
    ordered = rows.sort_values(["pinball", "family"])
    serves = "xgboost" if champion is None else champion.family
    of_champion = ordered[ordered["family"] == serves]
    own = (of_champion if len(of_champion) else ordered).iloc[0]
    naive = rows.loc[rows["family"].str.startswith("naive_"), "wape"].min()
    facts: dict[str, dg.MetadataValue] = {
        "model_id": dg.MetadataValue.text(str(own["model_id"])),
        "serves": dg.MetadataValue.text(serves),
        "weather": dg.MetadataValue.text(str(own["weather"])),
        "scores": dg.MetadataValue.md(markdown_table(_percentages(ordered))),
        "test_from": dg.MetadataValue.timestamp(own["window_start_at"].to_pydatetime()),
        "test_to": dg.MetadataValue.timestamp(own["window_end_at"].to_pydatetime()),
        "category": dg.MetadataValue.text(str(own["category"])),
    }
    if champion is not None:
        facts["why_it_serves"] = dg.MetadataValue.text(champion.reason)
    numbers = {
        "wape_percent": 100 * own["wape"],
        "wape_percent_best_naive": 100 * naive,
        "mape_percent": own["mape_percent"],
        "bias_percent": 100 * own["total_bias"],
        "band_90_covers_percent": 100 * own["coverage_90"],
        "r2_score": own["r2_score"],
    }
    for name, value in numbers.items():
        if pd.notna(value):
            facts[name] = dg.MetadataValue.float(round(float(value), 3))
    return facts


def _percentages(rows: pd.DataFrame) -> pd.DataFrame:
    """The scores that fit on a page, as people read them."""
    return pd.DataFrame(
        {
            "family": rows["family"],
            "weather": rows["weather"],
            "WAPE %": (100 * rows["wape"]).round(1),
            "MAPE %": rows["mape_percent"].round(1),
            "R²": rows["r2_score"].round(3),
            "90 % band covers": (100 * rows["coverage_90"]).round(1),
        }
    )
