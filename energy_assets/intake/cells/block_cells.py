"""Cells of a raw block: instants, numbers, identifiers.

Faulty cells are marked, not raised. Which cells a row needs is decided in `rows`.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.cells.decimals import NumberRules, read_numbers
from energy_assets.intake.cells.instants import (
    NO_OFFSET,
    WallInstants,
    from_one_column,
    from_two_columns,
)
from energy_assets.intake.cells.row_faults import RowFaults
from energy_assets.intake.cells.times import hour_number_ms
from energy_assets.intake.file_kind import Identify
from energy_assets.intake.quarantine import Refusal
from energy_assets.intake.readers.raw_blocks import RawBlock
from energy_assets.intake.rules import TableRules


def read_identifiers(
    block: RawBlock, field: str, noun: str, faults: RowFaults, identify: Identify
) -> tuple[pd.Categorical, dict[str, str]]:
    """A column of identifiers, and how each was first spelled."""
    column = block.columns[field]
    texts = column.dictionary.to_pylist()
    read = [*map(identify, texts), ("", "missing")]
    codes = np.asarray(pc.fill_null(column.indices, len(texts))).astype(np.int64)
    for fault in sorted({each[1] for each in read} - {""}):
        faulty = np.array([each[1] == fault for each in read])
        if faulty.any():
            faults.mark(faulty[codes], field, f"{fault}_{noun}")
    spellings: dict[str, str] = {}
    for text, (name, fault) in zip(texts, read, strict=False):
        if not fault:
            spellings.setdefault(name, text.strip())
    index = {name: code for code, name in enumerate(spellings)}
    to_code = np.array([index.get(name, -1) if not bad else -1 for name, bad in read])
    categories = pd.Index(list(spellings), dtype="str")
    return pd.Categorical.from_codes(to_code[codes], categories=categories), spellings


def mended_rows(block: RawBlock) -> dict[str, pd.Series]:
    """Which refused row each row mends, where the file says so."""
    names = ("quarantine_file", "quarantine_row")
    if not all(name in block.columns for name in names):
        return {}
    return {name: pd.Series(block.columns[name].to_pylist(), dtype="object") for name in names}


def read_texts(block: RawBlock, name: str) -> pd.Categorical:
    """A column of texts, trimmed; missing where the file has none."""
    column = block.columns.get(name)
    if column is None:
        missing = np.full(len(block.row_numbers), -1)
        return pd.Categorical.from_codes(missing, categories=pd.Index([], dtype="str"))
    texts = [text.strip().replace("\x00", "␀") for text in column.dictionary.to_pylist()]
    index = {text: code for code, text in enumerate(dict.fromkeys(texts))}
    to_code = np.array([*(index[text] for text in texts), -1])
    codes = np.asarray(pc.fill_null(column.indices, len(texts))).astype(np.int64)
    return pd.Categorical.from_codes(to_code[codes], categories=pd.Index(list(index), dtype="str"))


def read_wall(block: RawBlock, rules: TableRules, faults: RowFaults) -> WallInstants:
    """What the cells say of time, as they stand there."""
    layout, columns = rules.layout, block.columns
    order = rules.orders.order_of_rows(block.row_numbers)
    if "datetime" in columns:
        wall = from_one_column(columns["datetime"], order=order, bare_dates=rules.bare_dates)
    else:
        times = _hours_as_times(columns["time"]) if rules.hours else columns["time"]
        wall = from_two_columns(columns["date"], times, order=order)
    unknown = "mixed_date_order" if rules.orders.mixed else "ambiguous_date"
    for row, reason in wall.date_faults.items():
        faults.mark_row(row, layout.date_field, unknown if reason == "ambiguous_date" else reason)
    for row, reason in wall.time_faults.items():
        faults.mark_row(row, layout.time_field, reason)
    if rules.orders.natives == "unknown" and block.native is not None:
        faults.mark(block.native, layout.date_field, "swapped_by_spreadsheet")
    return wall


def _hours_as_times(column: pa.Array) -> pa.Array:
    """Times of day from numbers of hours: `7` is 07:00, `24` is 24:00."""
    texts = column.dictionary.to_pylist()
    hours = [hour_number_ms(text) for text in texts]
    times = [
        text if hour is None else f"{hour // 3_600_000:02d}:00"
        for text, hour in zip(texts, hours, strict=True)
    ]
    return pa.DictionaryArray.from_arrays(column.indices, pa.array(times, pa.string()))


def read_instants(
    block: RawBlock, rules: TableRules, faults: RowFaults
) -> dict[str, NDArray[np.generic]]:
    """Wall times of interval starts, stored instants, and whether a wall time occurs twice."""
    wall = read_wall(block, rules, faults)
    layout = rules.layout
    wall_ms = wall.wall_ms + rules.wall_shift_ms if rules.wall_shift_ms else wall.wall_ms
    utc_ms, repeated, skipped = _on_clock(wall, wall_ms, rules.clock)
    faults.mark(skipped, layout.time_field, "nonexistent_local_time")
    utc_ms = utc_ms + rules.shift_ms
    faults.mark(wall_ms < rules.first_ms, layout.date_field, "implausible_year")
    faults.mark(utc_ms > rules.latest_ms, layout.date_field, "future")
    return {"wall_ms": wall_ms, "utc_ms": utc_ms, "repeated": repeated}


def _on_clock(
    wall: WallInstants, wall_ms: NDArray[np.int64], clock: MeterClock
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Instants, repeated and skipped wall times; a stated offset wins over the clock."""
    times = clock.to_utc(wall_ms)
    stated = wall.offset_min != NO_OFFSET
    if not stated.any():
        return times.utc_ms, times.repeated, times.skipped
    utc_ms = np.where(stated, wall_ms - wall.offset_min * 60_000, times.utc_ms)
    return utc_ms, times.repeated & ~stated, times.skipped & ~stated


def read_finite_numbers(
    block: RawBlock, name: str, numbers: NumberRules
) -> tuple[NDArray[np.float64], dict[int, str]]:
    """One column of numbers, NaN for none, and the reason codes of unreadable rows."""
    column = block.columns[name]
    if pa.types.is_floating(column.type):
        values = column.to_numpy(zero_copy_only=False)
        if not column.null_count and np.isfinite(values).all():
            return values, {}
        odd = ~np.isfinite(values) & np.asarray(column.is_valid())
        values = np.where(odd, np.nan, values)
        return values, dict.fromkeys(np.flatnonzero(odd).tolist(), "not_finite")
    return read_numbers(column, numbers)


def refusals_of(block: RawBlock, rules: TableRules, faults: RowFaults) -> list[Refusal]:
    """The refusals of a block's faulty rows."""
    return [_refusal(block, rules, *fault) for fault in faults.listed()]


def _refusal(block: RawBlock, rules: TableRules, row: int, field: str, reason: str) -> Refusal:
    row_number = int(block.row_numbers[row])
    cells = block.texts.cells(row_number)
    position = rules.layout.positions[field]
    return Refusal(
        row_number=row_number,
        column=rules.title(field),
        value=cells[position] if position < len(cells) else None,
        reason=reason,
    )
