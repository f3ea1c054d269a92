"""How times are to be understood: labels, intervals, hours, days, clock changes.

And what times and registers of a whole file show to be wrong: a register that is none, several rows
for one date.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from energy_assets.intake.cells.dates import split_instant
from energy_assets.intake.cells.times import hour_number_ms, is_hour_25
from energy_assets.intake.errors import (
    ContradictingLabelsError,
    HiddenHoursError,
    HiddenIntervalError,
    HiddenRegisterError,
    MissingColumnsError,
    NamelessSheetsError,
    NotARegisterError,
    SequentialHoursError,
    SeveralRowsADateError,
    UnsupportedIntervalError,
)
from energy_assets.intake.file_kind import IntervalLabel
from energy_assets.intake.interval_ends import refuse_other_ends
from energy_assets.intake.intervals import REGULAR_SHARE, USUAL_SHARE
from energy_assets.intake.readers.raw_blocks import RawTable
from energy_assets.intake.rules import TableRules
from energy_assets.intake.step_counts import ENOUGH_READINGS
from energy_assets.intake.survey import BlockCache
from energy_assets.intake.timing import HOUR_MS, MINUTE_MS, Period, Timing, shared_interval

if TYPE_CHECKING:
    from energy_assets.intake.opening import ReadingOptions
    from energy_assets.intake.report import MeterFile

DAY_MINUTES: Final = 1440
"""An interval of this length is a local day. [min]"""

_ROUNDED: Final = re.compile(r"[\d.,]+[eE]\+?\d+|\d{6,7}|\d{11,12}")
"""A number of milliseconds or seconds that a spreadsheet shortened."""

SEVERAL_SHARE: Final = 0.1
"""Share of rows that may repeat a date before dates alone do not say when."""

HOTTEST_C: Final = 56.0
"""No hotter air was ever measured outdoors. [°C]"""

HOTTEST_MEAN_C: Final = 40.0
"""No file of outdoor temperatures is hotter on average. [°C]"""

FEWEST_STEPS: Final = 6
"""Fewer steps between values do not show that an interval is none of those understood."""


def settled_rules(
    cache: BlockCache,
    rules: Sequence[TableRules | None],
    tables: Sequence[RawTable],
    *,
    file: "MeterFile",
    options: "ReadingOptions",
) -> tuple[list[TableRules | None], Mapping[str, Period]]:
    """The rules with what the times of all rows decide, and the period of each meter.

    Raises:
        MeterFileError: The times or registers of the file show that it cannot be understood.
    """
    settled = [
        None if each is None else _with_days(each, table, file.object_key)
        for each, table in zip(rules, tables, strict=True)
    ]
    settled = _with_hours(cache, settled, tables, file.object_key)
    timings = _timings(cache, settled)
    for each, timing, table in zip(settled, timings, tables, strict=True):
        if each is not None:
            _refuse_what_cannot_be(each, timing, file.object_key)
            _refuse_other_ends(each, timing, table, file.object_key)
    _refuse_nameless_sheets(settled, timings, file.object_key)
    settled = [
        None if each is None else _doubted(each, timing)
        for each, timing in zip(settled, timings, strict=True)
    ]
    final = [
        None if each is None else _labelled(each, timing, file, options)
        for each, timing in zip(settled, timings, strict=True)
    ]
    return final, _periods(final, timings)


def _with_days(rules: TableRules, table: RawTable, key: str) -> TableRules:
    """The rules of a table that may be stamped with dates alone."""
    position = rules.layout.positions.get("datetime")
    if position is None:
        return rules
    cells = (cells[position].strip() for cells in table.sample if position < len(cells))
    texts = [text for text in cells if text]
    if texts and all(_ROUNDED.fullmatch(text) for text in texts):
        title = rules.layout.title("datetime")
        wanted = f"DATE and TIME ({title} is rounded to minutes or hours: {texts[0]})"
        raise MissingColumnsError(key, [wanted], rules.layout.header)
    bare = bool(texts) and not any(split_instant(text)[1] for text in texts)
    return replace(rules, bare_dates=bare)


def _with_hours(
    cache: BlockCache,
    rules: Sequence[TableRules | None],
    tables: Sequence[RawTable],
    key: str,
) -> list[TableRules | None]:
    """The rules of tables whose time is a number of an hour: 1 to 24 end, 0 to 23 begin it.

    Raises:
        HiddenHoursError: The numbers do not show which.
        SequentialHoursError: A day has an hour 25, or both 0 and 24.
    """
    pairs = zip(rules, tables, strict=True)
    if not any(each is not None and _may_be_hours(each, table) for each, table in pairs):
        return list(rules)
    plans = [None if each is None else each.plan for each in rules]
    numbers = [Counter[int]() for _ in rules]
    others = [0 for _ in rules]
    last_hours = [False for _ in rules]
    for place, block in cache.blocks(plans):
        column = block.columns.get("time")
        if column is None or not len(column):
            continue
        for text in column.dictionary.to_pylist():
            hour_ms = hour_number_ms(text)
            last_hours[place] |= is_hour_25(text)
            if hour_ms is None:
                others[place] += 1
            else:
                numbers[place][hour_ms // HOUR_MS] += 1
    found: list[TableRules | None] = []
    for each, hours, rest, has_25 in zip(rules, numbers, others, last_hours, strict=True):
        if each is None or not hours or len(hours) < rest:
            found.append(each)
            continue
        if has_25 or {0, 24} <= set(hours):
            raise SequentialHoursError(key, each.layout.title("time"))
        times = replace(each.layout.times, side=_side_of_hours(each, hours, key))
        found.append(replace(each, hours=True, layout=replace(each.layout, times=times)))
    return found


def _may_be_hours(rules: TableRules, table: RawTable) -> bool:
    """Whether the first times of a table are numbers of hours."""
    position = rules.layout.positions.get("time")
    if position is None:
        return False
    texts = [cells[position].strip() for cells in table.sample if position < len(cells)]
    numbered = [hour_number_ms(text) is not None for text in texts if text]
    return bool(numbered) and sum(numbered) >= 0.5 * len(numbered)


def _side_of_hours(rules: TableRules, hours: Counter[int], key: str) -> IntervalLabel:
    """Which end of its hour a number is: 0 to 23 begin it, 1 to 24 end it."""
    side = rules.layout.times.side
    if side is None:
        side = "start" if min(hours) == 0 else "end" if max(hours) >= 24 else None
    if side is None:
        raise HiddenHoursError(key, rules.layout.title("time"))
    return side


def _timings(cache: BlockCache, rules: Sequence[TableRules | None]) -> list[Timing]:
    timings = [Timing(each.kind.intervals if each else ()) for each in rules]
    plans = [None if each is None else each.plan for each in rules]
    for place, block in cache.blocks(plans):
        each = rules[place]
        if each is not None:
            timings[place].add(block, each)
    return timings


def _refuse_what_cannot_be(rules: TableRules, timing: Timing, key: str) -> None:
    """Stop where times or registers show that the file would be misunderstood."""
    layout, kind = rules.layout, rules.kind
    if rules.bare_dates and not kind.bare_dates:
        wanted = f"TIME ({layout.title('datetime')} holds dates only)"
        raise MissingColumnsError(key, [wanted], layout.header)
    if rules.bare_dates and timing.rows_a_date > SEVERAL_SHARE * timing.rows:
        raise SeveralRowsADateError(key, layout.title("datetime"), layout.ignored)
    if timing.counts_hours_on():
        raise SequentialHoursError(key, layout.title(rules.layout.time_field))
    is_mended = "quarantine_row" in layout.positions
    if kind.only_intervals and not is_mended and not _has_register(rules):
        _refuse_unsupported(timing, key)
    for name, trend in timing.trends.items():
        if kind.value(name).is_register and trend.is_no_register:
            raise NotARegisterError(key, layout.title(name), trend.falls, trend.steps)
        if not kind.value(name).is_register and trend.is_register:
            raise HiddenRegisterError(key, layout.title(name), trend.rises, trend.falls)


def _refuse_other_ends(rules: TableRules, timing: Timing, table: RawTable, key: str) -> None:
    """Stop where starts and ends of intervals disagree with how their rows follow."""
    minutes = shared_interval(timing, {}, share=USUAL_SHARE, enough=0)
    if minutes is not None and not _has_register(rules):
        refuse_other_ends(table, rules.layout, minutes, object_key=key)


def _refuse_nameless_sheets(
    rules: Sequence[TableRules | None], timings: Sequence[Timing], key: str
) -> None:
    """Stop where sheets that name no meter hold the same time."""
    pairs = zip(rules, timings, strict=True)
    nameless = [(r.sheet, t.periods.get(r.meter_id or "")) for r, t in pairs if r and r.meter_id]
    for place, (sheet, period) in enumerate(nameless):
        for other, later in nameless[place + 1 :]:
            if sheet != other and period and later and period.meets(later):
                raise NamelessSheetsError(key, sheet, other)


def _doubted(rules: TableRules, timing: Timing) -> TableRules:
    """The rules of a table whose temperatures state no unit and can hardly be degrees Celsius."""
    stated = rules.layout.unit_is_stated
    hot = [
        name
        for name, seen in timing.temperatures.items()
        if name not in stated and (seen.largest > HOTTEST_C or seen.mean > HOTTEST_MEAN_C)
    ]
    return replace(rules, doubted=frozenset(hot))


def _has_register(rules: TableRules) -> bool:
    return any(rules.kind.value(name).is_register for name in rules.layout.value_fields)


def _refuse_unsupported(timing: Timing, key: str) -> None:
    """Stop where nearly all steps between values have a length that no interval has."""
    if timing.step_count < FEWEST_STEPS or not timing.odd_ms:
        return
    step_ms, count = timing.odd_ms.most_common(1)[0]
    long = sum(each for length, each in timing.odd_ms.items() if length > DAY_MINUTES * MINUTE_MS)
    if max(count, long) >= REGULAR_SHARE * timing.step_count:
        raise UnsupportedIntervalError(key, step_ms / 1_000)


def _labelled(
    rules: TableRules, timing: Timing, file: "MeterFile", options: "ReadingOptions"
) -> TableRules:
    """The rules with what depends on the interval: mean rates, and labels of the other end.

    A date without a time names its day, and a register is read at its time, whatever the setting
    says.
    """
    side, stamp = rules.layout.times.side or rules.kind.label, rules.kind.stamp
    is_moment = rules.bare_dates or (stamp == "start" and _has_register(rules))
    labels = timing.labels()
    if not is_moment and side == "start" and labels.ends and not labels.starts:
        raise ContradictingLabelsError(file.object_key, rules.layout.title(rules.layout.time_field))
    ends_stand = labels.ends > 0 and not labels.starts
    by_wall = ends_stand or (stamp == "start" and not labels.starts)
    is_shifted = not is_moment and (side != stamp or (side == "end" and ends_stand))
    needs_interval = is_shifted or _has_rates(rules)
    if not needs_interval and "unit" not in rules.layout.positions:
        return rules
    known = options.known_intervals(list(timing.periods))
    minutes = file.interval_minutes or shared_interval(
        timing, known, share=USUAL_SHARE, enough=ENOUGH_READINGS
    )
    if minutes is None and needs_interval:
        why = f"its times mark the {side} of an interval" if is_shifted else "it holds mean rates"
        raise HiddenIntervalError(file.object_key, why)
    rules = replace(rules, interval_minutes=minutes)
    if minutes is None or not is_shifted:
        return rules
    length_ms = minutes * MINUTE_MS
    if side == "start":
        return replace(rules, shift_ms=length_ms)
    if by_wall or minutes == DAY_MINUTES:
        return replace(rules, wall_shift_ms=-length_ms, shift_ms=length_ms if stamp == "end" else 0)
    return replace(rules, shift_ms=-length_ms)


def _has_rates(rules: TableRules) -> bool:
    """Whether a mean rate is to be stored as an amount, or an amount as a mean rate."""
    layout, kind = rules.layout, rules.kind
    return any(
        layout.units[name].needs_interval(kind.value(name).quantity) for name in layout.value_fields
    )


def _periods(rules: Sequence[TableRules | None], timings: Sequence[Timing]) -> dict[str, Period]:
    """First and last stored instant of each meter over all tables."""
    found: dict[str, Period] = {}
    for each, timing in zip(rules, timings, strict=True):
        shift = 0 if each is None else each.wall_shift_ms + each.shift_ms
        for meter, period in timing.periods.items():
            known = found.get(meter)
            first, last = period.first_ms + shift, period.last_ms + shift
            found[meter] = Period(
                first_ms=min(first, known.first_ms) if known else first,
                last_ms=max(last, known.last_ms) if known else last,
            )
    return found
