"""Points per CPU-second into the series store, against InfluxDB's own client with its `Point`s.

Both write to one InfluxDB 1.6 behind a shim in a process of its own, in turns, SQLite beside them.
Its CPU is not counted. Reads would measure a simulation of Flux and are left out.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
import pandas as pd
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write.point import Point
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.domain.write_precision import WritePrecision

from benchmarks.reporting import Figure, report
from energy_assets.contracts.consumption import ENERGY_CONSUMPTION
from energy_assets_tests.servers.influx_shim import ORG, TOKEN
from energy_assets_tests.servers.influxd import missing_programs
from resources import influx_store
from resources.series_store import SeriesStore, open_series_store
from resources.tables import DTYPES

BATCHES: Final = (1_000, 5_000, 20_000)
"""Points of one request that are tried."""

ROUNDS: Final = 3
"""Turns; the best of each way counts."""


def made_up(meters: int, hours: int) -> pd.DataFrame:
    """Hourly consumption of made-up meters from one file each."""
    rng = np.random.default_rng(5)
    stamps = pd.date_range("2025-01-01", periods=hours, freq="h", tz="UTC", unit="ms")
    ids = np.repeat([f"meter {number:05d}" for number in range(meters)], hours)
    size = meters * hours
    columns = {
        "meter_type": ["electricity"] * size,
        "meter_id": ids,
        "version": [1] * size,
        "timestamp": np.tile(stamps, meters),
        "consumption": rng.gamma(2.0, 0.4, size),
        "known_at": [stamps[-1]] * size,
        "file_id": ids + ".csv@0",
    }
    kinds = {name: DTYPES[ENERGY_CONSUMPTION.column(name).kind] for name in columns}
    return pd.DataFrame({n: pd.Series(v, dtype=kinds[n]) for n, v in columns.items()})


def write_as_points(client: InfluxDBClient, bucket: str, rows: pd.DataFrame, batch: int) -> None:
    """The way of the client's documentation: one `Point` a row, a list of them a request."""
    api = client.write_api(write_options=SYNCHRONOUS)
    stamps = rows["timestamp"].to_numpy("datetime64[ns]").astype("int64").tolist()
    known = rows["known_at"].to_numpy("datetime64[ms]").astype("int64").tolist()
    cells = zip(
        rows["meter_type"].tolist(),
        rows["meter_id"].tolist(),
        rows["version"].tolist(),
        rows["consumption"].tolist(),
        known,
        rows["file_id"].tolist(),
        stamps,
        strict=True,
    )
    points = [
        Point("energy_consumption")
        .tag("meter_type", meter_type)
        .tag("meter_id", meter_id)
        .tag("version", version)
        .field("consumption", consumption)
        .field("known_at", known_at)
        .field("file_id", file_id)
        .time(at, WritePrecision.NS)
        for meter_type, meter_id, version, consumption, known_at, file_id, at in cells
    ]
    for start in range(0, len(points), batch):
        api.write(bucket, ORG, points[start : start + batch])


def cpu_s_of_points(url: str, rows: pd.DataFrame, batch: int) -> float:
    """CPU-seconds of this process for all rows as `Point`s."""
    with InfluxDBClient(url, TOKEN, org=ORG) as client:
        start = time.process_time()
        write_as_points(client, "points", rows, batch)
        return time.process_time() - start


def cpu_s_of_store(store: SeriesStore, rows: pd.DataFrame) -> float:
    """CPU-seconds of this process for all rows through a store."""
    store.ensure([ENERGY_CONSUMPTION])
    start = time.process_time()
    store.write(ENERGY_CONSUMPTION, rows)
    spent = time.process_time() - start
    store.close()
    return spent


@contextmanager
def influx_server() -> Iterator[str]:
    """The URL of an InfluxDB behind a shim, in a process of its own."""
    command = [sys.executable, "-m", "energy_assets_tests.servers.influx_shim"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as shim:
        assert shim.stdin is not None
        assert shim.stdout is not None
        yield shim.stdout.readline().strip()
        shim.stdin.close()


def influx_rounds(rows: pd.DataFrame) -> dict[str, float]:
    """Best CPU-seconds by way and batch, each way writing every batch size in every turn."""
    best: dict[str, float] = {}
    with influx_server() as url:
        options = {"token": TOKEN, "org": ORG}
        for name in ("points", "lines"):
            store = open_series_store(url, options={**options, "bucket": name})
            store.ensure([ENERGY_CONSUMPTION])
            store.close()
        for _ in range(ROUNDS):
            for batch in BATCHES:
                influx_store.BATCH_POINTS = batch  # pyright: ignore[reportAttributeAccessIssue, reportConstantRedefinition] - what is measured
                store = open_series_store(url, options={**options, "bucket": "lines"})
                spent = {
                    f"influx {batch}": cpu_s_of_store(store, rows),
                    f"points {batch}": cpu_s_of_points(url, rows, batch),
                }
                best |= {name: min(s, best.get(name, s)) for name, s in spent.items()}
    return best


def sqlite_rounds(rows: pd.DataFrame) -> float:
    """Best CPU-seconds into a new SQLite file."""
    found: list[float] = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            store = open_series_store(f"sqlite:///{folder}/energy.db")
            found.append(cpu_s_of_store(store, rows))
    return min(found)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the points")
    rows = made_up(10 if parser.parse_args().quick else 100, hours=1000)
    seconds = {"sqlite": sqlite_rounds(rows)}
    if not missing_programs():
        seconds |= influx_rounds(rows)
    rates = {name: len(rows) / spent for name, spent in seconds.items()}
    table: list[dict[str, Figure]] = [
        {"way": name, "points": len(rows), "cpu_s": seconds[name], "points_per_cpu_s": rate}
        for name, rate in rates.items()
    ]
    figures: dict[str, Figure] = {"points": len(rows)}
    figures["sqlite_points_per_cpu_s"] = rates["sqlite"]
    if "influx 5000" in rates:
        figures["batch_points"] = 5_000
        figures["influx_points_per_cpu_s"] = rates["influx 5000"]
        figures["baseline_points_per_cpu_s"] = rates["points 5000"]
        figures["ratio"] = rates["influx 5000"] / rates["points 5000"]
    report("series", table, figures)


if __name__ == "__main__":
    main()
