"""A raw block to typed rows: every cell checked, every faulty row refused with its reason.

Rows are independent of each other here. Clock changes, duplicates and what is stored already are
settled in `clock_changes` and `versions`.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from numpy.typing import NDArray

from energy_assets.intake.cells.block_cells import (
    mended_rows,
    read_finite_numbers,
    read_identifiers,
    read_instants,
    read_texts,
    refusals_of,
)
from energy_assets.intake.cells.row_faults import RowFaults
from energy_assets.intake.file_kind import Identify, ValueField
from energy_assets.intake.layouts import fits
from energy_assets.intake.quarantine import Refusal
from energy_assets.intake.readers.raw_blocks import RawBlock
from energy_assets.intake.rules import TableRules
from energy_assets.intake.units import Unit, unit_named
from energy_assets.intake.versions.fingerprint import fingerprints, text_digest

TOTAL_ROW: Final = re.compile(
    r"(grand\s*|sub-?\s*)?totals?\b.*|sums?\b.*|summe\b.*|average\b.*|mean\b.*|mittelwert\b.*|"
    r"min(imum)?|max(imum)?|count|end of (file|report|data).*",
    re.IGNORECASE,
)
"""What a cell says in a row below the readings that adds them up."""


UnitsOfRows = tuple[list[Unit | None], NDArray[np.int64]]
"""Units that a column names, and which of them each row has."""


@dataclass(frozen=True, kw_only=True)
class BlockRows:
    """The rows of a block, once their cells are understood.

    Attributes:
        frame: Good rows: `row_number`, `meter_id`, `wall_ms`, `utc_ms`, `repeated` (a wall time
            that occurs twice), `fingerprint`, texts and values.
        refusals: The other rows.
        spellings: First spelling of each identifier, by field.
        totals: Rows that add up others and are no readings.
        cells_dropped: Cells that were left out while their row was kept, by field and reason.
    """

    frame: pd.DataFrame
    refusals: list[Refusal]
    spellings: Mapping[str, dict[str, str]]
    totals: int = 0
    cells_dropped: Counter[str] = field(default_factory=Counter[str])


def block_rows(block: RawBlock, rules: TableRules) -> BlockRows:
    """The good rows of a block, and the refusals of the others."""
    kind, faults, dropped = rules.kind, RowFaults(len(block.row_numbers)), Counter[str]()
    meters, spelled = _meters(block, rules, faults)
    spellings = {"meter_id": spelled}
    texts: dict[str, pd.Categorical] = {}
    digest = np.zeros(len(block.row_numbers), dtype=np.uint64)
    for name in kind.texts:
        noun = kind.identifiers.get(name)
        if noun is None:
            texts[name] = read_texts(block, name)
        elif name in block.columns:
            texts[name], spellings[name] = read_identifiers(
                block, name, noun, faults, _cached(kind.identify)
            )
        else:
            texts[name], spellings[name] = meters, spelled
        if noun is not None:
            digest = digest + _digests(texts[name])
    instants = read_instants(block, rules, faults)
    unit_of_row = _units_of_rows(block, rules, faults)
    values = {
        name: _values(block, kind.value(name), rules, unit_of_row, faults, dropped)
        for name in rules.layout.value_fields
    }
    _require_value(values, rules, faults)
    frame = pd.DataFrame(
        {
            "row_number": block.row_numbers,
            "meter_id": meters,
            **texts,
            **instants,
            "fingerprint": fingerprints(digest, values),
            **mended_rows(block),
            **values,
        },
        copy=False,
    )
    refusals = [*block.refusals, *(refusals_of(block, rules, faults) if faults.any else [])]
    if instants["repeated"].any():
        refusals = _with_wall_times(refusals, frame)
    kept = [refusal for refusal in refusals if not _is_total(block, rules, refusal)]
    return BlockRows(
        frame=frame[faults.good].reset_index(drop=True) if faults.any else frame,
        refusals=kept,
        spellings=spellings,
        totals=len(refusals) - len(kept),
        cells_dropped=dropped,
    )


def _with_wall_times(refusals: Sequence[Refusal], frame: pd.DataFrame) -> list[Refusal]:
    """Refusals with meter and wall time where that occurs twice."""
    rows = frame.loc[frame["repeated"] & frame["meter_id"].notna()]
    known = {
        int(number): (str(meter), int(wall))
        for number, meter, wall in zip(
            rows["row_number"], rows["meter_id"], rows["wall_ms"], strict=True
        )
    }
    return [
        replace(
            refusal, meter_id=known[refusal.row_number][0], wall_ms=known[refusal.row_number][1]
        )
        if refusal.row_number in known
        else refusal
        for refusal in refusals
    ]


def _cached(identify: Identify) -> Identify:
    """The same, which remembers what it was asked."""
    return _CACHES.setdefault(identify, lru_cache(maxsize=1 << 17)(identify))


_CACHES: Final[dict[Identify, Identify]] = {}


def _digests(refs: pd.Categorical) -> NDArray[np.uint64]:
    """Digest of each row's identifier."""
    digests = np.array([text_digest(str(ref)) for ref in refs.categories], dtype=np.uint64)
    known = np.maximum(refs.codes, 0)
    return digests[known] if len(digests) else np.zeros(len(known), dtype=np.uint64)


