"""Workbooks (.xlsx, .xls) as blocks of columns, read by calamine: no formula is run.

The first sheet whose first filled row is a known header counts. Native dates, times and numbers
become the text that the same cell would be in a CSV file.
"""

import io
import math
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Final

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from energy_assets.intake.cells.dates import EXCEL_EPOCH
from energy_assets.intake.cells.decimals import NULL_TEXTS, DecimalMark
from energy_assets.intake.errors import (
    DamagedFileError,
    DecompressionLimitError,
    EmptyFileError,
    PasswordProtectedError,
    TooManyColumnsError,
)
from energy_assets.intake.layouts import MAX_COLUMNS, KnownHeaders, Layout
from energy_assets.intake.readers.file_bytes import OpenBytes
from energy_assets.intake.readers.raw_blocks import RawBlock

MAX_WORKBOOK_BYTES: Final = 256 << 20
"""Largest workbook as a file."""

MAX_UNPACKED_BYTES: Final = 1 << 30
"""Largest workbook unpacked: a full sheet of 23 columns has about this size."""

MAX_RATIO: Final = 200
"""Sheets of readings shrink 5 to 20 times; more than this is a bomb, once it is no longer small."""

FREE_BYTES: Final = 32 << 20
"""Unpacked size up to which the ratio does not matter."""

SAMPLE_ROWS: Final = 500
"""Rows that are looked at before the sheet is read."""

Cell = int | float | str | bool | time | date | datetime | timedelta
"""What calamine gives for a cell; an empty one is an empty text."""


class SpreadsheetSource:
    """A sheet of a workbook that is open for reading. See `RowSource`."""

    def __init__(
        self,
        open_bytes: OpenBytes,
        *,
        object_key: str,
        chunk_rows: int,
        known_headers: KnownHeaders,
    ) -> None:
        self._chunk_rows = chunk_rows
        data = _whole(open_bytes, object_key)
        if data.startswith(b"PK"):
            _refuse_bomb(data, object_key)
        elif "EncryptedPackage".encode("utf-16-le") in data:
            raise PasswordProtectedError(object_key)
        try:
            workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
            self._choose_sheet(workbook, object_key, known_headers)
        except PasswordError as error:
            raise PasswordProtectedError(object_key) from error
        except CalamineError as error:
            raise DamagedFileError(object_key, str(error)) from error

    def _choose_sheet(
        self, workbook: CalamineWorkbook, object_key: str, known_headers: KnownHeaders
    ) -> None:
        best = -1
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            if sheet.width > MAX_COLUMNS:
                raise TooManyColumnsError(object_key, f"{sheet.width:,} columns")
            for index, cells in enumerate(islice(sheet.iter_rows(), 50)):
                header = [cell_text(cell) for cell in cells]
                if any(header):
                    score = known_headers(header)
                    if score > best:
                        best, self._sheet, self._header = score, sheet, header
                        self._above = index + 1
                    break
        if best < 0:
            raise EmptyFileError(object_key)

    @property
    def header(self) -> list[str]:
        """The header row."""
        return self._header

    def sample(self) -> list[list[str]]:
        """Cells of the first rows."""
        rows = islice(self._sheet.iter_rows(), self._above, self._above + SAMPLE_ROWS)
        return [[cell_text(cell) for cell in cells] for cells in rows]

    def blocks(self, layout: Layout, mark: DecimalMark | None) -> Iterator[RawBlock]:
        """The rows in blocks of the chosen size."""
        del mark  # every value is text here
        rows = islice(self._sheet.iter_rows(), self._above, None)
        row_number = self._above + 1
        while chunk := list(islice(rows, self._chunk_rows)):
            yield _block(chunk, row_number, layout)
            row_number += len(chunk)


class _CellTexts:
    """Looks up single rows of a chunk. See `RowTexts`."""

    def __init__(self, rows: Sequence[Sequence[Cell]], first_row: int) -> None:
        self._rows = rows
        self._first_row = first_row

    def cells(self, row_number: int) -> list[str]:
        return [cell_text(cell) for cell in self._rows[row_number - self._first_row]]


def _block(chunk: list[list[Cell]], first_row: int, layout: Layout) -> RawBlock:
    filled = [i for i, cells in enumerate(chunk) if any(c != "" for c in cells)]
    columns: dict[str, pa.Array] = {}
    for name, position in layout.positions.items():
        read = _instant_text if name == "datetime" else cell_text
        texts = [read(chunk[i][position]) for i in filled]
        known = [None if text in NULL_TEXTS else text for text in texts]
        columns[name] = pa.array(known, pa.string()).dictionary_encode()
    return RawBlock(
        row_numbers=np.array(filled, dtype=np.int64) + first_row,
        columns=columns,
        texts=_CellTexts(chunk, first_row),
    )


def cell_text(cell: Cell) -> str:
    """The text that a cell would be in a CSV file with ISO dates and decimal points."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        if cell.year <= EXCEL_EPOCH.year + 1:
            return _elapsed(cell - datetime.combine(EXCEL_EPOCH, time()))
        rounded = cell + timedelta(milliseconds=500)
        return rounded.replace(microsecond=0).isoformat(sep=" ")
    if isinstance(cell, timedelta):
        return _elapsed(cell)
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _instant_text(cell: Cell) -> str:
    """The text of a cell with date and time; calamine gives midnight as a date."""
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return f"{cell.isoformat()} 00:00:00"
    return cell_text(cell)


def _elapsed(span: timedelta) -> str:
    """A time of day, which a spreadsheet stores as a share of a day; 1 is 24:00:00."""
    seconds = math.floor(span.total_seconds() + 0.5)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _whole(open_bytes: OpenBytes, object_key: str) -> bytes:
    data = bytearray()
    for block in open_bytes():
        data += block
        if len(data) > MAX_WORKBOOK_BYTES:
            size = f"the workbook has more than {MAX_WORKBOOK_BYTES >> 20} MiB"
            raise DecompressionLimitError(object_key, size)
    return bytes(data)


def _refuse_bomb(data: bytes, object_key: str) -> None:
    """Stop when the workbook would unpack beyond bounds, by really unpacking it in small steps."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if any(entry.flag_bits & 1 for entry in archive.infolist()):
                raise PasswordProtectedError(object_key)
            unpacked = 0
            for entry in archive.infolist():
                with archive.open(entry) as stream:
                    while piece := stream.read(1 << 20):
                        unpacked += len(piece)
                        _limit(object_key, len(data), unpacked)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError) as error:
        raise DamagedFileError(object_key, str(error)) from error


def _limit(object_key: str, packed: int, unpacked: int) -> None:
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > FREE_BYTES and unpacked > MAX_RATIO * packed):
        facts = f"{unpacked >> 20} MiB came out of {packed:,} bytes"
        raise DecompressionLimitError(object_key, facts)
