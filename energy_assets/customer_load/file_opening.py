"""How a load-profile file is to be read: layout, decimal mark, order of dates, interval."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.customer_load.block_readings import block_readings
from energy_assets.customer_load.file_layouts import known_headers, layout_of
from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.cells.dates import (
    DateOrder,
    epoch_ms,
    split_instant,
)
from energy_assets.intake.errors import (
    MissingColumnsError,
    UnknownIntervalError,
)
from energy_assets.intake.intervals import IntervalCounts, settled_interval
from energy_assets.intake.layouts import Layout
from energy_assets.intake.opening import (
    IntervalLabel,
    OpenedFile,
    date_order,
    decimal_mark,
    refuse_header_only,
    row_source,
)
from energy_assets.intake.readers.file_bytes import OpenBytes
from energy_assets.intake.readers.raw_blocks import RowSource
from energy_assets.intake.rules import ReadingRules

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
