"""The electricity and water meters that a file shows: what is known of each afterwards."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from energy_assets.contracts.consumption import CONSUMPTION_METERS, ENERGY_CONSUMPTION, MeterType
from energy_assets.intake.intervals import REGULAR_SHARE, USUAL_SHARE
from energy_assets.intake.step_counts import ENOUGH_READINGS, StepCounts
from resources.document_store import DocumentStore
from resources.series_store import SeriesStore
from resources.tables import Filter

BATCH: Final = 500
"""Meters that are read and written at once."""

LOOK_BACK: Final = pd.Timedelta(days=40)
"""The newest stretch of an interval is looked for in so many days before the newest value."""

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

    def record(
        self, documents: DocumentStore, *, now: datetime, series: SeriesStore | None = None
    ) -> None:
        """Bring the meters of the file up to date; where a meter is stays as it was set.

        Args:
            documents: Where meters are.
            now: The present instant, UTC.
            series: Where the values are: they decide where the file shows another interval than is
                known. What is known stays without it.
        """
        share = REGULAR_SHARE if self.is_register else USUAL_SHARE
        intervals = self._steps.intervals(share=share)
        for batch in _batches(sorted(self.newest_ms)):
            stored_rows = _read(documents, self.meter_type, batch).to_dict("records")
            known = {str(row["meter_id"]): row for row in stored_rows}
            rows = {meter: self._row(meter, known.get(meter), intervals[meter]) for meter in batch}
            if series is not None:
                self._settle(rows, intervals, series, share)
            changed = [
                row
                for meter, row in rows.items()
                if meter not in known
                or any(row[name] != _plain(known[meter][name]) for name in _RECORDED)
            ]
            if changed:
                documents.upsert(CONSUMPTION_METERS, self._stamped(changed, now))

    def _row(
        self, meter: str, stored: Mapping[Hashable, Any] | None, found: int | None
    ) -> dict[str, object]:
        """The newest values say what kind of meter it is; a known interval stays for now."""
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
        is_newer = last >= stored["last_timestamp"]
        if not is_newer:
            row["is_register"] = _plain(stored["is_register"])
        if not is_newer or _plain(stored["is_register"]) == self.is_register:
            row["interval_minutes"] = _plain(stored["interval_minutes"]) or found
        return row

    def _settle(
        self,
        rows: Mapping[str, dict[str, object]],
        found: Mapping[str, int | None],
        series: SeriesStore,
        share: float,
    ) -> None:
        """Let stored values decide where the file shows another interval than is known."""
        readings = self._steps.readings()
        differs = [
            meter
            for meter, row in rows.items()
            if found[meter] not in (None, row["interval_minutes"])
            and row["is_register"] == self.is_register
            and readings[meter] >= ENOUGH_READINGS
        ]
        if not differs:
            return
        newest = min(pd.Timestamp(str(rows[meter]["last_timestamp"])) for meter in differs)
        points = series.read(
            ENERGY_CONSUMPTION,
            [
                Filter("meter_type", "=", self.meter_type),
                Filter("meter_id", "in", differs),
                Filter("timestamp", ">=", newest - LOOK_BACK),
            ],
            columns=["meter_id", "timestamp"],
        )
        counts = StepCounts()
        codes, distinct = pd.factorize(points["meter_id"])
        utc_ms = points["timestamp"].to_numpy(dtype="datetime64[ms]").astype(np.int64)
        counts.add(list(map(str, distinct)), codes, utc_ms)
        for meter, minutes in counts.intervals(share=share).items():
            rows[meter]["interval_minutes"] = minutes or rows[meter]["interval_minutes"]

    def _stamped(self, rows: Sequence[Mapping[str, object]], now: datetime) -> pd.DataFrame:
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
