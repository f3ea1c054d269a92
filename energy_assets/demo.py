"""`python -m energy_assets.demo`: sample meter files to forecasts, scores and plots, in one go.

It does what a deployment does, in this process: sensors look, jobs run, stores are written. The
Dagster UI shows the same runs afterwards.
"""

import argparse
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import dagster as dg
import pandas as pd

from energy_assets.automation.local_runs import LocalDagster
from energy_assets.automation.sensors import new_meter_files, new_readings
from energy_assets.contracts.forecasts import CUSTOMER_PREDICTION, CUSTOMER_SCORE
from energy_assets.contracts.meter_files import PROCESSED_FILES, QUARANTINE
from energy_assets.definitions import build_defs, default_resources
from energy_assets.logs import silence_console
from energy_assets.sample_data.estate import load_profile_files
from energy_assets.settings import Settings, load_settings
from resources.document_store import DocumentStore
from resources.object_store import ObjectStore


def main() -> None:
    """Run the demo on the stores of the settings, and say what happened."""
    arguments = _arguments()
    settings = load_settings()
    resources = default_resources(settings)
    objects: ObjectStore = resources["object_store"].open()
    documents: DocumentStore = resources["document_store"].open()
    began = time.perf_counter()
    _deliver_files(objects, settings, customers=arguments.customers, days=arguments.days)
    kept = bool(settings.dagster_home)
    with dg.DagsterInstance.get() if kept else dg.DagsterInstance.ephemeral() as instance:
        dagster = LocalDagster(
            defs=build_defs(settings=settings), resources=resources, instance=instance
        )
        silence_console()
        for sensor in (new_meter_files, new_readings):
            _follow(dagster, sensor)
    _print_files(documents)
    _print_forecasts(documents)
    print(f"\nPlots: {objects.url}/plots/customer_load/")
    print(f"Done in {time.perf_counter() - began:.0f} s. `make ui` shows runs, lineage and plots.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--customers", type=int, default=12, help="customers of the estate")
    parser.add_argument("--days", type=int, default=70, help="days of readings")
    return parser.parse_args()


def _deliver_files(objects: ObjectStore, settings: Settings, *, customers: int, days: int) -> None:
    present = objects.list(settings.load_profiles_prefix, limit=1)
    if present:
        print(f"Meter files are there already: {objects.url}/{settings.load_profiles_prefix}")
        return
    zone = ZoneInfo(settings.display_zone)
    midnight = datetime.now(tz=zone).replace(hour=0, minute=0, second=0, microsecond=0)
    delivered = 0
    for key, content in load_profile_files(
        customers=customers, days=days, end_at=midnight.astimezone(UTC), seed=settings.seed
    ):
        objects.put(key, content)
        delivered += 1
    print(f"Delivered {delivered} meter files of {customers} customers to {objects.url}")


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
    print("\nMeter files (rows in = stored + duplicates + superseded + quarantined)")
    table = files[["object_key", *columns]].set_axis(
        ["file", "in", "stored", "duplicate", "superseded", "quarantined"], axis="columns"
    )
    table["file"] = table["file"].str.removeprefix("raw/load_profiles/")
    print(table.to_string(index=False))
    refused = documents.read(QUARANTINE, columns=["reason"])
    if len(refused):
        counts = refused["reason"].value_counts()
        print("Refused: " + ", ".join(f"{n} {reason}" for reason, n in counts.items()))


def _print_forecasts(documents: DocumentStore) -> None:
    scores = documents.read(CUSTOMER_SCORE)
    predictions = documents.read(CUSTOMER_PREDICTION)
    if predictions.empty:
        print("\nNo forecasts yet.")
        return
    newest = predictions["issued_at"] == predictions.groupby("customer_ref")["issued_at"].transform(
        "max"
    )
    current = predictions[newest].groupby("customer_ref")
    rows = pd.DataFrame(
        {
            "from": current["valid_at"].min().dt.strftime("%Y-%m-%d %H:%MZ"),
            "kWh in 24 h": current["predicted_usage"].sum().round(2),
            "basis": current["basis"].first(),
        }
    )
    latest = scores.sort_values("scored_at").groupby(["customer_ref", "family"]).last()
    wape = latest["wape"].unstack("family")
    naive = wape.filter(like="naive_")
    rows["WAPE"] = wape.get("bilstm")
    rows["best naive"] = naive.min(axis="columns")
    rows["90 % band covers"] = latest["coverage_90"].unstack("family").get("bilstm")
    formats = dict.fromkeys(["WAPE", "best naive", "90 % band covers"], "{:.1%}".format)
    print("\nForecasts and scores (held-out days, the same rows for both)")
    print(rows.reset_index(names="customer").to_string(index=False, formatters=formats))


if __name__ == "__main__":
    main()
