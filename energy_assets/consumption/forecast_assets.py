"""Models to forecasts and plots of electricity and water meters, as Dagster assets."""

from typing import TYPE_CHECKING, Final

import dagster as dg
import pandas as pd

from energy_assets.consumption.consumption_grid import series_of_frame
from energy_assets.consumption.feature_assets import Frames
from energy_assets.consumption.flow import MeterFlow, measured_meter
from energy_assets.consumption.meter_weather import by_location, weather_of
from energy_assets.consumption.model_assets import consumption_xgboost
from energy_assets.consumption.model_records import store_forecasts
from energy_assets.consumption.prediction import explanation_row, forecast_rows
from energy_assets.consumption.serving import METER, served_meters
from energy_assets.consumption.weather_assets import weather
from energy_assets.contracts.consumption_forecasts import (
    CONSUMPTION_EXPLANATION,
    CONSUMPTION_FORECAST,
)
from energy_assets.findings import check_result
from energy_assets.forecasting.series import LEAD_DAYS
from energy_assets.forecasts.answers import newest_charts
from energy_assets.forecasts.checks import (
    evaluate_bands,
    evaluate_forecasts,
    forecast_faults,
)
from energy_assets.forecasts.flow import Measured
from energy_assets.forecasts.knowledge import data_known_at, known_instant
from energy_assets.forecasts.ladder import ended_sentence, has_ended
from energy_assets.forecasts.news import changed
from energy_assets.forecasts.stored_forecasts import joined
from energy_assets.inline_plots import INLINE_PLOTS, plot_facts
from energy_assets.outages import retry_outages
from energy_assets.partitions import (
    CONSUMPTION_METERS,
    meter_of_partition_key,
    partition_key_of_meter,
)
from energy_assets.settings import Settings
from resources.object_keys import bounded_name
from resources.stores import DocumentStoreResource, ObjectStoreResource, SeriesStoreResource
from resources.wall_clock import WallClock

if TYPE_CHECKING:
    from energy_assets.forecasting.forecast import Forecast

PLOTS_PREFIX: Final = "plots/consumption"
"""Where plots of forecasts lie in the object store."""


@dg.asset(
    partitions_def=CONSUMPTION_METERS,
    backfill_policy=dg.BackfillPolicy.multi_run(500),
    deps=[consumption_xgboost, weather],
    check_specs=[
        dg.AssetCheckSpec(
            "whole_and_possible",
            asset="consumption_forecast",
            blocking=True,
            description="14 days without a hole, finite, quantiles in order, negative only "
            "where the meter has exported.",
        ),
        dg.AssetCheckSpec(
            "bands_widen",
            asset="consumption_forecast",
            description="The 90 % band of the second week is no narrower than that of the first.",
        ),
    ],
    group_name="consumption",
    kinds={"xgboost", "mongodb"},
    owners=["team:energy-models"],
    tags={"layer": "forecast"},
    code_version="1",
)
def consumption_forecast(
    context: dg.AssetExecutionContext,
    consumption_features: Frames,
    document_store: dg.ResourceParam[DocumentStoreResource],
    series_store: dg.ResourceParam[SeriesStoreResource],
    settings: dg.ResourceParam[Settings],
    wall_clock: dg.ResourceParam[WallClock],
) -> dg.MaterializeResult:
    """14 days ahead of each meter's last value, by its interval and by the day; all are kept.

    A meter is served by its model with the weather, where temperatures are known, without it where
    they are not, and by a seasonal naive where it has no model or one that lost to the naive on the
    days held out of its training; each row says which in `basis`. A forecast that says the same as
    the last one is not issued again. A meter whose values ended long ago is not forecast, and says
    so.
    """
    now = known_instant(pd.Timestamp(wall_clock()))
    forecasts: dict[str, pd.DataFrame] = {}
    signed: set[str] = set()
    explanations: dict[str, pd.DataFrame] = {}
    with retry_outages(context):
        flow = MeterFlow(
            documents=document_store.open(), series=series_store.open(), settings=settings
        )
        frames = {meter_of_partition_key(key): f for key, f in consumption_features.items()}
        ended = {
            key: history
            for key, frame in frames.items()
            if has_ended(history := series_of_frame(frame), now=now)
        }
        for key, history in ended.items():
            why = dg.MetadataValue.text(ended_sentence(history, now=now))
            context.add_asset_metadata(
                {"not_forecast": why}, partition_key=partition_key_of_meter(key)
            )
        frames = {key: frame for key, frame in frames.items() if key not in ended}
        around = weather_of(settings, flow.series, now=now)
        served = served_meters(frames, documents=flow.documents, weather=around)
        for key, history, forecast in served:
            forecasts[key] = forecast_rows(
                forecast, history, issued_at=now, data_known_at=data_known_at(frames[key])
            )
            explanations[key] = explanation_row(forecast, history, issued_at=now)
            if not history.non_negative:
                signed.add(key)
            context.add_asset_metadata(
                _facts(forecast, unit=history.unit),
                partition_key=partition_key_of_meter(key),
            )
        issued = joined(CONSUMPTION_FORECAST, forecasts.values())
        faults = forecast_faults(issued, series=METER, days=LEAD_DAYS, signed=signed)
        sound = {key: rows for key, rows in forecasts.items() if key not in faults}
        previous = flow.forecasts.rows(flow.forecasts.newest(list(sound), until=now))
        new = changed(sound, flow.forecasts.by_series(previous))
        store_forecasts(
            flow.documents,
            joined(CONSUMPTION_FORECAST, new.values()),
            joined(CONSUMPTION_EXPLANATION, (explanations[key] for key in new)),
        )
    return dg.MaterializeResult(
        metadata={
            "run_meters": len(forecasts),
            "run_forecasts_issued": len(new),
            "run_meters_whose_values_ended": list(ended)[:100],
        },
        check_results=[
            check_result(
                "whole_and_possible",
                evaluate_forecasts(issued, faults, series=METER),
                severity=dg.AssetCheckSeverity.ERROR,
            ),
            check_result("bands_widen", evaluate_bands(issued, series=METER)),
        ],
    )


