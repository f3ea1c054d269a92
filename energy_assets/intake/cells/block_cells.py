"""Cells of a raw block that mean the same in every flow: instants, numbers, identifiers.

Faulty cells are marked, not raised. Which columns a row needs is decided by each flow.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.cells.decimals import DecimalMark, read_numbers
from energy_assets.intake.cells.instants import (
    NO_OFFSET,
    WallInstants,
    from_one_column,
    from_two_columns,
)
from energy_assets.intake.cells.row_faults import RowFaults
from energy_assets.intake.layouts import Layout
from energy_assets.intake.quarantine import Refusal
from energy_assets.intake.readers.raw_blocks import RawBlock
from energy_assets.intake.rules import Identify, ReadingRules


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


def read_instants(
    block: RawBlock, rules: ReadingRules, faults: RowFaults
) -> dict[str, NDArray[np.generic]]:
    """Wall times, instants and whether a wall time occurs twice."""
    one_column = "datetime" in block.columns
    if one_column:
        cells = block.columns["datetime"]
        wall = from_one_column(cells, order=rules.order, bare_dates=rules.bare_dates)
    else:
        columns = block.columns
        wall = from_two_columns(columns["date"], columns["time"], order=rules.order)
    date_field, time_field = ("datetime", "datetime") if one_column else ("date", "time")
    for row, reason in wall.date_faults.items():
        faults.mark_row(row, date_field, reason)
    for row, reason in wall.time_faults.items():
        faults.mark_row(row, time_field, reason)
    wall_ms = wall.wall_ms + rules.wall_shift_ms if rules.wall_shift_ms else wall.wall_ms
    utc_ms, repeated, skipped = _on_clock(wall, wall_ms, rules.clock)
    faults.mark(skipped, time_field, "nonexistent_local_time")
    utc_ms = utc_ms + rules.shift_ms
    faults.mark(wall_ms < rules.first_ms, date_field, "implausible_year")
    faults.mark(utc_ms > rules.latest_ms, date_field, "future")
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
    block: RawBlock, name: str, mark: DecimalMark | None, faults: RowFaults
) -> NDArray[np.float64]:
    """One column of numbers, NaN for none."""
    column = block.columns[name]
    if pa.types.is_floating(column.type):
        values = column.to_numpy(zero_copy_only=False)
        if column.null_count or not np.isfinite(values).all():
            faults.mark(~np.isfinite(values) & np.asarray(column.is_valid()), name, "not_finite")
        return values
    values, unreadable = read_numbers(column, mark=mark)
    for row, reason in unreadable.items():
        faults.mark_row(row, name, reason)
    return values


def mark_out_of_bounds(
    values: NDArray[np.float64], name: str, bounds: tuple[float, float], faults: RowFaults
) -> None:
    """Mark the rows whose value lies outside of what a meter can show."""
    minimum, maximum = bounds
    with np.errstate(invalid="ignore"):
        if minimum == 0:
            faults.mark(values < 0, name, "negative")
        faults.mark((values < minimum) | (values > maximum), name, "out_of_range")


def refusals_of(block: RawBlock, layout: Layout, faults: RowFaults) -> list[Refusal]:
    """The refusals of a block's faulty rows."""
    return [_refusal(block, layout, *fault) for fault in faults.listed()]


def _refusal(block: RawBlock, layout: Layout, row: int, field: str, reason: str) -> Refusal:
    row_number = int(block.row_numbers[row])
    cells = block.texts.cells(row_number)
    position = layout.positions[field]
    return Refusal(
        row_number=row_number,
        column=layout.title(field) or f"column {position + 1}",
        value=cells[position] if position < len(cells) else None,
        reason=reason,
    )
