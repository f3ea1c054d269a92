"""Load-profile exports as text, and a small world of stores to put them into."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from energy_assets.contracts.customers import CUSTOMERS, METERS
from energy_assets.contracts.meter_files import PROCESSED_FILES, QUARANTINE
from energy_assets.contracts.readings import MEASUREMENTS
from energy_assets.contracts.tables import TABLES
from energy_assets.customer_load.ingestion import IngestReport, MeterFile, ingest_meter_file
from energy_assets.intake.cells.clocks import MeterClock
from resources.document_store import DocumentStore
from resources.object_store import ObjectStore
from resources.obstore_store import open_object_store
from resources.stores import open_document_store

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""The present of these tests."""

HEADER = [
    "SERIAL",
    "CUSTOMER_REF",
    "OBIS",
    "DATE",
    "TIME",
    "IMPORT_KWH (kWh)",
    "AVG._IMPORT_KW (kW)",
]
"""A small layout with all that is required."""

FULL_HEADER = (
    "SERIAL,CUSTOMER_REF,TIMESTAMP,OBIS,DATE,TIME,IMPORT_KWH (kWh),EXPORT_KWH (kWh),"
    "IMPORT_KVARH (kvarh),EXPORT_KVARH (kvarh),PHASE_A_INST._CURRENT (A),PHASE_B_INST._CURRENT (A),"
    "PHASE_C_INST._CURRENT (A),PHASE_A_INST._VOLTAGE (V),PHASE_B_INST._VOLTAGE (V),"
    "PHASE_C_INST._VOLTAGE (V),POWER_FACTOR,AVG._IMPORT_KW (kW),AVG._EXPORT_KW (kW),"
    "AVG._IMPORT_KVA (kVA),AVG._EXPORT_KVA (kVA),AVG._CURRENT (V),AVG._VOLTAGE (V)"
)
"""The header of the portal."""

MIDNIGHT = datetime(2025, 6, 30)  # noqa: DTZ001 - a meter's wall clock
"""First reading of a small file, as the meter's clock shows it."""

Row = list[str]


def rows_of(
    serial: str = "000090000001",
    customer: str = "0900000001",
    *,
    start: datetime = MIDNIGHT,
    count: int = 8,
    minutes: int = 15,
    register: float = 100.0,
) -> list[Row]:
    """Rows of one meter in `HEADER`'s layout: the register rises by 0.25 kWh an interval."""
    rows: list[Row] = []
    for i in range(count):
        moment = start + timedelta(minutes=minutes * i)
        rows.append(
            [
                serial,
                customer,
                "LP",
                f"{moment:%Y-%m-%d}",
                f"{moment:%H:%M:%S}",
                f"{register + 0.25 * i:.3f}",
                "1.000",
            ]
        )
    return rows


def text(
    rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER, delimiter: str = ","
) -> bytes:
    lines = [delimiter.join(header), *(delimiter.join(row) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


@dataclass
class World:
    """Stores and a clock that moves one hour with every file that arrives."""

    documents: DocumentStore
    objects: ObjectStore
    arrived: int = 0
    clock: str = "standard:+05:30"
    options: dict[str, Any] = field(default_factory=dict)

    def arrive(
        self, data: bytes, name: str = "a.csv", *, after_hours: int | None = None
    ) -> MeterFile:
        """Upload a file."""
        key = f"raw/load_profiles/{name}"
        self.objects.put(key, data)
        self.arrived += 1
        info = self.objects.info(key)
        hours = self.arrived if after_hours is None else after_hours
        return MeterFile(
            object_key=key,
            etag=info.etag,
            size_bytes=info.size_bytes,
            known_at=datetime(2026, 5, 1, tzinfo=UTC) + timedelta(hours=hours),
            url=f"test/{key}",
        )

    def ingest(self, file: MeterFile, **options: Any) -> IngestReport:
        return ingest_meter_file(
            file=file,
            objects=self.objects,
            documents=self.documents,
            clock=MeterClock.parse(self.clock),
            **{"now": NOW, **self.options, **options},
        )

    def take(self, data: bytes, name: str = "a.csv", **options: Any) -> IngestReport:
        """Upload and ingest."""
        return self.ingest(self.arrive(data, name), **options)

    def readings(self) -> pd.DataFrame:
        return self.documents.read(MEASUREMENTS, order_by=["serial", "timestamp", "version"])

    def current(self) -> pd.DataFrame:
        """The newest version of each reading."""
        newest = self.readings().drop_duplicates(["serial", "timestamp"], keep="last")
        return newest.reset_index(drop=True)

    def quarantine(self) -> pd.DataFrame:
        return self.documents.read(QUARANTINE, order_by=["file_id", "row_number"])

    def reasons(self) -> dict[int, str]:
        """Reason by row number."""
        rows = self.quarantine()
        return dict(zip(map(int, rows["row_number"]), map(str, rows["reason"]), strict=True))

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All rows of all tables of readings, to compare end states."""
        tables = (CUSTOMERS, METERS, MEASUREMENTS, PROCESSED_FILES, QUARANTINE)
        return {
            table.name: self.documents.read(table, order_by=list(table.key))
            .astype("object")
            .map(str)
            .to_dict("records")
            for table in tables
        }


def world_at(url: str, objects_url: str = "memory://") -> World:
    documents = open_document_store(url)
    documents.ensure(TABLES)
    return World(documents=documents, objects=open_object_store(objects_url))
