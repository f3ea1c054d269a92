"""Readings into their store: exactly once, also beside other writers.

What a reading becomes is decided in `reconciliation`; here versions are read and rows inserted.
Where they lie is known to a `VersionedReadings`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.intake.errors import ConcurrentWritersError
from energy_assets.intake.versions.fingerprint import U64, reading_keys, text_digest
from energy_assets.intake.versions.reconciliation import (
    FileRank,
    SeenKeys,
    Verdict,
    judged,
)

MAX_ROUNDS: Final = 20
"""Rounds of reading again after other writers were faster, before giving up."""

METERS_A_READ: Final = 500
"""Meters whose stored versions are read at once."""

VERSION_COLUMNS: Final = (
    "meter_id", "timestamp", "version", "fingerprint", "file_id", "known_at",
)  # fmt: skip
"""What is read of stored versions."""

_DAYS_A_READ: Final = 62


@dataclass(kw_only=True)
class StoreOutcome:
    """What became of the readings of one chunk.

    Attributes:
        stored: Rows that are stored, now or by an interrupted attempt.
        corrected: Of those, rows that replace an older value.
        duplicate: Rows that were stored with the same values.
        superseded: Rows that a file known later had corrected before.
        conflicts: Row numbers of readings that contradict others of the same file.
    """

    stored: int = 0
    corrected: int = 0
    duplicate: int = 0
    superseded: int = 0
    conflicts: list[int] = field(default_factory=list[int])


@dataclass(frozen=True, kw_only=True)
class ReadingWindow:
    """Meters and a stretch of time, both ends included."""

    meters: list[str]
    first_at: pd.Timestamp
    last_at: pd.Timestamp


class VersionedReadings(Protocol):
    """A table that holds every version of every reading."""

    def read(self, window: ReadingWindow, *, values: Sequence[str] = ()) -> pd.DataFrame:
        """The `VERSION_COLUMNS`, and some values, of the versions in a window."""
        ...

    def has_any(self, window: ReadingWindow) -> bool:
        """Whether there is any version in a window."""
        ...

    def insert(self, frame: pd.DataFrame, version: NDArray[np.int64], rank: FileRank) -> int:
        """Store readings as these versions, and say how many were not there before.

        Args:
            frame: Readings in the order of meter and instant.
            version: Of each.
            rank: The file that brings them.
        """
        ...


@lru_cache(maxsize=1 << 17)
def _meter_digest(meter: str) -> int:
    return text_digest(meter)


def keys_of(meters: pd.Series, utc_ms: NDArray[np.int64]) -> U64:
    """Digest of meter and instant for each row."""
    codes, distinct = pd.factorize(meters)
    digests = np.array([_meter_digest(str(meter)) for meter in distinct], dtype=np.uint64)
    return reading_keys(digests[codes], utc_ms)


class ReadingStore:
    """Stores the readings of one file."""

    def __init__(self, table: VersionedReadings, rank: FileRank) -> None:
        self._table = table
        self._rank = rank
        self._seen = SeenKeys()
        self._disputed: set[int] = set()

    def put(self, frame: pd.DataFrame) -> StoreOutcome:
        """Store a chunk of readings, and say what became of each.

        Args:
            frame: `row_number`, `meter`, `utc_ms`, `fingerprint`, and what the table stores.

        Raises:
            ConcurrentWritersError: Other writers changed the same readings again and again.
        """
        outcome = StoreOutcome()
        if frame.empty:
            return outcome
        frame = frame.assign(key=keys_of(frame["meter_id"], frame["utc_ms"].to_numpy()))
        all_keys = frame["key"].to_numpy()
        frame, repeated = self._without_repetitions(frame, outcome)
        once = frame
        seen: NDArray[np.bool_] | None = None
        for _ in range(MAX_ROUNDS):
            stored = self._stored_versions(frame)
            if seen is None:
                looks = not stored.empty
                seen = self._seen.among(frame["key"].to_numpy()) if looks else _none(frame)
            verdicts = judged(frame, stored, seen=seen, rank=self._rank)
            _count(outcome, frame, verdicts.verdict, verdicts.version)
            new = verdicts.verdict == Verdict.INSERT
            if not new.all():
                frame, seen = frame[new], seen[new]
            if frame.empty:
                break
            version = verdicts.version[new]
            # Databases take rows in the order of their key several times faster.
            order = _key_order(frame)
            inserted = self._table.insert(frame.iloc[order], version[order], self._rank)
            if inserted == len(frame):
                outcome.stored += inserted
                outcome.corrected += int((version > 1).sum())
                break
        else:
            raise ConcurrentWritersError(self._rank.file_id, MAX_ROUNDS)
        if outcome.conflicts and len(repeated):
            disputed = once["key"][once["row_number"].isin(outcome.conflicts)]
            followers = repeated["row_number"][repeated["key"].isin(disputed)]
            outcome.conflicts.extend(followers.tolist())
        outcome.duplicate += len(repeated) - int(
            repeated["row_number"].isin(outcome.conflicts).sum()
        )
        self._seen.add(all_keys)
        return outcome

    def keys(self, frame: pd.DataFrame) -> U64:
        """Digest of meter and instant of each row."""
        return keys_of(frame["meter_id"], frame["utc_ms"].to_numpy())

    def current(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The current version of rows that are stored: `key` and `fingerprint`."""
        if frame.empty:
            return pd.DataFrame(
                {"key": np.zeros(0, np.uint64), "fingerprint": np.zeros(0, np.int64)}
            )
        keyed = frame.assign(key=keys_of(frame["meter_id"], frame["utc_ms"].to_numpy()))
        stored = self._stored_versions(keyed).sort_values(["key", "version"])
        newest = stored.drop_duplicates("key", keep="last")[["key", "fingerprint"]]
        return newest[newest["key"].isin(keyed["key"])]

    def _without_repetitions(
        self, frame: pd.DataFrame, outcome: StoreOutcome
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The chunk with each reading once, and what repeats them; contradictions are left out."""
        keys, prints = frame["key"].to_numpy(), frame["fingerprint"].to_numpy()
        order = np.argsort(keys, kind="stable")
        again = keys[order][1:] == keys[order][:-1]
        disputed: NDArray[np.bool_] = np.zeros(len(keys), dtype=np.bool_)
        if again.any():
            differs = again & (prints[order][1:] != prints[order][:-1])
            self._disputed.update(keys[order][1:][differs].tolist())
        if self._disputed:
            disputed = np.isin(keys, np.array(list(self._disputed), dtype=np.uint64))
            outcome.conflicts.extend(frame["row_number"].to_numpy()[disputed].tolist())
        if not again.any() and not disputed.any():
            return frame, frame.iloc[:0]
        repeated = np.zeros(len(keys), dtype=np.bool_)
        repeated[order[1:][again]] = True
        return frame[~repeated & ~disputed], frame[repeated & ~disputed]

    def _stored_versions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """All stored versions of these readings, and perhaps some of their neighbours."""
        found = [
            versions
            for window in windows_of(frame)
            if len(versions := self._table.read(window))
        ]  # fmt: skip
        if not found:
            return pd.DataFrame(columns=[*VERSION_COLUMNS, "key"])
        stored = pd.concat(found, ignore_index=True) if len(found) > 1 else found[0]
        utc_ms = stored["timestamp"].to_numpy(dtype="datetime64[ms]").astype(np.int64)
        return stored.assign(key=keys_of(stored["meter_id"], utc_ms))


def _none(frame: pd.DataFrame) -> NDArray[np.bool_]:
    return np.zeros(len(frame), dtype=np.bool_)


def _key_order(frame: pd.DataFrame) -> NDArray[np.int64]:
    """Positions of the rows by meter and instant."""
    codes, distinct = pd.factorize(frame["meter_id"])
    rank = np.argsort(np.argsort(np.array(list(distinct), dtype="U")))
    return np.lexsort((frame["utc_ms"].to_numpy(), rank[codes]))


def windows_of(frame: pd.DataFrame) -> Iterator[ReadingWindow]:
    """Windows that cover the readings in pieces of bounded size; none for no reading."""
    if frame.empty:
        return
    utc_ms = frame["utc_ms"].to_numpy()
    window_ms = _DAYS_A_READ * 86_400_000
    lots = utc_ms // window_ms
    for lot in np.unique(lots).tolist() if utc_ms.max() - utc_ms.min() > window_ms else [None]:
        inside = slice(None) if lot is None else lots == lot
        times = utc_ms[inside]
        meters = [str(meter) for meter in frame["meter_id"][inside].unique()]
        for at in range(0, len(meters), METERS_A_READ):
            yield ReadingWindow(
                meters=meters[at : at + METERS_A_READ],
                first_at=pd.Timestamp(times.min(), unit="ms", tz="UTC"),
                last_at=pd.Timestamp(times.max(), unit="ms", tz="UTC"),
            )


def _count(
    outcome: StoreOutcome,
    frame: pd.DataFrame,
    verdict: NDArray[np.int8],
    version: NDArray[np.int64],
) -> None:
    """Count all verdicts but the insertions, which may still fail."""
    ours = verdict == Verdict.OURS
    outcome.stored += int(ours.sum())
    outcome.corrected += int((version[ours] > 1).sum())
    outcome.duplicate += int((verdict == Verdict.DUPLICATE).sum())
    outcome.superseded += int((verdict == Verdict.SUPERSEDED).sum())
    conflicting = verdict == Verdict.CONFLICT
    outcome.conflicts.extend(frame["row_number"].to_numpy()[conflicting].tolist())