def _meters(
    block: RawBlock, rules: TableRules, faults: RowFaults
) -> tuple[pd.Categorical, dict[str, str]]:
    if "meter_id" in block.columns:
        kind = rules.kind
        return read_identifiers(block, "meter_id", kind.meter_noun, faults, _cached(kind.identify))
    meter_id = rules.meter_id or ""
    codes = np.zeros(len(block.row_numbers), dtype=np.int8)
    categories = pd.Index([meter_id], dtype="str")
    return pd.Categorical.from_codes(codes, categories=categories), {meter_id: meter_id}


def _units_of_rows(block: RawBlock, rules: TableRules, faults: RowFaults) -> UnitsOfRows | None:
    """Units that a column names, and which of them each row has; none without that column."""
    column = block.columns.get("unit")
    if column is None:
        return None
    texts = column.dictionary.to_pylist()
    units: list[Unit | None] = [*map(unit_named, texts), None]
    codes = np.asarray(pc.fill_null(column.indices, len(texts))).astype(np.int64)
    wanted = [rules.kind.value(name) for name in rules.layout.value_fields]
    wanted = [each for each in wanted if each.essential]
    useless = np.array(
        [
            at < len(texts) and (unit is None or not any(fits(unit, each) for each in wanted))
            for at, unit in enumerate(units)
        ]
    )
    faults.mark(useless[codes], "unit", "unknown_unit")
    return units, codes


def _values(
    block: RawBlock,
    value: ValueField,
    rules: TableRules,
    unit_of_row: UnitsOfRows | None,
    faults: RowFaults,
    dropped: Counter[str],
) -> NDArray[np.float64]:
    """One column of values in the unit of the store, within its bounds, NaN for none."""
    numbers, unreadable = read_finite_numbers(block, value.name, rules.numbers)
    values = rules.layout.units[value.name].converted(
        numbers, to=value.quantity, interval_minutes=rules.interval_minutes
    )
    if unit_of_row is not None:
        values = _by_row(numbers, values, value, rules, unit_of_row, faults)
    values = _within_rounding(values, value)
    if value.name in rules.doubted:
        dropped[f"{value.name}: suspected_fahrenheit"] += int(np.isfinite(values).sum())
        values = np.full(len(values), np.nan)
    for row, reason in unreadable.items():
        if value.essential:
            faults.mark_row(row, value.name, reason)
        else:
            dropped[f"{value.name}: {reason}"] += 1
    with np.errstate(invalid="ignore"):
        negative = values < 0 if value.minimum == 0 else np.zeros(len(values), dtype=np.bool_)
        outside = (values < value.minimum) | (values > value.maximum)
    if not outside.any():
        return values
    for reason, rows in (("negative", negative), ("out_of_range", outside & ~negative)):
        if value.essential:
            faults.mark(rows, value.name, reason)
        elif rows.any():
            dropped[f"{value.name}: {reason}"] += int(rows.sum())
    return values if value.essential else np.where(outside, np.nan, values)


def _by_row(
    numbers: NDArray[np.float64],
    values: NDArray[np.float64],
    value: ValueField,
    rules: TableRules,
    unit_of_row: UnitsOfRows,
    faults: RowFaults,
) -> NDArray[np.float64]:
    """Values converted from the unit that their row names."""
    units, codes = unit_of_row
    own, minutes = rules.layout.units[value.name], rules.interval_minutes
    values = np.array(values)
    for at, unit in enumerate(units):
        rows = codes == at
        if unit is None or unit == own or not fits(unit, value) or not rows.any():
            continue
        if value.name in rules.layout.unit_is_stated:
            faults.mark(rows, "unit", "contradicting_unit")
        if unit.needs_interval(value.quantity) and minutes is None:
            faults.mark(rows, "unit", "unknown_unit")
        values[rows] = unit.converted(numbers[rows], to=value.quantity, interval_minutes=minutes)
    return values


def _within_rounding(values: NDArray[np.float64], value: ValueField) -> NDArray[np.float64]:
    """Values that rounding took a little beyond the bounds become the bound."""
    if not value.overshoot:
        return values
    with np.errstate(invalid="ignore"):
        near = (values >= value.minimum - value.overshoot) & (
            values <= value.maximum + value.overshoot
        )
        return np.where(near, np.clip(values, value.minimum, value.maximum), values)


def _require_value(
    values: Mapping[str, NDArray[np.float64]], rules: TableRules, faults: RowFaults
) -> None:
    """Refuse rows without any of the wanted values."""
    wanted = [name for name in rules.kind.wanted if name in values]
    nothing = np.isnan(values[wanted[0]])
    for name in wanted[1:]:
        nothing = nothing & np.isnan(values[name])
    faults.mark(nothing, wanted[0], rules.kind.reason_without_value)


def _is_total(block: RawBlock, rules: TableRules, refusal: Refusal) -> bool:
    """Whether a refused row is no reading, but adds up those above it."""
    cells = [cell.strip() for cell in block.texts.cells(refusal.row_number)]
    if not any(TOTAL_ROW.fullmatch(cell) for cell in cells):
        return False
    position = rules.layout.positions[rules.layout.date_field]
    date = cells[position] if position < len(cells) else ""
    return not date or TOTAL_ROW.fullmatch(date) is not None


def one_text(text: str, size: int) -> pd.Series:
    """A column that says the same in every row."""
    codes = np.zeros(size, dtype=np.int8)
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index([text]))).astype("str")


def utc_index(moments: NDArray[np.datetime64]) -> pd.DatetimeIndex:
    """Instants in UTC from numpy's, which have no zone."""
    return pd.DatetimeIndex(moments).tz_localize("UTC")
