"""What files brought since some moment, from the record of processed files."""

from typing import Literal

import pandas as pd

from energy_assets.contracts.meter_files import PROCESSED_FILES
from resources.document_store import DocumentStore
from resources.tables import Filter


def first_changes(
    documents: DocumentStore, since: pd.Timestamp, *, named_in: Literal["serials", "customer_refs"]
) -> dict[str, pd.Timestamp]:
    """The first instant in the files taken in since a moment, by each whom those files name.

    Args:
        documents: Holds the record of files.
        since: Files that were processed at or after it count.
        named_in: Column that names the series of a flow; files of other flows name others.
    """
    files = documents.read(
        PROCESSED_FILES,
        [Filter("processed_at", ">=", since)],
        columns=[named_in, "first_timestamp"],
    ).dropna(subset=["first_timestamp"])
    first: dict[str, pd.Timestamp] = {}
    for names, instant in zip(files[named_in], files["first_timestamp"], strict=True):
        for name in names:
            first[name] = min(first.get(name, instant), instant)
    return first
