"""Wide rows become long ones: the cell of each part of a day becomes a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from energy_assets.intake.quarantine import Refusal
from energy_assets.intake.readers.raw_blocks import RawBlock, RowTexts, TablePlan
from energy_assets.intake.readers.wide_days import DayLabels
from energy_assets.intake.readers.wide_headers import WideHeader

COLUMNS_A_ROW: Final = 1_000
"""A line's number is multiplied by this, then the number of the column is added."""


def part_name(position: int) -> str:
    """Name of the column of a part among those of the wide rows."""
    return f"part {position}"


def kept_cells(cells: Sequence[str], wide: WideHeader) -> list[str]:
    """The other cells of a row."""
    return [cells[position] if position < len(cells) else "" for position in wide.kept]


def moved_refusals(refusals: Sequence[Refusal]) -> list[Refusal]:
    """Refusals of lines by the numbers that lines have in the long form."""
    return [replace(each, row_number=each.row_number * COLUMNS_A_ROW) for each in refusals]


@dataclass(frozen=True, kw_only=True)
class _LongTexts:
    """Looks up single rows in their long form; a line as it stands there. See `RowTexts`."""

    texts: RowTexts
    wide: WideHeader
    times: Mapping[int, str]

    def cells(self, row_number: int) -> list[str]:
        line, column = divmod(row_number, COLUMNS_A_ROW)
        cells = self.texts.cells(line)
        if not column:
            return cells
        at = self.wide.columns.index(column - 1)
        time = self.times.get(row_number, self.wide.labels[at])
        value = cells[column - 1] if column <= len(cells) else ""
        return [*kept_cells(cells, self.wide), time, value]


class Melting:
    """Wide rows of one block become long ones."""

    def __init__(self, block: RawBlock, wide: WideHeader, plan: TablePlan, days: DayLabels) -> None:
        self._block, self._wide, self._plan, self._days = block, wide, plan, days
        parts = [block.columns[part_name(position)] for position in wide.columns]
        self._filled = np.column_stack([np.asarray(part.is_valid()) for part in parts])
        self._numbers: NDArray[np.float64] | None = None
        self._texts: pa.Array | None = None
        if all(pa.types.is_floating(part.type) for part in parts):
            floats = [part.to_numpy(zero_copy_only=False) for part in parts]
            self._numbers = np.column_stack(floats)
        else:
            chunked = pa.chunked_array(parts).unify_dictionaries()
            self._texts = chunked.combine_chunks()

    def melted(self, rows: NDArray[np.int64], *, with_refusals: bool) -> RawBlock:
        """Some of the rows, in the order of the file and of the day."""
        block, wide = self._block, self._wide
        line, part = np.nonzero(self._filled[rows])
        columns_of_part = np.array(wide.columns, dtype=np.int64) + 1
        numbers = block.row_numbers[rows][line] * COLUMNS_A_ROW + columns_of_part[part]
        days, filled = block.columns["date"].take(pa.array(rows)), self._filled[rows]
        codes, labels = self._days.of_rows(days, filled)
        time_codes = codes[line, part]
        take = partial(self._column, rows=rows[line], part=part)
        columns = {
            name: pa.DictionaryArray.from_arrays(
                pa.array(time_codes, pa.int32()), pa.array(labels, pa.string())
            )
            if position == len(wide.kept)
            else take(name)
            for name, position in self._plan.layout.positions.items()
        }
        odd = np.flatnonzero(time_codes != part)
        times = {int(numbers[at]): labels[int(time_codes[at])] for at in odd.tolist()}
        return RawBlock(
            row_numbers=numbers,
            columns=columns,
            texts=_LongTexts(texts=block.texts, wide=wide, times=times),
            native=None if block.native is None else block.native[rows][line],
            refusals=moved_refusals(block.refusals) if with_refusals else (),
            fallback_rows=block.fallback_rows if with_refusals else 0,
        )

    def _column(self, name: str, *, rows: NDArray[np.int64], part: NDArray[np.int64]) -> pa.Array:
        if not self._plan.layout.is_value(name):
            return self._block.columns[name].take(pa.array(rows))
        if self._numbers is not None:
            return pa.array(self._numbers[rows, part])
        assert self._texts is not None  # noqa: S101 - one of the two is there
        return self._texts.take(pa.array(part * len(self._filled) + rows))
