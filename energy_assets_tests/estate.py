"""A small deployment in a folder: stores, resources, meter files and runs, for asset tests."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pandas as pd

from energy_assets.contracts.consumption import SERIES_TABLES
from energy_assets.contracts.tables import TABLES
from energy_assets.definitions import build_defs
from energy_assets.partitions import CONSUMPTION_FILES, METER_FILES, file_id_of
from energy_assets.settings import Settings
from resources.parquet_io_manager import ParquetIOManager
from resources.stores import DocumentStoreResource, ObjectStoreResource, SeriesStoreResource
from resources.weather import WeatherResource
from resources.weather.simulated import SimulatedWeather

NOW = datetime(2025, 7, 25, 3, 0, tzinfo=UTC)
"""The present, for every run of these tests."""

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass
class Estate:
    """Stores in a folder, a Dagster instance, and the project's definitions over both."""

    folder: Path
    instance: dg.DagsterInstance
    document_url: str = ""
    delivered: int = 0

    def __post_init__(self):
        self.object_store = ObjectStoreResource(url=(self.folder / "objects").as_uri())
        self.document_store = DocumentStoreResource(
            url=self.document_url or f"sqlite:///{self.folder}/documents.db", tables=TABLES
        )
        self.series_store = SeriesStoreResource(
            url=f"sqlite:///{self.folder}/series.db", tables=SERIES_TABLES
        )
        self.settings = Settings(
            _env_file=None,
            log_dir=self.folder / "logs",
            train_workers=1,
            quality="fast",
            display_zone="UTC",
            consumption_clock="utc",
        )
        self.now = NOW
        self.resources = {
            "settings": self.settings,
            "wall_clock": lambda: self.now,
            "object_store": self.object_store,
            "document_store": self.document_store,
            "series_store": self.series_store,
            "weather_provider": WeatherResource(provider=SimulatedWeather(seed=1)),
            "parquet": ParquetIOManager(object_store=self.object_store, prefix="features"),
        }
        self.defs = build_defs(**self.resources)

    @property
    def objects(self):
        return self.object_store.open()

    @property
    def documents(self):
        return self.document_store.open()

    @property
    def series(self):
        return self.series_store.open()

    def deliver(self, name: str, content: bytes) -> str:
        """Put a meter file and return its partition key, added to the instance.

        It arrives within the hour before now, after those that were delivered before.
        """
        return self._deliver(f"raw/load_profiles/{name}", content, METER_FILES)

    def deliver_consumption(self, name: str, content: bytes) -> str:
        """Put an electricity or water file, as above."""
        return self._deliver(f"raw/consumption/{name}", content, CONSUMPTION_FILES)

    def _deliver(self, key: str, content: bytes, partitions) -> str:
        self.objects.put(key, content)
        self.delivered += 1
        arrived_at = self.now - timedelta(hours=1) + timedelta(seconds=self.delivered)
        os.utime(self.folder / "objects" / key, (arrived_at.timestamp(),) * 2)
        file_id = file_id_of(key, self.objects.info(key).etag)
        self.instance.add_dynamic_partitions(partitions.name, [file_id])
        return file_id

    def run(
        self, job: str, first: str = "", last: str | None = None, *, partition=False, only: str = ""
    ):
        """Run a job, or one asset of it, over a range of partitions, one partition, or none."""
        tags = {
            "dagster/asset_partition_range_start": first,
            "dagster/asset_partition_range_end": last or first,
        }
        tags = tags if first else {}
        return self.defs.resolve_job_def(job).execute_in_process(
            instance=self.instance,
            partition_key=first if partition else None,
            tags={} if partition else tags,
            asset_selection=[dg.AssetKey(only)] if only else None,
            run_config=QUIET,
            raise_on_error=False,
        )

    def table(self, table) -> pd.DataFrame:
        return self.documents.read(table)


def load_profile_csv(
    serial: str,
    customer_ref: str,
    *,
    days: int,
    minutes: int = 60,
    start="2025-07-01",
    pattern=lambda at: 1.0 + (at.hour >= 18),
) -> bytes:
    """A meter file whose energy per interval is known by hand: 1 kWh, or 2 from 18:00 on."""
    stamps = pd.date_range(start, periods=days * 1440 // minutes + 1, freq=f"{minutes}min")
    rows = ["SERIAL,CUSTOMER_REF,OBIS,DATE,TIME,IMPORT_KWH (kWh),AVG._IMPORT_KW (kW)"]
    register, energy = 1_000.0, 0.0
    for at in stamps:
        register += energy
        rows.append(
            f"{serial},{customer_ref},LP,{at:%Y-%m-%d},{at:%H:%M:%S},{register:.3f},"
            f"{energy * 60 / minutes:.3f}"
        )
        energy = pattern(at)
    return "\n".join(rows).encode()


def reasons(result) -> str:
    """Why steps of a run failed, for the message of an assert."""
    return "\n".join(
        event.step_failure_data.error_display_string
        for event in result.all_events
        if event.is_step_failure
    )
