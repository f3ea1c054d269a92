"""An electricity or water file is opened: type, meter, columns, units, dates, interval, label.

Everything that can be wrong with a file as a whole shows here, before anything is stored.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from energy_assets.consumption.block_points import PointRules, meter_name
from energy_assets.consumption.consumption_layouts import (
    METER_COLUMN,
    ConsumptionLayout,
    consumption_layout,
    known_headers,
)
from energy_assets.consumption.consumption_rules import ConsumptionRules
from energy_assets.consumption.file_errors import HiddenIntervalError, UnsupportedIntervalError
from energy_assets.consumption.meter_keys import meter_id_of, meter_type_of
from energy_assets.consumption.value_intervals import (
    INTERVALS_MINUTES,
    REGULAR_SHARE,
    USUAL_SHARE,
    StepCounts,
    steps_between,
)
from energy_assets.intake.cells.block_cells import read_instants
from energy_assets.intake.cells.dates import epoch_ms, split_instant
from energy_assets.intake.cells.row_faults import RowFaults
from energy_assets.intake.intervals import settled_interval
from energy_assets.intake.layouts import Layout
from energy_assets.intake.opening import (
    OpenedFile,
    date_order,
    decimal_mark,
    refuse_header_only,
    row_source,
)
from energy_assets.intake.readers.file_bytes import OpenBytes
from energy_assets.intake.readers.raw_blocks import RawBlock, RowSource
from energy_assets.intake.report import MeterFile
from energy_assets.intake.rules import Identify, ReadingRules

MINUTE_MS: Final = 60_000
"""Milliseconds of a minute."""

FEWEST_STEPS: Final = 6
"""Fewer steps between values do not show that an interval is none of those understood."""


@dataclass(frozen=True, kw_only=True)
class OpenedPoints:
    """A file whose rows can be read as points."""

    open_file: OpenedFile
    rules: PointRules


KnownIntervals = Callable[[Sequence[str]], Mapping[str, int]]
"""Tells the intervals that are known of meters of the file's type [min]."""


def opened_points(
    open_bytes: OpenBytes,
    *,
    file: MeterFile,
    rules: ConsumptionRules,
    now: datetime,
    chunk_rows: int,
    known_intervals: KnownIntervals,
) -> OpenedPoints:
    """Find out how a file is to be read.

    Raises:
        MeterFileError: It cannot be read as a whole.
    """
    key = file.object_key
    meter_type = meter_type_of(key, prefix=rules.prefix)
    source = row_source(
        open_bytes, object_key=key, chunk_rows=chunk_rows, known_headers=known_headers
    )
    unit = rules.units[meter_type]
    layout = consumption_layout(source.header, object_key=key, meter_type=meter_type, unit=unit)
    refuse_header_only(source, object_key=key)
    mark = decimal_mark(source, layout.layout)
    meter_id = None if layout.has_meters else meter_id_of(key)
    reading = ReadingRules(
        layout=layout.layout,
        clock=rules.clock,
        order=file.date_order or date_order(source, layout.layout, mark, object_key=key),
        mark=mark,
        shift_ms=0,
        latest_ms=epoch_ms(now + rules.latest_ahead),
        first_ms=epoch_ms(rules.earliest),
        bare_dates=_only_dates(source, layout.layout),
        identify=meter_name if meter_id is None else _always(meter_id),
        added_cells={} if meter_id is None else {METER_COLUMN: meter_id},
    )
    points = PointRules(reading=reading, layout=layout, meter_type=meter_type, meter_id=meter_id)
    if not layout.is_register:
        points = _timed(points, source, file, rules, known_intervals)
    return OpenedPoints(open_file=OpenedFile(source=source, rules=points.reading), rules=points)


def _always(meter_id: str) -> Identify:
    return lambda _: (meter_id, "")


def _only_dates(source: RowSource, layout: Layout) -> bool:
    """Whether the rows are stamped with dates that have no time."""
    position = layout.positions.get("datetime")
    if position is None:
        return False
    texts = (cells[position].strip() for cells in source.sample() if position < len(cells))
    return not any(split_instant(text)[1] for text in texts if text)


