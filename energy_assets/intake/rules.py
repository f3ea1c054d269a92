"""How the cells of one table are to be understood, once that has been found out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.cells.date_order import DateOrders
from energy_assets.intake.cells.decimals import NumberRules
from energy_assets.intake.file_kind import FileKind
from energy_assets.intake.layouts import Layout
from energy_assets.intake.readers.raw_blocks import TablePlan

FIRST_MS: Final = 946_684_800_000
"""2000-01-01: no meter of this kind is older."""


def fast_mark(numbers: NumberRules) -> str | None:
    """The mark with which whole columns are parsed; None where each cell is looked at."""
    if numbers.mark is not None:
        return numbers.mark
    return "." if numbers.plain_points and not numbers.mixed else None


@dataclass(frozen=True, kw_only=True)
class TableRules:
    """How the cells of one table are to be understood.

    Attributes:
        kind: What files of the flow look like.
        layout: Which column is what.
        clock: The clock that its times show, where they state no UTC offset.
        orders: Day or month first, row by row where that changes.
        numbers: Decimal mark.
        latest_ms: Later instants lie in the future.
        wall_shift_ms: From a time in the file to the start of its interval, on the wall clock.
        shift_ms: From there to the instant that is stored.
        interval_minutes: Interval of the values, where it matters. [min]
        first_ms: Earlier wall times are no reading's.
        bare_dates: Whether a date without a time is its midnight.
        hours: Whether the time is a number of an hour.
        doubted: Values that are left out, because they can hardly be in the unit that is meant.
        meter_id: The meter of a file that has no column for it.
        sheet: Name of the sheet, where there are several.
        first_row: Rows above are none of readings.
        added_cells: By header: what its rows must say beside their own cells, once they stand in a
            file of another name.
    """

    kind: FileKind
    layout: Layout
    clock: MeterClock
    orders: DateOrders
    numbers: NumberRules
    latest_ms: int
    wall_shift_ms: int = 0
    shift_ms: int = 0
    interval_minutes: int | None = None
    first_ms: int = FIRST_MS
    bare_dates: bool = False
    hours: bool = False
    doubted: frozenset[str] = frozenset()
    meter_id: str | None = None
    sheet: str = ""
    first_row: int = 0
    added_cells: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def plan(self) -> TablePlan:
        """How the reader is to cut its rows into columns."""
        return TablePlan(
            layout=self.layout,
            decimal_mark=fast_mark(self.numbers),
            first_row=self.first_row,
            swap_dates=self.orders.natives == "swapped",
        )

    def title(self, name: str) -> str:
        """Header of a field, with its sheet where there are several."""
        title = self.layout.title(name) or f"column {self.layout.positions[name] + 1}"
        return f"{self.sheet}!{title}" if self.sheet else title
