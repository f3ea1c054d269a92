"""The load-profile part of the demo: sample meter files, and what became of them."""

from datetime import datetime

import pandas as pd

from energy_assets.contracts.forecasts import CUSTOMER_PREDICTION, CUSTOMER_SCORE
from energy_assets.demo.score_columns import with_scores
from energy_assets.sample_data.estate import load_profile_files
from energy_assets.settings import Settings
from resources.document_store import DocumentStore
from resources.object_store import ObjectStore


def deliver_load_profiles(
    objects: ObjectStore, settings: Settings, *, customers: int, days: int, end_at: datetime
) -> None:
    """Put sample meter files where the sensor looks, unless files are there."""
    if objects.list(settings.load_profiles_prefix, limit=1):
        print(f"Meter files are there already: {objects.url}/{settings.load_profiles_prefix}")
        return
    delivered = 0
    for key, content in load_profile_files(
        customers=customers, days=days, end_at=end_at, seed=settings.seed
    ):
        objects.put(key, content)
        delivered += 1
    print(f"Delivered {delivered} meter files of {customers} customers to {objects.url}")


def print_customers(documents: DocumentStore) -> None:
    """Each customer's newest forecast, and the score of its model beside the best naive."""
    scores = documents.read(CUSTOMER_SCORE)
    predictions = documents.read(CUSTOMER_PREDICTION)
    if predictions.empty:
        print("\nNo forecasts of customers yet.")
        return
    newest = predictions["issued_at"] == predictions.groupby("customer_ref")["issued_at"].transform(
        "max"
    )
    current = predictions[newest].groupby("customer_ref")
    rows = pd.DataFrame(
        {
            "from": current["valid_at"].min().dt.strftime("%Y-%m-%d %H:%MZ"),
            "kWh in 24 h": current["mean"].sum().round(2),
            "basis": current["basis"].first(),
        }
    )
    rows = with_scores(rows, scores, ["customer_ref"])
    formats = dict.fromkeys(["WAPE", "best naive", "90 % band covers"], "{:.1%}".format)
    print("\nCustomers: forecasts and scores (held-out days, the same rows for both)")
    print(rows.reset_index(names="customer").to_string(index=False, formatters=formats))
