"""Refused rows as CSV files that a person can mend and upload again.

They have the columns of their source behind leading `QUARANTINE_` columns. Dates that could be read
are written as ISO and numbers with a decimal point, so that a short file is never ambiguous.
"""

import csv
import io
from collections.abc import Sequence
from typing import Final

import numpy as np

from energy_assets.intake.cells.date_order import DAY_FIRST, MONTH_FIRST, UNKNOWN
from energy_assets.intake.cells.dates import DateOrder, day_of, split_instant
from energy_assets.intake.cells.decimals import read_number
from energy_assets.intake.file_kind import QUARANTINE_COLUMNS
from energy_assets.intake.quarantine import REMEDIES, Refusal
from energy_assets.intake.rules import TableRules
from resources.object_keys import bounded_name
from resources.object_store import ObjectStore

_ORDERS: Final[dict[int, DateOrder | None]] = {
    UNKNOWN: None, DAY_FIRST: "dmy", MONTH_FIRST: "mdy"
}  # fmt: skip

ROWS_A_FILE: Final = 50_000
"""Refused rows in one file; more go into `….2.csv`, `….3.csv`."""


def mending_key(file_id: str, part: int = 1) -> str:
    """Object key of the refused rows of a file: `quarantine/<escaped file id>.csv`."""
    escaped = bounded_name(file_id)
    return f"quarantine/{escaped}.csv" if part == 1 else f"quarantine/{escaped}.{part}.csv"


class MendingFiles:
    """Collects the refused rows of one file and writes them to the object store."""

    def __init__(self, objects: ObjectStore, *, file_id: str) -> None:
        self._objects = objects
        self._file_id = file_id
        self._part = 1
        self._header: list[str] = []
        self._rows: list[list[str]] = []

    def add(
        self, refusals: Sequence[Refusal], rows: Sequence[Sequence[str]], rules: TableRules
    ) -> None:
        """Add refused rows of a table with their cells."""
        header = [*QUARANTINE_COLUMNS, *rules.added_cells, *rules.layout.header]
        if header != self._header:
            self.flush()
            self._header = header
        for refusal, cells in zip(refusals, rows, strict=True):
            remedy = refusal.remedy or REMEDIES[refusal.reason]
            facts = [self._file_id, str(refusal.row_number), refusal.column, refusal.reason, remedy]
            added = rules.added_cells.values()
            self._rows.append([*facts, *added, *plain_cells(cells, rules, refusal)])
            if len(self._rows) == ROWS_A_FILE:
                self.flush()

    def flush(self) -> None:
        """Write what was collected; the same rows always go to the same object."""
        if not self._rows:
            return
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self._header)
        writer.writerows(self._rows)
        self._objects.put(mending_key(self._file_id, self._part), text.getvalue().encode())
        self._part += 1
        self._rows = []


def plain_cells(cells: Sequence[str], rules: TableRules, refusal: Refusal) -> list[str]:
    """The cells of a row with readable dates as ISO and readable numbers with a decimal point.

    A time that occurs twice states its UTC offset, where it is known which one it is.
    """
    plain = list(cells)
    code = int(rules.orders.order_of_rows(np.array([refusal.row_number]))[0])
    for name, position in rules.layout.positions.items():
        if position >= len(plain):
            continue
        if name in ("date", "datetime"):
            date_text, time_text = split_instant(plain[position])
            day, _ = day_of(date_text, order=_ORDERS[code])
            if day is not None:
                plain[position] = f"{day.isoformat()} {time_text}".strip()
        elif rules.layout.is_value(name) and plain[position].strip():
            number, reason = read_number(plain[position], rules.numbers)
            if not reason:
                plain[position] = repr(number)
    at = rules.layout.positions[rules.layout.time_field]
    if refusal.offset_min is not None and at < len(plain):
        plain[at] = f"{plain[at].strip()}{_offset(refusal.offset_min)}"
    return plain


def _offset(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
