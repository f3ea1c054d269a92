"""The demo does what a deployment does, in this process: sensors look, jobs run, stores fill.

The Dagster UI shows the same runs afterwards.
"""

import argparse
import time
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg

from energy_assets.automation.jobs import update_weather
from energy_assets.automation.local_runs import QUIET, LocalDagster
from energy_assets.automation.sensors import (
    new_consumption,
    new_consumption_files,
    new_meter_files,
    new_readings,
)
from energy_assets.consumption.weather_assets import locations
from energy_assets.contracts.meter_files import PROCESSED_FILES, QUARANTINE
from energy_assets.definitions import build_defs, default_resources
from energy_assets.demo.consumption import archive_weather, deliver_consumption, print_meters
from energy_assets.demo.load_profiles import deliver_load_profiles, print_customers
from energy_assets.logs import silence_console
from energy_assets.settings import Settings, load_settings
from resources.document_store import DocumentStore
from resources.object_store import ObjectStore
from resources.series_store import SeriesStore
from resources.weather import WeatherAccess, WeatherResource


def main() -> None:
    """Run the demo on the stores of the settings, and say what happened."""
    arguments = _arguments()
    settings = load_settings()
    simulated = WeatherResource(name="simulated", access=WeatherAccess(seed=settings.seed))
    resources: dict[str, Any] = {**default_resources(settings), "weather_provider": simulated}
    objects: ObjectStore = resources["object_store"].open()
    documents: DocumentStore = resources["document_store"].open()
    series: SeriesStore = resources["series_store"].open()
    began = time.perf_counter()
    now = datetime.now(tz=UTC)
    end_at = _midnight(settings, now)
    deliver_load_profiles(
        objects, settings, customers=arguments.customers, days=arguments.days, end_at=end_at
    )
    provider, days = simulated.open(), arguments.meter_days
    deliver_consumption(objects, settings, provider=provider, days=days, end_at=end_at)
    kept = bool(settings.dagster_home)
    with dg.DagsterInstance.get() if kept else dg.DagsterInstance.ephemeral() as instance:
        defs = build_defs(settings=settings, weather_provider=simulated)
        dagster = LocalDagster(defs=defs, resources=resources, instance=instance)
        silence_console()
        _update_weather(dagster, only=locations.key)
        archive_weather(documents, series, provider=provider, now=now, days=days)
        _update_weather(dagster)
        for sensor in (new_meter_files, new_consumption_files, new_readings, new_consumption):
            _follow(dagster, sensor)
    _print_files(documents)
    print_customers(documents)
    print_meters(documents)
    print(f"\nPlots: {objects.url}/plots/")
    print(f"Done in {time.perf_counter() - began:.0f} s. `make ui` shows runs, lineage and plots.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--customers", type=int, default=12, help="load-profile customers")
    parser.add_argument("--days", type=int, default=70, help="days of their readings")
    parser.add_argument(
        "--meter-days", type=int, default=150, help="days of electricity and water values"
    )
    return parser.parse_args()


def _midnight(settings: Settings, now: datetime) -> datetime:
    """The start of the present day where the sample meters are."""
    local = now.astimezone(ZoneInfo(settings.display_zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def _update_weather(dagster: LocalDagster, *, only: dg.AssetKey | None = None) -> None:
    result = dagster.defs.resolve_job_def(update_weather.name).execute_in_process(
        instance=dagster.instance, run_config=QUIET, asset_selection=[only] if only else None
    )
    what = only.to_user_string() if only else update_weather.name
    print(f"{what}: done, run {result.run_id[:8]}")


def _follow(dagster: LocalDagster, sensor: dg.SensorDefinition) -> None:
    requests, reason = dagster.tick(sensor)
    print(f"{sensor.name}: {reason or f'{len(requests)} run(s) requested'}")
    began = time.perf_counter()
    for result in dagster.runs(sensor, requests):
        state = "done" if result.success else "FAILED in part (the reason is in the UI and the log)"
        seconds, began = time.perf_counter() - began, time.perf_counter()
        print(f"  {sensor.job_name}: {state} in {seconds:.1f} s, run {result.run_id[:8]}")


def _print_files(documents: DocumentStore) -> None:
    files = documents.read(PROCESSED_FILES, order_by=["object_key"])
    columns = ["rows_in", "rows_stored", "rows_duplicate", "rows_superseded", "rows_quarantined"]
    print("\nFiles (rows in = stored + duplicates + superseded + quarantined)")
    table = files[["object_key", *columns]].set_axis(
        ["file", "in", "stored", "duplicate", "superseded", "quarantined"], axis="columns"
    )
    table["file"] = table["file"].str.removeprefix("raw/")
    print(table.to_string(index=False))
    refused = documents.read(QUARANTINE, columns=["reason"])
    if len(refused):
        counts = refused["reason"].value_counts()
        print("Refused: " + ", ".join(f"{n} {reason}" for reason, n in counts.items()))


if __name__ == "__main__":
    main()
