"""Locations and their weather, as Dagster assets."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import dagster as dg
import pandas as pd
import structlog

from energy_assets.consumption.location_files import RowFault
from energy_assets.consumption.locations import (
    LOCATIONS_FILE,
    METERS_FILE,
    Location,
    default_location,
    read_locations,
    read_meter_locations,
    store_locations,
    store_meter_locations,
    stored_locations,
)
from energy_assets.consumption.weather_archive import newest_forecast_at, stored_weather
from energy_assets.consumption.weather_fetch import (
    WeatherReport,
    fetch_weather,
    normal_from_archive,
)
from energy_assets.consumption.weather_validation import (
    evaluate_provider,
    evaluate_weather_age,
    validated_provider,
)
from energy_assets.findings import Finding, check_result
from energy_assets.markdown import markdown_table
from energy_assets.outages import retry_outages
from energy_assets.settings import Settings
from resources.errors import ObjectMissingError
from resources.object_store import ObjectStore
from resources.series_store import SeriesStore
from resources.stores import DocumentStoreResource, ObjectStoreResource, SeriesStoreResource
from resources.wall_clock import WallClock
from resources.weather import WeatherResource
from resources.weather.climate import YEARS

LOG = structlog.stdlib.get_logger("energy_assets.consumption")

NO_PROVIDER: Final = (
    "No weather service is asked: WEATHER_PROVIDER is climate_normal, so new forecasts are made "
    "without weather."
)
"""What the check of fresh forecasts says where nobody is asked."""

COMPARED_DAYS: Final = 30
"""Days over which a provider's forecasts are compared with what was measured."""


@dg.asset(
    check_specs=[
        dg.AssetCheckSpec(
            "rows_understood",
            asset="locations",
            description="Every row of locations.csv and meters.csv is understood.",
        )
    ],
    group_name="consumption",
    kinds={"csv"},
    owners=["team:energy-data"],
    tags={"layer": "record"},
    code_version="1",
)
def locations(
    context: dg.AssetExecutionContext,
    object_store: dg.ResourceParam[ObjectStoreResource],
    document_store: dg.ResourceParam[DocumentStoreResource],
    settings: dg.ResourceParam[Settings],
    wall_clock: dg.ResourceParam[WallClock],
) -> dg.MaterializeResult:
    """Named places, and which meter is where: the default one, and two files that people keep.

    They are locations.csv and meters.csv under raw/consumption/; a bad row keeps no good one out.
    """
    now = pd.Timestamp(wall_clock())
    default = default_location(settings)
    with retry_outages(context):
        objects, documents = object_store.open(), document_store.open()
        store_locations(documents, pd.DataFrame([vars(default)]), now=now)
        faults: list[str] = []
        content = _content(objects, settings.consumption_prefix + LOCATIONS_FILE)
        if content is not None:
            places, refused = read_locations(content)
            store_locations(documents, places, now=now)
            faults += _sentences(LOCATIONS_FILE, refused)
        known = stored_locations(documents)
        content = _content(objects, settings.consumption_prefix + METERS_FILE)
        if content is not None:
            meters, refused = read_meter_locations(content, locations=list(known))
            store_meter_locations(documents, meters, now=now)
            faults += _sentences(METERS_FILE, refused)
    finding = Finding(
        passed=not faults,
        sentence=f"{len(known)} locations; {len(faults)} rows refused.",
        offenders=faults,
    )
    return dg.MaterializeResult(
        metadata={"locations": sorted(known), "default": default.name},
        check_results=[check_result("rows_understood", finding)],
    )


def _content(objects: ObjectStore, key: str) -> bytes | None:
    try:
        return objects.get(key)
    except ObjectMissingError:
        return None


def _sentences(file: str, faults: Sequence[RowFault]) -> list[str]:
    return [f"{file} {fault}" for fault in faults]


@dg.asset(
    deps=[locations],
    check_specs=[
        dg.AssetCheckSpec(
            "fresh_forecasts",
            asset="weather",
            description="Every location has a forecast that is at most six hours old.",
        ),
        dg.AssetCheckSpec(
            "better_than_climate_normal",
            asset="weather",
            description="Forecasts of the last 30 days were nearer to what was measured than the "
            "climate normal, for each lead day.",
        ),
    ],
    group_name="consumption",
    kinds={"influxdb"},
    owners=["team:energy-data"],
    tags={"layer": "record"},
    code_version="1",
    pool="weather",
)
def weather(
    context: dg.AssetExecutionContext,
    document_store: dg.ResourceParam[DocumentStoreResource],
    series_store: dg.ResourceParam[SeriesStoreResource],
    weather_provider: dg.ResourceParam[WeatherResource],
    settings: dg.ResourceParam[Settings],
    wall_clock: dg.ResourceParam[WallClock],
) -> dg.MaterializeResult:
    """The newest forecast of every location, and what was measured since; every answer is kept.

    A provider that does not answer is no failure: the climate normal stands in and says so.
    """
    now = pd.Timestamp(wall_clock())
    provider = weather_provider.open()
    with retry_outages(context):
        series = series_store.open()
        known = stored_locations(document_store.open())
        places = list(known.values()) or [default_location(settings)]
        report = fetch_weather(
            provider=provider,
            fallback=normal_from_archive(series, places, now=now),
            series=series,
            locations=places,
            now=now,
            history_days=settings.weather_history_days,
            clock=wall_clock,
        )
        now = pd.Timestamp(wall_clock())  # the answers are known by now, and not before
        scores = pd.concat([_validation(series, place, now=now) for place in places])
        kind = "normal" if provider.is_normal else "forecast"
        newest = {
            place.name: newest_forecast_at(series, place.name, now=now, kind=kind)
            for place in places
        }
    for problem in report.problems:
        LOG.warning("weather", problem=problem)
    fresh = evaluate_weather_age(newest, now=now)
    if provider.is_normal:
        fresh = replace(fresh, sentence=NO_PROVIDER)
    return dg.MaterializeResult(
        metadata=_facts(report, scores),
        check_results=[
            check_result("fresh_forecasts", fresh),
            check_result("better_than_climate_normal", evaluate_provider(scores)),
        ],
    )


def _validation(series: SeriesStore, place: Location, *, now: pd.Timestamp) -> pd.DataFrame:
    since = now - pd.Timedelta(days=COMPARED_DAYS)
    years = now - pd.Timedelta(days=366 * YEARS + COMPARED_DAYS)
    measured = stored_weather(
        series, place.name, start=years, end=now, issued_until=now, kinds=["observation"]
    )
    predicted = stored_weather(
        series, place.name, start=since, end=now, issued_until=now, kinds=["forecast"]
    )
    rows = pd.concat([measured, predicted], ignore_index=True)
    return validated_provider(rows, place=place.place, now=now, since=since)


def _facts(report: WeatherReport, scores: pd.DataFrame) -> dict[str, dg.MetadataValue]:
    fetched = pd.DataFrame(
        {
            "location": [one.location for one in report.locations],
            "hours predicted": [one.forecast_hours for one in report.locations],
            "of the climate normal": [one.normal_hours for one in report.locations],
            "newly measured": [one.observed_hours for one in report.locations],
        }
    )
    facts: dict[str, dg.MetadataValue] = {
        "provider": dg.MetadataValue.text(report.provider),
        "fetched": dg.MetadataValue.md(markdown_table(fetched)),
    }
    if report.problems:
        facts["problems"] = dg.MetadataValue.md("\n".join(f"- {each}" for each in report.problems))
    if len(scores):
        facts["validation"] = dg.MetadataValue.md(markdown_table(scores.round(2)))
    return facts
