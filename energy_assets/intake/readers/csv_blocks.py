"""Delimited text as blocks of columns: delimiter, header, and the fast CSV reader with a fallback.

Identifiers, dates and times come as dictionary-encoded texts, values as floats where a whole column
is plain numbers and as texts where it is not.
"""

import csv
from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from energy_assets.intake.cells.decimals import NULL_TEXTS, DecimalMark
from energy_assets.intake.errors import EmptyFileError, TooManyColumnsError
from energy_assets.intake.layouts import MAX_COLUMNS, KnownHeaders, Layout
from energy_assets.intake.quarantine import Refusal
from energy_assets.intake.readers.csv_lines import LineBlock, ReadableLines, line_blocks, readable
from energy_assets.intake.readers.file_bytes import OpenBytes
from energy_assets.intake.readers.raw_blocks import RawBlock, RowTexts

DELIMITERS: Final = (",", ";", "\t", "|")
"""What may stand between cells."""

SAMPLE_ROWS: Final = 500
"""Rows that are looked at before the file is read."""

_TEXT_TYPE: Final = pa.dictionary(pa.int32(), pa.string())


class CsvSource:
    """A delimited text file that is open for reading. See `RowSource`."""

    def __init__(
        self,
        open_bytes: OpenBytes,
        *,
        object_key: str,
        chunk_rows: int,
        known_headers: KnownHeaders,
    ) -> None:
        self._open_bytes = open_bytes
        self._object_key = object_key
        self._chunk_rows = chunk_rows
        blocks = line_blocks(open_bytes, rows=SAMPLE_ROWS, object_key=object_key)
        first = next(blocks, None)
        if first is None:
            raise EmptyFileError(object_key)
        lines = [line.rstrip("\r") for line in readable(first).data.decode().split("\n")]
        self._header_row, declared = _header_row(lines)
        if self._header_row > len(lines):
            raise EmptyFileError(object_key)
        head = lines[self._header_row - 1]
        if len(head) > 64 * MAX_COLUMNS:
            raise TooManyColumnsError(object_key, f"{len(head):,} characters")
        self._delimiter = declared or _delimiter(head, known_headers)
        self._header = split_line(head, self._delimiter)
        rows = [line for line in lines[self._header_row :] if line]
        self._sample = [split_line(line, self._delimiter) for line in rows]
        if self._sample and all(
            len(r) == len(self._header) + 1 and not r[-1] for r in self._sample
        ):
            self._header.append("")

    @property
    def header(self) -> list[str]:
        """The header row."""
        return self._header

    def sample(self) -> list[list[str]]:
        """Cells of the first rows."""
        return self._sample

    def blocks(self, layout: Layout, mark: DecimalMark | None) -> Iterator[RawBlock]:
        """The rows in blocks of the chosen size."""
        lines = line_blocks(self._open_bytes, rows=self._chunk_rows, object_key=self._object_key)
        for block in lines:
            below = _below_header(block, self._header_row)
            if below.data:
                yield self._parsed(below, layout, mark)

    def _parsed(self, block: LineBlock, layout: Layout, mark: DecimalMark | None) -> RawBlock:
        lines = readable(block)
        texts = _LineTexts(lines.data, block, self._delimiter)
        if not lines.data.strip():
            return _nothing_but(lines, layout, texts)
        try:
            table, uneven = self._read(lines.data, layout, mark, as_text=False)
        except pa.ArrowInvalid:
            table, uneven = self._read(lines.data, layout, mark, as_text=True)
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

    def _read(
        self, data: bytes, layout: Layout, mark: DecimalMark | None, *, as_text: bool
    ) -> tuple[pa.Table, list[int]]:
        """The wanted columns by field, and the lines (from 1) with another number of cells."""
        uneven: list[int] = []

        def skip(row: pacsv.InvalidRow) -> str:
            uneven.append(row.number)
            return "skip"

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
                decimal_point=mark or ".",
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


def _nothing_but(lines: ReadableLines, layout: Layout, texts: RowTexts) -> RawBlock:
    """A block without a readable row."""
    nothing = pa.array([], pa.string()).dictionary_encode()
    return RawBlock(
        row_numbers=np.zeros(0, dtype=np.int64),
        columns=dict.fromkeys(layout.positions, nothing),
        texts=texts,
        refusals=lines.refusals,
    )


def split_line(line: str, delimiter: str) -> list[str]:
    """The cells of one line; where quotes make no sense, as if there were none."""
    if '"' not in line:
        return line.split(delimiter)
    shown = line.replace("\x00", "␀").replace("\r", "␍")
    try:
        return next(csv.reader([shown], delimiter=delimiter), [])
    except csv.Error:
        return shown.split(delimiter)


def _header_row(lines: list[str]) -> tuple[int, str | None]:
    """Row number of the header and the delimiter that a `sep=` line declares."""
    for index, line in enumerate(lines):
        if line.lower().startswith("sep=") and len(line) == 5 and line[4] in DELIMITERS:
            return index + 2, line[4]
        if line.strip():
            return index + 1, None
    return len(lines) + 1, None


def _delimiter(head: str, known_headers: KnownHeaders) -> str:
    """The delimiter that makes most known headers of this line, then most columns."""

    def score(delimiter: str) -> tuple[int, int]:
        names = split_line(head, delimiter)
        return known_headers(names), len(names)

    return max(DELIMITERS, key=score)


def _below_header(block: LineBlock, header_row: int) -> LineBlock:
    """The lines of a block that lie below the header."""
    above = header_row - block.first_row + 1
    if above <= 0:
        return block
    cut = 0
    for _ in range(above):
        end = block.data.find(b"\n", cut)
        if end < 0:
            return LineBlock(data=b"", first_row=header_row + 1)
        cut = end + 1
    return LineBlock(data=block.data[cut:], first_row=header_row + 1)


def _suspects(table: pa.Table) -> list[int]:
    """Rows of a table whose every read cell is empty."""
    empty = np.ones(table.num_rows, dtype=np.bool_)
    for name in table.column_names:
        empty &= np.asarray(table.column(name).is_null())
        if not empty.any():
            return []
    return np.flatnonzero(empty).tolist()


def _is_blank(cells: list[str]) -> bool:
    return not any(cell.strip() for cell in cells)


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    return column.unify_dictionaries().combine_chunks()
