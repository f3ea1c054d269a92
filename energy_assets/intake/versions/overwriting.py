"""A file that would correct most of what another object brought of a meter is refused.

Two files of one name in two folders are two meters, not one that was corrected.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import numpy as np
import pandas as pd

from energy_assets.intake.errors import OverwritingFileError
from energy_assets.intake.rows import block_rows
from energy_assets.intake.versions.reconciliation import outranks, rank_of
from energy_assets.intake.versions.version_store import (
    VersionedReadings,
    keys_of,
    windows_of,
)

if TYPE_CHECKING:
    from energy_assets.intake.opening import OpenedFile
    from energy_assets.intake.report import MeterFile

FEWEST_CORRECTIONS: Final = 24
"""Fewer corrected intervals are a correction, whatever share of the meter they are."""

MOST_SHARE: Final = 0.5
"""More of the common intervals are not corrected by another file: it is another meter."""

TOLERANCE: Final = 1e-9
"""Values closer than this, relative to their size, are equal."""


@dataclass(kw_only=True)
class _Overlap:
    """Intervals of a meter that both a file and the store have."""

    common: int = 0
    corrected: int = 0
    other: str = ""


def refuse_overwriting(
    opened: "OpenedFile", file: "MeterFile", versions: VersionedReadings
) -> None:
    """Stop where a file contradicts most of what another object brought of a meter.

    Rows that mend refused ones, later contents of the same object, and files that name what they
    replace are let through.

    Raises:
        OverwritingFileError: It does, and does not say that it replaces the other object.
    """
    if "quarantine_row" in opened.first_rules.layout.positions:
        return
    overlaps: dict[str, _Overlap] = defaultdict(_Overlap)
    if not _is_known(opened, versions):
        return
    for rules, block in opened.blocks():
        names = [v.name for v in rules.kind.values if v.essential]
        values = [name for name in names if name in rules.layout.positions]
        _count(block_rows(block, rules).frame, values, versions, overlaps, opened, file)
    for meter, found in overlaps.items():
        if found.corrected >= FEWEST_CORRECTIONS and found.corrected > MOST_SHARE * found.common:
            raise OverwritingFileError(
                file.object_key,
                meter,
                other=found.other,
                corrected=found.corrected,
                known=found.common,
            )


def _is_known(opened: "OpenedFile", versions: VersionedReadings) -> bool:
    """Whether the store has anything of the file's meters in its period."""
    periods = opened.periods
    if not periods:
        return False
    frame = pd.DataFrame(
        {
            "meter_id": [*periods, *periods],
            "utc_ms": [p.first_ms for p in periods.values()]
            + [p.last_ms for p in periods.values()],
        }
    )
    return any(versions.has_any(window) for window in windows_of(frame))


def _count(
    frame: pd.DataFrame,
    values: list[str],
    versions: VersionedReadings,
    overlaps: dict[str, _Overlap],
    opened: "OpenedFile",
    file: "MeterFile",
) -> None:
    """Add up what a chunk has in common with other objects."""
    parts = [versions.read(window, values=values) for window in windows_of(frame)]
    parts = [part for part in parts if len(part)]
    if not parts:
        return
    stored = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    utc_ms = stored["timestamp"].to_numpy(dtype="datetime64[ms]").astype(np.int64)
    stored = stored.assign(key=keys_of(stored["meter_id"], utc_ms))
    current = stored.sort_values(["key", "version"]).drop_duplicates("key", keep="last")
    objects = current["file_id"].map(_object_of)
    allowed = {file.object_key, *opened.replaces}
    believed = outranks(current, rank_of(file.known_at, file.file_id))
    others = current[~objects.isin(allowed) & believed].assign(object=objects)
    mine = frame.assign(key=keys_of(frame["meter_id"], frame["utc_ms"].to_numpy()))
    mine = mine[["key", "meter_id", *values]].drop_duplicates("key")
    common = mine.merge(others[["key", "object", *values]], on="key", suffixes=("", "_stored"))
    if common.empty:
        return
    differs = np.zeros(len(common), dtype=np.bool_)
    for name in values:
        new = common[name].to_numpy(np.float64)
        old = common[f"{name}_stored"].to_numpy(np.float64)
        with np.errstate(invalid="ignore"):
            differs |= np.abs(new - old) > TOLERANCE * np.maximum(np.abs(new), np.abs(old))
    for meter, group in common.assign(differs=differs).groupby("meter_id", observed=True):
        found = overlaps[str(meter)]
        found.common += len(group)
        corrected = group[group["differs"]]
        found.corrected += len(corrected)
        if len(corrected) and not found.other:
            found.other = str(corrected["object"].iloc[0])


def _object_of(file_id: str) -> str:
    return unquote(str(file_id).rpartition("@")[0], errors="replace")
