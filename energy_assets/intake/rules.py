"""How the cells of one file are to be understood, once that has been found out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.cells.dates import DateOrder
from energy_assets.intake.cells.decimals import DecimalMark
from energy_assets.intake.cells.identifiers import identifier
from energy_assets.intake.layouts import Layout

FIRST_MS: Final = 946_684_800_000
"""2000-01-01: no meter of this kind is older."""

Identify = Callable[[str | None], tuple[str, str]]
"""The identifier that a cell means, and a fault such as ``missing``, or an empty text."""


@dataclass(frozen=True, kw_only=True)
class ReadingRules:
    """How the cells of one file are to be understood.

    Attributes:
        layout: Which column is what.
        clock: The clock that its times show, where they state no UTC offset.
        order: Day or month first, None when every date is certain.
        mark: Decimal mark, None when the file does not show it.
        shift_ms: From a time in the file to the instant that is stored.
        wall_shift_ms: The same on the wall clock, for whole days, which have 23 to 25 hours.
        latest_ms: Later instants lie in the future.
        first_ms: Earlier wall times are no reading's.
        bare_dates: Whether a date without a time is its midnight.
        identify: Which meter a cell of the meter column means, or the lack of that column.
        added_cells: By header: what its rows must say beside their own cells, once they stand in a
            file of another name.
    """

    layout: Layout
    clock: MeterClock
    order: DateOrder | None
    mark: DecimalMark | None
    shift_ms: int
    latest_ms: int
    wall_shift_ms: int = 0
    first_ms: int = FIRST_MS
    bare_dates: bool = False
    identify: Identify = identifier
    added_cells: Mapping[str, str] = field(default_factory=dict[str, str])
