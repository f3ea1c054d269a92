"""A folder of meter files to series, through the product's own intake, grids and features.

The files go into stores of their own in a temporary folder; nothing is scored here.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import pandas as pd

from energy_assets.consumption.consumption_grid import series_of_frame
from energy_assets.consumption.ingestion import ConsumptionRules, ingest_consumption_file
from energy_assets.consumption.locations import (
    LOCATIONS_FILE,
    METERS_FILE,
    default_location,
    read_locations,
    read_meter_locations,
    store_locations,
    store_meter_locations,
    stored_locations,
)
from energy_assets.consumption.meter_frames import meter_frames
from energy_assets.customer_load.features import customer_features, series_of
from energy_assets.customer_load.ingestion import IngestReport, MeterFile, ingest_meter_file
from energy_assets.customer_load.records import readings_by_customer
from energy_assets.definitions import default_resources
from energy_assets.forecasting.series import Series
from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.dagster import FILE_FAULTS
from energy_assets.settings import Settings
from resources.document_store import DocumentStore
from resources.object_store import ObjectStore
from resources.series_store import SeriesStore

FileKind = Literal["load_profiles", "electricity", "water"]
"""Kinds of files that the product takes in."""

READABLE: Final = (".csv", ".csv.gz", ".xlsx", ".xls")
"""Endings of files that are looked at."""

TABLES_OF_PEOPLE: Final = (LOCATIONS_FILE, METERS_FILE)
"""Files that say where meters are and hold no values."""


class NothingReadableError(ValueError):
    """A folder holds nothing that can be forecast."""


@dataclass(kw_only=True)
class Taken:
    """What became of the files of a folder.

    Attributes:
        files: How many were read.
        refused: Those that were refused as a whole, with the reason.
        rows_in: Rows in the files that were read.
        rows_stored: Of them, those that are readings now.
        rows_quarantined: Of them, those that were refused.
        reasons: These by reason.
        keys: Customers, or meter keys.
        series: One each, of those that have values.
    """

    files: int = 0
    refused: dict[str, str] = field(default_factory=dict[str, str])
    rows_in: int = 0
    rows_stored: int = 0
    rows_quarantined: int = 0
    reasons: Counter[str] = field(default_factory=Counter[str])
    keys: set[str] = field(default_factory=set[str])
    series: list[Series] = field(default_factory=list[Series])

    def add(self, report: IngestReport) -> None:
        """Count a file that was read."""
        self.files += 1
        self.rows_in += report.rows_in
        self.rows_stored += report.rows_stored
        self.rows_quarantined += report.rows_quarantined
        self.reasons.update(report.quarantine_reasons)
        self.keys.update(report.customer_refs or report.meters)


def files_of(folder: Path) -> list[Path]:
    """Files of a folder and those below it that may hold values, in order.

    Raises:
        NothingReadableError: There is none.
    """
    found = sorted(path for path in folder.rglob("*") if path.name.lower().endswith(READABLE))
    found = [path for path in found if path.is_file() and path.name not in TABLES_OF_PEOPLE]
    if not found:
        raise NothingReadableError(
            f"{folder} holds no file that ends in {', '.join(READABLE)}; give a folder of meter "
            f"files with --data."
        )
    return found


def take_in(
    folder: Path, *, kind: FileKind, settings: Settings, stores: Path, since: pd.Timestamp
) -> Taken:
    """Every customer or meter of a folder as a series.

    Args:
        folder: Where the files lie, in the layouts of docs/file_formats.md.
        kind: What they are.
        settings: Clock, labels, units and place of the meters.
        stores: An empty folder for the stores.
        since: Older values are left out.

    Raises:
        NothingReadableError: No file can be read, or none holds a value.
    """
    place = settings.model_copy(
        update={
            "object_store": str(stores / "objects"),
            "document_store": f"sqlite:///{stores}/documents.db",
            "series_store": f"sqlite:///{stores}/series.db",
            "influxdb_url": "",
            "db_host": "",
        }
    )
    intake = _Intake(kind=kind, settings=place)
    taken = Taken()
    intake.note_places(folder)
    for path in files_of(folder):
        name = path.relative_to(folder).as_posix()
        try:
            taken.add(intake.ingest(name, path.read_bytes()))
        except FILE_FAULTS as fault:
            taken.refused[name] = str(fault)
    if not taken.files:
        reasons = "; ".join(list(taken.refused.values())[:3])
        raise NothingReadableError(f"{folder}: no file could be read as {kind}. {reasons}")
    taken.series = list(intake.series(sorted(taken.keys), since=since))
    if not taken.series:
        raise NothingReadableError(f"{folder}: the files hold no complete interval since {since}.")
    return taken


class _Intake:
    """The stores of one folder, and the product's way into them and out of them."""

    def __init__(self, *, kind: FileKind, settings: Settings) -> None:
        resources = default_resources(settings)
        self._kind, self._settings = kind, settings
        self._objects: ObjectStore = resources["object_store"].open()
        self._documents: DocumentStore = resources["document_store"].open()
        self._points: SeriesStore = resources["series_store"].open()
        self._now = datetime.now(tz=UTC)

    def note_places(self, folder: Path) -> None:
        """Where meters are: the default place, and the tables that lie in the folder."""
        now, documents = pd.Timestamp(self._now), self._documents
        default = default_location(self._settings)
        store_locations(documents, pd.DataFrame([vars(default)]), now=now)
        if (folder / LOCATIONS_FILE).is_file():
            places, _ = read_locations((folder / LOCATIONS_FILE).read_bytes())
            store_locations(documents, places, now=now)
        if (folder / METERS_FILE).is_file():
            known = list(stored_locations(documents))
            content = (folder / METERS_FILE).read_bytes()
            meters, _ = read_meter_locations(content, locations=known)
            store_meter_locations(documents, meters, now=now)

    def ingest(self, name: str, content: bytes) -> IngestReport:
        """Put a file into the object store, and take in its rows as the asset of its kind does."""
        settings = self._settings
        prefix = settings.load_profiles_prefix
        if self._kind != "load_profiles":
            prefix = f"{settings.consumption_prefix}{self._kind}/"
        self._objects.put(prefix + name, content)
        info = self._objects.info(prefix + name)
        file = MeterFile(
            object_key=info.key,
            etag=info.etag,
            size_bytes=info.size_bytes,
            known_at=info.modified_at,
        )
        if self._kind == "load_profiles":
            return ingest_meter_file(
                file=file,
                objects=self._objects,
                documents=self._documents,
                clock=MeterClock.parse(settings.meter_clock),
                label=settings.interval_label,
                now=self._now,
                chunk_rows=settings.ingest_chunk_rows,
            )
        return ingest_consumption_file(
            file=file,
            objects=self._objects,
            documents=self._documents,
            series=self._points,
            rules=ConsumptionRules(
                clock=MeterClock.parse(settings.consumption_clock),
                label=settings.consumption_label,
                units={"electricity": settings.electricity_unit, "water": settings.water_unit},
                prefix=settings.consumption_prefix,
            ),
            now=self._now,
            chunk_rows=settings.ingest_chunk_rows,
        )

    def series(self, keys: list[str], *, since: pd.Timestamp) -> Iterator[Series]:
        """The features of each customer or meter as a series."""
        if self._kind == "load_profiles":
            zone = self._settings.display_zone
            for customer in readings_by_customer(self._documents, keys, since=since):
                frame = customer_features(customer.readings, meters=customer.meters, zone=zone)
                if len(frame):
                    yield series_of(frame)
            return
        frames = meter_frames(
            keys,
            documents=self._documents,
            series=self._points,
            default=default_location(self._settings),
            since=since,
        )
        for _, frame in frames:
            yield series_of_frame(frame)
