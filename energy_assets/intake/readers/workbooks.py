"""Workbooks (.xlsx, .xls) as blocks of columns, read by calamine: no formula is run.

Every sheet with a known header counts, titles above it do not. Native dates, times and numbers
become the text that the same cell would be in a CSV file.
"""

import io
import math
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Final

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from energy_assets.intake.cells.dates import EXCEL_EPOCH
from energy_assets.intake.cells.decimals import NULL_TEXTS
from energy_assets.intake.errors import (
    DamagedFileError,
    DecompressionLimitError,
    EmptyFileError,
    PasswordProtectedError,
    TooManyColumnsError,
)
from energy_assets.intake.layouts import MAX_COLUMNS
from energy_assets.intake.readers.file_bytes import OpenBytes
from energy_assets.intake.readers.line_scan import repeats_a_header
from energy_assets.intake.readers.raw_blocks import HeaderScore, RawBlock, RawTable, TablePlan

MAX_WORKBOOK_BYTES: Final = 256 << 20
"""Largest workbook as a file."""

MAX_UNPACKED_BYTES: Final = 1 << 30
"""Largest workbook unpacked: a full sheet of 23 columns has about this size."""

MAX_RATIO: Final = 200
"""Sheets of readings shrink 5 to 20 times; more than this is a bomb, once it is no longer small."""

FREE_BYTES: Final = 32 << 20
"""Unpacked size up to which the ratio does not matter."""

SAMPLE_ROWS: Final = 500
"""Rows that are kept as a sample."""

HEAD_ROWS: Final = 60
"""The header of a sheet stands among so many rows."""

SHEET_ROWS: Final = 1 << 20
"""Rows of a further sheet are numbered from a multiple of this, which no sheet exceeds."""

FEWEST_HEADERS: Final = 2
"""A further sheet is read if its header shows this many known ones."""

Cell = int | float | str | bool | time | date | datetime | timedelta
"""What calamine gives for a cell; an empty one is an empty text."""


@dataclass(frozen=True, kw_only=True)
class _Part:
    """Rows of a sheet below one header, by their numbers within the sheet."""

    sheet: CalamineSheet
    place: int
    header_row: int
    end_row: int | None
    repeated: frozenset[int]


