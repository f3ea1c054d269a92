"""Which column of a file holds which field, and in which unit, as its header says.

What a cell says is read elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from energy_assets.intake.bare_units import may_be_consumption
from energy_assets.intake.errors import (
    DuplicatedColumnsError,
    MissingColumnsError,
    TooManyColumnsError,
    UnknownUnitError,
)
from energy_assets.intake.file_kind import QUARANTINE_COLUMNS, FileKind, ValueField
from energy_assets.intake.headers import HeaderReading, normalised, readings_of
from energy_assets.intake.time_columns import TIME_SPELLINGS, TimeColumns, time_columns
from energy_assets.intake.time_notes import side_noted
from energy_assets.intake.units import UNITS, Unit, unit_name, unit_named

MAX_COLUMNS: Final = 1_000
"""No meter export has more columns."""

UNIT_COLUMN: Final = frozenset(
    [
        *("unit", "units", "uom", "unitname", "einheit", "unidad", "unite"),
        *("unitofmeasure", "unitsofmeasure", "unitofmeasurement", "unitsofmeasurement"),
        *("measureunit", "measurementunit", "measurementunits", "quantityunit"),
        *("engunit", "engunits", "engineeringunit", "engineeringunits"),
        *("valueunit", "valueunits", "usageunit", "usageunits", "consumptionunit"),
        *("readingunit", "readingunits"),
    ]
)
"""Normalised headers of a column that names the unit of each row."""

REGISTER_WORDS: Final = (
    "cumulative", "accumulated", "running", "totalizer", "totaliser", "lifetime", "odometer",
)  # fmt: skip
"""Words that make a value a register, wherever they stand in its header."""

HARMLESS_NOTES: Final = frozenset(
    [
        "total",
        "net",
        "gross",
        "import",
        "imported",
        "delivered",
        "avg",
        "average",
        "mean",
        "interval",
        "hourly",
        "halfhourly",
        "daily",
        "energy",
        "active",
        "local",
        "localtime",
        "required",
        "optional",
    ]
)
"""What may stand in the brackets of a value's header beside a unit."""

USUAL_UNITS: Final = (
    "Wh", "kWh", "MWh", "GWh", "W", "kW", "MW", "kVA", "kVAh", "kvarh", "kvar", "A", "mA", "V",
    "kV", "%", "m3", "l", "US gal", "ccf", "ft3", "m3/h", "l/h", "l/min", "°C", "°F",
)  # fmt: skip
"""Units that errors name; others are understood as well."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where a file keeps what.

    Attributes:
        header: All headers as they stand.
        positions: Field to column number, 0 first. Instants are `date` and `time`, or `datetime`.
        units: Unit of each value that the file has a column for.
        unit_is_stated: Values whose header states the unit.
        times: How instants are found.
        ignored: Headers that mean nothing here.
        values: Fields that hold numbers, in the order of the table, there or not.
    """

    header: tuple[str, ...]
    positions: Mapping[str, int]
    units: Mapping[str, Unit]
    unit_is_stated: frozenset[str]
    times: TimeColumns
    values: tuple[str, ...]
    ignored: tuple[str, ...] = field(default=())

    def title(self, name: str) -> str:
        """The header of a field as it stands in the file."""
        return self.header[self.positions[name]]

    @property
    def value_fields(self) -> list[str]:
        """The values that the file has columns for, in the order of the table."""
        return [name for name in self.values if name in self.positions]

    def is_value(self, name: str) -> bool:
        """Whether a field holds numbers; all others are read as text."""
        return name in self.values

    @property
    def date_field(self) -> str:
        """The field that holds dates."""
        return "date" if "date" in self.positions else "datetime"

    @property
    def time_field(self) -> str:
        """The field that holds times of day."""
        return "time" if "time" in self.positions else "datetime"


