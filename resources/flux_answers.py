"""InfluxDB's annotated CSV, read as a stream into Arrow tables, one per stretch of equal columns.

An answer that is cut short, is no annotated CSV, or holds an error is never taken for data.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Final

import pyarrow as pa
import pyarrow.csv as pv

from resources.influx_errors import AnswerCutError, FluxAnswerError

PIECE_BYTES: Final = 4 << 20
"""Text that is parsed at once."""

ARROW_TYPES: Final[dict[str, pa.DataType]] = {
    "string": pa.string(),
    "double": pa.float64(),
    "long": pa.int64(),
    "unsignedLong": pa.uint64(),
    "boolean": pa.bool_(),
    "dateTime:RFC3339": pa.timestamp("ns", tz="UTC"),
    "dateTime:RFC3339Nano": pa.timestamp("ns", tz="UTC"),
}
"""The Arrow type of each `#datatype` that is read."""

_ERROR_NAMES: Final = ["error", "reference"]

_HEAD: Final = re.compile(rb"^(?:#[^\n]*\n)+[^\n]*\n|^error,reference\r?\n", re.MULTILINE)
"""Annotation lines and the line of names after them, or the names of a bare error."""


class _Block:
    """The head of a block: names of its columns, and what annotations say of each."""

    def __init__(self, head: bytes) -> None:
        lines = list(csv.reader(io.StringIO(head.decode())))
        self.names = lines[-1]
        notes = {line[0]: dict(zip(self.names, line, strict=False)) for line in lines[:-1]}
        self.datatypes = notes.get("#datatype", {})
        self.defaults = notes.get("#default", {})
        if not self.is_error and len(self.datatypes) != len(self.names):
            raise AnswerCutError(f"the answer has no datatypes for its columns: {head[:80]!r}")

    @property
    def is_error(self) -> bool:
        """Whether its rows are errors rather than points."""
        return [name for name in self.names if name] == _ERROR_NAMES

    def error(self, rows: bytes) -> str:
        """What an error block says."""
        cells = next(csv.reader(io.StringIO(rows.decode(errors="replace"))))
        return dict(zip(self.names, cells, strict=False)).get("error") or "no reason given"

    def table(self, rows: bytes, wanted: set[str]) -> pa.Table:
        """The wanted columns of rows of the block.

        Raises:
            AnswerCutError: They do not have the block's columns and types.
        """
        names = [name for name in self.names if name in wanted]
        try:
            table = pv.read_csv(
                io.BytesIO(rows),
                read_options=pv.ReadOptions(column_names=self.names, use_threads=False),
                parse_options=pv.ParseOptions(newlines_in_values=True),
                convert_options=pv.ConvertOptions(
                    column_types={name: ARROW_TYPES[self.datatypes[name]] for name in names},
                    include_columns=names,
                    strings_can_be_null=True,
                    null_values=[""],
                ),
            )
        except (pa.ArrowInvalid, KeyError) as error:
            raise AnswerCutError(f"the answer has rows that do not fit: {error}") from error
        for at, name in enumerate(names):
            if self.defaults.get(name):
                default = pa.scalar(self.defaults[name]).cast(table.schema.field(at).type)
                table = table.set_column(at, name, table.column(at).fill_null(default))
        return table


def points_of(pieces: Iterable[bytes], *, wanted: set[str]) -> list[pa.Table]:
    """The rows of an answer, one table for each stretch of rows with the same columns.

    Args:
        pieces: The body as it arrives.
        wanted: Columns that are read; others are skipped.

    Raises:
        AnswerCutError: It is cut short, or no annotated CSV.
        FluxAnswerError: It holds an error in place of the rest.
    """
    found: list[pa.Table] = []
    block: _Block | None = None
    for lines in _whole_lines(pieces):
        for text, is_head in _sections(lines):
            if is_head:
                block = _Block(text)
            elif block is None:
                raise AnswerCutError(f"the answer is no annotated CSV: {text[:80]!r}")
            elif block.is_error:
                raise FluxAnswerError(block.error(text))
            else:
                found.append(block.table(text, wanted))
    return found


def _whole_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The body in stretches of some `PIECE_BYTES` that end where a row or a head ends.

    Raises:
        AnswerCutError: No blank line closes the answer.
    """
    kept = bytearray()
    tail = b""
    for piece in pieces:
        kept += piece
        tail = (tail + piece)[-4:]
        if len(kept) >= PIECE_BYTES and (end := _row_end(kept)):
            yield bytes(kept[:end])
            del kept[:end]
    # InfluxDB closes every result with a blank line, also an empty one, but not an error.
    if tail not in (b"\r\n", b"\n") and not tail.endswith((b"\r\n\r\n", b"\n\n")):
        if b"error,reference" in kept:
            yield bytes(kept)
        raise AnswerCutError(f"the answer stops in the middle, after {bytes(kept[-40:])!r}")
    yield bytes(kept)


def _row_end(text: bytearray) -> int:
    """Length of the text up to its last row or head, 0 if there is none."""
    end = len(text)
    while (end := text.rfind(b"\n", 0, end)) >= 0:
        line = text.rfind(b"\n", 0, end) + 1
        if not text.startswith(b"#", line) and text.count(b'"', 0, end) % 2 == 0:
            return end + 1
    return 0


def _sections(lines: bytes) -> Iterator[tuple[bytes, bool]]:
    """The heads and the rows of whole lines, in their order; True for a head."""
    at = looked = 0
    quotes = 0
    for found in _HEAD.finditer(lines):
        quotes += lines.count(b'"', looked, found.start())
        looked = found.start()
        if quotes % 2:
            continue  # inside of a quoted text
        if lines[at : found.start()].strip():
            yield lines[at : found.start()], False
        yield found[0], True
        at = found.end()
    if lines[at:].strip():
        yield lines[at:], False
