"""A meter file is opened: kind, layout, decimal mark, order of dates and interval are found out.

Everything that can be wrong with a file as a whole shows here, before anything is stored.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from energy_assets.intake.cells.dates import (
    DateOrder,
    order_evidence,
    read_date,
    split_instant,
)
from energy_assets.intake.cells.decimals import DecimalMark, mark_evidence
from energy_assets.intake.errors import (
    AmbiguousDatesError,
    HeaderOnlyError,
)
from energy_assets.intake.layouts import KnownHeaders, Layout
from energy_assets.intake.readers.csv_blocks import CsvSource
from energy_assets.intake.readers.file_bytes import OpenBytes, as_utf8, kind_of, unpacked
from energy_assets.intake.readers.raw_blocks import RawBlock, RowSource
from energy_assets.intake.readers.workbooks import SpreadsheetSource
from energy_assets.intake.rules import ReadingRules

IntervalLabel = Literal["end", "start"]
"""Which end of its interval a reading's time marks."""


@dataclass(frozen=True, kw_only=True)
class OpenedFile:
    """A file whose rows can be read."""

    source: RowSource
    rules: ReadingRules

    def blocks(self) -> Iterator[RawBlock]:
        """Its rows in blocks."""
        return self.source.blocks(self.rules.layout, self.rules.mark)


def row_source(
    open_bytes: OpenBytes, *, object_key: str, chunk_rows: int, known_headers: KnownHeaders
) -> RowSource:
    """The rows of a file, whatever its format; unpacked where it is compressed.

    Raises:
        MeterFileError: It is neither delimited text nor a workbook, or is damaged.
    """
    kind = kind_of(object_key, next(open_bytes(), b""))
    if kind in ("xlsx", "xls"):
        return SpreadsheetSource(
            open_bytes, object_key=object_key, chunk_rows=chunk_rows, known_headers=known_headers
        )
    if kind == "gzip":
        open_bytes = unpacked(open_bytes, object_key=object_key)
        kind_of(object_key, next(open_bytes(), b""))
    return CsvSource(
        as_utf8(open_bytes),
        object_key=object_key,
        chunk_rows=chunk_rows,
        known_headers=known_headers,
    )


def refuse_header_only(source: RowSource, *, object_key: str) -> None:
    """Stop where no row follows the header.

    Raises:
        HeaderOnlyError: There is none.
    """
    if not any(any(cell.strip() for cell in cells) for cells in source.sample()):
        raise HeaderOnlyError(object_key)


def decimal_mark(source: RowSource, layout: Layout) -> DecimalMark | None:
    """The decimal mark that the first rows prove, None when they prove nothing."""
    positions = [layout.positions[name] for name in layout.value_fields]
    sample = source.sample()
    return mark_evidence(cells[i] for cells in sample for i in positions if i < len(cells))


def date_order(
    source: RowSource, layout: Layout, mark: DecimalMark | None, *, object_key: str
) -> DateOrder | None:
    """The order of day and month, from its first rows or as much as it takes.

    Raises:
        AmbiguousDatesError: The whole file does not decide.
    """
    field = "date" if "date" in layout.positions else "datetime"
    position = layout.positions[field]
    sample = (row[position] for row in source.sample() if position < len(row))
    texts = Counter(split_instant(text)[0] for text in sample)
    evidence = order_evidence(texts)
    if evidence.refused is None:
        return evidence.order
    for block in source.blocks(layout, mark):
        counted = block.columns[field].value_counts().to_pylist()
        for found in counted:
            texts[split_instant(found["values"] or "")[0]] += found["counts"]
        evidence = order_evidence(texts)
        if evidence.refused is None:
            return evidence.order
    reading = read_date(evidence.refused)
    raise AmbiguousDatesError(
        object_key,
        evidence.refused,
        f"{reading.day_first:%d %B %Y}",
        f"{reading.month_first:%d %B %Y}",
    )
