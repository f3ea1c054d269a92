"""Wide files as long ones: the cell of each part of a day becomes a row.

A row is numbered by its line and its column, the first being 1: 5007 is the seventh cell of line 5.
A line that is refused as a whole counts as one row, 5000. All tables of a file with a wide one are
numbered so. Empty cells are no rows. Refused rows are shown in the long form.

Parts that are numbered mean, on days of a clock change, wall times or elapsed time. Which of them
shows in the cells that are empty; where it does not, cells from the change on are refused.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.file_kind import FileKind
from energy_assets.intake.headers import normalised
from energy_assets.intake.layouts import Layout, known_headers
from energy_assets.intake.readers.raw_blocks import (
    HeaderScore,
    RawBlock,
    RawTable,
    RowTexts,
    TableFile,
    TablePlan,
)
from energy_assets.intake.readers.wide_days import DayLabels
from energy_assets.intake.readers.wide_errors import (
    SecondHeaderError,
    ShortDayError,
    UnclearPartsError,
)
from energy_assets.intake.readers.wide_headers import WideHeader, wide_header
from energy_assets.intake.readers.wide_melting import (
    COLUMNS_A_ROW,
    Melting,
    kept_cells,
    moved_refusals,
    part_name,
)
from energy_assets.intake.time_columns import TIME_SPELLINGS, TimeColumns
from energy_assets.intake.units import unit_named

SAMPLE_ROWS: Final = 500
"""Rows of a table that are kept as a sample."""


def wide_score(kind: FileKind) -> HeaderScore:
    """How many headers are known, where a wide one counts as the long one it stands for.

    A row of nothing but units is no header.
    """

    def score(header: Sequence[str]) -> int:
        if all(not cell.strip() or unit_named(cell) is not None for cell in header):
            return 0
        wide = wide_header(header, kind)
        return known_headers(header if wide is None else wide.header, kind)

    return score


def with_long_rows(
    file: TableFile, *, object_key: str, kind: FileKind, clock: MeterClock, chunk_rows: int
) -> TableFile:
    """The file itself, or one that shows its wide tables as long ones.

    Args:
        file: Tables as they stand there.
        object_key: Which file.
        kind: What files of the flow look like.
        clock: The clock that its times show.
        chunk_rows: Rows of a block.

    Raises:
        UnclearPartsError: Times of columns may be starts or ends.
        ShortDayError: Its columns are those of a short day, on a clock that has none.
    """
    wides = [wide_header(table.header, kind) for table in file.tables]
    if not any(wides):
        return file
    for wide, table in zip(wides, file.tables, strict=True):
        if wide is not None and wide.is_unclear:
            raise UnclearPartsError(object_key, table.header[wide.columns[0]])
        if wide is not None and wide.is_short and clock.zone is None:
            raise ShortDayError(object_key, len(wide.columns))
    return _LongFile(file, wides, object_key=object_key, clock=clock, chunk_rows=chunk_rows)


class _LongFile:
    """A file whose wide tables are shown as long ones. See `TableFile`."""

    def __init__(
        self,
        file: TableFile,
        wides: Sequence[WideHeader | None],
        *,
        object_key: str,
        clock: MeterClock,
        chunk_rows: int,
    ) -> None:
        self._file, self._wides, self._chunk_rows = file, wides, chunk_rows
        self._object_key = object_key
        self._repeated: set[int] = set()
        self._inner = file.tables
        self.tables: Sequence[RawTable] = [
            replace(table, header_row=table.header_row * COLUMNS_A_ROW)
            if wide is None
            else _long_table(table, wide)
            for table, wide in zip(file.tables, wides, strict=True)
        ]
        self.comments = file.comments
        self.titles = file.titles
        self.other_sheets = file.other_sheets
        self._days = [
            None if wide is None else DayLabels(wide, clock, self._dates(place, wide))
            for place, wide in enumerate(wides)
        ]

    @property
    def left_out(self) -> Mapping[str, int]:
        """How many lines are no rows, by what they are."""
        found = Counter(self._file.left_out)
        if self._repeated:
            found["repeated header"] += len(self._repeated)
        return found

    def _dates(self, place: int, wide: WideHeader) -> Iterator[str]:
        """The dates of a table, with repetitions."""
        plans: list[TablePlan | None] = [None for _ in self._wides]
        header = self._inner[place].header
        plans[place] = TablePlan(layout=_cut(header, {"date": wide.date}, ()))
        for _, block in self._file.blocks(plans):
            yield from block.columns["date"].dictionary.to_pylist()

    def blocks(self, plans: Sequence[TablePlan | None]) -> Iterator[tuple[int, RawBlock]]:
        """The number of a table and a block of its rows."""
        inner = [
            None if plan is None else self._inner_plan(place, plan)
            for place, plan in enumerate(plans)
        ]
        for place, block in self._file.blocks(inner):
            wide, plan, days = self._wides[place], plans[place], self._days[place]
            if wide is None or plan is None or days is None:
                yield place, _renumbered(block)
                continue
            rows = self._rows(block, self._inner[place].header, wide)
            melting = Melting(block, wide, plan, days)
            size = max(1, self._chunk_rows // len(wide.columns))
            for first in range(0, max(len(rows), 1), size):
                yield place, melting.melted(rows[first : first + size], with_refusals=first == 0)

    def _inner_plan(self, place: int, plan: TablePlan) -> TablePlan:
        """How the rows as they stand there are to be cut."""
        table, wide = self._inner[place], self._wides[place]
        below = plan.first_row - table.header_row * COLUMNS_A_ROW
        first_row = table.header_row + below if below > 0 else 0
        if wide is None:
            return replace(plan, first_row=first_row)
        others = {
            name: wide.kept[at] for name, at in plan.layout.positions.items() if at < len(wide.kept)
        }
        parts = {part_name(position): position for position in wide.columns}
        layout = _cut(table.header, {**others, **parts}, tuple(parts))
        return replace(plan, layout=layout, first_row=first_row)

    def _rows(self, block: RawBlock, header: Sequence[str], wide: WideHeader) -> NDArray[np.int64]:
        """The rows of a block that are no repeated headers.

        Raises:
            SecondHeaderError: One is another header.
        """
        column = block.columns["date"]
        texts = column.dictionary.to_pylist()
        odd = [not any(character.isdigit() for character in text) for text in texts]
        rows = np.arange(len(block.row_numbers))
        if not any(odd):
            return rows
        codes = np.asarray(column.indices.fill_null(len(texts)), dtype=np.int64)
        dropped: list[int] = []
        titles = [cell.strip() for cell in header]
        for row in np.flatnonzero(np.array([*odd, False])[codes]).tolist():
            number = int(block.row_numbers[row])
            cells = [cell.strip() for cell in block.texts.cells(number)]
            if cells == titles:
                dropped.append(row)
                self._repeated.add(number)
            elif any(TIME_SPELLINGS.get(normalised(cell)) for cell in cells):
                raise SecondHeaderError(self._object_key, number)
        return np.delete(rows, dropped)


def _cut(header: Sequence[str], positions: Mapping[str, int], values: tuple[str, ...]) -> Layout:
    """Which columns of the wide rows are read."""
    return Layout(
        header=tuple(header),
        positions=positions,
        units={},
        unit_is_stated=frozenset(),
        times=TimeColumns(positions={"date": positions["date"]}),
        values=values,
    )


def _long_table(table: RawTable, wide: WideHeader) -> RawTable:
    sample = [
        [*kept_cells(cells, wide), label, cells[position]]
        for cells in table.sample
        for position, label in zip(wide.columns, wide.labels, strict=True)
        if position < len(cells) and cells[position].strip()
    ]
    return replace(
        table,
        header=wide.header,
        header_row=table.header_row * COLUMNS_A_ROW,
        sample=sample[:SAMPLE_ROWS],
    )


def _renumbered(block: RawBlock) -> RawBlock:
    """A block of a long table in a file that has a wide one."""
    return replace(
        block,
        row_numbers=block.row_numbers * COLUMNS_A_ROW,
        texts=_LineTexts(block.texts),
        refusals=moved_refusals(block.refusals),
    )


class _LineTexts:
    """Looks up lines by the numbers that they have here. See `RowTexts`."""

    def __init__(self, texts: RowTexts) -> None:
        self._texts = texts

    def cells(self, row_number: int) -> list[str]:
        return self._texts.cells(row_number // COLUMNS_A_ROW)
