"""One run over one file: chunk by chunk, then what the file as a whole says.

The order of writes makes a crash harmless: rows, refused rows, what is known of meters, the file.
What is stored where is known to the `Tables` of a flow.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import pandas as pd

from energy_assets.contracts.meter_files import PROCESSED_FILES, QUARANTINE
from energy_assets.intake.cells.clock_changes import RepeatedTimes
from energy_assets.intake.errors import HeaderOnlyError, RowBalanceError
from energy_assets.intake.mending import MendingFiles
from energy_assets.intake.opening import OpenedFile
from energy_assets.intake.quarantine import Refusal, conflicts, raw_row, refusal_rows
from energy_assets.intake.report import (
    FileExtent,
    IngestReport,
    MeterFile,
    RowBalance,
    processed_row,
    stored_report,
)
from energy_assets.intake.resolutions import Resolutions
from energy_assets.intake.rows import block_rows
from energy_assets.intake.rules import TableRules
from energy_assets.intake.versions.overwriting import refuse_overwriting
from energy_assets.intake.versions.reconciliation import rank_of
from energy_assets.intake.versions.version_store import ReadingStore, VersionedReadings
from resources.document_store import DocumentStore
from resources.object_store import ObjectStore


class Tables(Protocol):
    """Where a flow keeps the rows of its files, and what it notes of their meters."""

    @property
    def versions(self) -> VersionedReadings:
        """The versions of all rows."""
        ...

    def note(self, frame: pd.DataFrame, spellings: Mapping[str, Mapping[str, str]]) -> None:
        """Note what accepted rows say of meters."""
        ...

    def record(self, now: datetime) -> FileExtent:
        """Write what the whole file says of its meters."""
        ...

    def intervals(self, meters: Sequence[str]) -> Mapping[str, int]:
        """The intervals that are known of meters [min]."""
        ...


class FileRun:
    """Reads one file into the stores."""

    def __init__(
        self,
        *,
        file: MeterFile,
        opened: OpenedFile,
        objects: ObjectStore,
        documents: DocumentStore,
        tables: Tables,
    ) -> None:
        self._file, self._opened, self._documents, self._tables = file, opened, documents, tables
        self._store = ReadingStore(tables.versions, rank_of(file.known_at, file.file_id))
        self._repeated = RepeatedTimes(object_key=file.object_key)
        self._mending = MendingFiles(objects, file_id=file.file_id)
        self._resolutions = Resolutions(
            documents,
            file_id=file.file_id,
            object_key=file.object_key,
            rules=opened.first_rules,
        )
        self._counts: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._dropped: Counter[str] = Counter()
        self._totals = 0

    def read_all(self) -> None:
        """Store all rows and quarantine all refused ones.

        Raises:
            OverwritingFileError: It contradicts most of what another object brought of a meter.
            HeaderOnlyError: There is no row.
        """
        refuse_overwriting(self._opened, self._file, self._tables.versions)
        for rules, block in self._opened.blocks():
            read = block_rows(block, rules)
            self._counts["rows_in"] += block.rows_in - read.totals
            self._counts["fallback"] += block.fallback_rows
            self._totals += read.totals
            self._dropped.update(read.cells_dropped)
            frame, refusals = self._repeated.hold_back(
                read.frame, read.refusals, rules, block.texts, read.spellings
            )
            self._take(frame, refusals, rules, read.spellings, block.texts.cells)
        for held in self._repeated.resolved(self._store):
            self._take(held.frame, held.refusals, held.rules, held.spellings, held.cells)
        self._mending.flush()
        if not self._counts["rows_in"]:
            raise HeaderOnlyError(self._file.object_key)

    def _take(
        self,
        frame: pd.DataFrame,
        refusals: Sequence[Refusal],
        rules: TableRules,
        spellings: Mapping[str, Mapping[str, str]],
        cells: Callable[[int], list[str]],
    ) -> None:
        """Store good rows, then quarantine the others with those that turned out in conflict."""
        outcome = self._store.put(frame)
        if outcome.conflicts:
            disputed = frame["row_number"].isin(outcome.conflicts)
            refusals = [*refusals, *conflicts(frame[disputed])]
            frame = frame[~disputed]
        self._tables.note(frame, spellings)
        self._resolutions.note(frame)
        self._counts["stored"] += outcome.stored
        self._counts["corrected"] += outcome.corrected
        self._counts["duplicate"] += outcome.duplicate
        self._counts["superseded"] += outcome.superseded
        if refusals:
            self._quarantine(refusals, [cells(each.row_number) for each in refusals], rules)

    def _quarantine(
        self, refusals: Sequence[Refusal], rows: list[list[str]], rules: TableRules
    ) -> None:
        raw_rows = [raw_row(rules.layout.header, cells) for cells in rows]
        self._documents.insert_new(
            QUARANTINE,
            refusal_rows(
                refusals, raw_rows, file_id=self._file.file_id, known_at=self._file.known_at
            ),
        )
        self._mending.add(refusals, rows, rules)
        self._reasons.update(refusal.reason for refusal in refusals)

    def finish(self, now: datetime) -> IngestReport:
        """Write what the whole file says, the file itself last.

        Raises:
            RowBalanceError: Rows were lost or invented.
        """
        balance = self._balance()
        accounted = balance.stored + balance.duplicate + balance.superseded + balance.quarantined
        if accounted != balance.rows_in:
            raise RowBalanceError(self._file.file_id, balance.rows_in, accounted)
        extent = self._tables.record(now)
        self._resolutions.write()
        processed = processed_row(self._file, balance, extent, now=now)
        self._documents.upsert(PROCESSED_FILES, processed)
        totals = {"total": self._totals} if self._totals else {}
        return replace(
            stored_report(self._documents, processed, self._tables.intervals),
            ignored_columns=self._opened.ignored_columns,
            fallback_rows=self._counts["fallback"],
            cells_dropped=dict(self._dropped),
            left_out={**self._opened.left_out, **totals},
        )

    def _balance(self) -> RowBalance:
        return RowBalance(
            rows_in=self._counts["rows_in"],
            stored=self._counts["stored"],
            corrected=self._counts["corrected"],
            duplicate=self._counts["duplicate"],
            superseded=self._counts["superseded"],
            quarantined=self._reasons.total(),
        )
