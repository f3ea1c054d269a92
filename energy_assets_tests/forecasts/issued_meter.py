"""One electricity meter in SQLite stores with readings, files and issued forecasts by hand."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from energy_assets.consumption.flow import MeterFlow
from energy_assets.contracts.columns import QUANTILE_NAMES
from energy_assets.contracts.consumption import (
    CONSUMPTION_METERS,
    ENERGY_CONSUMPTION,
    SERIES_TABLES,
)
from energy_assets.contracts.consumption_forecasts import (
    CONSUMPTION_EXPLANATION,
    CONSUMPTION_FORECAST,
)
from energy_assets.contracts.ledger import FORECAST_SCORES
from energy_assets.contracts.meter_files import PROCESSED_FILES
from energy_assets.contracts.tables import TABLES
from energy_assets.contracts.validation import validated
from energy_assets.forecasts.live_scores import score_issued
from energy_assets.settings import Settings
from resources.series_store import open_series_store
from resources.stores import open_document_store

ZONE = "Europe/Berlin"
SETTINGS = Settings(
    _env_file=None,
    display_zone=ZONE,
    location_city="home",
    location_lat=52.5,
    location_lon=13.4,
    location_country="DE",
)
KEY = "electricity/house-01"
METER = {"meter_type": "electricity", "meter_id": "house-01"}
SPREAD = np.array([-0.5, -0.4, -0.2, 0.0, 0.2, 0.4, 0.5])
"""Each quantile of a forecast lies so far from its median."""


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def record_file(documents, first, *, processed_at, serials=(), customer_refs=()):
    """The record of a file whose first value is of that instant."""
    counts = ["in", "stored", "duplicate", "superseded", "quarantined", "corrected"]
    row = dict.fromkeys([f"rows_{name}" for name in counts], 0)
    row |= {"file_id": f"f@{processed_at}", "object_key": "f", "etag": "e"}
    row |= {"content": None, "url": None}
    row |= {"size_bytes": 1, "known_at": processed_at, "processed_at": processed_at}
    row |= {"first_timestamp": first, "last_timestamp": first}
    row |= {"serials": list(serials), "customer_refs": list(customer_refs)}
    documents.upsert(PROCESSED_FILES, validated(PROCESSED_FILES, pd.DataFrame([row])))


@dataclass
class IssuedMeter:
    """The stores, and what is put into them and got out of them by hand."""

    documents: object
    series: object

    @property
    def flow(self):
        return MeterFlow(documents=self.documents, series=self.series, settings=SETTINGS)

    def read(self, values, first, *, known_at, version=1):
        """Hourly values from an instant on."""
        starts = pd.date_range(first, periods=len(values), freq="h")
        rows = pd.DataFrame({"timestamp": starts, "consumption": values, "version": version})
        rows = rows.assign(**METER, register=np.nan, temperature_c=np.nan, file_id="f")
        rows = rows.assign(known_at=known_at)
        self.series.write(ENERGY_CONSUMPTION, validated(ENERGY_CONSUMPTION, rows))

    def issue(self, medians, origin, *, issued_at, basis="xgboost", daily=(), whole=True):
        """Medians by the hour, and by the local day from midnight on, with bands around them.

        Reasons are stored last, and so not where it was interrupted before it was whole.
        """
        hours = pd.date_range(origin, periods=len(medians), freq="h")
        midnight = pd.Timestamp(origin).tz_convert(ZONE).ceil("D")
        days = pd.date_range(midnight, periods=len(daily), freq="D").tz_convert("UTC")
        parts = [("hourly", hours, medians), ("daily", days, daily)]
        for resolution, valid_at, values in parts:
            table = np.asarray(values, float)[:, None] + SPREAD[None, :]
            rows = pd.DataFrame(dict(zip(QUANTILE_NAMES, table.T, strict=True)))
            rows = rows.assign(**METER, resolution=resolution, valid_at=valid_at, value=rows["q50"])
            rows = rows.assign(mean=rows["q50"] + 0.1, issued_at=issued_at, model_id="m1")
            rows = rows.assign(basis=basis, weather="forecast", imputed_share=0.0)
            rows = rows.assign(temperature_c=20.0, data_known_at=issued_at)
            if len(rows):
                self.documents.insert_new(
                    CONSUMPTION_FORECAST, validated(CONSUMPTION_FORECAST, rows)
                )
        reasons = METER | {"issued_at": issued_at, "model_id": "m1", "lines": ["Because."]}
        reasons = pd.DataFrame([reasons | {"contributions": {}}])
        if whole:
            self.documents.insert_new(
                CONSUMPTION_EXPLANATION, validated(CONSUMPTION_EXPLANATION, reasons)
            )

    def file(self, first, *, processed_at):
        """The record of a file of this meter."""
        record_file(self.documents, first, processed_at=processed_at, serials=[KEY])

    def score(self, now, *, since=None):
        """Score what is due, and say how many rows of the ledger are new or changed."""
        return sum(
            len(rows) for rows in score_issued(self.flow, self.documents, now=now, since=since)
        )

    def ledger(self, *, resolution="hourly"):
        """Rows of the ledger by lead day and family."""
        rows = self.documents.read(FORECAST_SCORES)
        return rows[rows["resolution"] == resolution].set_index(["lead_day", "family"]).sort_index()


def meter_world(folder):
    """An empty world with the one meter, which reports hours."""
    documents = open_document_store(f"sqlite:///{folder}/documents.db")
    series = open_series_store(f"sqlite:///{folder}/series.db")
    documents.ensure(TABLES)
    series.ensure(SERIES_TABLES)
    meter = METER | {"interval_minutes": 60, "is_register": False, "location": None}
    meter |= {"first_timestamp": None, "last_timestamp": None, "updated_at": utc("2025-01-01")}
    documents.upsert(CONSUMPTION_METERS, validated(CONSUMPTION_METERS, pd.DataFrame([meter])))
    return IssuedMeter(documents=documents, series=series)
