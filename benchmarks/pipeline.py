"""The whole way on real meters: files, sensor, readings, models, forecasts, scores.

`python -m benchmarks.pipeline lcl|ucsd [--data DIR] [--homes N] [--quick]`
"""

import argparse
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd

from benchmarks.real_meters import DATA, LCL, LCL_CLOCK, UCSD, UCSD_CLOCK, lcl_files, ucsd_files
from benchmarks.reporting import report
from energy_assets.automation.local_runs import LocalDagster
from energy_assets.automation.sensors import new_meter_files, new_readings
from energy_assets.contracts.forecasts import CUSTOMER_PREDICTION, CUSTOMER_SCORE
from energy_assets.contracts.meter_files import PROCESSED_FILES
from energy_assets.contracts.readings import MEASUREMENTS
from energy_assets.definitions import build_defs, default_resources
from energy_assets.logs import silence_console
from energy_assets.settings import Settings


def main() -> None:
    """Run the pipeline on one set and report."""
    given = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        measure(
            given.set, data=given.data, homes=given.homes, quick=given.quick, folder=Path(folder)
        )


def measure(
    name: str, *, data: Path | None, homes: int | None, quick: bool, folder: Path
) -> dict[str, Any]:
    """Take one set from files to scores in a folder and print the report.

    Args:
        name: `lcl` or `ucsd`.
        data: Folder of the set.
        homes: Only the first so many homes of `lcl`.
        quick: Less data: five homes, or buildings up to the end of 2017.
        folder: Where stores are made.

    Returns:
        The figures.
    """
    if name == "lcl":
        until = "2013-06-30" if quick else None
        files = lcl_files(data or DATA / LCL, homes=5 if quick else homes, until=until)
        clock, zone = LCL_CLOCK, "Europe/London"
    else:
        files = ucsd_files(data or DATA / UCSD, until="2017-12-31" if quick else None)
        clock, zone = UCSD_CLOCK, "America/Los_Angeles"
    settings = Settings(
        _env_file=None,
        object_store=str(folder / "objects"),
        document_store=f"sqlite:///{folder}/documents.db",
        log_dir=folder / "logs",
        meter_clock=clock,
        display_zone=zone,
    )
    return _run(name, settings, files, arrivals=folder / "objects")


def _run(
    name: str, settings: Settings, files: Iterator[tuple[str, bytes]], *, arrivals: Path
) -> dict[str, Any]:
    resources = default_resources(settings)
    objects, documents = resources["object_store"].open(), resources["document_store"].open()
    delivered, newest_day = 0, ""
    for key, content in files:
        objects.put(key, content)
        delivered += len(content)
        newest_day = max(newest_day, _newest_day(content))
    wall_clock = _clock_after(newest_day)
    for path in (path for path in arrivals.rglob("*") if path.is_file()):
        os.utime(path, (wall_clock().timestamp(), wall_clock().timestamp()))
    with dg.DagsterInstance.ephemeral() as instance:
        dagster = LocalDagster(
            defs=build_defs(settings=settings, wall_clock=wall_clock),
            resources=resources,
            instance=instance,
        )
        silence_console()
        ingest_s = _follow(dagster, new_meter_files)
        chain_s = _follow(dagster, new_readings)
    balance = documents.read(PROCESSED_FILES)
    figures: dict[str, Any] = {
        "set": name,
        "files_mib": delivered / 2**20,
        "rows_in": int(balance["rows_in"].sum()),
        "rows_stored": documents.count(MEASUREMENTS),
        "rows_quarantined": int(balance["rows_quarantined"].sum()),
        "ingest_cpu_s": ingest_s,
        "chain_cpu_s": chain_s,
        "forecast_rows": documents.count(CUSTOMER_PREDICTION),
    }
    table, scores = _scores(documents.read(CUSTOMER_SCORE))
    report(f"pipeline_{name}", table, figures | scores)
    return figures | scores


def _newest_day(content: bytes) -> str:
    """The newest date that a file stamps readings with, YYYY-MM-DD."""
    return str(pd.read_csv(io.BytesIO(content), usecols=["DATE"], dtype=str)["DATE"].max())


def _clock_after(day: str) -> Callable[[], datetime]:
    """A wall clock that stands still once a day has ended everywhere.

    Files arrive at that time too: models are not taught what arrives after it.
    """
    present = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=2)

    def now() -> datetime:
        return present

    return now


def _follow(dagster: LocalDagster, sensor: dg.SensorDefinition) -> float:
    """Run what a sensor asks for; CPU seconds of this process and its children's."""
    requests, reason = dagster.tick(sensor)
    if not requests:
        raise RuntimeError(f"{sensor.name} asked for nothing: {reason}")
    began = _cpu_seconds()
    for result in dagster.runs(sensor, requests):
        if not result.success:
            raise RuntimeError(f"run {result.run_id} of {sensor.name} failed")
    return _cpu_seconds() - began


def _cpu_seconds() -> float:
    """CPU time of this process and of the workers that it has waited for."""
    return sum(os.times()[:4])


def _scores(scores: pd.DataFrame) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Pooled WAPE of each family over all customers, on the same held-out rows."""
    known = scores.dropna(subset=["mae", "wape"])
    error = known["mae"] * known["rows"].astype(float)
    pooled = pd.DataFrame(
        {"family": known["family"], "error": error, "actual": error / known["wape"]}
    )
    sums = pooled.groupby("family").sum()
    wape = (sums["error"] / sums["actual"]).to_dict()
    coverage = known.groupby("family")["coverage_90"].mean().to_dict()
    table = [
        {"family": f, "pooled_wape": float(w), "coverage_90": float(coverage[f])}
        for f, w in sorted(wape.items())
    ]
    naive = min(float(w) for f, w in wape.items() if str(f).startswith("naive_"))
    figures = {
        "customers": int(known["customer_ref"].nunique()),
        "wape_bilstm": float(wape["bilstm"]),
        "wape_best_naive": naive,
        "wape_ratio": float(wape["bilstm"]) / naive,
    }
    return table, figures


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", choices=["lcl", "ucsd"])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--homes", type=int)
    parser.add_argument("--quick", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
