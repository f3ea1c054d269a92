"""Dates and times of a block, spread from distinct texts over rows.

Result: wall times, UTC offsets where the file states them, and the rows that tell no instant.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from energy_assets.intake.cells.dates import (
    MS_PER_DAY,
    DateOrder,
    day_of,
    read_time,
    split_instant,
)

NO_OFFSET: Final = 100_000
"""Stands for a time that states no UTC offset. [min]"""

_EPOCH_ORDINAL: Final = 719_163


@dataclass(frozen=True, kw_only=True)
class WallInstants:
    """What the date and time cells of a block say.

    Attributes:
        wall_ms: Milliseconds since 1970 on the clock that the cell shows; 0 for faulty rows.
        offset_min: UTC offset that the cell states, `NO_OFFSET` for none. [min]
        date_faults: Reason code by row position, for dates.
        time_faults: Reason code by row position, for times.
    """

    wall_ms: NDArray[np.int64]
    offset_min: NDArray[np.int64]
    date_faults: dict[int, str]
    time_faults: dict[int, str]


@lru_cache(maxsize=65_536)
def _day_ms(text: str, order: DateOrder | None) -> tuple[int, str]:
    day, reason = day_of(text, order=order)
    return (0, reason) if day is None else ((day.toordinal() - _EPOCH_ORDINAL) * MS_PER_DAY, "")


@lru_cache(maxsize=65_536)
def _time_ms(text: str) -> tuple[int, int, str]:
    found = read_time(text)
    if found is None:
        return 0, NO_OFFSET, "unreadable_time"
    return found[0], NO_OFFSET if found[1] is None else found[1], ""


def from_two_columns(dates: pa.Array, times: pa.Array, *, order: DateOrder | None) -> WallInstants:
    """Instants of a date and a time column, both dictionary-encoded."""
    day_ms, date_faults = _spread(dates, lambda text: _day_ms(text, order), "unreadable_date")
    codes, texts = _codes(times)
    read = [_time_ms(text) for text in texts] + [(0, NO_OFFSET, "unreadable_time")]
    time_ms = np.array([each[0] for each in read], dtype=np.int64)[codes]
    offsets = np.array([each[1] for each in read], dtype=np.int64)[codes]
    faulty = np.array([bool(each[2]) for each in read])[codes]
    return WallInstants(
        wall_ms=day_ms + time_ms,
        offset_min=offsets,
        date_faults=date_faults,
        time_faults={int(row): "unreadable_time" for row in np.flatnonzero(faulty)},
    )


def from_one_column(
    instants: pa.Array, *, order: DateOrder | None, bare_dates: bool = False
) -> WallInstants:
    """Instants of one dictionary-encoded column that holds date and time.

    With `bare_dates` a date without a time is its midnight, else its time cannot be read.
    """
    codes, texts = _codes(instants)
    wall = np.zeros(len(texts) + 1, dtype=np.int64)
    offsets = np.full(len(texts) + 1, NO_OFFSET, dtype=np.int64)
    date_reasons, time_reasons = [""] * len(texts) + ["unreadable_date"], [""] * (len(texts) + 1)
    for index, text in enumerate(texts):
        date_text, time_text = split_instant(text)
        day_ms, date_reasons[index] = _day_ms(date_text, order)
        midnight = bare_dates and not time_text
        time_ms, offsets[index], time_reasons[index] = _time_ms("00:00" if midnight else time_text)
        wall[index] = day_ms + time_ms
    return WallInstants(
        wall_ms=wall[codes],
        offset_min=offsets[codes],
        date_faults=_faults(codes, date_reasons),
        time_faults=_faults(codes, time_reasons),
    )


def _codes(texts: pa.Array) -> tuple[NDArray[np.int64], list[str]]:
    """Index into the distinct texts for each row, nulls pointing behind the last."""
    distinct = texts.dictionary.to_pylist()
    return np.asarray(pc.fill_null(texts.indices, len(distinct))).astype(np.int64), distinct


def _spread(
    column: pa.Array, read: Callable[[str], tuple[int, str]], missing: str
) -> tuple[NDArray[np.int64], dict[int, str]]:
    codes, texts = _codes(column)
    results = [*map(read, texts), (0, missing)]
    values = np.array([value for value, _ in results], dtype=np.int64)
    return values[codes], _faults(codes, [reason for _, reason in results])


def _faults(codes: NDArray[np.int64], reasons: list[str]) -> dict[int, str]:
    faulty = np.array([bool(reason) for reason in reasons])
    return {int(row): reasons[codes[row]] for row in np.flatnonzero(faulty[codes])}