def layout_of(header: Sequence[str], kind: FileKind, *, object_key: str) -> Layout:
    """The layout that a header describes.

    Args:
        header: The headers as they stand.
        kind: What the file should be.
        object_key: Which file.

    Raises:
        TooManyColumnsError: No export has that many columns.
        DuplicatedColumnsError: Two columns mean the same field.
        MissingColumnsError: No meter, no instant, or no wanted value.
        UnknownUnitError: A column states a unit that its quantity cannot have.
    """
    if len(header) > MAX_COLUMNS:
        raise TooManyColumnsError(object_key, f"{len(header):,} columns")
    found = _Columns(header, kind, object_key)
    times = time_columns(found.single(found.times))
    times = None if times is None else found.with_notes(times)
    positions = found.single(found.fields)
    for name, missing in kind.otherwise.items():
        if name in positions and missing not in positions:
            positions[missing] = positions.pop(name)
    for name, better in kind.instead.items():
        if better in positions:
            positions.pop(name, None)
    _require(positions, times, kind, header=header, object_key=object_key)
    assert times is not None  # noqa: S101 - `_require` has stopped otherwise
    values = {name: at for name, at in positions.items() if name in kind.value_names}
    return Layout(
        header=tuple(header),
        positions={**positions, **times.positions},
        units={name: found.unit_of(kind.value(name), at) for name, at in values.items()},
        unit_is_stated=frozenset(n for n, at in values.items() if found.stated.get(at)),
        times=times,
        values=kind.value_names,
        ignored=found.ignored({*positions.values(), *times.positions.values(), times.other_end}),
    )


def known_headers(header: Sequence[str], kind: FileKind) -> int:
    """How many of these headers mean something in a kind of file."""
    if len(header) > MAX_COLUMNS:
        return 0
    return _Columns(header, kind, "").known


