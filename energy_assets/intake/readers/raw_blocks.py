"""What a file offers, whatever its format: tables, and their rows in blocks as they stand there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from energy_assets.intake.layouts import Layout
from energy_assets.intake.quarantine import Refusal

HeaderScore = Callable[[Sequence[str]], int]
"""Says how many of these headers are known: the line or delimiter that shows most is right."""


class RowTexts(Protocol):
    """The cells of single rows of a block, as text."""

    def cells(self, row_number: int) -> list[str]:
        """The cells of a row; more or fewer than the header has when the row is faulty."""
        ...


@dataclass(frozen=True, kw_only=True)
class RawBlock:
    """Rows of a table, column by column.

    Attributes:
        row_numbers: Of the rows in `columns`; the first line of the file is row 1.
        columns: By field: dictionary-encoded texts or, for values that are plain numbers, floats.
        texts: Where to look up single rows.
        native: Which rows hold a spreadsheet's own date rather than a text; none without it.
        refusals: Rows that are in the file and not in `columns`.
        fallback_rows: Rows that were no UTF-8 and read as Windows-1252.
    """

    row_numbers: NDArray[np.int64]
    columns: Mapping[str, pa.Array]
    texts: RowTexts
    native: NDArray[np.bool_] | None = None
    refusals: Sequence[Refusal] = field(default=())
    fallback_rows: int = 0

    @property
    def rows_in(self) -> int:
        """Rows of the file in this block, refused ones included."""
        return len(self.row_numbers) + len(self.refusals)


@dataclass(frozen=True, kw_only=True)
class RawTable:
    """A header, and what its first rows look like.

    Attributes:
        name: Of the sheet; empty for text.
        header: The header row.
        header_row: Its row number.
        sample: Cells of the first rows.
        delimiter: What stands between cells; empty in a workbook.
    """

    name: str
    header: tuple[str, ...]
    header_row: int
    sample: Sequence[Sequence[str]]
    delimiter: str = ""


@dataclass(frozen=True, kw_only=True)
class TablePlan:
    """How the rows of a table are to be cut into columns.

    Attributes:
        layout: Which column is what.
        decimal_mark: The mark of the numbers; as text they are given where it is None.
        first_row: Rows above are none of readings, such as a row of units.
        swap_dates: Whether the spreadsheet's own dates have day and month swapped.
    """

    layout: Layout
    decimal_mark: str | None = "."
    first_row: int = 0
    swap_dates: bool = False


class TableFile(Protocol):
    """A file that is open for reading, from the start as often as wanted."""

    @property
    def tables(self) -> Sequence[RawTable]:
        """Its tables with a known header, in order; at least one."""
        ...

    @property
    def left_out(self) -> Mapping[str, int]:
        """How many lines are no rows, by what they are: `title`, `comment`, `repeated header`."""
        ...

    @property
    def comments(self) -> Sequence[str]:
        """The first lines that begin with `#`, without it."""
        ...

    @property
    def titles(self) -> Sequence[str]:
        """The lines above headers that are neither comments nor rows."""
        ...

    @property
    def other_sheets(self) -> Sequence[str]:
        """Names of sheets that are not read, because their header is not known."""
        ...

    def blocks(self, plans: Sequence[TablePlan | None]) -> Iterator[tuple[int, RawBlock]]:
        """The number of a table and a block of its rows, of tables with a plan: always the same."""
        ...
