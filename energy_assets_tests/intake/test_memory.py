"""Files larger than memory would like: they are read in bounded memory."""

import multiprocessing
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from benchmarks.ingest import HEADER, large_peak_mib, meter_text
from energy_assets.customer_load.ingestion import MeterFile, ingest_meter_file
from energy_assets.intake.cells.clocks import MeterClock
from energy_assets_tests.intake.exports import NOW
from resources.tables import empty_frame

BLOCK = meter_text(4, days=10).encode()


class EndlessObjects:
    """An object store with one file of any size, made while it is read."""

    def __init__(self, copies: int) -> None:
        self._copies = copies

    def stream(self, key: str, *, expected_etag: str | None = None) -> Iterator[bytes]:
        yield HEADER.encode()
        for copy in range(self._copies):
            yield BLOCK.replace(b"00009000", f"{copy:04d}9000".encode())

    def put(self, key: str, data: bytes) -> None:
        raise AssertionError(f"{key}: nothing is refused here")


class ForgetfulDocuments:
    """A document store that keeps nothing, so that only the reader's memory counts."""

    def read(self, table: Any, where: Any = (), *, columns: Any = None, **_: Any) -> Any:
        return empty_frame(table, columns)

    def insert_new(self, table: Any, rows: Any) -> int:
        return len(rows)

    def upsert(self, table: Any, rows: Any) -> None:
        pass


def peak_mib(copies: int, answer: Connection) -> None:
    """Send rows and the growth of this process's memory to its peak. [MiB]."""
    objects: Any = EndlessObjects(copies)
    documents: Any = ForgetfulDocuments()
    before = _status_mib("VmRSS")
    report = ingest_meter_file(
        file=MeterFile(
            object_key="a.csv",
            etag="0",
            size_bytes=0,
            known_at=datetime(2026, 5, 1, tzinfo=UTC),
            file_id="a.csv@0",
        ),
        objects=objects,
        documents=documents,
        clock=MeterClock.parse("utc"),
        now=NOW,
        chunk_rows=10_000,
    )
    answer.send((report.rows_stored, _status_mib("VmHWM") - before))


def _status_mib(field: str) -> float:
    return int(Path("/proc/self/status").read_text().split(f"{field}:")[1].split()[0]) / 1024


def measured(copies: int) -> tuple[int, float]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=peak_mib, args=(copies, there))
    child.start()
    found = here.recv()
    child.join(60)
    return found


def test_a_file_of_three_times_the_rows_takes_hardly_more_memory():
    small_rows, small = measured(50)
    large_rows, large = measured(150)
    assert large_rows == 3 * small_rows == 144_000
    # Eight bytes a row are kept; the rest is the allocator's mood.
    assert large < small + 25


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_file_of_two_gibibytes_is_stored_in_less_than_one():
    assert large_peak_mib(2048) < 1024
