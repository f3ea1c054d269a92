"""Delimited text cut into blocks of whole lines, always at the same places.

A line is a row: quoted line breaks are not supported, so that a stray quote cannot swallow rows.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.intake.errors import TooManyColumnsError
from energy_assets.intake.quarantine import Refusal
from energy_assets.intake.readers.file_bytes import OpenBytes

_FORMULA_CELL: Final = re.compile(rb'(^|[,;\t|])="([^"\n]*)"(?=[,;\t|\r\n]|$)', re.MULTILINE)
_QUOTED_FORMULA: Final = re.compile(rb'"=""([^"\n]*)"""')

MAX_LINE_BYTES: Final = 1 << 20
"""No line of a meter file is longer."""

LINE_FEED: Final = 10
"""The byte that ends a line."""

MAX_BLOCK_BYTES: Final = 32 << 20
"""A block ends here even when it has fewer rows than wanted."""


@dataclass(frozen=True, kw_only=True)
class LineBlock:
    """Whole lines of a file.

    Attributes:
        data: Their bytes; every line but the file's last ends in a line feed.
        first_row: Row number of the first line.
    """

    data: bytes
    first_row: int


def line_blocks(open_bytes: OpenBytes, *, rows: int, object_key: str) -> Iterator[LineBlock]:
    """The lines in blocks of that many rows, fewer when lines are long.

    Raises:
        TooManyColumnsError: A line is longer than any meter file's.
    """
    buffer = b""
    first_row = 1
    only_returns = None
    for piece in open_bytes():
        if only_returns is None and piece:
            only_returns = b"\n" not in piece and b"\r" in piece
        buffer += piece.replace(b"\r", b"\n") if only_returns else piece
        ends = np.flatnonzero(np.frombuffer(buffer, dtype=np.uint8) == LINE_FEED)
        start = done = 0
        while cut := _lines_to_cut(ends[done:], start=start, size=len(buffer), rows=rows):
            end = int(ends[done + cut - 1]) + 1
            yield LineBlock(data=buffer[start:end], first_row=first_row)
            start, done, first_row = end, done + cut, first_row + cut
        buffer = buffer[start:]
        endless = len(buffer) > MAX_LINE_BYTES and done == len(ends)
        if endless or len(buffer) >= MAX_BLOCK_BYTES:
            raise TooManyColumnsError(object_key, f"a line of more than {MAX_LINE_BYTES:,} bytes")
    if buffer:
        yield LineBlock(data=buffer, first_row=first_row)


def _lines_to_cut(ends: NDArray[np.int64], *, start: int, size: int, rows: int) -> int:
    """How many lines the next block has; 0 while the buffer does not hold a full block.

    Args:
        ends: Where the lines end that the buffer holds.
        start: Where the block starts.
        size: Where the buffer ends.
        rows: Lines wanted.
    """
    limit = start + MAX_BLOCK_BYTES
    if len(ends) >= rows and ends[rows - 1] < limit:
        return rows
    return int(np.searchsorted(ends, limit)) if size >= limit else 0


@dataclass(frozen=True, kw_only=True)
class ReadableLines:
    """Lines of a block that the CSV reader can take.

    Attributes:
        data: The block as UTF-8, lines that were refused replaced by empty ones.
        refusals: Those lines.
        fallback_rows: Lines that were no UTF-8 and read as Windows-1252.
    """

    data: bytes
    refusals: list[Refusal]
    fallback_rows: int


def readable(block: LineBlock) -> ReadableLines:
    """The block in UTF-8 and without lines that would disturb others.

    A line that is no UTF-8 is read as Windows-1252; if it is not that either, or its quotes do not
    pair, it is refused.
    """
    data = _only_line_feeds(block.data)
    if b'="' in data:
        data = _FORMULA_CELL.sub(rb"\1\2", _QUOTED_FORMULA.sub(rb"\1", data))
    is_utf8 = data.isascii() or _is_utf8(data)
    has_quotes = b'"' in data
    if is_utf8 and not has_quotes:
        return ReadableLines(data=data, refusals=[], fallback_rows=0)
    lines = data.split(b"\n")
    refusals: list[Refusal] = []
    fallback_rows = 0
    for index, line in enumerate(lines):
        row_number = block.first_row + index
        if not is_utf8 and not _is_utf8(line):
            try:
                lines[index] = line.decode("cp1252").encode()
                fallback_rows += 1
            except UnicodeDecodeError:
                lines[index] = b""
                refusals.append(_whole_row(row_number, line, "undecodable"))
                continue
        if has_quotes and line.count(b'"') % 2:
            lines[index] = b""
            refusals.append(_whole_row(row_number, line, "wrong_column_count"))
    return ReadableLines(data=b"\n".join(lines), refusals=refusals, fallback_rows=fallback_rows)


def _only_line_feeds(data: bytes) -> bytes:
    """The lines with their carriage returns taken off; one inside a line becomes visible."""
    while b"\r\n" in data:
        data = data.replace(b"\r\n", b"\n")
    if b"\n\r" in data or data.startswith(b"\r"):
        data = data.replace(b"\n\r", b"\n").lstrip(b"\r")
    if b"\r" in data:
        data = data.rstrip(b"\r").replace(b"\r", "␍".encode())
    return data


def _whole_row(row_number: int, line: bytes, reason: str) -> Refusal:
    shown = line.decode("utf-8", "backslashreplace").strip()[:200]
    return Refusal(row_number=row_number, column="(row)", value=shown, reason=reason)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def split_line(line: str, delimiter: str) -> list[str]:
    """The cells of one line; where quotes make no sense, as if there were none."""
    if '"' not in line:
        return line.split(delimiter)
    shown = line.replace("\x00", "␀").replace("\r", "␍")
    try:
        return next(csv.reader([shown], delimiter=delimiter), [])
    except csv.Error:
        return shown.split(delimiter)
