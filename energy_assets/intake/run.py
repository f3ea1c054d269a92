"""One run over one meter file: chunk by chunk, then what the file as a whole says.

The order of writes makes a crash harmless: readings, refused rows, customers and meters, the file.
What a row means and where it is stored is known to a `FileIntake`.
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
from energy_assets.intake.readers.raw_blocks import RawBlock
from energy_assets.intake.report import (
    FileExtent,
    IngestReport,
    MeterFile,
    RowBalance,
    processed_row,
    stored_report,
)
from energy_assets.intake.resolutions import Resolutions
from energy_assets.intake.rows import BlockReadings
from energy_assets.intake.versions.version_store import StoreOutcome
from resources.document_store import DocumentStore
from resources.object_store import ObjectStore


class FileIntake(Protocol):
    """What a flow does with the rows of one of its files."""

    def understood(self, block: RawBlock) -> BlockReadings:
        """The good rows of a block as readings, and the refusals of the others."""
        ...

    def put(self, frame: pd.DataFrame) -> StoreOutcome:
        """Store readings, and say what became of each."""
        ...

    def note(self, frame: pd.DataFrame, spellings: Mapping[str, Mapping[str, str]]) -> None:
        """Note what accepted readings say of meters."""
        ...

    def record(self, now: datetime) -> FileExtent:
        """Write what the whole file says of its meters."""
        ...

    def intervals(self, serials: Sequence[str]) -> Mapping[str, int]:
        """The intervals that are known of meters [min]."""
        ...


class FileRun:
    """Reads one file into the stores."""

    def __init__(
        self,
        *,
        file: MeterFile,
        open_file: OpenedFile,
        objects: ObjectStore,
        documents: DocumentStore,
        intake: FileIntake,
    ) -> None:
        rules = open_file.rules
        time_field = "time" if "time" in rules.layout.positions else "datetime"
        self._file, self._open_file, self._documents = file, open_file, documents
        self._intake = intake
        self._repeated = RepeatedTimes(
            rules.clock, object_key=file.object_key, title=rules.layout.title(time_field)
        )
        self._mending = MendingFiles(objects, file_id=file.file_id, rules=rules)
        self._resolutions = Resolutions(
            documents, file_id=file.file_id, object_key=file.object_key, rules=rules
        )
        self._counts: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._held_cells: dict[int, list[str]] = {}

    def read_all(self) -> None:
        """Store all readings and quarantine all refused rows."""
        spellings: dict[str, dict[str, str]] = {"serial": {}, "customer_ref": {}}
        for block in self._open_file.blocks():
            self._counts["rows_in"] += block.rows_in
            self._counts["fallback"] += block.fallback_rows
            read = self._intake.understood(block)
            frame = self._repeated.hold_back(read.frame)
            if len(frame) < len(read.frame):
                held = set(read.frame["row_number"]) - set(frame["row_number"])
                self._held_cells.update({row: block.texts.cells(row) for row in held})
                for name, spelled in read.spellings.items():
                    spellings[name] = {**spelled, **spellings[name]}
            self._store(frame, read.refusals, read.spellings, block.texts.cells)
        resolved = self._repeated.resolved()
        if resolved is not None:
            cells = self._held_cells.__getitem__
            self._store(resolved.frame, resolved.refusals, spellings, cells)
        self._mending.flush()
        if not self._counts["rows_in"]:
            raise HeaderOnlyError(self._file.object_key)

    def _store(
        self,
        frame: pd.DataFrame,
        refusals: list[Refusal],
        spellings: Mapping[str, Mapping[str, str]],
        cells: Callable[[int], list[str]],
    ) -> None:
        """Store good rows, then quarantine the others with those that turned out in conflict."""
        outcome = self._intake.put(frame)
        if outcome.conflicts:
            disputed = frame["row_number"].isin(outcome.conflicts)
            refusals = [*refusals, *conflicts(frame[disputed])]
            frame = frame[~disputed]
        self._intake.note(frame, spellings)
        self._resolutions.note(frame)
        self._counts["stored"] += outcome.stored
        self._counts["corrected"] += outcome.corrected
        self._counts["duplicate"] += outcome.duplicate
        self._counts["superseded"] += outcome.superseded
        if refusals:
            self._quarantine(refusals, [cells(refusal.row_number) for refusal in refusals])

    def _quarantine(self, refusals: list[Refusal], rows: list[list[str]]) -> None:
        header = self._open_file.rules.layout.header
        raw_rows = [raw_row(header, cells) for cells in rows]
        self._documents.insert_new(
            QUARANTINE,
            refusal_rows(
                refusals, raw_rows, file_id=self._file.file_id, known_at=self._file.known_at
            ),
        )
        self._mending.add(refusals, rows)
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
        extent = self._intake.record(now)
        self._resolutions.write()
        processed = processed_row(self._file, balance, extent, now=now)
        self._documents.upsert(PROCESSED_FILES, processed)
        return replace(
            stored_report(self._documents, processed, self._intake.intervals),
            ignored_columns=self._open_file.rules.layout.ignored,
            fallback_rows=self._counts["fallback"],
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
