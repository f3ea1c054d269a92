"""Which column of an electricity or water file holds what, and in which unit.

Nothing is read of the rows. Spellings are listed for people in docs/file_formats.md.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from energy_assets.consumption.file_errors import UnknownUnitError
from energy_assets.consumption.units import (
    TEMPERATURE_UNITS,
    UNIT_NAMES,
    UNITS_BY_NAME,
    Unit,
    unit_name,
)
from energy_assets.contracts.consumption import MeterType
from energy_assets.intake.errors import (
    DuplicatedColumnsError,
    MissingColumnsError,
    TooManyColumnsError,
)
from energy_assets.intake.layouts import (
    MAX_COLUMNS,
    QUARANTINE_COLUMNS,
    Layout,
    choose_instant,
    normalised,
)

POINT_VALUES: Final = ("consumption", "register", "temperature_c")
"""Fields that hold numbers."""

METER_COLUMN: Final = "METER_ID"
"""Header of the column that names the meter, in files that we write."""

_SPELLINGS: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("meterid", "meter", "meterno", "meternumber", "serial", "serialno", "serialnumber",
         "meterserial", "userkey", "userid", "deviceid", "device", "sensorid"),
        "serial",
    ),
    **dict.fromkeys(("datetime", "dateandtime", "readat", "readingdatetime"), "datetime"),
    "timestamp": "timestamp",
    **dict.fromkeys(("date", "readingdate", "day"), "date"),
    **dict.fromkeys(("time", "readingtime"), "time"),
    **dict.fromkeys(
        ("consumption", "usage", "use", "used", "energy", "volume", "value", "load", "demand",
         "power", "flow", "diff", "difference", "delta"),
        "consumption",
    ),
    **dict.fromkeys(
        ("register", "meterreading", "reading", "index", "meterindex", "registerreading",
         "counter", "totalizer", "cumulative", "cumulativeconsumption"),
        "register",
    ),
    **dict.fromkeys(
        ("temperature", "temp", "outdoortemperature", "outsidetemperature", "airtemperature",
         "ambienttemperature"),
        "temperature_c",
    ),
    "quarantinefile": "quarantine_file",
    "quarantinerow": "quarantine_row",
}  # fmt: skip
"""Normalised header without unit to field."""


@dataclass(frozen=True, kw_only=True)
class ConsumptionLayout:
    """Where a file keeps what, and its units.

    Attributes:
        layout: Which column is what; a meter column is the field `serial`.
        value_unit: Unit of the consumption or register.
        temperature_unit: One of `TEMPERATURE_UNITS`.
    """

    layout: Layout
    value_unit: Unit
    temperature_unit: str

    @property
    def is_register(self) -> bool:
        """Whether the file holds a cumulative register."""
        return "register" in self.layout.positions

    @property
    def has_meters(self) -> bool:
        """Whether the rows name their meters."""
        return "serial" in self.layout.positions


@dataclass(frozen=True)
class _Header:
    """A header without its unit, and the unit; in brackets it cannot be anything else."""

    name: str
    unit: str
    in_brackets: bool = False


def _parsed(header: str) -> _Header:
    text = header.lstrip("\ufeff").strip()
    if match := re.fullmatch(r"(.*?)[(\[]([^)\]]*)[)\]]", text):
        return _Header(normalised(match[1]), unit_name(match[2]), in_brackets=True)
    whole = normalised(text)
    if whole in _SPELLINGS:
        return _Header(whole, "")
    words = re.split(r"[\s_\-./:]+", text)
    last = unit_name(words[-1])
    if last in UNIT_NAMES:
        return _Header(normalised(" ".join(words[:-1])), last)
    for unit in sorted(UNIT_NAMES, key=len, reverse=True):
        if whole.removesuffix(unit) != whole and whole.removesuffix(unit) in _SPELLINGS:
            return _Header(whole.removesuffix(unit), unit)
    return _Header(whole, "")


def known_headers(header: Sequence[str]) -> int:
    """How many of these headers mean something here."""
    parsed = [_parsed(text) for text in header]
    return sum(1 for each in parsed if each.name in _SPELLINGS or each.unit in UNIT_NAMES)


def consumption_layout(
    header: Sequence[str], *, object_key: str, meter_type: MeterType, unit: str
) -> ConsumptionLayout:
    """The layout that a header describes.

    A file with an interval column and a register is read by its register. Without either, the only
    column that ends in a unit of the meter type is the consumption: `PJME_MW`.

    Args:
        header: The headers as they stand.
        object_key: Which file.
        meter_type: What it measures.
        unit: Unit of the values where the header names none.

    Raises:
        MeterFileError: Columns are missing or doubled, or state a unit of something else.
    """
    if len(header) > MAX_COLUMNS:
        raise TooManyColumnsError(object_key, f"{len(header):,} columns")
    parsed = [_parsed(text) for text in header]
    columns: dict[str, list[int]] = {}
    for position, each in enumerate(parsed):
        if each.name in _SPELLINGS:
            columns.setdefault(_SPELLINGS[each.name], []).append(position)
    if not {"consumption", "register"} & set(columns):
        units = UNITS_BY_NAME[meter_type]
        bare = [i for i, h in enumerate(parsed) if h.unit in units and h.name not in _SPELLINGS]
        columns["consumption"] = bare
    for meaning, found in columns.items():
        if len(found) > 1:
            raise DuplicatedColumnsError(object_key, meaning, [header[i] for i in found])
    positions = {meaning: found[0] for meaning, found in columns.items() if found}
    if "register" in positions:
        positions.pop("consumption", None)
    choose_instant(positions)
    _require(positions, header=header, object_key=object_key)
    value = positions["register" if "register" in positions else "consumption"]
    return ConsumptionLayout(
        layout=Layout(
            header=tuple(header),
            positions=positions,
            ignored=_ignored(header, parsed, positions),
            values=POINT_VALUES,
        ),
        value_unit=_value_unit(
            parsed[value].unit or unit_name(unit),
            object_key=object_key,
            header=header[value],
            meter_type=meter_type,
            is_register="register" in positions,
        ),
        temperature_unit=_temperature_unit(parsed, header, positions, object_key=object_key),
    )


def _ignored(
    header: Sequence[str], parsed: Sequence[_Header], positions: Mapping[str, int]
) -> tuple[str, ...]:
    reported = set(map(normalised, QUARANTINE_COLUMNS)) | {""}
    used = set(positions.values())
    return tuple(
        text
        for i, text in enumerate(header)
        if i not in used and (parsed[i].name not in reported or parsed[i].unit)
    )


def _require(positions: Mapping[str, int], *, header: Sequence[str], object_key: str) -> None:
    """Stop when no value can be told from these columns."""
    missing: list[str] = []
    if "datetime" not in positions and not {"date", "time"} <= set(positions):
        missing.append("DateTime (or Date and Time)")
    if not {"consumption", "register"} & set(positions):
        missing.append("Consumption (or a cumulative Register)")
    if missing:
        raise MissingColumnsError(object_key, missing, header)


def _value_unit(
    name: str, *, object_key: str, header: str, meter_type: MeterType, is_register: bool
) -> Unit:
    known = {n: u for n, u in UNITS_BY_NAME[meter_type].items() if not (u.is_power and is_register)}
    if name not in known:
        raise UnknownUnitError(object_key, header, name, known)
    return known[name]


def _temperature_unit(
    parsed: Sequence[_Header],
    header: Sequence[str],
    positions: Mapping[str, int],
    *,
    object_key: str,
) -> str:
    position = positions.get("temperature_c")
    name = "" if position is None else parsed[position].unit
    if position is not None and name and name not in TEMPERATURE_UNITS:
        raise UnknownUnitError(object_key, header[position], name, sorted(TEMPERATURE_UNITS))
    return name or "c"
