"""Dates and times of a block, spread from distinct texts over rows.

Result: wall times, UTC offsets where the file states them, and the rows without an instant.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from energy_assets.intake.cells.dates import DateOrder, day_of, split_instant
from energy_assets.intake.cells.times import MS_PER_DAY, has_negative_offset, is_span, time_of

NO_OFFSET: Final = 100_000
"""Stands for a time that states no UTC offset. [min]"""

RowOrders = NDArray[np.int8]
"""The order of day and month of each row: 0 for unknown, 1 day first, 2 month first."""

_ORDERS: Final[dict[int, DateOrder | None]] = {0: None, 1: "dmy", 2: "mdy"}
_EPOCH_ORDINAL: Final = 719_163
_UNREADABLE: Final = (0, NO_OFFSET, "unreadable_time")


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
    ms, offset_min, reason = time_of(text)
    return ms, NO_OFFSET if offset_min is None else offset_min, reason


def _times(texts: Sequence[str]) -> list[tuple[int, int, str]]:
    """Milliseconds since midnight, UTC offset and reason code of each time text.

    Where most of the times that state a negative offset are spans such as `05:00-06:00`, none of
    those is one time with an offset.
    """
    read = [_time_ms(text) for text in texts]
    shaped = [
        i for i, each in enumerate(read) if each[1] != NO_OFFSET and has_negative_offset(texts[i])
    ]
    if 2 * sum(is_span(texts[i]) for i in shaped) > len(shaped):
        for i in shaped:
            read[i] = _UNREADABLE
    return read


def from_two_columns(
    dates: pa.Array, times: pa.Array, *, order: DateOrder | RowOrders | None
) -> WallInstants:
    """Instants of a date and a time column, both dictionary-encoded.

    Args:
        dates: Date texts.
        times: Time texts.
        order: Order of day and month, of all rows or of each.
    """
    day_ms, date_faults = _spread_by_order(dates, order)
    codes, texts = _codes(times)
    read = [*_times(texts), _UNREADABLE]
    time_ms = np.array([each[0] for each in read], dtype=np.int64)[codes]
    offsets = np.array([each[1] for each in read], dtype=np.int64)[codes]
    return WallInstants(
        wall_ms=day_ms + time_ms,
        offset_min=offsets,
        date_faults=date_faults,
        time_faults=_faults(codes, [each[2] for each in read]),
    )


def from_one_column(
    instants: pa.Array, *, order: DateOrder | RowOrders | None, bare_dates: bool = False
) -> WallInstants:
    """Instants of one dictionary-encoded column that holds date and time.

    With `bare_dates` a date without a time is its midnight, else its time cannot be read.
    """
    codes, texts = _codes(instants)
    parts = [split_instant(text) for text in texts]
    days = pa.DictionaryArray.from_arrays(
        instants.indices, pa.array([date_text for date_text, _ in parts], pa.string())
    )
    day_ms, date_faults = _spread_by_order(days, order)
    midnight = "00:00" if bare_dates else ""
    read = [*_times([time_text or midnight for _, time_text in parts]), (0, NO_OFFSET, "")]
    time_ms = np.array([each[0] for each in read], dtype=np.int64)[codes]
    return WallInstants(
        wall_ms=day_ms + time_ms,
        offset_min=np.array([each[1] for each in read], dtype=np.int64)[codes],
        date_faults=date_faults,
        time_faults=_faults(codes, [each[2] for each in read]),
    )


def _spread_by_order(
    dates: pa.Array, order: DateOrder | RowOrders | None
) -> tuple[NDArray[np.int64], dict[int, str]]:
    """Milliseconds from 1970 to the day of each row, and the reason codes of the others."""
    if not isinstance(order, np.ndarray):
        return _spread(dates, lambda text: _day_ms(text, order), "unreadable_date")
    day_ms, faults = np.zeros(len(dates), dtype=np.int64), dict[int, str]()
    for code in np.unique(order).tolist():
        one = _ORDERS[code]
        found, unread = _spread(dates, lambda text, one=one: _day_ms(text, one), "unreadable_date")
        here = order == code
        day_ms[here] = found[here]
        faults |= {row: reason for row, reason in unread.items() if here[row]}
    return day_ms, faults


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
