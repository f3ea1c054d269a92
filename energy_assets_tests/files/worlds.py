"""Real SQLite stores that many cases share one after the other, each finding them empty."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from energy_assets.consumption.ingestion import ConsumptionRules, ingest_consumption_file
from energy_assets.contracts.consumption import CONSUMPTION_METERS, ENERGY_CONSUMPTION
from energy_assets.contracts.meter_files import QUARANTINE
from energy_assets.contracts.readings import MEASUREMENTS
from energy_assets.contracts.tables import TABLES
from energy_assets.customer_load.ingestion import MeterFile, ingest_meter_file
from energy_assets.intake.arrivals import arrival_of, note_content
from energy_assets.intake.cells.clocks import MeterClock
from energy_assets_tests.files.cases import NOW, Case, Kind
from resources.document_store import DocumentStore
from resources.object_store import ObjectStore
from resources.obstore_store import open_object_store
from resources.series_store import SeriesStore, open_series_store
from resources.stores import open_document_store
from resources.tables import Filter

FOLDERS: Mapping[Kind, str] = {
    "load_profiles": "raw/load_profiles/",
    "electricity": "raw/consumption/electricity/",
    "water": "raw/consumption/water/",
}
"""Where the files of each kind arrive."""

_NO_VALUES = {
    MEASUREMENTS.name: {"version", "known_at", "file_id", "fingerprint", "obis"},
    ENERGY_CONSUMPTION.name: {"version", "known_at", "file_id", "fingerprint", "meter_type"},
}
_DEFAULT_UNITS = {"electricity": "kWh", "water": "m3"}


@dataclass
class Stores:
    """One database of documents and one of points, emptied before each case."""

    folder: Path
    documents: DocumentStore
    series: SeriesStore
    objects: ObjectStore = field(default_factory=lambda: open_object_store("memory://"))
    contents: dict[str, str] = field(default_factory=dict)

    def empty(self) -> None:
        """Remove all rows and objects."""
        for name in ("documents.db", "series.db"):
            with closing(sqlite3.connect(self.folder / name)) as connection, connection:
                tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                for (table,) in tables.fetchall():
                    connection.execute(f'DELETE FROM "{table}"')  # noqa: S608 - its own tables
        self.objects = open_object_store("memory://")

    def close(self) -> None:
        self.documents.close()
        self.series.close()


def opened_stores(folder: Path) -> Iterator[Stores]:
    """Stores in a folder, closed afterwards."""
    documents = open_document_store(f"sqlite:///{folder}/documents.db")
    documents.ensure([*TABLES, *([] if CONSUMPTION_METERS in TABLES else [CONSUMPTION_METERS])])
    series = open_series_store(f"sqlite:///{folder}/series.db")
    series.ensure([ENERGY_CONSUMPTION])
    stores = Stores(folder=folder, documents=documents, series=series)
    yield stores
    stores.close()


def arrived(stores: Stores, case: Case, name: str, data: bytes, known_at: datetime) -> MeterFile:
    """Put a file into the object store."""
    key = FOLDERS[case.kind] + name
    stores.objects.put(key, data)
    info = replace(stores.objects.info(key), modified_at=known_at)
    arrival = arrival_of(info, objects=stores.objects, documents=stores.documents)
    stores.contents[info.etag] = arrival.content
    return MeterFile(
        object_key=key, etag=info.etag, size_bytes=info.size_bytes, known_at=arrival.known_at,
        url=f"test/{key}",
    )  # fmt: skip


def ingested(stores: Stores, case: Case, file: MeterFile) -> Any:
    """Take a file in by the public entry point of its flow; the report."""
    clock = MeterClock.parse(case.clock)
    common: dict[str, Any] = {"file": file, "objects": stores.objects, "now": NOW}
    label = {} if case.label is None else {"label": case.label}
    if case.kind == "load_profiles":
        report = ingest_meter_file(documents=stores.documents, clock=clock, **common, **label)
        note_content(stores.documents, file.file_id, stores.contents[file.etag])
        return report
    units = {**_DEFAULT_UNITS, case.kind: case.unit or _DEFAULT_UNITS[case.kind]}
    rules = ConsumptionRules(clock=clock, units=units, **label)
    report = ingest_consumption_file(
        documents=stores.documents, series=stores.series, rules=rules, **common
    )
    note_content(stores.documents, file.file_id, stores.contents[file.etag])
    return report


def versions(stores: Stores, case: Case) -> pd.DataFrame:
    """Every stored row with the columns `meter` and `instant`, oldest version first."""
    if case.kind == "load_profiles":
        frame, meter = stores.documents.read(MEASUREMENTS), MEASUREMENTS.key[0]
    else:
        frame, meter = stores.series.read(ENERGY_CONSUMPTION), "meter_id"
    frame = frame.rename(columns={meter: "meter", "timestamp": "instant"})
    return frame.sort_values(["meter", "instant", "version"]).reset_index(drop=True)


def newest(stores: Stores, case: Case) -> dict[tuple[str, datetime], dict[str, float | str]]:
    """What the newest version of each row says, by field; missing values are left out."""
    table = MEASUREMENTS if case.kind == "load_profiles" else ENERGY_CONSUMPTION
    frame = versions(stores, case).drop_duplicates(["meter", "instant"], keep="last")
    if case.kind != "load_profiles":
        strange = set(frame["meter_type"]) - {case.kind}
        assert not strange, f"points were stored as those of {strange}"
    frame = frame.drop(columns=[c for c in _NO_VALUES[table.name] if c in frame])
    rows: dict[tuple[str, datetime], dict[str, float | str]] = {}
    names = [name for name in frame.columns if name not in ("meter", "instant")]
    columns = [frame[name].tolist() for name in names]
    instants = [moment.to_pydatetime().astimezone(UTC) for moment in frame["instant"]]
    for i, key in enumerate(zip(frame["meter"].map(str), instants, strict=True)):
        cells = ((name, column[i]) for name, column in zip(names, columns, strict=True))
        rows[key] = {name: cell for name, cell in cells if not pd.isna(cell)}
    return rows


def quarantined(stores: Stores, file: MeterFile) -> dict[int, str]:
    """Reason of each refused row of a file, by row number."""
    frame = stores.documents.read(QUARANTINE, [Filter("file_id", "=", file.file_id)])
    return dict(zip(map(int, frame["row_number"]), map(str, frame["reason"]), strict=True))
