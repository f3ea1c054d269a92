"""A meter file is opened: kind, layout, decimal mark, order of dates and interval are found out.

Everything that can be wrong with a file as a whole shows here, before anything is stored.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

import numpy as np
import pandas as pd

from energy_assets.metering.block_readings import block_readings
from energy_assets.metering.csv_blocks import CsvSource
from energy_assets.metering.dates import (
    DateOrder,
    epoch_ms,
    order_evidence,
    read_date,
    split_instant,
)
from energy_assets.metering.decimals import DecimalMark, mark_evidence
from energy_assets.metering.errors import (
    AmbiguousDatesError,
    HeaderOnlyError,
    MissingColumnsError,
    UnknownIntervalError,
)
from energy_assets.metering.file_kinds import OpenBytes, as_utf8, kind_of, unpacked
from energy_assets.metering.intervals import IntervalCounts, settled_interval
from energy_assets.metering.layouts import KnownHeaders, Layout, known_headers, layout_of
from energy_assets.metering.meter_clock import MeterClock
from energy_assets.metering.raw_blocks import RawBlock, RowSource
from energy_assets.metering.reading_rules import ReadingRules
from energy_assets.metering.spreadsheets import SpreadsheetSource

IntervalLabel = Literal["end", "start"]
"""Which end of its interval a reading's time marks."""

_ROUNDED_TIMESTAMP: Final = re.compile(r"[\d.,]+([eE]\+?\d+)?")


@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """What a person may say about files, where the files themselves do not.

    Attributes:
        clock: The clock that the times show.
        label: Which end of the interval they mark.
        interval_minutes: Length of the interval, wanted only for `start` labels. [min]
        date_order: Order of day and month; found from each file without it.
        chunk_rows: Rows that are read and stored at once.
        known_intervals: Tells the intervals that are known of meters, by serial, wanted only for
            `start` labels in a file that shows little. [min]
    """

    clock: MeterClock
    label: IntervalLabel = "end"
    interval_minutes: int | None = None
    date_order: DateOrder | None = None
    chunk_rows: int = 100_000
    known_intervals: Callable[[Sequence[str]], Mapping[str, int]] = lambda _: {}


@dataclass(frozen=True, kw_only=True)
class OpenedFile:
    """A file whose rows can be read."""

    source: RowSource
    rules: ReadingRules

    def blocks(self) -> Iterator[RawBlock]:
        """Its rows in blocks."""
        return self.source.blocks(self.rules.layout, self.rules.mark)


def opened(
    open_bytes: OpenBytes, *, object_key: str, now: datetime, options: ReadingOptions
) -> OpenedFile:
    """Find out how a file is to be read.

    Raises:
        MeterFileError: It cannot be read as a whole.
    """
    source = row_source(
        open_bytes,
        object_key=object_key,
        chunk_rows=options.chunk_rows,
        known_headers=known_headers,
    )
    layout = layout_of(source.header, object_key=object_key)
    sample = source.sample()
    refuse_header_only(source, object_key=object_key)
    _refuse_useless_instants(layout, sample, object_key)
    mark = decimal_mark(source, layout)
    order = options.date_order or date_order(source, layout, mark, object_key=object_key)
    rules = ReadingRules(
        layout=layout,
        clock=options.clock,
        order=order,
        mark=mark,
        shift_ms=0,
        latest_ms=epoch_ms(now + timedelta(days=2)),
    )
    if options.label == "start":
        minutes = options.interval_minutes or _interval(source, rules, object_key, options)
        rules = replace(rules, shift_ms=minutes * 60_000)
    return OpenedFile(source=source, rules=rules)


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


def _refuse_useless_instants(layout: Layout, sample: list[list[str]], object_key: str) -> None:
    """Stop when the only instants are rounded TIMESTAMP numbers, or dates without a time."""
    if "datetime" not in layout.positions:
        return
    position = layout.positions["datetime"]
    texts = [cells[position].strip() for cells in sample if position < len(cells)]
    texts = [text for text in texts if text]
    title = layout.title("datetime")
    if texts and all(len(text) > 5 and _ROUNDED_TIMESTAMP.fullmatch(text) for text in texts):
        if not all(re.fullmatch(r"\d{5}\.\d+", text) for text in texts):
            wanted = f"DATE and TIME ({title} is rounded to minutes or hours: {texts[0]})"
            raise MissingColumnsError(object_key, [wanted], layout.header)
    elif texts and not any(split_instant(text)[1].strip("0.") for text in texts):
        wanted = f"TIME ({title} holds dates only: {texts[0]})"
        raise MissingColumnsError(object_key, [wanted], layout.header)


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


def _interval(
    source: RowSource, rules: ReadingRules, object_key: str, options: ReadingOptions
) -> int:
    """The interval that the meters of the first block share [min].

    Where a meter has few readings, what is known of it counts: mended rows may lie hours apart.

    Raises:
        UnknownIntervalError: There is none.
    """
    counts = IntervalCounts()
    first = next(source.blocks(rules.layout, rules.mark), None)
    if first is not None:
        frame = block_readings(first, rules).frame
        codes, serials = pd.factorize(frame["serial"])
        counts.add([str(s) for s in serials], codes, np.asarray(frame["utc_ms"]))
    found, readings = counts.intervals(), counts.readings()
    known = options.known_intervals(list(found))
    settled = {
        settled_interval(minutes, known.get(serial), readings=readings[serial])
        for serial, minutes in found.items()
    } - {None}
    minutes = settled.pop() if len(settled) == 1 else None
    if minutes is None:
        raise UnknownIntervalError(object_key)
    return minutes
