"""One customer in a SQLite store with quarter-hourly readings and issued forecasts by hand."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from energy_assets.contracts.columns import QUANTILE_NAMES
from energy_assets.contracts.customers import METERS
from energy_assets.contracts.forecasts import CUSTOMER_PREDICTION
from energy_assets.contracts.readings import MEASUREMENTS, VALUE_NAMES
from energy_assets.contracts.tables import TABLES
from energy_assets.contracts.validation import validated
from energy_assets.customer_load.flow import CustomerFlow
from energy_assets_tests.forecasts.issued_meter import SETTINGS, SPREAD
from resources.stores import open_document_store

KEY = "900"
STEP = pd.Timedelta(minutes=15)


@dataclass
class IssuedCustomer:
    """The store, and what is put into it by hand."""

    documents: object

    @property
    def flow(self):
        return CustomerFlow(documents=self.documents, settings=SETTINGS)

    def read(self, energies, first, *, known_at, version=1, register=1000.0):
        """The register after each of these energies, and before the first."""
        levels = register + np.append(0.0, np.cumsum(energies))
        rows = pd.DataFrame({"timestamp": pd.date_range(first, periods=len(levels), freq=STEP)})
        rows = rows.assign(**dict.fromkeys(VALUE_NAMES, np.nan)).assign(import_kwh=levels)
        rows = rows.assign(serial="7", customer_ref=KEY, obis=None, file_id="f", fingerprint=1)
        rows = rows.assign(version=version, known_at=known_at)
        self.documents.insert_new(MEASUREMENTS, validated(MEASUREMENTS, rows))

    def issue(self, medians, origin, *, issued_at, basis="customer", step=STEP):
        """Medians from an instant on, with bands around them."""
        starts = pd.date_range(origin, periods=len(medians), freq=step)
        table = np.asarray(medians, float)[:, None] + 0.1 * SPREAD[None, :]
        rows = pd.DataFrame(dict(zip(QUANTILE_NAMES, table.T, strict=True)))
        rows = rows.assign(valid_at=starts, prediction_timestamp=starts + step)
        rows = rows.assign(predicted_usage=rows["q50"], mean=rows["q50"] + 0.01)
        rows = rows.assign(predicted_import_kwh=2000.0 + rows["mean"].cumsum(), customer_ref=KEY)
        rows = rows.assign(issued_at=issued_at, generated_at=issued_at, data_known_at=issued_at)
        rows = rows.assign(model_id="c1", basis=basis, imputed_share=0.0)
        self.documents.insert_new(CUSTOMER_PREDICTION, validated(CUSTOMER_PREDICTION, rows))


def customer_world(folder):
    """A store with the one customer, who has one meter."""
    documents = open_document_store(f"sqlite:///{folder}/customers.db")
    documents.ensure(TABLES)
    meter = {"serial": "7", "customer_ref": KEY, "interval_minutes": 15, "exported_as": None}
    meter |= {"clock": None, "last_reading_at": None, "created_at": None, "updated_at": None}
    documents.upsert(METERS, validated(METERS, pd.DataFrame([meter])))
    return IssuedCustomer(documents=documents)
