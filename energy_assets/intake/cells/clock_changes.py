"""Wall times that occur twice because clocks went back: which row came first.

Such rows are held back until the whole file is known, because their order in the file, their
registers and their neighbours decide. Everything else about clocks is in `clocks`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.intake.cells.clocks import ClockChange, clock_change
from energy_assets.intake.cells.times import MS_PER_DAY
from energy_assets.intake.quarantine import Refusal
from energy_assets.intake.readers.raw_blocks import RowTexts
from energy_assets.intake.rules import TableRules

NEIGHBOUR_MS: Final = 3_600_000
"""How near to the repeated hour a row must be to say on which side the file has data."""

MINUTE_MS: Final = 60_000
"""Milliseconds of a minute."""

Spellings = Mapping[str, Mapping[str, str]]
"""First spelling of identifiers, by field."""


class CurrentVersions(Protocol):
    """What is stored now."""

    def current(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Columns `key` and `fingerprint` of the stored rows among these meters and instants."""
        ...

    def keys(self, frame: pd.DataFrame) -> NDArray[np.uint64]:
        """The key of each row."""
        ...


@dataclass(frozen=True, kw_only=True)
class HeldRows:
    """Held-back rows with their instants.

    Attributes:
        frame: Good rows in file order, `utc_ms` set.
        refusals: Refused rows, with the UTC offset of their times where it is known.
        rules: How they were understood.
        spellings: First spellings of their identifiers.
        cells: Gives the cells of a row.
    """

    frame: pd.DataFrame
    refusals: list[Refusal]
    rules: TableRules
    spellings: Spellings
    cells: Callable[[int], list[str]]


@dataclass(kw_only=True)
class _Table:
    """What was held back of one table."""

    rules: TableRules
    frames: list[pd.DataFrame] = field(default_factory=list[pd.DataFrame])
    refusals: dict[int, Refusal] = field(default_factory=dict[int, Refusal])
    cells: dict[int, list[str]] = field(default_factory=dict[int, list[str]])
    spellings: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    falling: int = 0
    rising: int = 0
    last_wall: dict[str, int] = field(default_factory=dict[str, int])
    sides: set[tuple[str, int, str]] = field(default_factory=set[tuple[str, int, str]])


class RepeatedTimes:
    """Collects what decides about repeated wall times while a file is read."""

    def __init__(self, *, object_key: str) -> None:
        self._object_key = object_key
        self._tables: dict[int, _Table] = {}

    def hold_back(
        self,
        frame: pd.DataFrame,
        refusals: Sequence[Refusal],
        rules: TableRules,
        texts: RowTexts,
        spellings: Spellings,
    ) -> tuple[pd.DataFrame, Sequence[Refusal]]:
        """Keep the rows and refusals whose wall time occurs twice, and return the others."""
        if rules.clock.zone is None:
            return frame, refusals
        table = self._tables.setdefault(id(rules), _Table(rules=rules))
        if len(frame):
            wall = frame["wall_ms"].to_numpy()
            _note_direction(table, frame["meter_id"], wall)
            _note_neighbours(table, frame, wall)
        held = [refusal for refusal in refusals if refusal.wall_ms is not None]
        repeated = frame["repeated"].to_numpy()
        if not repeated.any() and not held:
            return frame, refusals
        rows = frame[repeated]
        categories = {n: "str" for n in rows.columns if rows[n].dtype == "category"}
        table.frames.append(rows.astype(categories))
        table.refusals.update({refusal.row_number: refusal for refusal in held})
        numbers = [*rows["row_number"].tolist(), *(refusal.row_number for refusal in held)]
        table.cells.update({int(number): texts.cells(int(number)) for number in numbers})
        for name, spelled in spellings.items():
            table.spellings[name] = {**spelled, **table.spellings.get(name, {})}
        kept = [refusal for refusal in refusals if refusal.wall_ms is None]
        return frame[~repeated].reset_index(drop=True), kept

    def resolved(self, store: CurrentVersions) -> Iterator[HeldRows]:
        """The rows that were held back, with their instants, by table.

        Args:
            store: Says what is stored; a lone row must not contradict both passes of the hour.
        """
        for table in self._tables.values():
            if table.frames:
                yield _resolved(table, store, self._object_key)


