"""What all rows of a file say about decimal marks and the order of day and month.

Whatever is decided about a file is decided over all of it, before anything is stored.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from energy_assets.intake.cells.date_order import DateOrders, date_orders
from energy_assets.intake.cells.dates import DateOrder, read_date
from energy_assets.intake.cells.decimals import (
    NumberEvidence,
    NumberRules,
    mark_of,
    number_evidence,
)
from energy_assets.intake.cells.text_columns import first_group, trimmed
from energy_assets.intake.errors import AmbiguousDatesError
from energy_assets.intake.layouts import Layout
from energy_assets.intake.readers.raw_blocks import RawBlock, RawTable, TableFile, TablePlan

DAY_MONTH: Final = r"^\s*(\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4})"
"""A date whose day and month may be in either order."""

CONTINENTAL_DATE: Final = re.compile(r"\s*\d{1,2}\.\d{1,2}\.(\d{4}|\d{2})\b")
"""A date as it is written where the decimal mark is a comma."""


BLOCKS_KEPT: Final = 3
"""Files of no more blocks are cut into columns once and kept in memory while they are read."""


class BlockCache:
    """The blocks of a file, read again only where that would fill the memory."""

    def __init__(self, file: TableFile) -> None:
        self._file = file
        self._kept: tuple[tuple[TablePlan | None, ...], list[tuple[int, RawBlock]]] | None = None

    def blocks(self, plans: Sequence[TablePlan | None]) -> Iterator[tuple[int, RawBlock]]:
        """The number of a table and a block of its rows; few blocks are kept for the next call."""
        key = tuple(plans)
        if self._kept is not None and self._kept[0] == key:
            yield from self._kept[1]
            return
        kept: list[tuple[int, RawBlock]] = []
        count, most = 0, max(len(plans), BLOCKS_KEPT)
        for number, block in self._file.blocks(plans):
            count += 1
            if count <= most:
                kept.append((number, block))
            elif kept:
                kept.clear()
            yield number, block
        self._kept = (key, kept) if count <= most else None


@dataclass(frozen=True, kw_only=True)
class Conventions:
    """How numbers and dates of a file are written.

    Attributes:
        numbers: Decimal mark.
        orders: Order of day and month, by table.
    """

    numbers: NumberRules
    orders: Sequence[DateOrders]


@dataclass(kw_only=True)
class _TableRuns:
    """The dates of one table, in the order of its rows."""

    texts: list[str] = field(default_factory=list[str])
    first_rows: list[NDArray[np.int64]] = field(default_factory=list[NDArray[np.int64]])
    rows: list[NDArray[np.int64]] = field(default_factory=list[NDArray[np.int64]])
    native: list[NDArray[np.bool_]] = field(default_factory=list[NDArray[np.bool_]])
    several: int = 0
    dates: int = 0


def conventions_of(
    cache: BlockCache,
    tables: Sequence[RawTable],
    layouts: Sequence[Layout | None],
    first_rows: Sequence[int],
    *,
    object_key: str,
    order: DateOrder | None = None,
) -> Conventions:
    """What a file's numbers and dates prove, all tables together.

    Args:
        cache: Its blocks.
        tables: Its tables.
        layouts: Of each; none of a table that is not read.
        first_rows: Rows above are none of readings.
        object_key: Which file.
        order: Order of day and month, where a person knows.

    Raises:
        AmbiguousDatesError: Most dates can be read in two ways, and nothing decides.
    """
    continental = any(
        _is_continental(table, layout)
        for table, layout in zip(tables, layouts, strict=True)
        if layout is not None
    )
    evidence, runs, was_text = _evidence(cache, layouts, first_rows, as_text=continental)
    if not was_text and (evidence.comma or evidence.ambiguous_comma):
        evidence, runs, was_text = _evidence(cache, layouts, first_rows, as_text=True)
    orders = [_settled(each) if order is None else _stated(order) for each in runs]
    for each in orders:
        if each.refused is not None:
            reading = read_date(each.refused)
            raise AmbiguousDatesError(
                object_key,
                each.refused,
                f"{reading.day_first:%d %B %Y}",
                f"{reading.month_first:%d %B %Y}",
            )
    return Conventions(numbers=mark_of(evidence, continental=continental), orders=orders)


def _stated(order: DateOrder) -> DateOrders:
    """One order for all rows, as a person says."""
    return date_orders(
        ["31/01/2000" if order == "dmy" else "01/31/2000"],
        np.zeros(1, dtype=np.int64),
        np.ones(1, dtype=np.int64),
        subdaily=False,
        native=np.zeros(1, dtype=np.bool_),
    )


def _is_continental(table: RawTable, layout: Layout) -> bool:
    if table.delimiter == ";":
        return True
    position = layout.positions[layout.date_field]
    return any(
        CONTINENTAL_DATE.match(cells[position]) for cells in table.sample if position < len(cells)
    )


def _evidence(
    cache: BlockCache,
    layouts: Sequence[Layout | None],
    first_rows: Sequence[int],
    *,
    as_text: bool,
) -> tuple[NumberEvidence, list[_TableRuns], bool]:
    """What the texts of numbers prove, the runs of dates, and whether all numbers were texts."""
    plans = [
        None
        if layout is None
        else TablePlan(layout=layout, decimal_mark=None if as_text else ".", first_row=first_row)
        for layout, first_row in zip(layouts, first_rows, strict=True)
    ]
    evidence, runs, was_text = NumberEvidence(), [_TableRuns() for _ in layouts], True
    for number, block in cache.blocks(plans):
        layout = layouts[number]
        if layout is None:
            continue
        for name in layout.value_fields:
            column = block.columns[name]
            if pa.types.is_floating(column.type):
                was_text = False
            else:
                evidence = evidence + number_evidence(column)
        _note_dates(runs[number], block, layout)
    return evidence, runs, was_text


def _note_dates(runs: _TableRuns, block: RawBlock, layout: Layout) -> None:
    """Add the dates of a block, as runs of rows of the same date."""
    column = block.columns[layout.date_field]
    if not len(column):
        return
    dictionary = column.dictionary
    parts = first_group(dictionary, DAY_MONTH + r"[\s\S]*$")
    parts = first_group(parts, r"^\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})[\s\S]*$")
    encoded = trimmed(parts, " \t").dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    of_text = np.append(np.asarray(encoded.indices, dtype=np.int64), -1)
    rows = np.asarray(pc.fill_null(column.indices, len(dictionary)), dtype=np.int64)
    codes = of_text[rows]
    native = block.native if block.native is not None else np.zeros(len(codes), dtype=np.bool_)
    starts = np.flatnonzero(np.append(True, (np.diff(codes) != 0) | (np.diff(native) != 0)))
    lengths = np.diff(np.append(starts, len(codes)))
    kept = codes[starts] >= 0
    runs.texts.extend(texts[code] for code in codes[starts][kept].tolist())
    runs.first_rows.append(block.row_numbers[starts][kept])
    runs.rows.append(lengths[kept])
    runs.native.append(native[starts][kept])
    _note_several(runs, block, codes)


def _note_several(runs: _TableRuns, block: RawBlock, codes: NDArray[np.int64]) -> None:
    """Count the dates of meters, and those that have several rows."""
    meters = np.zeros(len(codes), dtype=np.int64)
    if "meter_id" in block.columns:
        meters = np.asarray(pc.fill_null(block.columns["meter_id"].indices, -1), dtype=np.int64)
    _, counts = np.unique(meters * (1 << 32) + codes, return_counts=True)
    runs.dates += len(counts)
    runs.several += int((counts > 1).sum())


def _settled(runs: _TableRuns) -> DateOrders:
    nothing = [np.zeros(0, dtype=np.int64)]
    return date_orders(
        runs.texts,
        np.concatenate(runs.first_rows or nothing),
        np.concatenate(runs.rows or nothing),
        native=np.concatenate(runs.native or [np.zeros(0, dtype=np.bool_)]),
        subdaily=runs.several > 0.5 * runs.dates,
    )
