"""Whether the other end of intervals, where a file states it, agrees with how its rows follow."""

from collections import Counter
from typing import Final

from energy_assets.intake.cells.dates import split_instant
from energy_assets.intake.cells.times import MS_PER_DAY, read_time
from energy_assets.intake.errors import ContradictingEndsError
from energy_assets.intake.layouts import Layout
from energy_assets.intake.readers.raw_blocks import RawTable

MINUTE_MS: Final = 60_000
"""Milliseconds of a minute; the last one of an interval may be its end: `00:00` to `00:14`."""

FEWEST_ENDS: Final = 4
"""Fewer rows show nothing."""


def refuse_other_ends(table: RawTable, layout: Layout, minutes: int, *, object_key: str) -> None:
    """Stop where most rows state an interval of another length.

    Args:
        table: Its first rows.
        layout: Its columns.
        minutes: The interval that the rows show. [min]
        object_key: Which file.

    Raises:
        ContradictingEndsError: They do.
    """
    other = layout.times.other_end
    if other is None:
        return
    own = layout.positions[layout.time_field]
    lengths: Counter[int] = Counter()
    for cells in table.sample:
        if max(own, other) < len(cells):
            start, end = _time_ms(cells[own]), _time_ms(cells[other])
            if start is not None and end is not None:
                lengths[(end - start) % MS_PER_DAY] += 1
    if lengths.total() < FEWEST_ENDS:
        return
    expected = minutes * MINUTE_MS
    agreeing = sum(
        count for length, count in lengths.items() if (expected - length) % MS_PER_DAY <= MINUTE_MS
    )
    if 2 * agreeing < lengths.total():
        stated = lengths.most_common(1)[0][0] // MINUTE_MS
        raise ContradictingEndsError(object_key, minutes, stated)


def _time_ms(text: str) -> int | None:
    """Milliseconds since midnight of a time, with a date before it or not."""
    day, time = split_instant(text)
    read = read_time(time) if time else read_time(day)
    return None if read is None else read[0]
