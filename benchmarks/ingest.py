"""Rows per CPU-second from file bytes to stored rows, and memory, against the published way.

Ours stores in SQLite; the published way is timed with its database stubbed, which favours it.
`--data DIR` takes London homes instead of made-up meters; `--large-mib N` streams a large file.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.published.ingest import StubCollection, insert_published, published_documents
from benchmarks.real_meters import lcl_files
from benchmarks.reporting import report
from energy_assets.contracts.tables import TABLES
from energy_assets.customer_load.ingestion import MeterFile, ingest_meter_file
from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.sample_data.export_files import EXPORT_HEADER
from resources.obstore_store import open_object_store
from resources.stores import open_document_store

HEADER: Final = ",".join(EXPORT_HEADER) + "\n"
"""Header of the portal."""

CLOCK: Final = MeterClock.parse("standard:+05:30")
"""Clock of the portal."""

KEY: Final = "raw/load_profiles/a.csv"
"""Where the file lies."""

NOW: Final = datetime(2030, 1, 1, tzinfo=UTC)
"""The present of the benchmark: nothing lies in the future."""


def meter_text(meter: int, days: int) -> str:
    """Rows of one made-up meter, newest first; every fourth has three phases."""
    rng = np.random.default_rng(meter)
    times = pd.date_range("2025-06-01", periods=96 * days, freq="15min")
    power = rng.gamma(1.5, 0.4, len(times))
    register = np.cumsum(power / 4) + rng.uniform(0, 50_000)
    many = meter % 4 == 0
    phases = "{c:.3f},{c:.3f},{c:.3f},231.25,230.5,229.75" if many else "{c:.3f},,,231.25,,"
    head = f"{90_000_000 + meter:012d},{900_000_000 + meter:010d},1.75125E+12,LP"
    kvarh = "12.5" if many else ""
    lines = [
        f"{head},{day},{at},{kwh:.3f},0,{kvarh},,{phases.format(c=kw * 4)},0.98,{kw:.4f},0,0.5,0,,"
        for day, at, kwh, kw in zip(
            times.strftime("%Y-%m-%d"), times.strftime("%H:%M:%S"), register, power, strict=True
        )
    ]
    return "\n".join(reversed(lines)) + "\n"


def made_up(rows: int, days: int = 40) -> bytes:
    """A file of at least that many rows."""
    meters = -(-rows // (96 * days))
    return (HEADER + "".join(meter_text(meter, days) for meter in range(meters))).encode()


class Stores:
    """New embedded stores in a folder, with one file in the object store."""

    def __init__(self, folder: Path, data: bytes | None = None) -> None:
        self.objects = open_object_store(f"file://{folder}/objects")
        self.documents = open_document_store(f"sqlite:///{folder}/energy.db")
        self.documents.ensure(TABLES)
        if data is not None:
            self.objects.put(KEY, data)

    def ingest(self) -> int:
        """Ingest the file and return the rows stored."""
        info = self.objects.info(KEY)
        file = MeterFile(
            object_key=KEY,
            etag=info.etag,
            size_bytes=info.size_bytes,
            known_at=info.modified_at,
            file_id="a.csv@0",
        )
        stores = {"objects": self.objects, "documents": self.documents}
        return ingest_meter_file(file=file, **stores, clock=CLOCK, now=NOW).rows_stored


def published(data: bytes) -> int:
    """The published way, with a collection that costs nothing."""
    return insert_published(published_documents(data, "a.csv"), StubCollection())


def timed(data: bytes, rounds: int) -> Iterator[dict[str, float]]:
    """CPU-seconds of both ways, in turns, after each has loaded what it needs."""
    with tempfile.TemporaryDirectory() as folder:
        Stores(Path(folder), made_up(96, days=1)).ingest()
    published(made_up(96, days=1))
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            stores = Stores(Path(folder), data)
            start = time.process_time()
            rows = stores.ingest()
            middle = time.process_time()
        assert rows == published(data), "both ways store the same number of rows"
        end = time.process_time()
        yield {"rows": rows, "ours_s": middle - start, "published_s": end - middle}


def peak_mib(way: str, path: Path) -> float:
    """Peak memory of a process of its own that ingests the file. [MiB]."""
    command = [sys.executable, "-m", "benchmarks.ingest", "--child", way, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout.splitlines()[-1])["peak_mib"])


def child(way: str, path: Path) -> None:
    """Ingest the file and print this process's peak memory and CPU time."""
    if way == "ours":
        rows = Stores(path).ingest()
    else:
        rows = published((path / "objects" / KEY).read_bytes())
    # The high-water mark of this program alone; ru_maxrss keeps that of its parent.
    status = Path("/proc/self/status").read_text().split("VmHWM:")[1]
    peak = int(status.split()[0]) / 1024
    print(json.dumps({"peak_mib": peak, "rows": rows, "cpu_s": time.process_time()}))


def large_peak_mib(mib: int) -> float:
    """Peak memory of ingesting a CSV of that size. [MiB]."""
    block = made_up(100_000).split(b"\n", 1)[1]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "objects" / KEY
        path.parent.mkdir(parents=True)
        with path.open("wb") as out:
            out.write(HEADER.encode())
            for copy in range(-(-(mib << 20) // len(block))):
                # Other meters: the serials' and references' leading zeros become the copy's number.
                out.write(block.replace(b"\n0000", f"\n{copy + 1:04d}".encode()))
        return peak_mib("ours", Path(folder))


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of London homes")
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows, one round")
    parser.add_argument("--large-mib", type=int, help="also stream a CSV of that size")
    parser.add_argument("--child", nargs=2, metavar=("WAY", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child[0], Path(arguments.child[1]))
        return
    if arguments.data:
        # The published way takes whole numbers for customers only: MAC000002 becomes 000002.
        data = next(content for _, content in lcl_files(arguments.data)).replace(b"MAC", b"")
    else:
        data = made_up(11_520 if arguments.quick else 115_200)
    rounds = list(timed(data, 1 if arguments.quick else 3))
    stored = int(rounds[0]["rows"])
    best_ours = min(each["ours_s"] for each in rounds)
    best_published = min(each["published_s"] for each in rounds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        Stores(path, data).documents.close()
        memory = {way: peak_mib(way, path) for way in ("published", "ours")}
    large = large_peak_mib(arguments.large_mib) if arguments.large_mib else None
    seconds = {"published": best_published, "ours": best_ours}
    table = [
        {"way": way, "rows": stored, "cpu_s": seconds[way], "rows_per_cpu_s": stored / seconds[way],
         "peak_mib": memory[way]}
        for way in ("published", "ours")
    ]  # fmt: skip
    report(
        "ingest",
        table,
        {
            "rows": stored,
            "rows_per_cpu_s": stored / best_ours,
            "baseline_rows_per_cpu_s": stored / best_published,
            "ratio": best_published / best_ours,
            "peak_mib": memory["ours"],
            "baseline_peak_mib": memory["published"],
            "large_mib": arguments.large_mib,
            "large_peak_mib": large,
        },
    )


if __name__ == "__main__":
    main()
