"""Why a row can be refused, what to do about it, and the rows of the quarantine table.

A refusal names the first offending cell of a row. Nothing is read or stored here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pandas as pd

REMEDIES: Final[Mapping[str, str]] = {
    "wrong_column_count": "Give the row as many cells as the header has; check quotes and commas.",
    "undecodable": "Save the file as UTF-8 text.",
    "missing_serial": "Fill in the meter's serial.",
    "rounded_serial": "The serial was rounded by a spreadsheet: format the column as text.",
    "missing_customer": "Fill in the customer reference.",
    "rounded_customer": "The reference was rounded by a spreadsheet: format the column as text.",
    "missing_meter": "Fill in the meter id.",
    "rounded_meter": "The meter id was rounded by a spreadsheet: format the column as text.",
    "overlong_meter": "No meter id is that long: check quotes and delimiters.",
    "unreadable_date": "Write the date as YYYY-MM-DD.",
    "ambiguous_date": "Day and month can be swapped: write the date as YYYY-MM-DD.",
    "mixed_date_order": "Day and month are in another order than elsewhere: use YYYY-MM-DD.",
    "unreadable_time": "Write the time as HH:MM:SS.",
    "implausible_year": "Readings before the year 2000 are refused: correct the date.",
    "future": "It lies ahead of the file's arrival: correct the date, or the clock that is set.",
    "swapped_by_spreadsheet": "A spreadsheet took day and month for each other in some dates: "
    "write the date as YYYY-MM-DD.",
    "unknown_zone": "Write the offset to UTC instead of the zone: 01:30+02:00.",
    "ambiguous_local_time": "This hour comes twice: write the offset to UTC: 01:30+02:00.",
    "nonexistent_local_time": "Clocks skipped this local time: set the meter's clock or send UTC.",
    "too_many_for_clock_change": "Send UTC offsets, or set the meter's `clock`.",
    "mixed_decimal_marks": "Point and comma are both decimal marks in this file: write a point.",
    "unknown_unit": "Write a unit that this column can have, such as kWh or m3.",
    "contradicting_unit": "The header states another unit: correct one of them.",
    "spreadsheet_error_serial": "A spreadsheet wrote an error here: fill in the meter's serial.",
    "spreadsheet_error_customer": "A spreadsheet wrote an error here: fill in the reference.",
    "spreadsheet_error_meter": "A spreadsheet wrote an error here: fill in the meter id.",
    "not_a_number": "Write a plain number, or leave the cell empty.",
    "ambiguous_number": "Comma or point may be decimal or thousands: write the number without "
    "thousands separators.",
    "not_finite": "NaN and infinity are no readings: leave the cell empty.",
    "negative": "Registers and magnitudes are never negative: correct the value.",
    "out_of_range": "No meter shows such a value: correct it, or leave the cell empty.",
    "no_energy_value": "Fill in the import register or the mean import power.",
    "no_consumption": "Fill in the consumption or the register, or leave the row out.",
    "conflicting_values": "The file gives this meter and time different values: keep the right "
    "row.",
}
"""Reason codes and what a person should do about each."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One refused row.

    Attributes:
        row_number: As a spreadsheet counts; the first line is row 1.
        column: Header of the first offending column; `(row)` when it is the row as a whole.
        value: The text that stands there.
        reason: A key of `REMEDIES`.
        remedy: What to do, when there is more to say than `REMEDIES` does.
        meter_id: Its meter, where its wall time occurs twice.
        wall_ms: Its wall time, where that occurs twice. [ms since 1970]
        offset_min: UTC offset of its time, where it is known which of the two it is. [min]
    """

    row_number: int
    column: str
    value: str | None
    reason: str
    remedy: str = ""
    meter_id: str = ""
    wall_ms: int | None = None
    offset_min: int | None = None


def refusal_rows(
    refusals: Sequence[Refusal],
    raw_rows: Sequence[Mapping[str, str]],
    *,
    file_id: str,
    known_at: datetime,
) -> pd.DataFrame:
    """Rows of the quarantine table for these refusals and their raw rows, in the same order."""
    return pd.DataFrame(
        {
            "file_id": pd.Series([file_id] * len(refusals), dtype="str"),
            "row_number": pd.array([r.row_number for r in refusals], dtype="Int64"),
            "column": pd.Series([r.column for r in refusals], dtype="str"),
            "value": pd.Series([_storable(r.value) for r in refusals], dtype="str"),
            "reason": pd.Series([r.reason for r in refusals], dtype="str"),
            "remedy": pd.Series([r.remedy or REMEDIES[r.reason] for r in refusals], dtype="str"),
            "raw_row": pd.Series(
                [{_storable(k): _storable(v) for k, v in row.items()} for row in raw_rows],
                dtype="object",
            ),
            "known_at": pd.Series([known_at] * len(refusals), dtype="datetime64[ms, UTC]"),
            "resolved_by": pd.Series([None] * len(refusals), dtype="str"),
        }
    )


def conflicts(rows: pd.DataFrame) -> list[Refusal]:
    """Refusals of readings that contradict others of their file."""
    return [
        Refusal(
            row_number=int(row_number),
            column="(row)",
            value=f"meter {meter} at {pd.Timestamp(utc_ms, unit='ms'):%Y-%m-%dT%H:%M:%SZ}",
            reason="conflicting_values",
        )
        for row_number, meter, utc_ms in zip(
            rows["row_number"], rows["meter_id"], rows["utc_ms"], strict=True
        )
    ]


def raw_row(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """A row as text by header; cells beyond the header and repeated headers are numbered."""
    named: dict[str, str] = {}
    for position, cell in enumerate(cells, start=1):
        name = header[position - 1] if position <= len(header) else ""
        if not name or name in named:
            name = f"{name or 'column'} {position}"
        named[name] = cell
    return named


def _storable(text: str | None) -> str | None:
    """Text that every store takes: a NUL byte becomes visible."""
    return text if text is None else text.replace("\x00", "␀")