def _timed(
    points: PointRules,
    source: RowSource,
    file: MeterFile,
    rules: ConsumptionRules,
    known_intervals: KnownIntervals,
) -> PointRules:
    """The rules with what depends on the interval: mean power, and labels at the end.

    A date without a time names its day, whatever the setting says of times.
    """
    sample = _sample_block(source, points.layout)
    _refuse_unsupported(sample, points, file.object_key)
    at_end = rules.label == "end" and not points.reading.bare_dates
    if not at_end and not points.layout.value_unit.is_power:
        return points
    minutes = file.interval_minutes or _interval(sample, points, known_intervals)
    if minutes is None:
        first = next(source.blocks(points.layout.layout, points.reading.mark), None)
        minutes = None if first is None else _interval(first, points, known_intervals)
    if minutes is None:
        why = "its times mark the end of an interval" if at_end else "its values are mean powers"
        raise HiddenIntervalError(file.object_key, why)
    points = replace(points, interval_minutes=minutes)
    if not at_end:
        return points
    if minutes == 1440:
        return points.shifted(wall_shift_ms=-minutes * MINUTE_MS)
    return points.shifted(shift_ms=-minutes * MINUTE_MS)


class _NoTexts:
    """The sample's rows are refused nowhere. See `RowTexts`."""

    def cells(self, row_number: int) -> list[str]:
        del row_number
        return []


def _sample_block(source: RowSource, layout: ConsumptionLayout) -> RawBlock:
    """The sample's meters and instants."""
    wanted = ("serial", "date", "time", "datetime")
    positions = {n: at for n, at in layout.layout.positions.items() if n in wanted}
    rows = [cells for cells in source.sample() if len(cells) > max(positions.values())]
    columns = {
        name: pa.array([cells[at] for cells in rows], pa.string()).dictionary_encode()
        for name, at in positions.items()
    }
    return RawBlock(row_numbers=np.arange(len(rows)), columns=columns, texts=_NoTexts())


def _instants_by_meter(
    block: RawBlock, points: PointRules
) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    """The meters of a block, whose each row is, and when."""
    faults = RowFaults(len(block.row_numbers))
    utc_ms = np.asarray(read_instants(block, points.reading, faults)["utc_ms"], dtype=np.int64)
    meters = np.zeros(len(utc_ms), dtype=np.int64)
    names = [points.meter_id or ""]
    if "serial" in block.columns:
        cells = [points.reading.identify(text)[0] for text in block.columns["serial"].to_pylist()]
        meters, distinct = pd.factorize(np.array(cells, dtype=object))
        names = list(map(str, distinct))
    return names, meters[faults.good], utc_ms[faults.good]


def _refuse_unsupported(block: RawBlock, points: PointRules, object_key: str) -> None:
    """Stop where nearly all steps between values have a length that no interval has."""
    _, codes, utc_ms = _instants_by_meter(block, points)
    _, steps_ms = steps_between(codes, utc_ms)
    is_mended = "quarantine_row" in points.layout.layout.positions
    if len(steps_ms) < FEWEST_STEPS or is_mended:
        return
    step_ms, count = Counter(steps_ms.tolist()).most_common(1)[0]
    odd = step_ms % MINUTE_MS or step_ms // MINUTE_MS not in (*INTERVALS_MINUTES, 1380, 1500)
    if odd and count >= REGULAR_SHARE * len(steps_ms):
        raise UnsupportedIntervalError(object_key, step_ms / 1_000)


def _interval(block: RawBlock, points: PointRules, known_intervals: KnownIntervals) -> int | None:
    """The interval that the meters of a block share, None when they share none [min].

    Where a meter has few rows, what is known of it counts: mended rows may lie hours apart.
    """
    counts = StepCounts()
    counts.add(*_instants_by_meter(block, points))
    found, readings = counts.intervals(share=USUAL_SHARE), counts.readings()
    known = known_intervals(list(found))
    settled = {
        settled_interval(minutes, known.get(meter), readings=readings[meter])
        for meter, minutes in found.items()
    } - {None}
    return settled.pop() if len(settled) == 1 else None
