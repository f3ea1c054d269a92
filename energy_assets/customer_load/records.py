"""What customer load reads from and writes to the document store.

Readings in batches of customers, models by customer, forecasts and scores. Nothing is computed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from energy_assets.contracts.customers import METER_CUSTOMERS, METERS
from energy_assets.contracts.forecasts import (
    CUSTOMER_MODEL,
    CUSTOMER_PREDICTION,
    CUSTOMER_SCORE,
    MODEL_VERSIONS,
)
from energy_assets.contracts.readings import LIVE_FEATURES, MEASUREMENTS
from energy_assets.contracts.validation import validated
from energy_assets.customer_load.features import latest_versions
from energy_assets.intake.versions.late_files import late_files
from resources.document_store import DocumentStore
from resources.tables import Filter

BATCH_CUSTOMERS: Final = 20
"""Customers whose readings are in memory at a time."""

FEATURE_COLUMNS: Final[tuple[str, ...]] = (
    "serial",
    "timestamp",
    "version",
    "customer_ref",
    "known_at",
    *LIVE_FEATURES,
)
"""The columns of a reading that features are made of."""

SHARED_PREFIX: Final = "shared:"
"""The shared model of an interval is stored under this and the minutes, in place of a customer."""


@dataclass(frozen=True, kw_only=True)
class CustomerReadings:
    """The current version of each reading of a customer, and the meters that they are of."""

    customer_ref: str
    meters: pd.DataFrame
    readings: pd.DataFrame


def readings_by_customer(
    documents: DocumentStore,
    customer_refs: Sequence[str],
    *,
    since: pd.Timestamp,
    known_at: pd.Timestamp | None = None,
) -> Iterator[CustomerReadings]:
    """Each customer's readings since an instant, of the meters that were the customer's then.

    A reading is of the customer that it names: a meter that is used again leaves its old readings
    to the customer who had it. A customer without a reading is left out. The intervals of meters
    are kept as of the present only.

    Args:
        documents: Where they are.
        customer_refs: Whose.
        since: Only readings from then on.
        known_at: Readings as they were known then, without later corrections and without files that
            were read later: what a forecast that was issued then was made from. All that is known
            without it.
    """
    late = [] if known_at is None else late_files(documents, known_at=known_at)
    for start in range(0, len(customer_refs), BATCH_CUSTOMERS):
        batch = list(customer_refs[start : start + BATCH_CUSTOMERS])
        serials = _serials(documents, batch)
        meters = documents.read(METERS, [Filter("serial", "in", serials)])
        readings = documents.read(
            MEASUREMENTS,
            [Filter("serial", "in", serials), Filter("timestamp", ">=", since)],
            columns=[*FEATURE_COLUMNS, "file_id"] if late else FEATURE_COLUMNS,
        )
        if late:
            readings = readings[~readings["file_id"].isin(late)]
        # A correction may give a reading to another customer, so versions come before customers.
        current = latest_versions(readings, known_at=known_at)
        by_customer = dict(iter(current.groupby("customer_ref", sort=False)))
        for customer_ref in batch:
            if customer_ref in by_customer:
                own = by_customer[customer_ref]
                yield CustomerReadings(
                    customer_ref=customer_ref,
                    meters=meters[meters["serial"].isin(own["serial"])],
                    readings=own,
                )


def _serials(documents: DocumentStore, customer_refs: Sequence[str]) -> list[str]:
    """The meters that some customers have, or had."""
    own = Filter("customer_ref", "in", list(customer_refs))
    tables = (METERS, METER_CUSTOMERS)
    found = [documents.read(table, [own], columns=["serial"])["serial"] for table in tables]
    return sorted({str(serial) for serials in found for serial in serials})


def serving_models(documents: DocumentStore, customer_refs: Sequence[str]) -> pd.DataFrame:
    """The stored model of each customer that has one, weights included."""
    return documents.read(CUSTOMER_MODEL, [Filter("customer_ref", "in", list(customer_refs))])


def newest_shared_model(documents: DocumentStore, *, interval_minutes: int) -> pd.DataFrame:
    """The newest shared model of an interval, as one row; no row when there is none."""
    return documents.read(
        MODEL_VERSIONS,
        [Filter("customer_ref", "=", f"{SHARED_PREFIX}{interval_minutes}")],
        order_by=["-trained_at"],
        limit=1,
    )


def model_version(documents: DocumentStore, model_id: str) -> pd.DataFrame:
    """The model version of that name, as one row; no row when none is kept."""
    return documents.read(MODEL_VERSIONS, [Filter("model_id", "=", model_id)])


def store_models(documents: DocumentStore, models: pd.DataFrame, scores: pd.DataFrame) -> None:
    """Keep model versions and scores for ever, then let the models serve.

    The serving rows are written last: a crash before leaves the former models in service.
    """
    versions = validated(MODEL_VERSIONS, models)
    serving = validated(CUSTOMER_MODEL, models)
    documents.insert_new(CUSTOMER_SCORE, validated(CUSTOMER_SCORE, scores))
    documents.insert_new(MODEL_VERSIONS, versions)
    documents.upsert(CUSTOMER_MODEL, serving)


def store_shared_model(documents: DocumentStore, model: pd.DataFrame) -> None:
    """Keep a shared model; the newest one of its interval serves."""
    documents.insert_new(MODEL_VERSIONS, validated(MODEL_VERSIONS, model))


def store_predictions(documents: DocumentStore, predictions: pd.DataFrame) -> int:
    """Keep forecasts; returns how many rows are new."""
    return documents.insert_new(CUSTOMER_PREDICTION, validated(CUSTOMER_PREDICTION, predictions))


def serving_scores(documents: DocumentStore, customer_refs: Sequence[str]) -> pd.DataFrame:
    """Scores of the models that serve these customers now, and of the baselines beside them."""
    serving = documents.read(
        CUSTOMER_MODEL,
        [Filter("customer_ref", "in", list(customer_refs))],
        columns=["customer_ref", "model_id"],
    )
    return documents.read(
        CUSTOMER_SCORE,
        [
            Filter("customer_ref", "in", serving["customer_ref"].tolist()),
            Filter("model_id", "in", serving["model_id"].tolist()),
        ],
        order_by=["customer_ref", "family"],
    )
