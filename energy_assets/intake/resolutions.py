"""Which quarantined rows a file resolves, because it brings the mended row.

A row is resolved when an accepted row names it (`QUARANTINE_FILE`, `QUARANTINE_ROW`), or when a
later version of the same object brings an accepted reading of the same meter and instant.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.contracts.meter_files import PROCESSED_FILES, QUARANTINE
from energy_assets.intake.cells.dates import day_of, split_instant
from energy_assets.intake.cells.times import MS_PER_DAY, read_time
from energy_assets.intake.rules import TableRules
from energy_assets.intake.versions.version_store import keys_of
from resources.document_store import DocumentStore
from resources.tables import Filter

MAX_PENDING: Final = 200_000
"""Refused rows of earlier versions that are matched by meter and instant; more stay open."""

BATCH: Final = 5_000
"""Quarantined rows that are marked at once."""

_EPOCH_ORDINAL: Final = 719_163


class Resolutions:
    """Finds the quarantined rows that one file resolves."""

    def __init__(
        self, documents: DocumentStore, *, file_id: str, object_key: str, rules: TableRules
    ) -> None:
        self._documents = documents
        self._file_id = file_id
        self._rules = rules
        self._resolved: set[tuple[str, int]] = set()
        self._pending = self._open_rows(object_key)

    def _open_rows(self, object_key: str) -> pd.DataFrame:
        """Open quarantined rows of earlier versions of the object, with their reading `key`."""
        where = [Filter("object_key", "=", object_key)]
        versions = self._documents.read(PROCESSED_FILES, where, columns=["file_id"])["file_id"]
        earlier = [str(file_id) for file_id in versions if file_id != self._file_id]
        nothing = pd.DataFrame({"key": np.zeros(0, dtype=np.uint64)})
        if not earlier:
            return nothing
        rows = self._documents.read(
            QUARANTINE,
            [Filter("file_id", "in", earlier), Filter("resolved_by", "=", None)],
            columns=["file_id", "row_number", "raw_row"],
            limit=MAX_PENDING,
        )
        found = [_meter_and_instant(raw_row, self._rules) for raw_row in rows["raw_row"]]
        kept = np.array([each is not None for each in found], dtype=np.bool_)
        if not kept.any():
            return nothing
        known = [each for each in found if each is not None]
        utc_ms = np.array([ms for _, ms in known], dtype=np.int64)
        keys = keys_of(pd.Series([meter for meter, _ in known], dtype="str"), utc_ms)
        return rows.loc[kept, ["file_id", "row_number"]].assign(key=keys)

    def note(self, accepted: pd.DataFrame) -> None:
        """Note readings that were accepted: stored, duplicate or superseded."""
        if accepted.empty:
            return
        if "quarantine_row" in accepted:
            named = zip(accepted["quarantine_file"], accepted["quarantine_row"], strict=True)
            self._resolved.update(
                (str(file_id).strip(), int(row))
                for file_id, row in named
                if file_id and str(row).strip().isdecimal()
            )
        if len(self._pending):
            keys = keys_of(accepted["meter_id"], accepted["utc_ms"].to_numpy())
            hit = self._pending[self._pending["key"].isin(keys)]
            found = zip(hit["file_id"], hit["row_number"], strict=True)
            self._resolved.update((str(file_id), int(row)) for file_id, row in found)

    def write(self) -> None:
        """Mark the resolved rows in the store."""
        by_file: dict[str, list[int]] = {}
        for file_id, row in sorted(self._resolved):
            by_file.setdefault(file_id, []).append(row)
        for file_id, numbers in by_file.items():
            for batch in _batches(numbers):
                rows = self._documents.read(
                    QUARANTINE,
                    [
                        Filter("file_id", "=", file_id),
                        Filter("row_number", "in", batch),
                        Filter("resolved_by", "=", None),
                    ],
                )
                if len(rows):
                    self._documents.upsert(QUARANTINE, rows.assign(resolved_by=self._file_id))


def _batches(numbers: list[int]) -> Iterable[list[int]]:
    return (numbers[at : at + BATCH] for at in range(0, len(numbers), BATCH))


def _meter_and_instant(raw_row: object, rules: TableRules) -> tuple[str, int] | None:
    """Meter and instant of a refused row, None when either cannot be read."""
    if not isinstance(raw_row, dict):
        return None
    cells = {name: raw_row.get(rules.layout.title(name)) for name in rules.layout.positions}
    meter, fault = rules.meter_id or "", ""
    if rules.meter_id is None:
        meter, fault = rules.kind.identify(cells.get("meter_id"))
    if "datetime" in cells:
        date_text, time_text = split_instant(cells["datetime"] or "")
    else:
        date_text, time_text = cells["date"] or "", cells["time"] or ""
    if rules.bare_dates and not time_text:
        time_text = "00:00"
    day, time = day_of(date_text, order=rules.orders.file_order)[0], read_time(time_text)
    if fault or day is None or time is None:
        return None
    wall_ms = (day.toordinal() - _EPOCH_ORDINAL) * MS_PER_DAY + time[0]
    wall_ms += rules.wall_shift_ms
    if time[1] is not None:
        return meter, wall_ms - time[1] * 60_000 + rules.shift_ms
    times = rules.clock.to_utc(np.array([wall_ms], dtype=np.int64))
    return meter, int(times.utc_ms[0]) + rules.shift_ms
