"""Issued forecasts of customers, and their energy as it was known at any time, to be scored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from energy_assets.contracts.customers import METERS
from energy_assets.contracts.forecasts import CUSTOMER_PREDICTION
from energy_assets.contracts.ledger import Flow
from energy_assets.customer_load.features import customer_features, series_of
from energy_assets.customer_load.records import readings_by_customer
from energy_assets.forecasts.changes import first_changes
from energy_assets.forecasts.issued import DAY, Issue, Known, forecast_rows_of
from resources.document_store import DocumentStore
from resources.tables import Filter


@dataclass(frozen=True, kw_only=True)
class CustomerFlow:
    """The customers of a document store, as `forecasts.issued.ScoredFlow` asks for them.

    Attributes:
        documents: Holds readings and forecasts.
        zone: Where customers live.
    """

    documents: DocumentStore
    zone: str

    @property
    def name(self) -> Flow:
        """In the ledger."""
        return "customer_load"

    @property
    def reach_days(self) -> int:
        """A day ahead."""
        return 1

    def series_keys(self) -> Sequence[str]:
        """Every customer with a meter."""
        meters = self.documents.read(METERS, columns=["customer_ref"])
        return sorted(set(meters["customer_ref"]))

    def changed_since(self, instant: pd.Timestamp) -> Mapping[str, pd.Timestamp]:
        """The customers in files that were taken in since, and the first reading of those files."""
        return first_changes(self.documents, instant, named_in="customer_refs")

    def issues(
        self, keys: Sequence[str], *, ended_after: pd.Timestamp, now: pd.Timestamp
    ) -> Sequence[Issue]:
        """The forecasts whose 24 hours ended after an instant, and perhaps some more."""
        del now
        # One that began within the first day of two is read in part only, and ended before.
        rows = self.documents.read(
            CUSTOMER_PREDICTION,
            [
                Filter("customer_ref", "in", list(keys)),
                Filter("prediction_timestamp", ">", ended_after - 2 * DAY),
            ],
            order_by=["customer_ref", "issued_at", "valid_at"],
        ).assign(weather="none", temperature_c=np.nan)
        return [
            Issue(
                series_key=str(ref),
                issued_at=pd.Timestamp(own["issued_at"].iloc[0]),
                model_id=str(own["model_id"].iloc[0]),
                rows={"hourly": forecast_rows_of(own)},
            )
            for (ref, _), own in rows.groupby(["customer_ref", "issued_at"])
        ]

    def versions(self, keys: Sequence[str], *, since: pd.Timestamp) -> "CustomerVersions":
        """All versions of these customers' readings from an instant on."""
        del keys  # read when it is known of whom
        return CustomerVersions(flow=self, since=since)


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
                customer.readings, meters=customer.meters, zone=self.flow.zone
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
