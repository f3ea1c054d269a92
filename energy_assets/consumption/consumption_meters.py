"""The electricity and water meters that a file shows: what is known of each afterwards."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from energy_assets.consumption.value_intervals import REGULAR_SHARE, USUAL_SHARE, StepCounts
from energy_assets.contracts.consumption import CONSUMPTION_METERS, MeterType
from energy_assets.intake.intervals import settled_interval
from resources.document_store import DocumentStore
from resources.tables import Filter

BATCH: Final = 500
"""Meters that are read and written at once."""

_RECORDED: Final = ["interval_minutes", "is_register", "first_timestamp", "last_timestamp"]


class FileMeters:
    """Collects the meters of a file while it is read."""

    def __init__(self, meter_type: MeterType, *, is_register: bool) -> None:
        self.meter_type: MeterType = meter_type
        self.is_register = is_register
        self.oldest_ms: dict[str, int] = {}
        self.newest_ms: dict[str, int] = {}
        self._steps = StepCounts()

    def add(self, frame: pd.DataFrame) -> None:
        """Note accepted points."""
        if frame.empty:
            return
        codes, distinct = pd.factorize(frame["meter_id"])
        meters = list(map(str, distinct))
        utc_ms = frame["utc_ms"].to_numpy()
        oldest = np.full(len(meters), np.iinfo(np.int64).max)
        newest = np.full(len(meters), np.iinfo(np.int64).min)
        np.minimum.at(oldest, codes, utc_ms)
        np.maximum.at(newest, codes, utc_ms)
        for meter, first, last in zip(meters, oldest.tolist(), newest.tolist(), strict=True):
            self.oldest_ms[meter] = min(first, self.oldest_ms.get(meter, first))
            self.newest_ms[meter] = max(last, self.newest_ms.get(meter, last))
        self._steps.add(meters, codes, utc_ms)

    def record(self, documents: DocumentStore, *, now: datetime) -> None:
        """Bring the meters of the file up to date; where a meter is stays as it was set."""
        share = REGULAR_SHARE if self.is_register else USUAL_SHARE
        intervals, readings = self._steps.intervals(share=share), self._steps.readings()
        for batch in _batches(sorted(self.newest_ms)):
            stored_rows = _read(documents, self.meter_type, batch).to_dict("records")
            known = {str(row["meter_id"]): row for row in stored_rows}
            rows: list[dict[str, object]] = []
            for meter in batch:
                stored = known.get(meter)
                row = self._row(meter, stored, intervals[meter], readings[meter])
                if stored is None or any(row[name] != _plain(stored[name]) for name in _RECORDED):
                    rows.append(row)
            if rows:
                documents.upsert(CONSUMPTION_METERS, self._stamped(rows, now))

    def _row(
        self, meter: str, stored: Mapping[Hashable, Any] | None, found: int | None, readings: int
    ) -> dict[str, object]:
        """The newest values say what kind of meter it is; few of them change no known interval."""
        first, last = _moment(self.oldest_ms[meter]), _moment(self.newest_ms[meter])
        row: dict[str, object] = {
            "meter_id": meter,
            "interval_minutes": found,
            "is_register": self.is_register,
            "first_timestamp": first,
            "last_timestamp": last,
        }
        if stored is None or pd.isna(stored["last_timestamp"]):
            return row
        row["first_timestamp"] = min(first, stored["first_timestamp"])
        row["last_timestamp"] = max(last, stored["last_timestamp"])
        if last < stored["last_timestamp"]:
            row["interval_minutes"] = _plain(stored["interval_minutes"]) or found
            row["is_register"] = _plain(stored["is_register"])
        elif _plain(stored["is_register"]) == self.is_register:
            known = stored["interval_minutes"]
            known = None if pd.isna(known) else int(known)
            row["interval_minutes"] = settled_interval(found, known, readings=readings)
        return row

    def _stamped(self, rows: Sequence[dict[str, object]], now: datetime) -> pd.DataFrame:
        frame = pd.DataFrame(rows).assign(meter_type=self.meter_type)
        types = {"interval_minutes": "Int64", "is_register": "boolean"}
        moments = dict.fromkeys(("first_timestamp", "last_timestamp"), "datetime64[ms, UTC]")
        return frame.astype({**types, **moments}).assign(updated_at=pd.Timestamp(now).as_unit("ms"))


def known_intervals(
    documents: DocumentStore, meter_type: MeterType, meters: Sequence[str]
) -> dict[str, int]:
    """The interval of each meter of which one is known, by meter id [min]."""
    known: dict[str, int] = {}
    for batch in _batches(meters):
        rows = _read(documents, meter_type, batch).dropna(subset=["interval_minutes"])
        pairs = zip(map(str, rows["meter_id"]), map(int, rows["interval_minutes"]), strict=True)
        known.update(pairs)
    return known


def _read(documents: DocumentStore, meter_type: MeterType, meters: Sequence[str]) -> pd.DataFrame:
    where = [Filter("meter_type", "=", meter_type), Filter("meter_id", "in", list(meters))]
    return documents.read(CONSUMPTION_METERS, where)


def _batches(meters: Sequence[str]) -> Iterator[Sequence[str]]:
    return (meters[at : at + BATCH] for at in range(0, len(meters), BATCH))


def _moment(utc_ms: int) -> pd.Timestamp:
    return pd.Timestamp(utc_ms, unit="ms", tz="UTC")


def _plain(value: object) -> object:
    """A cell, None for none."""
    return None if value is None or value is pd.NA or value is pd.NaT else value
