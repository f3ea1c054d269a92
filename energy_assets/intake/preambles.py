"""What titles and comments say of units and clocks: `Unit: MWh`, `Timezone: UTC`."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from energy_assets.intake.errors import UnitAboveHeaderError
from energy_assets.intake.file_kind import FileKind
from energy_assets.intake.layouts import Layout, fits
from energy_assets.intake.units import Unit, unit_named

_UNIT: Final = re.compile(
    r"\W*(?:(?:data|value|reading|usage|energy|consumption)\s+)?(?:units?|uom|einheit|unidad|unité)"
    r"(?:\s+of\s+measure(?:ment)?)?\W*[:=,;\t|]\s*\"?([^\",;\t|]+)",
    re.IGNORECASE,
)
_MEASURED_IN: Final = re.compile(r".*\b(?:in|en)\s+\"?([A-Za-z][\w/³]+)[\s\",;|.)]*", re.IGNORECASE)
_CLOCK: Final = re.compile(
    r"\W*(?:time\s*zone|tz|utc\s*offset|zeitzone|(?:all\s+)?times?(?:\s+are)?\s+in|all times are)"
    r"[\s:=,;|\"]+\(?([^\",;\t|()]+)",
    re.IGNORECASE,
)


def clock_notes(lines: Sequence[str]) -> tuple[str, ...]:
    """The clocks that lines name, as they stand there."""
    found = (_CLOCK.match(line) for line in lines)
    return tuple(match[1].strip() for match in found if match)


def refuse_units_above(
    lines: Sequence[str], layout: Layout, kind: FileKind, *, object_key: str
) -> None:
    """Stop where a line names another unit than the one by which a column is read.

    Raises:
        UnitAboveHeaderError: The column states none itself.
    """
    if "unit" in layout.positions:
        return
    bare = [name for name in layout.value_fields if name not in layout.unit_is_stated]
    for line in lines:
        for unit in _units(line):
            for name in bare:
                value = kind.value(name)
                if value.essential and fits(unit, value) and unit != layout.units[name]:
                    raise UnitAboveHeaderError(object_key, line.strip(), layout.title(name))


def _units(line: str) -> Iterator[Unit]:
    """The units that a line names: behind a label, at its end, or as a cell of its own."""
    labelled = [match[1] for match in (_UNIT.match(line), _MEASURED_IN.fullmatch(line)) if match]
    cells = [cell.strip(' "[]()') for cell in re.split(r"[,;\t|]", line)]
    for text in [*labelled, *(cell for cell in cells if len(cell) > 1)]:
        unit = unit_named(text.strip())
        if unit is not None:
            yield unit
