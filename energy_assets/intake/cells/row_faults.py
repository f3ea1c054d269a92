"""Which rows of a block are faulty: the first fault of each row counts."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


class RowFaults:
    """Faults of a block's rows, in the order in which cells are looked at."""

    def __init__(self, rows: int) -> None:
        self._kinds: list[tuple[str, str]] = [("", "")]
        self._kind_of = np.zeros(rows, dtype=np.int32)

    def mark(self, rows: NDArray[np.bool_], field: str, reason: str) -> None:
        """Mark the rows of a mask that have no fault yet."""
        if rows.any():
            self._kind_of[rows & (self._kind_of == 0)] = self._kind(field, reason)

    def mark_row(self, row: int, field: str, reason: str) -> None:
        """Mark one row, unless it has a fault already."""
        if not self._kind_of[row]:
            self._kind_of[row] = self._kind(field, reason)

    def _kind(self, field: str, reason: str) -> int:
        if (field, reason) not in self._kinds:
            self._kinds.append((field, reason))
        return self._kinds.index((field, reason))

    @property
    def any(self) -> bool:
        """Whether any row is faulty."""
        return bool(self._kind_of.any())

    @property
    def good(self) -> NDArray[np.bool_]:
        """The rows without a fault."""
        return self._kind_of == 0

    def listed(self) -> Iterator[tuple[int, str, str]]:
        """Row position, field and reason of each faulty row, in file order."""
        for row in np.flatnonzero(self._kind_of).tolist():
            field, reason = self._kinds[self._kind_of[row]]
            yield row, field, reason
