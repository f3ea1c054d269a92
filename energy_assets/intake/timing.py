"""What the times and registers of a whole file say, before anything of it is stored.

Intervals, the period of each meter, registers that fall, labels around clock changes, and several
rows for one date.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.intake.cells.block_cells import read_finite_numbers, read_instants
from energy_assets.intake.cells.clocks import clock_change
from energy_assets.intake.cells.row_faults import RowFaults
from energy_assets.intake.cells.times import MS_PER_DAY
from energy_assets.intake.intervals import INTERVALS_MINUTES, kinds_of
from energy_assets.intake.readers.raw_blocks import RawBlock
from energy_assets.intake.rules import TableRules
from energy_assets.intake.step_counts import StepCounts

FEWEST_STEPS: Final = 20
"""Fewer steps of a register do not show that it is none."""

FALLING_SHARE: Final = 0.05
"""A register falls in no more of its steps: meters are swapped and reset rarely."""

FEWEST_ROWS: Final = 3
"""Fewer rows of a meter do not show its interval: one step may be a gap."""

MINUTE_MS: Final = 60_000
"""Milliseconds of a minute."""

PLAUSIBLE_DEGREES: Final = 200.0
"""Larger temperatures are no temperatures in any unit, but faulty cells."""

FEWEST_RISES: Final = 48
"""Fewer rises in a row may be chance."""

REGISTER_FALLS: Final = 0.02
"""Falls per rise that rollovers and exchanged meters explain; what is used goes up and down."""

SMALL_RISE: Final = 0.0003
"""A register rises by no more than this share of itself in a step, on average."""

HOUR_MS: Final = 3_600_000
"""Milliseconds of an hour."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """First and last instant of a meter in a file, in milliseconds since 1970."""

    first_ms: int
    last_ms: int

    def meets(self, other: "Period") -> bool:
        """Whether they have an instant in common."""
        return self.first_ms <= other.last_ms and other.first_ms <= self.last_ms


@dataclass(kw_only=True)
class Trend:
    """How a value of the meters moves from one instant to the next."""

    falls: int = 0
    rises: int = 0
    level: int = 0
    risen: float = 0.0
    reached: float = 0.0

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return self.falls + self.rises + self.level

    @property
    def is_no_register(self) -> bool:
        """Whether it falls too often for a register."""
        return self.steps >= FEWEST_STEPS and self.falls > FALLING_SHARE * self.steps

    @property
    def is_register(self) -> bool:
        """Whether it rises by so little, so often, without a fall that it can only be one."""
        often = self.rises >= FEWEST_RISES and self.falls <= REGISTER_FALLS * self.rises
        return often and self.risen <= SMALL_RISE * self.reached


@dataclass(kw_only=True)
class Temperatures:
    """What outdoor temperatures are like."""

    largest: float = float("-inf")
    total: float = 0.0
    count: int = 0

    @property
    def mean(self) -> float:
        """Mean of those that are known."""
        return self.total / max(self.count, 1)


@dataclass(kw_only=True)
class ChangeLabels:
    """Labels at the edges of hours that a clock change repeats or skips.

    Attributes:
        starts: Days on which the first such wall time stands where starts of intervals stand.
        ends: Days on which it stands where ends of intervals stand.
    """

    starts: int = 0
    ends: int = 0


class Timing:
    """Collects what rows say of time.

    Args:
        intervals: Lengths that an interval may have. [min]
    """

    def __init__(self, intervals: Sequence[int]) -> None:
        self.steps = StepCounts(intervals or INTERVALS_MINUTES)
        self.step_count = 0
        self.odd_ms: Counter[int] = Counter()
        self._intervals = tuple(intervals or INTERVALS_MINUTES)
        self.periods: dict[str, Period] = {}
        self.trends: dict[str, Trend] = {}
        self.temperatures: dict[str, Temperatures] = {}
        self.rows = 0
        self.rows_a_date = 0
        self._dates: set[tuple[str, int]] = set()
        self._near: dict[tuple[str, int], set[str]] = {}
        self._spring: dict[tuple[str, int], set[str]] = {}

    def add(self, block: RawBlock, rules: TableRules) -> None:
        """Note the rows of a block."""
        faults = RowFaults(len(block.row_numbers))
        instants = read_instants(block, rules, faults)
        names, codes = meters_of(block, rules)
        good = faults.good & (codes >= 0)
        self.rows += int(good.sum())
        utc_ms = np.asarray(instants["utc_ms"], dtype=np.int64)
        wall_ms = np.asarray(instants["wall_ms"], dtype=np.int64)
        self.steps.add(names, codes[good], utc_ms[good])
        self._note_odd_steps(codes[good], utc_ms[good])
        self._note_periods(names, codes[good], utc_ms[good])
        once = good & ~np.asarray(instants["repeated"], dtype=np.bool_)
        self._note_trends(block, rules, codes, utc_ms, once)
        if rules.bare_dates:
            self._note_dates(names, codes[good], wall_ms[good])
        self._note_labels(block, rules, names, codes)
        if rules.hours and rules.clock.zone is not None:
            self._note_hours(rules, names, codes, wall_ms)

    def _note_odd_steps(self, codes: NDArray[np.int64], utc_ms: NDArray[np.int64]) -> None:
        """Count the steps of a block, and those that are no interval by their length."""
        order = np.lexsort((utc_ms, codes))
        steps_ms = np.diff(utc_ms[order])
        steps_ms = steps_ms[(np.diff(codes[order]) == 0) & (steps_ms > 0)]
        self.step_count += len(steps_ms)
        odd = steps_ms[kinds_of(steps_ms, self._intervals, jitter_ms=1_000) == len(self._intervals)]
        lengths, counts = np.unique(odd, return_counts=True)
        self.odd_ms.update(dict(zip(lengths.tolist(), counts.tolist(), strict=True)))

    def _note_periods(
        self, names: list[str], codes: NDArray[np.int64], utc_ms: NDArray[np.int64]
    ) -> None:
        oldest = np.full(len(names), np.iinfo(np.int64).max)
        newest = np.full(len(names), np.iinfo(np.int64).min)
        np.minimum.at(oldest, codes, utc_ms)
        np.maximum.at(newest, codes, utc_ms)
        for name, first, last in zip(names, oldest.tolist(), newest.tolist(), strict=True):
            if first > last:
                continue
            known = self.periods.get(name)
            self.periods[name] = Period(
                first_ms=min(first, known.first_ms) if known else first,
                last_ms=max(last, known.last_ms) if known else last,
            )

    def _note_trends(
        self,
        block: RawBlock,
        rules: TableRules,
        codes: NDArray[np.int64],
        utc_ms: NDArray[np.int64],
        good: NDArray[np.bool_],
    ) -> None:
        for name in rules.layout.value_fields:
            value = rules.kind.value(name)
            if not value.essential and value.quantity != "temperature":
                continue
            values, _ = read_finite_numbers(block, name, rules.numbers)
            if not value.essential:
                known = values[np.isfinite(values) & (np.abs(values) < PLAUSIBLE_DEGREES)]
                seen = self.temperatures.setdefault(name, Temperatures())
                seen.largest = max(seen.largest, float(known.max(initial=seen.largest)))
                seen.total, seen.count = seen.total + float(known.sum()), seen.count + len(known)
                continue
            rows = np.flatnonzero(good & np.isfinite(values))
            order = rows[np.lexsort((utc_ms[rows], codes[rows]))]
            step = np.diff(values[order])
            same = (np.diff(codes[order]) == 0) & (np.diff(utc_ms[order]) > 0)
            trend = self.trends.setdefault(name, Trend())
            trend.falls += int((same & (step < 0)).sum())
            trend.rises += int((same & (step > 0)).sum())
            trend.risen += float(step[same & (step > 0)].sum())
            trend.reached += float(values[order][1:][same & (step > 0)].sum())
            trend.level += int((same & (step == 0)).sum())

    def _note_dates(
        self, names: list[str], codes: NDArray[np.int64], wall_ms: NDArray[np.int64]
    ) -> None:
        pairs, counts = np.unique(codes * (1 << 40) + wall_ms // MS_PER_DAY, return_counts=True)
        for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
            key = (names[pair >> 40], pair & ((1 << 40) - 1))
            self.rows_a_date += count - 1 + (key in self._dates)
            self._dates.add(key)

    def _note_labels(
        self, block: RawBlock, rules: TableRules, names: list[str], codes: NDArray[np.int64]
    ) -> None:
        """On days of clock changes: does the time stand where starts or where ends stand?"""
        zone = rules.clock.zone
        if zone is None or rules.wall_shift_ms:
            return
        instants = read_instants(block, rules, RowFaults(len(block.row_numbers)))
        wall_ms = np.asarray(instants["wall_ms"], dtype=np.int64)
        for day in np.unique(wall_ms // MS_PER_DAY).tolist():
            change = clock_change(zone, day)
            if change is None:
                continue
            for mark, rows in _marks(wall_ms, change.wall_start_ms, change.wall_end_ms).items():
                found, counts = np.unique(codes[rows], return_counts=True)
                for code, count in zip(found.tolist(), counts.tolist(), strict=True):
                    if code < 0:
                        continue
                    seen = self._near.setdefault((names[code], day), set())
                    if change.repeats and (count > 1 or mark in seen):
                        seen.add(f"twice {mark}")
                    seen.add(mark if change.repeats else f"spring {mark}")

    def _note_hours(
        self,
        rules: TableRules,
        names: list[str],
        codes: NDArray[np.int64],
        wall_ms: NDArray[np.int64],
    ) -> None:
        """On days without an hour: is it numbered, and is the last one?"""
        assert rules.clock.zone is not None  # noqa: S101 - the caller has looked
        start_ms = wall_ms - (HOUR_MS if rules.layout.times.side == "end" else 0)
        for day in np.unique(start_ms // MS_PER_DAY).tolist():
            change = clock_change(rules.clock.zone, day)
            if change is None or change.repeats:
                continue
            is_skipped = (start_ms >= change.wall_start_ms) & (start_ms < change.wall_end_ms)
            is_last = start_ms == (day + 1) * MS_PER_DAY - HOUR_MS
            is_one_before = start_ms == (day + 1) * MS_PER_DAY - 2 * HOUR_MS
            marks = {"skipped": is_skipped, "last": is_last, "last but one": is_one_before}
            for mark, rows in marks.items():
                for code in np.unique(codes[rows & (codes >= 0)]).tolist():
                    self._spring.setdefault((names[code], day), set()).add(mark)

    def counts_hours_on(self) -> bool:
        """Whether hours are counted on over one that clocks skip, so that the last is missing."""
        return any(
            {"skipped", "last but one"} <= seen and "last" not in seen
            for seen in self._spring.values()
        )

    def labels(self) -> ChangeLabels:
        """How the labels around clock changes stand.

        In autumn the starts, or the ends, of the repeated intervals stand twice. In spring the
        label that is skipped as a start is there as an end, and the other way round.
        """
        starts = ends = 0
        for seen in self._near.values():
            whole = {"spring before", "spring after"} <= seen
            starts += "twice start" in seen or (
                whole and "spring end" in seen and "spring start" not in seen
            )
            ends += "twice end" in seen or (
                whole and "spring start" in seen and "spring end" not in seen
            )
        return ChangeLabels(starts=starts, ends=ends)


def _marks(wall_ms: NDArray[np.int64], start_ms: int, end_ms: int) -> dict[str, NDArray[np.bool_]]:
    """Rows at the edges of the hour of a clock change, and within an hour of it."""
    return {
        "start": wall_ms == start_ms,
        "end": wall_ms == end_ms,
        "before": (wall_ms >= start_ms - HOUR_MS) & (wall_ms < start_ms),
        "after": (wall_ms > end_ms) & (wall_ms <= end_ms + HOUR_MS),
    }


def meters_of(block: RawBlock, rules: TableRules) -> tuple[list[str], NDArray[np.int64]]:
    """The meters of a block, and whose each row is: -1 where that cannot be read."""
    if "meter_id" not in block.columns:
        return [rules.meter_id or ""], np.zeros(len(block.row_numbers), dtype=np.int64)
    cells = pd.Series(block.columns["meter_id"].to_pandas())
    distinct = {text: rules.kind.identify(text) for text in cells.dropna().unique()}
    names = {text: name for text, (name, fault) in distinct.items() if not fault}
    codes, found = pd.factorize(cells.map(names).astype("object"))
    return list(map(str, found)), codes.astype(np.int64)


def shared_interval(
    timing: Timing, known: Mapping[str, int], *, share: float, enough: int
) -> int | None:
    """The interval that the meters of a file share, None where they share none [min].

    Where a meter has few rows, what is known of it counts: mended rows may lie hours apart.

    Args:
        timing: What the file says.
        known: What is known of its meters. [min]
        share: Share of the steps that have the length of the interval.
        enough: Rows below which a file says little.
    """
    found, rows = timing.steps.intervals(share=share), timing.steps.readings()
    settled = {
        known[meter] if meter in known and (minutes is None or rows[meter] < enough) else minutes
        for meter, minutes in found.items()
        if meter in known or rows[meter] >= FEWEST_ROWS
    } - {None}
    return settled.pop() if len(settled) == 1 else None
