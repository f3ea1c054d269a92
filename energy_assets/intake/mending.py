"""Refused rows as CSV files that a person can mend and upload again.

They have the columns of their source behind leading `QUARANTINE_` columns. Dates that could be read
are written as ISO and numbers with a decimal point, so that a short file is never ambiguous.
"""

import csv
import io
from collections.abc import Sequence
from typing import Final

from energy_assets.intake.cells.dates import day_of, split_instant
from energy_assets.intake.cells.decimals import read_number
from energy_assets.intake.layouts import QUARANTINE_COLUMNS
from energy_assets.intake.quarantine import REMEDIES, Refusal
from energy_assets.intake.rules import ReadingRules
from resources.object_keys import bounded_name
from resources.object_store import ObjectStore

ROWS_A_FILE: Final = 50_000
"""Refused rows in one file; more go into `….2.csv`, `….3.csv`."""


def mending_key(file_id: str, part: int = 1) -> str:
    """Object key of the refused rows of a file: `quarantine/<escaped file id>.csv`."""
    escaped = bounded_name(file_id)
    return f"quarantine/{escaped}.csv" if part == 1 else f"quarantine/{escaped}.{part}.csv"


class MendingFiles:
    """Collects the refused rows of one file and writes them to the object store."""

    def __init__(self, objects: ObjectStore, *, file_id: str, rules: ReadingRules) -> None:
        self._objects = objects
        self._file_id = file_id
        self._rules = rules
        self._part = 1
        self._rows: list[list[str]] = []

    def add(self, refusals: Sequence[Refusal], rows: Sequence[Sequence[str]]) -> None:
        """Add refused rows with their cells."""
        for refusal, cells in zip(refusals, rows, strict=True):
            remedy = refusal.remedy or REMEDIES[refusal.reason]
            facts = [self._file_id, str(refusal.row_number), refusal.column, refusal.reason, remedy]
            added = self._rules.added_cells.values()
            self._rows.append([*facts, *added, *plain_cells(cells, self._rules)])
            if len(self._rows) == ROWS_A_FILE:
                self.flush()

    def flush(self) -> None:
        """Write what was collected; the same rows always go to the same object."""
        if not self._rows:
            return
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        added = self._rules.added_cells
        writer.writerow([*QUARANTINE_COLUMNS, *added, *self._rules.layout.header])
        writer.writerows(self._rows)
        self._objects.put(mending_key(self._file_id, self._part), text.getvalue().encode())
        self._part += 1
        self._rows = []


def plain_cells(cells: Sequence[str], rules: ReadingRules) -> list[str]:
    """The cells of a row with readable dates as ISO and readable numbers with a decimal point."""
    plain = list(cells)
    for name, position in rules.layout.positions.items():
        if position >= len(plain):
            continue
        if name in ("date", "datetime"):
            date_text, time_text = split_instant(plain[position])
            day, _ = day_of(date_text, order=rules.order)
            if day is not None:
                plain[position] = f"{day.isoformat()} {time_text}".strip()
        elif rules.layout.is_value(name) and plain[position].strip():
            number, reason = read_number(plain[position], mark=rules.mark)
            if not reason:
                plain[position] = repr(number)
    return plain
