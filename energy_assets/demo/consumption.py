"""The electricity and water part of the demo: sample files, simulated weather, what became of them.

The weather is made up, and so is what the sample meters use of it.
"""

from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.consumption.locations import default_location, stored_locations
from energy_assets.consumption.weather_fetch import fetch_weather
from energy_assets.contracts.consumption import UNITS, WEATHER
from energy_assets.contracts.consumption_forecasts import (
    CONSUMPTION_EXPLANATION,
    CONSUMPTION_FORECAST,
    CONSUMPTION_SCORE,
    LEAK_SUSPICION,
)
from energy_assets.demo.score_columns import with_scores
from energy_assets.sample_data.consumption_estate import consumption_files
from energy_assets.settings import Settings
from resources.document_store import DocumentStore
from resources.object_store import ObjectStore
from resources.series_store import SeriesStore
from resources.tables import Filter
from resources.weather.climate_normal import ClimateNormal
from resources.weather_provider import WeatherProvider

ARCHIVED_DAYS: Final[int] = 35
"""The demo's weather service was asked this long before. [d]"""

_METER: Final = ["meter_type", "meter_id"]


def deliver_consumption(
    objects: ObjectStore,
    settings: Settings,
    *,
    provider: WeatherProvider,
    days: int,
    end_at: datetime,
) -> None:
    """Put sample electricity and water files where the sensor looks, unless files are there."""
    if objects.list(settings.consumption_prefix, limit=1):
        print(f"Consumption files are there already: {objects.url}/{settings.consumption_prefix}")
        return
    start = end_at - timedelta(days=days + 3)
    measured = provider.history(
        default_location(settings).place, start=start, end=end_at + timedelta(days=1)
    )
    hours = measured["valid_at"].to_numpy(dtype="datetime64[s]").astype(np.int64)

    def temperature_c(instants: pd.DatetimeIndex) -> np.ndarray:
        at = instants.to_numpy(dtype="datetime64[s]").astype(np.int64)
        return np.interp(at, hours, measured["temperature_c"].to_numpy(np.float64))

    delivered = 0
    for key, content in consumption_files(
        end_at=end_at, days=days, seed=settings.seed, temperature_c=temperature_c
    ):
        objects.put(key, content)
        delivered += 1
    print(f"Delivered {delivered} electricity and water files to {objects.url}")


def archive_weather(
    documents: DocumentStore,
    series: SeriesStore,
    *,
    provider: WeatherProvider,
    now: datetime,
    days: int,
) -> None:
    """Ask the simulated weather service as it would have been asked every day of the last weeks."""
    places = list(stored_locations(documents).values())
    present = pd.Timestamp(now)
    asked = series.read(
        WEATHER,
        [
            Filter("location", "=", places[0].name),
            Filter("provider", "=", provider.name),
            Filter("valid_at", ">=", present),
            Filter("valid_at", "<", present + pd.Timedelta(hours=1)),
        ],
        columns=["issued_at"],
    )
    if len(asked) > 1:
        return
    for before in range(ARCHIVED_DAYS, 0, -1):
        fetch_weather(
            provider=provider,
            fallback=ClimateNormal(),
            series=series,
            locations=places,
            now=present.floor("D") - pd.Timedelta(days=before),
            history_days=days if before == ARCHIVED_DAYS else 2,
        )
    print(f"Simulated weather: {ARCHIVED_DAYS} days of forecasts for {len(places)} locations")


def print_meters(documents: DocumentStore) -> None:
    """Each meter's newest forecast, its model's score beside the best naive, and findings."""
    forecasts = documents.read(CONSUMPTION_FORECAST, [Filter("resolution", "=", "daily")])
    if forecasts.empty:
        print("\nNo forecasts of meters yet.")
        return
    issued = forecasts.groupby(_METER)["issued_at"].transform("max")
    current = forecasts[forecasts["issued_at"] == issued].sort_values("valid_at").groupby(_METER)
    rows = pd.DataFrame(
        {
            "next day": current["valid_at"].first().dt.strftime("%Y-%m-%d %H:%MZ"),
            "forecast": current["mean"].first().round(2),
            "basis": current["basis"].first(),
            "weather": current["weather"].first(),
        }
    )
    rows.insert(2, "unit", [UNITS[meter_type] for meter_type, _ in rows.index])
    scores = _newest_scores(documents)
    rows = with_scores(rows, scores, _METER)
    formats = dict.fromkeys(["WAPE", "best naive", "90 % band covers"], "{:.1%}".format)
    print("\nMeters: forecasts and scores (held-out days, the same rows for both)")
    print(rows.reset_index().to_string(index=False, formatters=formats))
    _print_reasons(documents)


def _newest_scores(documents: DocumentStore) -> pd.DataFrame:
    scores = documents.read(CONSUMPTION_SCORE)
    return scores[scores["scored_at"] == scores.groupby(_METER)["scored_at"].transform("max")]


def _print_reasons(documents: DocumentStore) -> None:
    told = documents.read(CONSUMPTION_EXPLANATION, order_by=["meter_type", "meter_id", "issued_at"])
    if len(told):
        first = told.iloc[0]
        print(f"\nWhy, for {first['meter_type']} meter {first['meter_id']}:")
        for line in first["lines"]:
            print(f"  {line}")
    leaks = documents.read(LEAK_SUSPICION, order_by=["meter_id", "judged_at"])
    leaks = leaks.drop_duplicates("meter_id", keep="last")
    for meter_id, suspected, evidence in zip(
        leaks["meter_id"], leaks["suspected"], leaks["evidence"], strict=True
    ):
        if suspected:
            print(f"\nLeak suspected at water meter {meter_id}:")
            for sentence in evidence["sentences"]:
                print(f"  {sentence}")
