"""The customers' door: their readings, models and forecasts, as `forecasts` asks for them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from energy_assets.charts import short_name
from energy_assets.contracts.customers import METER_CUSTOMERS, METERS
from energy_assets.contracts.forecasts import CUSTOMER_PREDICTION
from energy_assets.contracts.ledger import Flow
from energy_assets.contracts.readings import MEASUREMENTS
from energy_assets.customer_load.customer_frames import customer_frames
from energy_assets.customer_load.features import customer_features, series_of
from energy_assets.customer_load.model_records import ModelStore
from energy_assets.customer_load.records import readings_by_customer
from energy_assets.customer_load.serving import CUSTOMER, FLOW, issued_rows, ladders
from energy_assets.forecasting.family import Model
from energy_assets.forecasting.series import Series
from energy_assets.forecasts.challenge import stored_model
from energy_assets.forecasts.changes import first_changes
from energy_assets.forecasts.errors import UnknownSeriesError
from energy_assets.forecasts.flow import Known, Measured, SeriesFacts
from energy_assets.forecasts.stored_forecasts import StoredForecasts
from energy_assets.settings import Settings
from resources.document_store import DocumentStore
from resources.tables import Filter


@dataclass(frozen=True, kw_only=True)
class CustomerFlow:
    """The customers of a document store, as a `ForecastFlow`; a key is the customer reference.

    Attributes:
        documents: Holds readings, models and forecasts.
        settings: The zone and the length of the history that customers are forecast with.
    """

    documents: DocumentStore
    settings: Settings

    @property
    def name(self) -> Flow:
        """In the ledger and the log of champions."""
        return FLOW

    @property
    def reach_days(self) -> int:
        """A day ahead."""
        return 1

    @property
    def forecasts(self) -> StoredForecasts:
        """What was issued; the register goes on in `predicted_import_kwh`."""
        return StoredForecasts(
            documents=self.documents,
            table=CUSTOMER_PREDICTION,
            marks=CUSTOMER_PREDICTION,
            series=CUSTOMER,
            median="predicted_usage",
            register="predicted_import_kwh",
            ends="prediction_timestamp",
        )

    def series_keys(self) -> Sequence[str]:
        """Every customer who has a meter, or had one."""
        tables = (METERS, METER_CUSTOMERS)
        found = [self.documents.read(table, columns=["customer_ref"]) for table in tables]
        return sorted({str(ref) for refs in found for ref in refs["customer_ref"]})

    def require(self, key: str) -> None:
        """Do nothing where there is such a customer.

        Raises:
            UnknownSeriesError: There is none.
        """
        if not self._serials(key):
            raise UnknownSeriesError(
                "customer",
                key,
                self.series_keys(),
                remedy="A customer is known once a load profile with its reference was read.",
            )

    def _serials(self, key: str) -> list[str]:
        """The meters that the customer has, or had."""
        where = [Filter("customer_ref", "=", key)]
        tables = (METERS, METER_CUSTOMERS)
        found = [self.documents.read(table, where, columns=["serial"]) for table in tables]
        return sorted({str(serial) for rows in found for serial in rows["serial"]})

    def facts(self, keys: Sequence[str]) -> Mapping[str, SeriesFacts]:
        """What people are shown of these customers; all live in one zone."""
        zone = self.settings.display_zone
        return {
            key: SeriesFacts(
                name=f"Customer {short_name(key)}", unit="kWh", zone=zone, quantity="Energy"
            )
            for key in keys
        }

    def first_known_at(self, key: str) -> pd.Timestamp | None:
        """The instant of the first reading that was the customer's."""
        rows = self.documents.read(
            MEASUREMENTS,
            [Filter("serial", "in", self._serials(key)), Filter("customer_ref", "=", key)],
            columns=["timestamp"],
            order_by=["timestamp"],
            limit=1,
        )
        return None if rows.empty else pd.Timestamp(rows["timestamp"].iloc[0])

    def measured(
        self,
        key: str,
        *,
        known_at: pd.Timestamp,
        since: pd.Timestamp | None = None,
        with_weather: bool = False,
    ) -> Measured | None:
        """A customer's energy as it was known at an instant; None without a reading."""
        del with_weather  # nobody knows where customers live
        days = self.settings.history_days
        if since is not None:
            days = max(days, math.ceil((known_at - since) / pd.Timedelta(days=1)))
        for _, _, frame in customer_frames(
            [key],
            documents=self.documents,
            days=days,
            zone=self.settings.display_zone,
            known_at=known_at,
        ):
            if len(frame):
                return measured_customer(frame)
        return None

    def changed_since(self, instant: pd.Timestamp) -> Mapping[str, pd.Timestamp]:
        """The customers in files that were taken in since, and the first reading of those files."""
        return first_changes(self.documents, instant, named_in="customer_refs")

    def versions(self, keys: Sequence[str], *, since: pd.Timestamp) -> "CustomerVersions":
        """All versions of these customers' readings from an instant on."""
        del keys  # read when it is known of whom
        return CustomerVersions(flow=self, since=since)

    def ladders(self, histories: Sequence[Series]) -> Mapping[str, Sequence[Model]]:
        """Champion, previous champion, own and shared Bi-LSTM of each customer."""
        return ladders(histories, documents=self.documents, seed=self.settings.seed)

    def model(self, model_id: str) -> Model | None:
        """A customer's Bi-LSTM, a shared one, or a model of the family that served it.

        Raises:
            ValueError: It cannot be read.
        """
        from energy_assets.forecasting.bilstm import BiLstmModel

        model = ModelStore(self.documents).by_id(model_id)
        if model is not None:
            return BiLstmModel(model)
        return stored_model(self.documents, FLOW, model_id, seed=self.settings.seed)

    def predicted(
        self, measured: Measured, ladder: Sequence[Model], *, issued_at: pd.Timestamp
    ) -> pd.DataFrame:
        """24 hours ahead of a customer, as rows of the prediction table."""
        return issued_rows(measured.features, ladder, issued_at=issued_at)

    def reasons(self, issues: Mapping[str, pd.Timestamp]) -> Mapping[str, Sequence[str]]:
        """No reasons are kept of customers' forecasts."""
        del issues
        return {}


