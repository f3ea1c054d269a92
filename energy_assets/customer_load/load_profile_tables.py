"""Where readings of load profiles are kept, and what is noted of their meters; see `Tables`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd

from energy_assets.customer_load.measurement_table import MeasurementTable
from energy_assets.customer_load.meter_records import (
    FileEstate,
    known_intervals,
    record_customers,
    record_meter_customers,
    record_meters,
)
from energy_assets.intake.report import FileExtent
from energy_assets.intake.versions.version_store import VersionedReadings
from resources.document_store import DocumentStore


class LoadProfileTables:
    """Keeps the readings of one file in the document store."""

    def __init__(self, documents: DocumentStore, *, clock: str) -> None:
        self._documents = documents
        self._clock = clock
        self._estate = FileEstate()
        self.versions: VersionedReadings = MeasurementTable(documents)

    def note(self, frame: pd.DataFrame, spellings: Mapping[str, Mapping[str, str]]) -> None:
        """Note the meters and customers of accepted readings."""
        self._estate.add(frame, spellings)

    def record(self, now: datetime) -> FileExtent:
        """Write customers and meters."""
        estate = self._estate
        record_customers(self._documents, estate, now=now)
        record_meter_customers(self._documents, estate, now=now)
        record_meters(self._documents, estate, clock=self._clock, now=now)
        return FileExtent(
            meters=list(estate.newest_ms),
            customer_refs=list(estate.customer_spellings),
            first_ms=estate.oldest_ms,
            last_ms=max(estate.newest_ms.values(), default=None),
        )

    def intervals(self, meters: Sequence[str]) -> Mapping[str, int]:
        """The intervals that are known of meters [min]."""
        return known_intervals(self._documents, meters)
