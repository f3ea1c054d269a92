"""Night flow of water meters and the suspicion of leaks, as a Dagster asset."""

import dagster as dg
import pandas as pd

from energy_assets.consumption.feature_assets import Frames
from energy_assets.consumption.leak_suspicion import LeakJudgement, judge_leak, leak_rows
from energy_assets.contracts.consumption_forecasts import LEAK_SUSPICION
from energy_assets.contracts.validation import validated
from energy_assets.findings import Finding, check_result
from energy_assets.inline_plots import INLINE_PLOTS, plot_facts
from energy_assets.outages import retry_outages
from energy_assets.partitions import CONSUMPTION_METERS
from resources.object_keys import bounded_name
from resources.stores import DocumentStoreResource, ObjectStoreResource
from resources.wall_clock import WallClock

PLOTS_PREFIX = "plots/night_flow"
"""Where plots of night flow lie in the object store."""


@dg.asset(
    partitions_def=CONSUMPTION_METERS,
    backfill_policy=dg.BackfillPolicy.multi_run(500),
    check_specs=[
        dg.AssetCheckSpec(
            "no_leak_suspected",
            asset="night_flow",
            description="No water meter shows a flow that never stops any more.",
        )
    ],
    group_name="consumption",
    kinds={"pandas", "matplotlib"},
    owners=["team:energy-data"],
    tags={"layer": "finding"},
    code_version="1",
)
def night_flow(
    context: dg.AssetExecutionContext,
    consumption_features: Frames,
    document_store: dg.ResourceParam[DocumentStoreResource],
    object_store: dg.ResourceParam[ObjectStoreResource],
    wall_clock: dg.ResourceParam[WallClock],
) -> dg.MaterializeResult:
    """The smallest flow of each night of every water meter, and whether it tells of a leak.

    Electricity meters have no night flow: their partitions say so and hold nothing else.
    """
    from energy_assets.consumption.plot import night_flow_plot

    now = pd.Timestamp(wall_clock()).floor("ms")
    judgements: dict[str, LeakJudgement] = {}
    with retry_outages(context):
        objects = object_store.open()
        for key, frame in consumption_features.items():
            if frame.attrs["meter_type"] != "water":
                words = dg.MetadataValue.text("Only water meters have a night flow.")
                context.add_asset_metadata({"judgement": words}, partition_key=key)
                continue
            judgement = judge_leak(frame)
            judgements[key] = judgement
            facts = _facts(judgement)
            if judgement.suspected or len(context.partition_keys) <= INLINE_PLOTS:
                image = night_flow_plot(frame, judgement)
                name = f"{PLOTS_PREFIX}/{bounded_name(key)}/{now:%Y-%m-%dT%H%M%S}Z.png"
                objects.put(name, image)
                url = f"{objects.url}/{name}"
                facts |= plot_facts(image, url, inline=True, title="night flow")
            context.add_asset_metadata(facts, partition_key=key)
        rows = leak_rows(list(judgements.values()), judged_at=now)
        document_store.open().upsert(LEAK_SUSPICION, validated(LEAK_SUSPICION, rows))
    return dg.MaterializeResult(
        metadata={
            "run_water_meters": len(judgements),
            "run_leaks_suspected": sum(each.suspected for each in judgements.values()),
        },
        check_results=[check_result("no_leak_suspected", evaluate_leaks(judgements))],
    )


def evaluate_leaks(judgements: dict[str, LeakJudgement]) -> Finding:
    """Whether no water meter is suspected of a leak, and the evidence where one is."""
    offenders = [
        f"{key}: {' '.join(each.evidence)}" for key, each in judgements.items() if each.suspected
    ]
    return Finding(
        passed=not offenders,
        sentence=f"{len(offenders)} of {len(judgements)} water meters are suspected of a leak.",
        offenders=offenders,
    )


def _facts(judgement: LeakJudgement) -> dict[str, dg.MetadataValue]:
    facts: dict[str, dg.MetadataValue] = {
        "leak_suspected": dg.MetadataValue.bool(judgement.suspected),
        "evidence": dg.MetadataValue.md("\n".join(f"- {line}" for line in judgement.evidence)),
    }
    flows = {
        "night_flow_l_per_h": judgement.night_flow_m3_per_h,
        "usual_night_flow_l_per_h": judgement.baseline_m3_per_h,
        "leak_l_per_h": judgement.leak_m3_per_h,
        "lost_l": judgement.lost_m3,
    }
    for name, value in flows.items():
        if value is not None:
            facts[name] = dg.MetadataValue.float(round(1000 * value, 1))
    if judgement.onset_at is not None:
        facts["since"] = dg.MetadataValue.timestamp(judgement.onset_at.to_pydatetime())
    return facts
