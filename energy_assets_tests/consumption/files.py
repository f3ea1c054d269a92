"""Electricity and water files as text, and a small world of stores to put them into."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from energy_assets.consumption.ingestion import ConsumptionRules, ingest_consumption_file
from energy_assets.contracts.consumption import (
    CONSUMPTION_METERS,
    ENERGY_CONSUMPTION,
)
from energy_assets.contracts.meter_files import PROCESSED_FILES, QUARANTINE
from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.report import IngestReport, MeterFile
from resources.document_store import DocumentStore
from resources.object_store import ObjectStore
from resources.obstore_store import open_object_store
from resources.series_store import SeriesStore, open_series_store
from resources.stores import open_document_store

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""The present of these tests."""


DOCUMENT_TABLES = (CONSUMPTION_METERS, PROCESSED_FILES, QUARANTINE)
"""All that these files write beside points."""


def table(header: str, *rows: str) -> bytes:
    return ("\n".join([header, *rows]) + "\n").encode()


def hours(values: Sequence[object], start: str = "2026-05-01 00:00", freq: str = "h") -> list[str]:
    """Rows of time and value, from a start on."""
    times = pd.date_range(start, periods=len(values), freq=freq)
    return [f"{time:%Y-%m-%d %H:%M},{value}" for time, value in zip(times, values, strict=True)]


@dataclass
class Waterworks:
    """Stores and a clock that moves one hour with every file that arrives."""

    documents: DocumentStore
    series: SeriesStore
    objects: ObjectStore
    arrived: int = 0
    clock: str = "utc"
    rules: dict[str, Any] = field(default_factory=dict)

    def arrive(
        self, data: bytes, name: str = "water/a.csv", *, after_hours: int | None = None
    ) -> MeterFile:
        key = f"raw/consumption/{name}"
        self.objects.put(key, data)
        self.arrived += 1
        info = self.objects.info(key)
        hours_later = self.arrived if after_hours is None else after_hours
        return MeterFile(
            object_key=key,
            etag=info.etag,
            size_bytes=info.size_bytes,
            known_at=datetime(2026, 5, 20, tzinfo=UTC) + pd.Timedelta(hours=hours_later),
        )

    def ingest(self, file: MeterFile, **options: Any) -> IngestReport:
        clock = MeterClock.parse(self.clock)
        return ingest_consumption_file(
            file=file,
            objects=self.objects,
            documents=self.documents,
            series=self.series,
            rules=ConsumptionRules(clock=clock, **self.rules),
            **{"now": NOW, **options},
        )

    def take(self, data: bytes, name: str = "water/a.csv", **options: Any) -> IngestReport:
        return self.ingest(self.arrive(data, name), **options)

    def points(self) -> pd.DataFrame:
        return self.series.read(ENERGY_CONSUMPTION)

    def values(self, column: str = "consumption") -> dict[str, float]:
        """Newest version of each value by UTC time."""
        newest = self.points().drop_duplicates(["meter_id", "timestamp"], keep="last")
        times = newest["timestamp"].dt.strftime("%Y-%m-%d %H:%M")
        return dict(zip(times, newest[column], strict=True))

    def meters(self) -> pd.DataFrame:
        return self.documents.read(CONSUMPTION_METERS, order_by=["meter_type", "meter_id"])

    def reasons(self) -> dict[int, str]:
        """Reason by row number."""
        rows = self.documents.read(QUARANTINE, order_by=["file_id", "row_number"])
        return dict(zip(map(int, rows["row_number"]), map(str, rows["reason"]), strict=True))

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All rows of all tables and all mending files, to compare end states."""
        frames = {
            table.name: self.documents.read(table, order_by=list(table.key))
            for table in DOCUMENT_TABLES
        }
        frames[ENERGY_CONSUMPTION.name] = self.points()
        told = {
            name: frame.astype("object").map(str).to_dict("records")
            for name, frame in frames.items()
        }
        mending = [
            {"key": info.key, "data": self.objects.get(info.key)}
            for info in self.objects.list("quarantine/")
        ]
        return {**told, "mending": mending}

    def close(self) -> None:
        self.documents.close()
        self.series.close()


def waterworks_at(folder: str) -> Waterworks:
    documents = open_document_store(f"sqlite:///{folder}/documents.db")
    documents.ensure(DOCUMENT_TABLES)
    series = open_series_store(f"sqlite:///{folder}/series.db")
    series.ensure([ENERGY_CONSUMPTION])
    return Waterworks(documents=documents, series=series, objects=open_object_store("memory://"))
