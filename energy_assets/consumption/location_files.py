"""Two small tables that people keep by hand: `locations.csv` and `meters.csv`.

Each row is checked by itself: good rows count, and every bad one is named with its remedy.
"""

import csv
import io
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from zoneinfo import available_timezones

import pandas as pd

from energy_assets.contracts.consumption import METER_TYPES
from energy_assets.intake.cells.decimals import NumberRules, read_number

MAX_FILE_BYTES: Final = 64 << 20
"""No table of places or meters is larger."""

_MAX_NAME: Final = 200
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_ONCE: Final = "Keep the right row and delete the other."


class LocationFileError(ValueError):
    """A table of places or meters cannot be read as a whole."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}. {remedy} Nothing of it was stored.")


@dataclass(frozen=True, kw_only=True)
class RowFault:
    """One refused row.

    Attributes:
        row_number: As a spreadsheet counts; the header is row 1.
        column: Header of the offending cell.
        value: What stands there.
        reason: What is wrong with it.
        remedy: What to do.
    """

    row_number: int
    column: str
    value: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"row {self.row_number}, {self.column} {self.value!r}: {self.reason}. {self.remedy}"


class _CellError(Exception):
    """A cell of the row at hand is wrong."""

    def __init__(self, column: str, value: str, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.facts = {"column": column, "value": value[:200], "reason": reason, "remedy": remedy}


def read_locations(data: bytes) -> tuple[pd.DataFrame, list[RowFault]]:
    """The places of a `locations.csv`: name, latitude, longitude, zone and, if it has, country.

    Args:
        data: The file, UTF-8, comma or semicolon.

    Returns:
        One row per place with the columns `name`, `latitude`, `longitude`, `zone`, `country` (null
        for none), and the refused rows.

    Raises:
        LocationFileError: It is no such table.
    """
    places: dict[str, dict[str, object]] = {}
    faults: list[RowFault] = []
    for row_number, row in _rows(data, needed=("name", "latitude", "longitude", "zone")):
        try:
            place = _place(row, earlier=places)
            places[str(place["name"])] = place
        except _CellError as error:
            faults.append(RowFault(row_number=row_number, **error.facts))
    columns = {"name": "str", "latitude": "float64", "longitude": "float64", "zone": "str"}
    frame = pd.DataFrame(list(places.values()), columns=[*columns, "country"])
    return frame.astype({**columns, "country": "str"}), faults


def read_meter_locations(
    data: bytes, *, locations: Collection[str]
) -> tuple[pd.DataFrame, list[RowFault]]:
    """Which meter is where, from a `meters.csv`: meter_type, meter_id, location.

    An empty location is the default one. A meter may be named before its first file arrives.

    Args:
        data: The file, UTF-8, comma or semicolon.
        locations: Names of the places that are known.

    Returns:
        One row per meter with the columns `meter_type`, `meter_id`, `location` (null for the
        default one), and the refused rows.

    Raises:
        LocationFileError: It is no such table.
    """
    where: dict[tuple[str, str], str | None] = {}
    faults: list[RowFault] = []
    for row_number, row in _rows(data, needed=("meter_type", "meter_id", "location")):
        try:
            key, location = _meter(row, locations=locations, earlier=where)
            where[key] = location
        except _CellError as error:
            faults.append(RowFault(row_number=row_number, **error.facts))
    frame = pd.DataFrame(
        [(*key, location) for key, location in where.items()],
        columns=["meter_type", "meter_id", "location"],
    )
    return frame.astype("str"), faults


def _place(
    row: Mapping[str, str], *, earlier: Mapping[str, Mapping[str, object]]
) -> dict[str, object]:
    name, zone = _name(row, "name"), row["zone"]
    if zone not in _zones():
        remedy = "Use a name of the IANA list, such as Europe/London."
        raise _CellError("zone", zone, "no time zone has this name", remedy)
    place: dict[str, object] = {
        "name": name,
        "latitude": _degrees(row, "latitude", limit=90.0),
        "longitude": _degrees(row, "longitude", limit=180.0),
        "zone": zone,
        "country": _country(row.get("country", "")),
    }
    if earlier.get(name, place) != place:
        raise _CellError("name", name, "stands in an earlier row with other values", _ONCE)
    return place


def _meter(
    row: Mapping[str, str],
    *,
    locations: Collection[str],
    earlier: Mapping[tuple[str, str], str | None],
) -> tuple[tuple[str, str], str | None]:
    key = (_meter_type(row), _name(row, "meter_id"))
    location = row["location"] or None
    if location is not None and location not in locations:
        remedy = "Add it to locations.csv, or correct its spelling."
        raise _CellError("location", location, "no place has this name", remedy)
    if earlier.get(key, location) != location:
        raise _CellError("meter_id", key[1], "stands in an earlier row elsewhere", _ONCE)
    return key, location


def _name(row: Mapping[str, str], column: str) -> str:
    name = row[column]
    if not name:
        raise _CellError(column, name, "it is empty", "Fill it in.")
    if len(name) > _MAX_NAME or _CONTROL.search(name):
        reason = f"it is longer than {_MAX_NAME} characters or holds control characters"
        raise _CellError(column, name, reason, "Give it a plain name.")
    return name


def _degrees(row: Mapping[str, str], column: str, *, limit: float) -> float:
    text = row[column]
    number, _ = read_number(text, NumberRules(mark=None)) if text else (math.nan, "")
    if not abs(number) <= limit:
        reason = f"it is no number from {-limit:g} to {limit:g}"
        raise _CellError(column, text, reason, "Write decimal degrees, north and east positive.")
    return number


def _country(text: str) -> str | None:
    code = text.upper()
    if not code:
        return None
    if code not in _countries():
        remedy = "Use two letters such as GB, or leave it empty for no holidays."
        raise _CellError("country", text, "no holidays are known for this code", remedy)
    return code


def _meter_type(row: Mapping[str, str]) -> str:
    meter_type = row["meter_type"].lower()
    if meter_type not in METER_TYPES:
        remedy = f"Write {' or '.join(METER_TYPES)}."
        raise _CellError("meter_type", row["meter_type"], "no such kind of meter", remedy)
    return meter_type


def _rows(data: bytes, *, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows by column name in lower case, without surrounding blanks; empty rows are skipped."""
    if len(data) > MAX_FILE_BYTES:
        raise LocationFileError(f"the table has {len(data):,} bytes", "Is it another file?")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LocationFileError("the table is no UTF-8 text", "Save it as CSV, UTF-8.") from None
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        missing = [name for name in needed if name not in header]
        if missing:
            remedy = f"Its header must be: {', '.join(needed)}."
            raise LocationFileError(f"the table has no column {', '.join(missing)}", remedy)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                padded = [*cells, *[""] * (len(header) - len(cells))]
                row = dict(zip(header, (cell.strip() for cell in padded), strict=False))
                yield reader.line_num, row
    except csv.Error as error:
        raise LocationFileError(f"line {reader.line_num}: {error}", "Check its quotes.") from None


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    import holidays

    return frozenset(holidays.list_supported_countries())
