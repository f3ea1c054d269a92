"""Delimited text as blocks of columns: the fast CSV reader with a fallback.

Identifiers, dates and times come as dictionary-encoded texts, values as floats where a whole column
is plain numbers and as texts where it is not.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from energy_assets.intake.cells.decimals import NULL_TEXTS
from energy_assets.intake.errors import EmptyFileError
from energy_assets.intake.quarantine import Refusal
from energy_assets.intake.readers.csv_lines import (
    LineBlock,
    ReadableLines,
    line_blocks,
    readable,
    split_line,
)
from energy_assets.intake.readers.file_bytes import OpenBytes
from energy_assets.intake.readers.line_scan import LineScan, ScannedTable
from energy_assets.intake.readers.raw_blocks import (
    HeaderScore,
    RawBlock,
    RawTable,
    RowTexts,
    TablePlan,
)

_TEXT_TYPE: Final = pa.dictionary(pa.int32(), pa.string())


class CsvFile:
    """A delimited text file that is open for reading. See `TableFile`."""

    def __init__(
        self, open_bytes: OpenBytes, *, object_key: str, chunk_rows: int, score: HeaderScore
    ) -> None:
        self._open_bytes = open_bytes
        self._object_key = object_key
        self._chunk_rows = chunk_rows
        self._only_block: LineBlock | None = None
        scan = LineScan(score, object_key=object_key)
        count = 0
        for block in self._line_blocks():
            scan.add(block)
            count += 1
            self._only_block = block if count == 1 else None
        if not count:
            raise EmptyFileError(object_key)
        scan.finish()
        self._scanned = scan.tables
        self._no_rows = sorted(scan.no_rows)
        self.tables: Sequence[RawTable] = [table.as_table() for table in scan.tables]
        self.left_out: Mapping[str, int] = scan.left_out
        self.comments: Sequence[str] = scan.comments
        self.titles: Sequence[str] = scan.titles
        self.other_sheets: Sequence[str] = ()

    def _line_blocks(self) -> Iterator[LineBlock]:
        if self._only_block is not None:
            return iter([self._only_block])
        return line_blocks(self._open_bytes, rows=self._chunk_rows, object_key=self._object_key)

    def blocks(self, plans: Sequence[TablePlan | None]) -> Iterator[tuple[int, RawBlock]]:
        """The number of a table and a block of its rows, in the order of the file."""
        for block in self._line_blocks():
            last_row = block.first_row + block.data.count(b"\n") + 1
            for number, table in enumerate(self._scanned):
                plan = plans[number]
                if plan is None:
                    continue
                first = max(table.header_row + 1, plan.first_row)
                end = last_row if table.end_row is None else min(table.end_row, last_row)
                if end <= block.first_row or first >= end:
                    continue
                part = self._rows_between(block, first, end)
                if part.data:
                    yield number, _Parsing(table, plan).parsed(part)

    def _rows_between(self, block: LineBlock, first: int, end: int) -> LineBlock:
        """The lines of a block from one row number to another, those that are no rows emptied."""
        low = np.searchsorted(self._no_rows, max(first, block.first_row))
        gone = self._no_rows[int(low) : int(np.searchsorted(self._no_rows, end))]
        is_last = end > block.first_row + block.data.count(b"\n")
        if is_last and not gone:
            return _below(block, first)
        lines = block.data.split(b"\n")
        for row_number in gone:
            lines[row_number - block.first_row] = b""
        start = max(first - block.first_row, 0)
        kept = lines[start : end - block.first_row]
        data = b"\n".join(kept) + (b"\n" if end - block.first_row < len(lines) else b"")
        return LineBlock(data=data, first_row=block.first_row + start)


def _below(block: LineBlock, first: int) -> LineBlock:
    """The lines of a block from a row number on."""
    at = 0
    for _ in range(first - block.first_row):
        at = block.data.find(b"\n", at) + 1
        if not at:
            return LineBlock(data=b"", first_row=first)
    return LineBlock(data=block.data[at:], first_row=max(first, block.first_row)) if at else block


class _Parsing:
    """Rows of one table become columns."""

    def __init__(self, table: ScannedTable, plan: TablePlan) -> None:
        self._header = table.header
        self._delimiter = table.delimiter
        self._plan = plan

    def parsed(self, block: LineBlock) -> RawBlock:
        lines = readable(block)
        data = lines.data
        if not data.strip():
            texts = _LineTexts(data, block, self._delimiter)
            return _nothing_but(lines, list(self._plan.layout.positions), texts)
        table, uneven = self._read_at_best(data)
        if uneven:
            data, mended = self._evened(data, uneven)
            if mended:
                table, uneven = self._read_at_best(data)
        texts = _LineTexts(data, block, self._delimiter)
        row_numbers = np.arange(table.num_rows + len(uneven), dtype=np.int64) + block.first_row
        row_numbers = np.delete(row_numbers, [number - 1 for number in uneven])
        refused = {refusal.row_number for refusal in lines.refusals}
        blank = [
            index
            for index in _suspects(table)
            if row_numbers[index] in refused or _is_blank(texts.cells(int(row_numbers[index])))
        ]
        columns = {name: _one_array(table.column(name)) for name in table.column_names}
        if blank:
            kept = pa.array(np.delete(np.arange(len(row_numbers)), blank))
            row_numbers = np.delete(row_numbers, blank)
            columns = {name: column.take(kept) for name, column in columns.items()}
        refusals = [*lines.refusals, *self._uneven_rows(uneven, block.first_row, texts)]
        return RawBlock(
            row_numbers=row_numbers,
            columns=columns,
            texts=texts,
            refusals=sorted(refusals, key=lambda refusal: refusal.row_number),
            fallback_rows=lines.fallback_rows,
        )

    def _read_at_best(self, data: bytes) -> tuple[pa.Table, list[int]]:
        """Values as floats where that is wanted and all of them are, else as texts."""
        if self._plan.decimal_mark is None:
            return self._read(data, as_text=True)
        try:
            return self._read(data, as_text=False)
        except pa.ArrowInvalid:
            return self._read(data, as_text=True)

    def _evened(self, data: bytes, uneven: list[int]) -> tuple[bytes, bool]:
        """The lines with as many cells as the header, where only empty ones are too many or few."""
        lines = data.split(b"\n")
        width, mended = len(self._header), False
        mark = re.escape(self._delimiter)
        for number in uneven:
            text = lines[number - 1].decode("utf-8", "replace")
            cells = split_line(text, self._delimiter)
            excess = len(cells) - width
            if excess > 0 and _is_blank(cells[width:]):
                cut = re.sub(rf"(?:{mark}[ \"]*){{{excess}}}$", "", text)
                lines[number - 1], mended = cut.encode(), True
            elif excess < 0 and cells and _is_blank(self._header[len(cells) :]):
                lines[number - 1], mended = (text + self._delimiter * -excess).encode(), True
        return (b"\n".join(lines), True) if mended else (data, False)

    def _uneven_rows(self, uneven: list[int], first_row: int, texts: RowTexts) -> Iterator[Refusal]:
        """Refusals of lines with another number of cells than the header, blank ones aside."""
        for number in uneven:
            cells = texts.cells(first_row + number - 1)
            if not _is_blank(cells):
                yield Refusal(
                    row_number=first_row + number - 1,
                    column="(row)",
                    value=self._delimiter.join(cells)[:200],
                    reason="wrong_column_count",
                )

    def _read(self, data: bytes, *, as_text: bool) -> tuple[pa.Table, list[int]]:
        """The wanted columns by field, and the lines (from 1) with another number of cells."""
        uneven: list[int] = []

        def skip(row: pacsv.InvalidRow) -> str:
            uneven.append(row.number)
            return "skip"

        layout = self._plan.layout
        names = [f"_{position}" for position in range(len(self._header))]
        types: dict[str, pa.DataType] = {}
        for name, position in layout.positions.items():
            names[position] = name
            is_number = layout.is_value(name) and not as_text
            types[name] = pa.float64() if is_number else _TEXT_TYPE
        table = pacsv.read_csv(
            pa.BufferReader(data),
            read_options=pacsv.ReadOptions(
                column_names=names, use_threads=False, block_size=len(data) + 1
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=self._delimiter, ignore_empty_lines=False, invalid_row_handler=skip
            ),
            convert_options=pacsv.ConvertOptions(
                include_columns=list(types),
                column_types=types,
                null_values=list(NULL_TEXTS),
                strings_can_be_null=True,
                decimal_point=self._plan.decimal_mark or ".",
                auto_dict_encode=False,
            ),
        )
        return table, uneven


class _LineTexts:
    """Looks up single lines of a block. See `RowTexts`."""

    def __init__(self, data: bytes, block: LineBlock, delimiter: str) -> None:
        self._data = data
        self._block = block
        self._delimiter = delimiter
        self._lines: list[bytes] | None = None
        self._original: list[bytes] | None = None

    def cells(self, row_number: int) -> list[str]:
        if self._lines is None or self._original is None:
            self._lines = self._data.split(b"\n")
            self._original = self._block.data.split(b"\n")
        index = row_number - self._block.first_row
        line = self._lines[index] or self._original[index]
        text = line.decode("utf-8", "backslashreplace").rstrip("\r")
        return split_line(text, self._delimiter)


def _nothing_but(lines: ReadableLines, fields: Sequence[str], texts: RowTexts) -> RawBlock:
    """A block without a readable row."""
    nothing = pa.array([], pa.string()).dictionary_encode()
    return RawBlock(
        row_numbers=np.zeros(0, dtype=np.int64),
        columns=dict.fromkeys(fields, nothing),
        texts=texts,
        refusals=lines.refusals,
    )


def _suspects(table: pa.Table) -> list[int]:
    """Rows of a table whose every read cell is empty."""
    empty = np.ones(table.num_rows, dtype=np.bool_)
    for name in table.column_names:
        empty &= np.asarray(table.column(name).is_null())
        if not empty.any():
            return []
    return np.flatnonzero(empty).tolist()


def _is_blank(cells: Sequence[str]) -> bool:
    return not any(cell.strip() for cell in cells)


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    return column.unify_dictionaries().combine_chunks()