class _Columns:
    """What each column of a header may mean."""

    def __init__(self, header: Sequence[str], kind: FileKind, object_key: str) -> None:
        self.header, self.kind, self.object_key = header, kind, object_key
        self.fields: dict[str, list[int]] = {}
        self.times: dict[str, list[int]] = {}
        self.stated: dict[int, Unit] = {}
        self._faulty: dict[str, tuple[int, HeaderReading]] = {}
        self._bare: list[int] = []
        self._notes: dict[int, str] = {}
        for position, text in enumerate(header):
            self._read(position, text)
        names = [normalised(text) for text in header]
        for name, position in kind.complete_cut(names, set(self.fields)):
            self.fields.setdefault(name, []).append(position)
        if kind.bare_unit and not set(kind.wanted) & set(self.fields) and self._bare:
            self.fields[kind.bare_unit] = self._bare

    @property
    def known(self) -> int:
        """How many columns mean something; one less where none says when: `Units,kWh`."""
        columns = [*self.fields.values(), *self.times.values()]
        known = sum(map(len, columns)) + len(self._faulty)
        return known if self.times or known < 2 else known - 1

    def _read(self, position: int, text: str) -> None:
        for reading in readings_of(text):
            name = reading.name
            if name in TIME_SPELLINGS and (reading.unit is None or reading.note):
                part = TIME_SPELLINGS[name]
                self.times.setdefault(part, []).append(position)
                self._notes[position] = reading.note
                return
            field_name = self._text_field(name)
            if field_name:
                self.fields.setdefault(field_name, []).append(position)
                return
            if self._value(position, reading):
                return
        self._note_bare(position, text)

    def _text_field(self, name: str) -> str:
        if name in self.kind.meter:
            return "meter_id"
        if name in UNIT_COLUMN:
            return "unit"
        quarantine = {"quarantinefile": "quarantine_file", "quarantinerow": "quarantine_row"}
        if name in quarantine:
            return quarantine[name]
        return next((each for each, known in self.kind.texts.items() if name in known), "")

    def _value(self, position: int, reading: HeaderReading) -> bool:
        """Whether a header is a value's; notes the unit that it states."""
        name, is_register = self._without_words(reading)
        candidates = [each for each in self.kind.values if name in each.spellings]
        if not candidates and reading.unit is not None:
            candidates = [
                each
                for each in self.kind.values
                if name in each.stems and reading.unit.fits(each.quantity)
            ]
        if is_register:
            candidates = [
                each
                for each in self.kind.values
                if each.is_register and (each in candidates or name in each.stems or candidates)
            ][:1]
        if not candidates:
            return False
        fitting = [
            each
            for each in candidates
            if reading.unit is None or fits(reading.unit, each) or _is_misnamed(reading, each)
        ]
        chosen = (fitting or candidates)[0]
        if not fitting or self._has_odd_note(reading):
            self._faulty.setdefault(chosen.name, (position, reading))
            if chosen.essential and self.object_key:
                raise UnknownUnitError(
                    self.object_key, self.header[position], reading.unit_text, units_for(chosen)
                )
            return True
        if reading.unit is not None and not _is_misnamed(reading, chosen):
            self.stated[position] = reading.unit
        self.fields.setdefault(chosen.name, []).append(position)
        return True

    def _without_words(self, reading: HeaderReading) -> tuple[str, bool]:
        """A value's name without words that change nothing, and whether it is a register's."""
        name = reading.name
        if any(name in each.spellings for each in self.kind.values):
            return name, any(word in reading.note.lower() for word in REGISTER_WORDS)
        is_register = any(word in name + reading.note.lower() for word in REGISTER_WORDS)
        for word in (*REGISTER_WORDS, *sorted(self.kind.qualifiers, key=len, reverse=True)):
            rest = name.replace(word, "", 1)
            if rest:
                name = rest
        return name, is_register

    @staticmethod
    def _has_odd_note(reading: HeaderReading) -> bool:
        words = normalised(reading.note)
        known = words in HARMLESS_NOTES or any(word in words for word in REGISTER_WORDS)
        return bool(words) and not known

    def _note_bare(self, position: int, text: str) -> None:
        if not self.kind.bare_unit or not may_be_consumption(text):
            return
        value = self.kind.value(self.kind.bare_unit)
        for reading in readings_of(text):
            if reading.unit is not None and reading.unit.fits(value.quantity):
                self._bare.append(position)
                self.stated[position] = reading.unit
                return

    def with_notes(self, times: TimeColumns) -> TimeColumns:
        """The same with what the headers of the times say beside their names."""
        noted = (self._notes.get(position, "") for position in times.positions.values())
        notes = tuple(note for note in noted if note)
        return replace(times, notes=notes, side=times.side or side_noted(notes))

    def single(self, columns: Mapping[str, list[int]]) -> dict[str, int]:
        """The column of each field.

        Raises:
            DuplicatedColumnsError: Two columns mean the same field.
        """
        for meaning, found in columns.items():
            if len(found) > 1 and meaning != "timestamp":
                titles = [self.header[i] for i in found]
                raise DuplicatedColumnsError(self.object_key, meaning, titles)
        return {meaning: found[0] for meaning, found in columns.items()}

    def unit_of(self, value: ValueField, position: int) -> Unit:
        """The unit of a value's column."""
        usual = unit_named(value.unit) if value.unit else None
        return self.stated.get(position) or usual or Unit(quantity=value.quantity)

    def ignored(self, used: set[int | None]) -> tuple[str, ...]:
        """Headers of columns that are not read."""
        reported = set(map(normalised, QUARANTINE_COLUMNS)) | {"timestamp", ""}
        return tuple(
            text
            for position, text in enumerate(self.header)
            if position not in used and normalised(text) not in reported
        )


def fits(unit: Unit, value: ValueField) -> bool:
    """Whether a value can have a unit; a register is no rate."""
    return unit.quantity == value.quantity if value.is_register else unit.fits(value.quantity)


def _is_misnamed(reading: HeaderReading, value: ValueField) -> bool:
    if reading.unit is None:
        return False
    return any(UNITS[name] == reading.unit for name in value.misnamed)


def units_for(value: ValueField) -> list[str]:
    """The usual units that a value can have."""
    return [name for name in USUAL_UNITS if fits(UNITS[unit_name(name)], value)]


def _require(
    positions: Mapping[str, int],
    times: TimeColumns | None,
    kind: FileKind,
    *,
    header: Sequence[str],
    object_key: str,
) -> None:
    """Stop where no value can be understood from these columns."""
    missing: list[str] = []
    if "meter_id" not in positions and not kind.meters_from_names:
        missing.append(kind.meter_title)
    is_whole = times is not None and ("datetime" in times.positions or len(times.positions) == 2)
    if not is_whole:
        missing.append("DATE and TIME (or one DateTime column)")
    if not set(kind.wanted) & set(positions):
        missing.append(" or ".join(kind.wanted.values()))
    if missing:
        raise MissingColumnsError(object_key, missing, header)
