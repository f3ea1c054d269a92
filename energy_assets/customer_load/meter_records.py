"""The customers and meters that a file shows: what is known of each afterwards.

A meter's customer is that of its newest reading in the store, and its interval that of the newest
stretch there, so that files may arrive in any order and beside each other. Which customers had a
meter before is kept as well.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.contracts.customers import CUSTOMERS, METER_CUSTOMERS, METERS
from energy_assets.contracts.readings import MEASUREMENTS
from energy_assets.intake.intervals import LOAD_PROFILE_MINUTES
from energy_assets.intake.step_counts import ENOUGH_READINGS, FEWEST_READINGS, StepCounts
from resources.document_store import DocumentStore
from resources.tables import Filter

BATCH: Final = 500
"""Meters or customers that are read and written at once."""

JITTER_MS: Final = 30_000
"""Load-profile meters may be off whole minutes by so much. [ms]"""

LOOK_BACK: Final = pd.Timedelta(days=40)
"""The newest stretch of an interval is looked for in so many days before the newest reading."""

MAX_ROUNDS: Final = 10
"""Rounds of looking again after other writers changed the same meters."""


class FileEstate:
    """Collects the meters and customers of a file while it is read."""

    def __init__(self) -> None:
        self.serial_spellings: dict[str, str] = {}
        self.customer_spellings: dict[str, str] = {}
        self.newest_ms: dict[str, int] = {}
        self.oldest_ms: int | None = None
        self.meter_customers: set[tuple[str, str]] = set()
        self._steps = StepCounts(LOAD_PROFILE_MINUTES, fewest=FEWEST_READINGS, jitter_ms=JITTER_MS)

    def add(self, frame: pd.DataFrame, spellings: Mapping[str, Mapping[str, str]]) -> None:
        """Note the readings of a chunk and how its identifiers are spelled."""
        if frame.empty:
            return
        codes, distinct = pd.factorize(frame["meter_id"])
        serials = [str(serial) for serial in distinct]
        utc_ms = frame["utc_ms"].to_numpy()
        newest = np.full(len(serials), np.iinfo(np.int64).min)
        np.maximum.at(newest, codes, utc_ms)
        for serial, ms in zip(serials, newest.tolist(), strict=True):
            self.newest_ms[serial] = max(ms, self.newest_ms.get(serial, ms))
            self.serial_spellings.setdefault(serial, spellings["meter_id"].get(serial, serial))
        owners, refs = pd.factorize(frame["customer_ref"])
        for ref in map(str, refs):
            spelled = spellings["customer_ref"].get(ref, ref)
            self.customer_spellings.setdefault(ref, spelled)
        first = int(utc_ms.min())
        self.oldest_ms = first if self.oldest_ms is None else min(first, self.oldest_ms)
        self._steps.add(serials, codes, utc_ms)
        pairs = np.unique(codes * len(refs) + owners).tolist()
        self.meter_customers.update(
            (serials[pair // len(refs)], str(refs[pair % len(refs)])) for pair in pairs
        )

    def intervals(self) -> dict[str, int | None]:
        """The interval of each meter as this file shows it [min]."""
        return self._steps.intervals()

    def readings(self) -> Mapping[str, int]:
        """How many readings of each meter this file holds."""
        return self._steps.readings()


def record_customers(documents: DocumentStore, estate: FileEstate, *, now: datetime) -> None:
    """Add the customers that are new; those known stay as they are."""
    refs = sorted(estate.customer_spellings)
    for at in range(0, len(refs), BATCH):
        batch = refs[at : at + BATCH]
        moments = pd.Series([now] * len(batch), dtype="datetime64[ms, UTC]")
        rows = pd.DataFrame(
            {
                "customer_ref": pd.Series(batch, dtype="str"),
                "exported_as": pd.Series(
                    [estate.customer_spellings[ref] for ref in batch], dtype="str"
                ),
                "created_at": moments,
                "updated_at": moments,
            }
        )
        documents.insert_new(CUSTOMERS, rows)


def record_meter_customers(documents: DocumentStore, estate: FileEstate, *, now: datetime) -> None:
    """Add whose readings of which meter there are; nothing is ever removed."""
    pairs = sorted(estate.meter_customers)
    for at in range(0, len(pairs), BATCH):
        batch = pairs[at : at + BATCH]
        rows = pd.DataFrame(batch, columns=["serial", "customer_ref"]).astype("str")
        moments = pd.Series([now] * len(batch), dtype="datetime64[ms, UTC]")
        documents.insert_new(METER_CUSTOMERS, rows.assign(created_at=moments))


def known_intervals(documents: DocumentStore, serials: Sequence[str]) -> dict[str, int]:
    """The interval of each meter of which one is known [min]."""
    known: dict[str, int] = {}
    for at in range(0, len(serials), BATCH):
        where = [Filter("serial", "in", list(serials[at : at + BATCH]))]
        rows = documents.read(METERS, where, columns=["serial", "interval_minutes"]).dropna()
        known.update(zip(map(str, rows["serial"]), map(int, rows["interval_minutes"]), strict=True))
    return known


def record_meters(
    documents: DocumentStore, estate: FileEstate, *, clock: str, now: datetime
) -> None:
    """Bring the meters of a file up to date with the newest stored reading of each.

    Looks again after writing, because another file with newer readings may have been stored
    meanwhile.
    """
    intervals = estate.intervals()
    serials = sorted(estate.newest_ms, key=lambda serial: (estate.newest_ms[serial], serial))
    for at in range(0, len(serials), BATCH):
        batch = serials[at : at + BATCH]
        for _ in range(MAX_ROUNDS):
            known = documents.read(METERS, [Filter("serial", "in", batch)]).set_index("serial")
            rows = _meter_rows(documents, batch, known, estate)
            rows["interval_minutes"] = _intervals(documents, rows, known, estate, intervals)
            rows["clock"] = clock
            changed = _changed(rows, known)
            if not changed.any():
                break
            documents.upsert(METERS, _stamped(rows[changed], known, now))


def _meter_rows(
    documents: DocumentStore, batch: Sequence[str], known: pd.DataFrame, estate: FileEstate
) -> pd.DataFrame:
    """Serial, customer and instant of the newest reading of each meter, and its spelling."""
    last_known = _ms(known["last_reading_at"])
    since = {s: max(estate.newest_ms[s], last_known.get(s, estate.newest_ms[s])) for s in batch}
    where = [
        Filter("serial", "in", list(batch)),
        Filter("timestamp", ">=", pd.Timestamp(min(since.values()), unit="ms", tz="UTC")),
    ]
    columns = ["serial", "timestamp", "version", "customer_ref"]
    newest = (
        documents.read(MEASUREMENTS, where, columns=columns)
        .sort_values(["serial", "timestamp", "version"])
        .drop_duplicates("serial", keep="last")
    )
    spelled = dict(zip(known.index, known["exported_as"], strict=True))
    exported = [spelled.get(s) or estate.serial_spellings[s] for s in newest["serial"]]
    return pd.DataFrame(
        {
            "serial": newest["serial"].array,
            "customer_ref": newest["customer_ref"].array,
            "exported_as": pd.Series(exported, dtype="str"),
            "last_reading_at": newest["timestamp"].array,
        }
    )


def _ms(moments: pd.Series) -> dict[str, int]:
    present = moments.dropna()
    ms = present.to_numpy(dtype="datetime64[ms]").astype(np.int64).tolist()
    return dict(zip(map(str, present.index), ms, strict=True))


def _intervals(
    documents: DocumentStore,
    rows: pd.DataFrame,
    known: pd.DataFrame,
    estate: FileEstate,
    found: Mapping[str, int | None],
) -> pd.Series:
    """The interval that is known of each meter, or what this file shows of one that is new.

    Where a file shows another interval than is known, the stored readings decide. A few readings do
    not change a known interval.
    """
    readings = estate.readings()
    before = known["interval_minutes"].dropna().astype(int).to_dict()
    chosen = {serial: before.get(serial, found[serial]) for serial in map(str, rows["serial"])}
    differs = [
        serial
        for serial, minutes in chosen.items()
        if found[serial] not in (None, minutes) and readings[serial] >= ENOUGH_READINGS
    ]
    if differs:
        newest = rows.loc[rows["serial"].isin(differs), "last_reading_at"]
        stored = _stored_intervals(documents, differs, since=newest.min() - LOOK_BACK)
        chosen.update({serial: minutes for serial, minutes in stored.items() if minutes})
    return pd.Series(list(chosen.values()), dtype="Int64")


def _stored_intervals(
    documents: DocumentStore, serials: Sequence[str], *, since: pd.Timestamp
) -> dict[str, int | None]:
    """The interval of the newest stretch of the stored readings of each meter [min]."""
    counts = StepCounts(LOAD_PROFILE_MINUTES, jitter_ms=JITTER_MS)
    rows = documents.read(
        MEASUREMENTS,
        [Filter("serial", "in", list(serials)), Filter("timestamp", ">=", since)],
        columns=["serial", "timestamp"],
    )
    codes, distinct = pd.factorize(rows["serial"])
    utc_ms = rows["timestamp"].to_numpy(dtype="datetime64[ms]").astype(np.int64)
    counts.add([str(serial) for serial in distinct], codes, utc_ms)
    return counts.intervals()


def _changed(rows: pd.DataFrame, known: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows say something else than what is stored."""
    columns = ["customer_ref", "interval_minutes", "last_reading_at", "clock"]
    stored = known.reindex(rows["serial"])[columns].reset_index(drop=True)
    fresh = rows[columns]
    equal = (stored == fresh).fillna(False) | (stored.isna() & fresh.isna())
    return ~equal.all(axis=1).to_numpy(dtype=np.bool_)


def _stamped(rows: pd.DataFrame, known: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """The rows with the instants of their creation and change."""
    created = known.reindex(rows["serial"])["created_at"].reset_index(drop=True)
    moment = pd.Timestamp(now).as_unit("ms")
    fresh = rows.reset_index(drop=True)
    return fresh.assign(created_at=created.fillna(moment), updated_at=moment)
