"""A raw block to typed readings: every cell checked, every faulty row refused with its reason.

Rows are independent of each other here. Clock changes, duplicates and what is stored already are
settled in `clock_changes` and `reconciliation`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from energy_assets.contracts.readings import READING_VALUES
from energy_assets.metering.dates import DateOrder
from energy_assets.metering.decimals import DecimalMark, read_numbers
from energy_assets.metering.fingerprint import fingerprints, text_digest
from energy_assets.metering.identifiers import identifier
from energy_assets.metering.instants import (
    NO_OFFSET,
    WallInstants,
    from_one_column,
    from_two_columns,
)
from energy_assets.metering.layouts import Layout
from energy_assets.metering.meter_clock import MeterClock
from energy_assets.metering.quarantine import Refusal
from energy_assets.metering.raw_blocks import RawBlock
from energy_assets.metering.row_faults import RowFaults

FIRST_MS: Final = 946_684_800_000
"""2000-01-01: no meter of this kind is older."""

POWER_FACTOR_TOLERANCE: Final = 0.05
"""Rounding takes a power factor this far beyond 1; it is clipped, beyond that it is refused."""

_POWER_FACTORS: Final = ("power_factor", "phase_a_power_factor")


@dataclass(frozen=True, kw_only=True)
class ReadingRules:
    """How the cells of one file are to be understood.

    Attributes:
        layout: Which column is what.
        clock: The clock that its times show, where they state no UTC offset.
        order: Day or month first, None when every date is certain.
        mark: Decimal mark, None when the file does not show it.
        shift_ms: From label to end of interval.
        latest_ms: Later instants lie in the future.
    """

    layout: Layout
    clock: MeterClock
    order: DateOrder | None
    mark: DecimalMark | None
    shift_ms: int
    latest_ms: int


@dataclass(frozen=True, kw_only=True)
class BlockReadings:
    """The readings of a block.

    Attributes:
        frame: Good rows: `row_number`, `serial`, `customer_ref`, `obis`, `wall_ms`, `utc_ms`,
            `repeated` (a wall time that occurs twice), `fingerprint`, and the file's values.
        refusals: The other rows.
        spellings: First spelling of each serial and customer reference, by field.
    """

    frame: pd.DataFrame
    refusals: list[Refusal]
    spellings: Mapping[str, dict[str, str]]


def block_readings(block: RawBlock, rules: ReadingRules) -> BlockReadings:
    """The good rows of a block as typed readings, and the refusals of the others."""
    faults = RowFaults(len(block.row_numbers))
    serials, spelled_serials = _identifiers(block, "serial", "serial", faults)
    if "customer_ref" in block.columns:
        customers, spelled_customers = _identifiers(block, "customer_ref", "customer", faults)
    else:
        customers, spelled_customers = serials, spelled_serials
    instants = _instants(block, rules, faults)
    values = {name: _values(block, name, rules, faults) for name in rules.layout.value_fields}
    _require_energy(values, rules.layout, faults)
    digests = np.array([text_digest(str(ref)) for ref in customers.categories], dtype=np.uint64)
    known = np.maximum(customers.codes, 0)
    digest = digests[known] if len(digests) else np.zeros(len(known), dtype=np.uint64)
    frame = pd.DataFrame(
        {
            "row_number": block.row_numbers,
            "serial": serials,
            "customer_ref": customers,
            "obis": _obis(block),
            **instants,
            "fingerprint": fingerprints(digest, values),
            **_mended_rows(block),
            **values,
        },
        copy=False,
    )
    refusals = [_refusal(block, rules.layout, *fault) for fault in faults.listed()]
    return BlockReadings(
        frame=frame[faults.good].reset_index(drop=True) if faults.any else frame,
        refusals=[*block.refusals, *refusals],
        spellings={"serial": spelled_serials, "customer_ref": spelled_customers},
    )


@lru_cache(maxsize=1 << 17)
def _identifier(text: str) -> tuple[str, str]:
    return identifier(text)


def _identifiers(
    block: RawBlock, field: str, noun: str, faults: RowFaults
) -> tuple[pd.Categorical, dict[str, str]]:
    """A column of identifiers, and how each was first spelled."""
    column = block.columns[field]
    texts = column.dictionary.to_pylist()
    read = [*map(_identifier, texts), ("", "missing")]
    codes = np.asarray(pc.fill_null(column.indices, len(texts))).astype(np.int64)
    for fault in ("missing", "rounded"):
        faulty = np.array([each[1] == fault for each in read])
        if faulty.any():
            faults.mark(faulty[codes], field, f"{fault}_{noun}")
    spellings: dict[str, str] = {}
    for text, (name, fault) in zip(texts, read, strict=False):
        if not fault:
            spellings.setdefault(name, text.strip())
    index = {name: code for code, name in enumerate(spellings)}
    to_code = np.array([index.get(name, -1) if not bad else -1 for name, bad in read])
    return pd.Categorical.from_codes(to_code[codes], categories=_text_index(spellings)), spellings


def _text_index(texts: Mapping[str, str]) -> pd.Index:
    return pd.Index(list(texts), dtype="str")


def _obis(block: RawBlock) -> pd.Categorical:
    """OBIS texts, trimmed."""
    column = block.columns.get("obis")
    if column is None:
        missing = np.full(len(block.row_numbers), -1)
        return pd.Categorical.from_codes(missing, categories=_text_index({}))
    texts = [text.strip().replace("\x00", "␀") for text in column.dictionary.to_pylist()]
    index = {text: code for code, text in enumerate(dict.fromkeys(texts))}
    to_code = np.array([*(index[text] for text in texts), -1])
    codes = np.asarray(pc.fill_null(column.indices, len(texts))).astype(np.int64)
    return pd.Categorical.from_codes(
        to_code[codes], categories=_text_index(dict.fromkeys(index, ""))
    )


def _mended_rows(block: RawBlock) -> dict[str, pd.Series]:
    """Which refused row each row mends, where the file says so."""
    names = ("quarantine_file", "quarantine_row")
    if not all(name in block.columns for name in names):
        return {}
    return {name: pd.Series(block.columns[name].to_pylist(), dtype="object") for name in names}


def _instants(
    block: RawBlock, rules: ReadingRules, faults: RowFaults
) -> dict[str, NDArray[np.generic]]:
    """Wall times, instants and whether a wall time occurs twice."""
    one_column = "datetime" in block.columns
    if one_column:
        wall = from_one_column(block.columns["datetime"], order=rules.order)
    else:
        columns = block.columns
        wall = from_two_columns(columns["date"], columns["time"], order=rules.order)
    date_field, time_field = ("datetime", "datetime") if one_column else ("date", "time")
    for row, reason in wall.date_faults.items():
        faults.mark_row(row, date_field, reason)
    for row, reason in wall.time_faults.items():
        faults.mark_row(row, time_field, reason)
    utc_ms, repeated, skipped = _on_clock(wall, rules.clock)
    faults.mark(skipped, time_field, "nonexistent_local_time")
    utc_ms = utc_ms + rules.shift_ms
    faults.mark(wall.wall_ms < FIRST_MS, date_field, "implausible_year")
    faults.mark(utc_ms > rules.latest_ms, date_field, "future")
    return {"wall_ms": wall.wall_ms, "utc_ms": utc_ms, "repeated": repeated}


def _on_clock(
    wall: WallInstants, clock: MeterClock
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Instants, repeated and skipped wall times; a stated offset wins over the clock."""
    times = clock.to_utc(wall.wall_ms)
    stated = wall.offset_min != NO_OFFSET
    if not stated.any():
        return times.utc_ms, times.repeated, times.skipped
    utc_ms = np.where(stated, wall.wall_ms - wall.offset_min * 60_000, times.utc_ms)
    return utc_ms, times.repeated & ~stated, times.skipped & ~stated