def measured_customer(frame: pd.DataFrame) -> Measured:
    """A customer's feature frame of at least one row, as every flow shows its series."""
    # What models are given is rounded to 32 bits; what people are shown is not.
    exact = frame["import_kwh"].to_numpy(np.float64)
    return Measured(
        series=replace(series_of(frame), values=exact),
        reason=frame["reason"].to_numpy(object),
        temperature_c=np.full(len(frame), np.nan),
        register=frame["register_kwh"].to_numpy(np.float64),
        features=frame,
    )


@dataclass(frozen=True, kw_only=True)
class CustomerVersions:
    """Readings of customers from an instant on, read anew for each moment asked about."""

    flow: CustomerFlow
    since: pd.Timestamp

    def known(
        self, keys: Sequence[str], *, known_at: pd.Timestamp | None = None
    ) -> Mapping[str, Known]:
        """The customers that have readings, as they were known at an instant; now without it."""
        found: dict[str, Known] = {}
        for customer in readings_by_customer(
            self.flow.documents, keys, since=self.since, known_at=known_at
        ):
            frame = customer_features(
                customer.readings, meters=customer.meters, zone=self.flow.settings.display_zone
            )
            if len(frame):
                readings = customer.readings.sort_values("timestamp", kind="stable")
                found[customer.customer_ref] = Known(
                    series=series_of(frame),
                    read_at=pd.DatetimeIndex(readings["timestamp"]),
                    known_at=pd.DatetimeIndex(readings["known_at"]),
                    is_register=True,
                )
        return found