def _resolved(table: _Table, store: CurrentVersions, object_key: str) -> HeldRows:
    frame = pd.concat(table.frames, ignore_index=True)
    refused = pd.DataFrame(
        [
            {"row_number": r.row_number, "meter_id": r.meter_id, "wall_ms": r.wall_ms}
            for r in table.refusals.values()
        ],
        columns=["row_number", "meter_id", "wall_ms"],
    ).astype({"row_number": "int64", "meter_id": "str", "wall_ms": "int64"})
    every = pd.concat([frame, refused], ignore_index=True).sort_values("row_number", kind="stable")
    second: dict[int, bool] = {}
    unsure: set[int] = set()
    faults: dict[int, Refusal] = {}
    for name, group in every.groupby(
        [every["meter_id"], every["wall_ms"] // MS_PER_DAY], sort=False
    ):
        meter, day = cast("tuple[str, int]", name)
        crowded = _crowded(group, table, object_key)
        faults.update({refusal.row_number: refusal for refusal in crowded})
        rest = group[~group["row_number"].isin(faults)]
        passes = _passes(rest, table, meter, day)
        numbers = [int(number) for number in rest["row_number"]]
        if passes is None:
            faults.update({n: _ambiguous(n, table) for n in numbers})
            continue
        second.update(dict(zip(numbers, passes.tolist(), strict=True)))
        if len(rest["wall_ms"].unique()) == len(rest) and not _is_decided(
            passes, table, meter, day
        ):
            unsure.update(numbers)
    frame["utc_ms"] += [
        _later_by(table, int(wall)) if second.get(int(number)) else 0
        for number, wall in zip(frame["row_number"], frame["wall_ms"], strict=True)
    ]
    frame, doubted = _checked(frame, unsure, table, store)
    faults.update({number: _ambiguous(number, table) for number in doubted})
    good = frame[~frame["row_number"].isin(faults)].reset_index(drop=True)
    own = [
        _with_offset(refusal, table, second, unsure)
        for number, refusal in table.refusals.items()
        if number not in faults
    ]
    return HeldRows(
        frame=good,
        refusals=sorted([*own, *faults.values()], key=lambda refusal: refusal.row_number),
        rules=table.rules,
        spellings=table.spellings,
        cells=table.cells.__getitem__,
    )


def _change(table: _Table, day: int) -> ClockChange | None:
    return None if table.rules.clock.zone is None else clock_change(table.rules.clock.zone, day)


def _later_by(table: _Table, wall_ms: int) -> int:
    """How much later the second pass of a repeated wall time is [ms]."""
    change = _change(table, wall_ms // MS_PER_DAY)
    return 0 if change is None else change.before_ms - change.after_ms


def _note_direction(table: _Table, meters: pd.Series, wall: NDArray[np.int64]) -> None:
    """Count the steps of each meter's times, whatever rows of others lie in between."""
    codes = meters.cat.codes.to_numpy()
    order = np.argsort(codes, kind="stable")
    walls, starts = wall[order], np.flatnonzero(np.diff(codes[order], prepend=-1))
    steps = np.diff(walls, prepend=0)
    ends = np.append(starts[1:], len(walls)) - 1
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        meter, first = str(meters.iloc[order[start]]), int(walls[start])
        steps[start] = first - table.last_wall.get(meter, first)
        table.last_wall[meter] = int(walls[end])
    table.falling += int((steps < 0).sum())
    table.rising += int((steps > 0).sum())


def _note_neighbours(table: _Table, frame: pd.DataFrame, wall: NDArray[np.int64]) -> None:
    for day in np.unique(wall // MS_PER_DAY).tolist():
        change = _change(table, day)
        if change is None or not change.repeats:
            continue
        for side, low, high in (
            ("before", change.wall_start_ms - NEIGHBOUR_MS, change.wall_start_ms),
            ("after", change.wall_end_ms, change.wall_end_ms + NEIGHBOUR_MS),
        ):
            near = (wall >= low) & (wall < high)
            for meter in frame["meter_id"][near].unique():
                table.sides.add((str(meter), day, side))


def _passes(group: pd.DataFrame, table: _Table, meter: str, day: int) -> NDArray[np.bool_] | None:
    """Whether each row of a meter and day is in the second pass; None where nothing shows it.

    Registers that rise say so best, then the order in the file, oldest or newest first.
    """
    wall = group["wall_ms"].to_numpy()
    by_register = _register_order(group, table.rules)
    newest_first = table.falling > table.rising
    order = np.arange(len(wall))[::-1] if newest_first else np.arange(len(wall))
    if by_register is not None and (np.diff(wall[by_register]) <= 0).sum() == 1:
        order = by_register
    ordered = wall[order]
    back = np.flatnonzero(np.diff(ordered) <= 0)
    second = np.zeros(len(wall), dtype=np.bool_)
    if len(back) == 1:
        second[order] = np.arange(len(wall)) > back[0]
    elif len(back) > 1 and (np.diff(ordered) < 0).any():
        return None
    elif len(back) > 1:
        second[order] = pd.Series(ordered).duplicated().to_numpy()
    else:
        before = (meter, day, "before") in table.sides
        after = (meter, day, "after") in table.sides
        second[:] = after and not before
    return second


def _register_order(group: pd.DataFrame, rules: TableRules) -> NDArray[np.int64] | None:
    """The rows in the order of a register that is known of each of them and rises."""
    for value in rules.kind.values:
        if value.is_register and value.essential and value.name in group:
            register = group[value.name].to_numpy(np.float64)
            if np.isfinite(register).all() and len(np.unique(register)) == len(register) > 1:
                return np.argsort(register, kind="stable")
    return None


def _is_decided(passes: NDArray[np.bool_], table: _Table, meter: str, day: int) -> bool:
    """Whether rows that occur once are known to be of their pass, from their neighbours."""
    before, after = ((meter, day, side) in table.sides for side in ("before", "after"))
    return len(passes) > 0 and before != after


def _checked(
    frame: pd.DataFrame, unsure: set[int], table: _Table, store: CurrentVersions
) -> tuple[pd.DataFrame, list[int]]:
    """Lone rows against what is stored: the pass that says the same, or none that contradicts.

    Returns:
        The frame with their instants, and the numbers of rows that contradict what is stored.
    """
    rows = np.flatnonzero(frame["row_number"].isin(unsure).to_numpy())
    if not len(rows):
        return frame, []
    lone = frame.iloc[rows]
    moved = [_later_by(table, int(wall)) for wall in lone["wall_ms"]]
    tried = [lone, lone.assign(utc_ms=lone["utc_ms"].to_numpy() + np.array(moved))]
    stored = store.current(pd.concat(tried, ignore_index=True))
    known = dict(zip(stored["key"].tolist(), stored["fingerprint"].tolist(), strict=True))
    doubted: list[int] = []
    utc_ms = frame["utc_ms"].to_numpy().copy()
    keys = [store.keys(part) for part in tried]
    for at, row in enumerate(rows.tolist()):
        values = [known.get(int(keys[n][at])) for n in (0, 1)]
        own = int(lone["fingerprint"].iloc[at])
        if own in values:
            utc_ms[row] = tried[values.index(own)]["utc_ms"].iloc[at]
        elif any(value is not None for value in values):
            doubted.append(int(lone["row_number"].iloc[at]))
    return frame.assign(utc_ms=utc_ms), doubted


def _crowded(group: pd.DataFrame, table: _Table, object_key: str) -> list[Refusal]:
    """Refusals of rows whose wall time stands more often than a clock change allows."""
    counts = group["wall_ms"].value_counts()
    crowded = counts[counts > 2]
    found: list[Refusal] = []
    rows = group[group["wall_ms"].isin(crowded.index)]
    for number, meter, wall in zip(
        rows["row_number"], rows["meter_id"], rows["wall_ms"], strict=True
    ):
        moment = _moment(int(wall), table)
        text = (
            f"{object_key}: meter {meter} has {crowded[wall]} readings "
            f"for {moment:%H:%M} on {moment:%Y-%m-%d}, where a clock change allows 2. "
            f"Send UTC offsets, or set the meter's `clock`."
        )
        found.append(_refusal(int(number), table, int(wall), "too_many_for_clock_change", text))
    return found


def _moment(wall_ms: int, table: _Table) -> datetime:
    """A wall time as it stands in the file."""
    return datetime.fromtimestamp(0, UTC) + timedelta(
        milliseconds=wall_ms - table.rules.wall_shift_ms
    )


def _ambiguous(row_number: int, table: _Table) -> Refusal:
    cells = table.cells[row_number]
    position = table.rules.layout.positions[table.rules.layout.time_field]
    return Refusal(
        row_number=row_number,
        column=table.rules.title(table.rules.layout.time_field),
        value=cells[position] if position < len(cells) else None,
        reason="ambiguous_local_time",
    )


def _refusal(row_number: int, table: _Table, wall_ms: int, reason: str, remedy: str) -> Refusal:
    return Refusal(
        row_number=row_number,
        column=table.rules.title(table.rules.layout.time_field),
        value=f"{_moment(wall_ms, table):%Y-%m-%d %H:%M:%S}",
        reason=reason,
        remedy=remedy,
    )


def _with_offset(
    refusal: Refusal, table: _Table, second: Mapping[int, bool], unsure: set[int]
) -> Refusal:
    """A refusal with the UTC offset of its time, where it shows which pass that is."""
    number = refusal.row_number
    change = None if refusal.wall_ms is None else _change(table, refusal.wall_ms // MS_PER_DAY)
    if change is None or number not in second or number in unsure:
        return refusal
    offset_ms = change.after_ms if second[number] else change.before_ms
    return replace(refusal, offset_min=offset_ms // MINUTE_MS)
