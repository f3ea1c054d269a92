"""What a run over a load-profile file does with its rows; see `FileIntake`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd

from energy_assets.customer_load.block_readings import BlockReadings, block_readings
from energy_assets.customer_load.measurement_table import MeasurementTable
from energy_assets.customer_load.meter_records import (
    FileEstate,
    known_intervals,
    record_customers,
    record_meters,
)
from energy_assets.intake.readers.raw_blocks import RawBlock
from energy_assets.intake.report import FileExtent, MeterFile
from energy_assets.intake.rules import ReadingRules
from energy_assets.intake.versions.reconciliation import rank_of
from energy_assets.intake.versions.version_store import ReadingStore, StoreOutcome
from resources.document_store import DocumentStore


class LoadProfileIntake:
    """Takes the readings of one file into the document store."""

    def __init__(self, documents: DocumentStore, *, file: MeterFile, rules: ReadingRules) -> None:
        self._documents = documents
        self._rules = rules
        table = MeasurementTable(documents)
        self._readings = ReadingStore(table, rank_of(file.known_at, file.file_id))
        self._estate = FileEstate()

    def understood(self, block: RawBlock) -> BlockReadings:
        """The rows of a block as readings."""
        return block_readings(block, self._rules)

    def put(self, frame: pd.DataFrame) -> StoreOutcome:
        """Store readings."""
        return self._readings.put(frame)

    def note(self, frame: pd.DataFrame, spellings: Mapping[str, Mapping[str, str]]) -> None:
        """Note the meters and customers of accepted readings."""
        self._estate.add(frame, spellings)

    def record(self, now: datetime) -> FileExtent:
        """Write customers and meters."""
        estate = self._estate
        record_customers(self._documents, estate, now=now)
        record_meters(self._documents, estate, clock=self._rules.clock.text, now=now)
        return FileExtent(
            serials=list(estate.newest_ms),
            customer_refs=list(estate.customer_spellings),
            first_ms=estate.oldest_ms,
            last_ms=max(estate.newest_ms.values(), default=None),
        )

    def intervals(self, serials: Sequence[str]) -> Mapping[str, int]:
        """The intervals that are known of meters [min]."""
        return known_intervals(self._documents, serials)