class WorkbookFile:
    """A workbook that is open for reading. See `TableFile`."""

    def __init__(
        self, open_bytes: OpenBytes, *, object_key: str, chunk_rows: int, score: HeaderScore
    ) -> None:
        self._chunk_rows = chunk_rows
        self._score = score
        data = _whole(open_bytes, object_key)
        if data.startswith(b"PK"):
            _refuse_bomb(data, object_key)
        elif "EncryptedPackage".encode("utf-16-le") in data:
            raise PasswordProtectedError(object_key)
        self._parts: list[_Part] = []
        self.tables: list[RawTable] = []
        self.left_out: Mapping[str, int] = {}
        self.comments: list[str] = []
        self.titles: list[str] = []
        self.other_sheets: list[str] = []
        try:
            self._find_tables(CalamineWorkbook.from_filelike(io.BytesIO(data)), object_key)
        except PasswordError as error:
            raise PasswordProtectedError(object_key) from error
        except CalamineError as error:
            raise DamagedFileError(object_key, str(error)) from error

    def _find_tables(self, workbook: CalamineWorkbook, object_key: str) -> None:
        heads: list[tuple[int, CalamineSheet, int, list[str]]] = []
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            if sheet.width > MAX_COLUMNS:
                raise TooManyColumnsError(object_key, f"{sheet.width:,} columns")
            found = self._head(sheet)
            if found is not None:
                heads.append(found)
        if not heads:
            raise EmptyFileError(object_key)
        best = max(score for score, *_ in heads)
        left_out: Counter[str] = Counter()
        place = 0
        for score, sheet, row, header in heads:
            is_read = score >= max(FEWEST_HEADERS, (best + 1) // 2) or score == best > 0
            if is_read or (not best and not place):
                self._add(sheet, row, header, place, left_out)
                place += 1
            else:
                self.other_sheets.append(sheet.name)
        self.left_out = left_out

    def _head(self, sheet: CalamineSheet) -> tuple[int, CalamineSheet, int, list[str]] | None:
        """Score, sheet, row number and cells of the best header; None for an empty sheet."""
        best: tuple[int, CalamineSheet, int, list[str]] | None = None
        for row, cells in enumerate(islice(sheet.iter_rows(), HEAD_ROWS), start=1):
            header = [cell_text(cell) for cell in cells]
            if any(header):
                score = self._score(header)
                if best is None or score > best[0]:
                    best = (score, sheet, row, header)
        return best

    def _add(
        self,
        sheet: CalamineSheet,
        row: int,
        header: list[str],
        place: int,
        left_out: Counter[str],
    ) -> None:
        """Take in a sheet, which may hold several headers one below the other."""
        above = islice(sheet.iter_rows(), row - 1)
        titles = [cells for cells in above if any(cell != "" for cell in cells)]
        self.titles.extend("\t".join(map(cell_text, cells)) for cells in titles)
        left_out["title"] += len(titles)
        least = max(FEWEST_HEADERS, (self._score(header) + 1) // 2)
        repeated: set[int] = set()
        heads = [(row, header)]
        for number, cells in enumerate(islice(sheet.iter_rows(), row, None), start=row + 1):
            first = next((cell for cell in cells if cell != ""), "")
            if not isinstance(first, str) or sum(isinstance(c, str) for c in cells) < len(cells):
                continue
            texts = [cell_text(cell) for cell in cells]
            if self._score(texts) >= least or repeats_a_header(texts, heads[-1][1], self._score):
                if texts == heads[-1][1]:
                    repeated.add(number)
                else:
                    heads.append((number, texts))
            elif first.lstrip().startswith("# "):
                self.comments.append(first.lstrip("# "))
        left_out["repeated header"] += len(repeated)
        for index, (at, names) in enumerate(heads):
            end = heads[index + 1][0] if index + 1 < len(heads) else None
            offset = place * SHEET_ROWS
            sample = islice(sheet.iter_rows(), at, at + SAMPLE_ROWS)
            self.tables.append(
                RawTable(
                    name=sheet.name,
                    header=tuple(names),
                    header_row=at + offset,
                    sample=[[cell_text(cell) for cell in cells] for cells in sample],
                )
            )
            self._parts.append(
                _Part(
                    sheet=sheet,
                    place=place,
                    header_row=at,
                    end_row=end,
                    repeated=frozenset(repeated),
                )
            )

    def blocks(self, plans: Sequence[TablePlan | None]) -> Iterator[tuple[int, RawBlock]]:
        """The number of a table and a block of its rows."""
        for number, (part, plan) in enumerate(zip(self._parts, plans, strict=True)):
            if plan is None:
                continue
            offset = part.place * SHEET_ROWS
            start = max(part.header_row, plan.first_row - offset - 1)
            stop = None if part.end_row is None else part.end_row - 1
            rows = islice(part.sheet.iter_rows(), start, stop)
            first = start + 1
            while chunk := list(islice(rows, self._chunk_rows)):
                yield number, _block(chunk, first, offset, plan, part.repeated)
                first += len(chunk)


class _CellTexts:
    """Looks up single rows of a chunk. See `RowTexts`."""

    def __init__(self, rows: Sequence[Sequence[Cell]], first_row: int) -> None:
        self._rows = rows
        self._first_row = first_row

    def cells(self, row_number: int) -> list[str]:
        return [cell_text(cell) for cell in self._rows[row_number - self._first_row]]


def _block(
    chunk: list[list[Cell]],
    first_row: int,
    offset: int,
    plan: TablePlan,
    repeated: frozenset[int],
) -> RawBlock:
    filled = [
        i
        for i, cells in enumerate(chunk)
        if any(c != "" for c in cells) and first_row + i not in repeated
    ]
    columns: dict[str, pa.Array] = {}
    native: list[bool] | None = None
    for name, position in plan.layout.positions.items():
        cells = [chunk[i][position] if position < len(chunk[i]) else "" for i in filled]
        if name == plan.layout.date_field:
            native = [isinstance(cell, date) and _is_dated(cell) for cell in cells]
            if plan.swap_dates:
                cells = [_swapped(cell) for cell in cells]
        read = _instant_text if name == "datetime" else cell_text
        texts = [read(cell) for cell in cells]
        known = [None if text in NULL_TEXTS else text for text in texts]
        columns[name] = pa.array(known, pa.string()).dictionary_encode()
    return RawBlock(
        row_numbers=np.array(filled, dtype=np.int64) + first_row + offset,
        columns=columns,
        texts=_CellTexts(chunk, first_row + offset),
        native=None if native is None else np.array(native, dtype=np.bool_),
    )


def _is_dated(cell: date) -> bool:
    """Whether a cell is a date rather than a time of day."""
    return cell.year > EXCEL_EPOCH.year + 1


def _swapped(cell: Cell) -> Cell:
    """A native date with day and month exchanged where that is a date; a text as it is."""
    if isinstance(cell, date) and cell.day <= 12 and _is_dated(cell):
        return cell.replace(month=cell.day, day=cell.month)
    return cell


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
