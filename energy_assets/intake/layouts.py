"""Export layouts: which column of a meter file holds which field.

Header spellings are normalised, cut headers completed where only one field can be meant. What a
cell says is read elsewhere.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from energy_assets.contracts.readings import VALUE_NAMES

MAX_COLUMNS: Final = 1_000
"""No meter export has more columns."""

QUARANTINE_COLUMNS: Final = (
    "QUARANTINE_FILE",
    "QUARANTINE_ROW",
    "QUARANTINE_COLUMN",
    "QUARANTINE_REASON",
    "QUARANTINE_REMEDY",
)
"""Leading columns of a file of refused rows. The first two say which row a mended one replaces."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where a file keeps what.

    Attributes:
        header: All headers as they stand.
        positions: Field to column number, 0 first. Instants are `date` and `time`, or `datetime`.
        ignored: Headers that mean nothing here.
        values: Fields that hold numbers, in contract order, whether or not the file has them.
    """

    header: tuple[str, ...]
    positions: dict[str, int]
    ignored: tuple[str, ...] = field(default=())
    values: tuple[str, ...] = VALUE_NAMES

    def title(self, name: str) -> str:
        """The header of a field as it stands in the file."""
        return self.header[self.positions[name]]

    @property
    def value_fields(self) -> list[str]:
        """The values that the file has columns for, in contract order."""
        return [name for name in self.values if name in self.positions]

    def is_value(self, name: str) -> bool:
        """Whether a field holds numbers; all others are read as text."""
        return name in self.values


KnownHeaders = Callable[[Sequence[str]], int]
"""Says how many of these headers are known: the delimiter or sheet that shows most is right."""


def normalised(header: str) -> str:
    """A header without case, blanks, dots, underscores and unit: `importkwh`."""
    without_unit = header.lstrip("\ufeff").split("(")[0]
    return re.sub(r"[^a-z0-9]", "", without_unit.lower())


def choose_instant(positions: dict[str, int]) -> None:
    """Keep one way to tell the instant: date and time, else one column of both."""
    if "date" in positions and "time" in positions:
        positions.pop("datetime", None)
        positions.pop("timestamp", None)
        return
    for candidate in ("datetime", "timestamp", "date"):
        if candidate in positions:
            positions["datetime"] = positions.pop(candidate)
            break
    for unused in ("date", "time", "timestamp"):
        positions.pop(unused, None)
