"""A row of units below the header: `,,kWh,°C`."""

from collections.abc import Sequence
from dataclasses import replace

from energy_assets.intake.errors import UnknownUnitError
from energy_assets.intake.file_kind import FileKind
from energy_assets.intake.layouts import Layout, fits, units_for
from energy_assets.intake.readers.raw_blocks import RawTable
from energy_assets.intake.units import Unit, unit_named


def unit_row(table: RawTable, layout: Layout, kind: FileKind, *, object_key: str) -> Layout | None:
    """The layout with the units of the row below the header; None where that is no row of units.

    Raises:
        UnknownUnitError: A wanted value has a unit there that its quantity cannot have.
    """
    cells = next(iter(table.sample), None)
    if cells is None:
        return None
    at = {name: layout.positions[name] for name in layout.value_fields}
    texts = {name: cells[place].strip() for name, place in at.items() if place < len(cells)}
    found = {name: unit_named(text) for name, text in texts.items() if text}
    wanted = [name for name in kind.wanted if name in found]
    if not wanted or any(_is_number(text) for text in texts.values()) or _has_date(cells, layout):
        return None
    if not any(found[name] is not None for name in wanted) and not any(found.values()):
        return None
    units: dict[str, Unit] = {}
    for name, unit in found.items():
        value = kind.value(name)
        if unit is not None and fits(unit, value):
            units[name] = unit
        elif value.essential:
            raise UnknownUnitError(object_key, layout.title(name), texts[name], units_for(value))
    return replace(
        layout,
        units={**layout.units, **units},
        unit_is_stated=layout.unit_is_stated | set(units),
    )


def _is_number(text: str) -> bool:
    return any(character.isdigit() for character in text.replace("m3", "").replace("ft3", ""))


def _has_date(cells: Sequence[str], layout: Layout) -> bool:
    position = layout.positions[layout.date_field]
    return position < len(cells) and any(c.isdigit() for c in cells[position])
