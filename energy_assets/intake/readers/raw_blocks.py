"""A block of rows as they stand in a file, and what a file source offers, whatever its format."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from energy_assets.intake.cells.decimals import DecimalMark
from energy_assets.intake.layouts import Layout
from energy_assets.intake.quarantine import Refusal


class RowTexts(Protocol):
    """The cells of single rows of a block, as text."""

    def cells(self, row_number: int) -> list[str]:
        """The cells of a row; more or fewer than the header has when the row is faulty."""
        ...


@dataclass(frozen=True, kw_only=True)
class RawBlock:
    """Rows of a file, column by column.

    Attributes:
        row_numbers: Of the rows in `columns`; the first line of the file is row 1.
        columns: By field: dictionary-encoded texts or, for values that are plain numbers, floats.
        texts: Where to look up single rows.
        refusals: Rows that are in the file and not in `columns`.
        fallback_rows: Rows that were no UTF-8 and read as Windows-1252.
    """

    row_numbers: NDArray[np.int64]
    columns: Mapping[str, pa.Array]
    texts: RowTexts
    refusals: Sequence[Refusal] = field(default=())
    fallback_rows: int = 0

    @property
    def rows_in(self) -> int:
        """Rows of the file in this block, refused ones included."""
        return len(self.row_numbers) + len(self.refusals)


class RowSource(Protocol):
    """A meter file that is open for reading, from the start as often as wanted."""

    @property
    def header(self) -> list[str]:
        """The header row."""
        ...

    def sample(self) -> list[list[str]]:
        """Cells of the first rows."""
        ...

    def blocks(self, layout: Layout, mark: DecimalMark | None) -> Iterator[RawBlock]:
        """The rows in blocks, the same blocks at each call."""
        ...