def _values(
    block: RawBlock, name: str, rules: ReadingRules, faults: RowFaults
) -> NDArray[np.float64]:
    """One column of values within its bounds, NaN for none."""
    column = block.columns[name]
    if pa.types.is_floating(column.type):
        values = column.to_numpy(zero_copy_only=False)
        if column.null_count or not np.isfinite(values).all():
            faults.mark(~np.isfinite(values) & np.asarray(column.is_valid()), name, "not_finite")
    else:
        values, unreadable = read_numbers(column, mark=rules.mark)
        for row, reason in unreadable.items():
            faults.mark_row(row, name, reason)
    minimum, maximum = _BOUNDS[name]
    if name in _POWER_FACTORS:
        within = np.abs(values) <= 1 + POWER_FACTOR_TOLERANCE
        values = np.where(within, np.clip(values, -1, 1), values)
    with np.errstate(invalid="ignore"):
        if minimum == 0:
            faults.mark(values < 0, name, "negative")
        faults.mark((values < minimum) | (values > maximum), name, "out_of_range")
    return values


_BOUNDS: Final = {
    column.name: (
        -np.inf if column.minimum is None else column.minimum,
        np.inf if column.maximum is None else column.maximum,
    )
    for column in READING_VALUES
}


def _require_energy(
    values: Mapping[str, NDArray[np.float64]], layout: Layout, faults: RowFaults
) -> None:
    """Refuse rows with neither an import register nor a mean import power."""
    known = [values[name] for name in ("import_kwh", "avg_import_kw") if name in values]
    nothing = np.isnan(known[0]) if len(known) == 1 else np.isnan(known[0]) & np.isnan(known[1])
    field = "import_kwh" if "import_kwh" in layout.positions else "avg_import_kw"
    faults.mark(nothing, field, "no_energy_value")


def _refusal(block: RawBlock, layout: Layout, row: int, field: str, reason: str) -> Refusal:
    row_number = int(block.row_numbers[row])
    cells = block.texts.cells(row_number)
    position = layout.positions[field]
    return Refusal(
        row_number=row_number,
        column=layout.title(field) or f"column {position + 1}",
        value=cells[position] if position < len(cells) else None,
        reason=reason,
    )
