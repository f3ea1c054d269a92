"""Readings of a file against those stored: which are new, equal, corrections, late or in conflict.

Pure: what is stored comes in as a frame of versions. The rules are in docs/file_formats.md.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.intake.cells.dates import epoch_ms
from energy_assets.intake.versions.fingerprint import U64


class Verdict(IntEnum):
    """What becomes of a reading."""

    INSERT = 0
    """It is stored, as the version that comes with the verdict."""
    OURS = 1
    """The same file stored it before it was interrupted."""
    DUPLICATE = 2
    """The current version says the same."""
    SUPERSEDED = 3
    """A file that became known later says something else."""
    CONFLICT = 4
    """The same file says something else elsewhere."""


@dataclass(frozen=True, kw_only=True)
class FileRank:
    """Which of two files is believed: the one known later, then the greater id.

    Of two contents of one object, known in the same millisecond or in the same second of a store
    that counts seconds, the one that is being read is the later: the other is no longer there.
    """

    known_ms: int
    file_id: str


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """A verdict for each reading, and the version that it has or gets."""

    verdict: NDArray[np.int8]
    version: NDArray[np.int64]


def rank_of(known_at: datetime, file_id: str) -> FileRank:
    """The rank of a file, with the store's precision of milliseconds."""
    return FileRank(known_ms=epoch_ms(known_at), file_id=file_id)


def judged(
    candidates: pd.DataFrame, stored: pd.DataFrame, *, seen: NDArray[np.bool_], rank: FileRank
) -> Verdicts:
    """Verdicts on the readings of one file.

    Args:
        candidates: `key` and `fingerprint`; a key occurs once.
        stored: All stored versions of these readings, perhaps of others too: `key`, `version`,
            `fingerprint`, `file_id`, `known_at`.
        seen: Candidates whose meter and instant occurred earlier in the same file.
        rank: The file.
    """
    size = len(candidates)
    verdict = np.full(size, Verdict.INSERT, dtype=np.int8)
    version = np.ones(size, dtype=np.int64)
    if stored.empty:
        return Verdicts(verdict=verdict, version=version)
    keys = candidates["key"].to_numpy()
    prints = candidates["fingerprint"].to_numpy()
    ordered = stored.sort_values(["key", "version"])
    current = ordered.drop_duplicates("key", keep="last")
    own = ordered[ordered["file_id"] == rank.file_id].drop_duplicates("key", keep="last")
    present, at = _positions(keys, current["key"].to_numpy())
    equal = present & (prints == current["fingerprint"].to_numpy(dtype=np.int64)[at])
    earlier = present & ~outranks(current, rank)[at]
    version[present] = current["version"].to_numpy(dtype=np.int64)[at][present] + 1
    verdict[present & seen] = Verdict.CONFLICT
    verdict[earlier] = Verdict.SUPERSEDED
    verdict[equal] = Verdict.DUPLICATE
    is_own, at_own = _positions(keys, own["key"].to_numpy())
    if is_own.any():
        same = is_own & (prints == own["fingerprint"].to_numpy(dtype=np.int64)[at_own])
        verdict[is_own] = Verdict.CONFLICT
        verdict[same] = np.where(seen[same], Verdict.DUPLICATE, Verdict.OURS)
        version[is_own] = own["version"].to_numpy(dtype=np.int64)[at_own][is_own]
    return Verdicts(verdict=verdict, version=version)


def _positions(wanted: U64, sorted_keys: U64) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Whether and where each wanted key is in the sorted ones."""
    if not len(sorted_keys):
        return np.zeros(len(wanted), dtype=np.bool_), np.zeros(len(wanted), dtype=np.int64)
    at = np.minimum(np.searchsorted(sorted_keys, wanted), len(sorted_keys) - 1)
    return sorted_keys[at] == wanted, at


def outranks(current: pd.DataFrame, rank: FileRank) -> NDArray[np.bool_]:
    """Whether the file of that rank is believed rather than each stored version."""
    known_ms = current["known_at"].to_numpy(dtype="datetime64[ms]").astype(np.int64)
    greater_id = (current["file_id"] < rank.file_id).to_numpy(dtype=np.bool_)
    of_object = current["file_id"].str.rpartition("@")[0] == rank.file_id.rpartition("@")[0]
    wins_tie = greater_id | of_object.to_numpy(dtype=np.bool_)
    return (known_ms < rank.known_ms) | ((known_ms == rank.known_ms) & wins_tie)


class SeenKeys:
    """The readings that occurred in a file so far: eight bytes each."""

    def __init__(self) -> None:
        self._sorted: list[U64] = []
        self._new: list[U64] = []

    def add(self, keys: U64) -> None:
        """Remember these readings."""
        self._new.append(keys)

    def among(self, keys: U64) -> NDArray[np.bool_]:
        """Which of these readings occurred before."""
        if self._new:
            self._sorted.append(np.sort(np.concatenate(self._new)))
            self._new.clear()
        while len(self._sorted) > 1 and len(self._sorted[-2]) < 2 * len(self._sorted[-1]):
            merged = np.concatenate([self._sorted.pop(), self._sorted.pop()])
            merged.sort(kind="stable")
            self._sorted.append(merged)
        found = np.zeros(len(keys), dtype=np.bool_)
        for run in self._sorted:
            found |= _positions(keys, run)[0]
        return found
