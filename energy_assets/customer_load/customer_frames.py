"""Feature frames of customers from what the document store holds, live and in a replay."""

from collections.abc import Iterator, Sequence

import pandas as pd

from energy_assets.customer_load.features import customer_features
from energy_assets.customer_load.records import readings_by_customer
from energy_assets.forecasts.knowledge import note_data_known_at
from resources.document_store import DocumentStore


def customer_frames(
    customer_refs: Sequence[str],
    *,
    documents: DocumentStore,
    days: int,
    zone: str,
    known_at: pd.Timestamp,
) -> Iterator[tuple[str, int, pd.DataFrame]]:
    """Reference, number of meters and feature frame of each customer that has readings.

    Args:
        customer_refs: Whose.
        documents: Holds readings and meters.
        days: Readings of so many days before `known_at` are looked at. [d]
        zone: IANA zone in which the customers live.
        known_at: Readings as they were known then; the frame says so, see `data_known_at`.
    """
    since = known_at - pd.Timedelta(days=days)
    for customer in readings_by_customer(documents, customer_refs, since=since, known_at=known_at):
        frame = customer_features(customer.readings, meters=customer.meters, zone=zone)
        note_data_known_at(frame, known_at)
        yield customer.customer_ref, len(customer.meters), frame