@dg.asset(
    partitions_def=CONSUMPTION_METERS,
    backfill_policy=dg.BackfillPolicy.multi_run(500),
    deps=[consumption_forecast],
    group_name="consumption",
    kinds={"matplotlib"},
    owners=["team:energy-models"],
    tags={"layer": "presentation"},
    code_version="1",
)
def consumption_plot(
    context: dg.AssetExecutionContext,
    consumption_features: Frames,
    document_store: dg.ResourceParam[DocumentStoreResource],
    series_store: dg.ResourceParam[SeriesStoreResource],
    object_store: dg.ResourceParam[ObjectStoreResource],
    settings: dg.ResourceParam[Settings],
    wall_clock: dg.ResourceParam[WallClock],
) -> dg.MaterializeResult:
    """Each meter's last week and next two, as PNG in the object store and inline here."""
    drawn, now = 0, pd.Timestamp(wall_clock())
    with retry_outages(context):
        objects = object_store.open()
        flow = MeterFlow(
            documents=document_store.open(), series=series_store.open(), settings=settings
        )
        around = weather_of(settings, flow.series, now=now)
        keys = [meter_of_partition_key(key) for key in by_location(consumption_features)]

        def measured_of(key: str) -> Measured:
            return measured_meter(consumption_features[partition_key_of_meter(key)], around)

        for key, issued_at, image in newest_charts(flow, keys, measured_of, until=now):
            name = f"{PLOTS_PREFIX}/{bounded_name(key)}/{issued_at:%Y-%m-%dT%H%M%S}Z.png"
            objects.put(name, image)
            facts = plot_facts(image, f"{objects.url}/{name}", inline=len(keys) <= INLINE_PLOTS)
            context.add_asset_metadata(facts, partition_key=partition_key_of_meter(key))
            drawn += 1
    return dg.MaterializeResult(metadata={"run_plots": drawn})


def _facts(forecast: "Forecast", *, unit: str) -> dict[str, dg.MetadataValue]:
    rows = forecast.intervals
    next_day = float(forecast.daily.mean[0]) if len(forecast.daily) else float("nan")
    why = "\n".join(f"- {line}" for line in forecast.explanation.lines)
    return {
        "from": dg.MetadataValue.timestamp(forecast.origin_at.to_pydatetime()),
        f"next_whole_day_{unit}": dg.MetadataValue.float(round(next_day, 3)),
        f"fourteen_days_{unit}": dg.MetadataValue.float(round(float(rows.mean.sum()), 3)),
        "basis": dg.MetadataValue.text(", ".join(dict.fromkeys(rows.basis.tolist()))),
        "weather": dg.MetadataValue.text(", ".join(dict.fromkeys(rows.weather.tolist()))),
        "model_id": dg.MetadataValue.text(forecast.model_id),
        "imputed_share": dg.MetadataValue.float(round(forecast.imputed_share, 4)),
        "why": dg.MetadataValue.md(why),
    }
