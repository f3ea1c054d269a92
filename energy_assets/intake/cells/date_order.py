"""Whether the day or the month comes first, decided over all dates of a table in file order.

Dates come in runs: neighbouring rows with the same text. What the runs prove is found in
`date_proofs`. Where nothing decides, rows are left unknown rather than guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.intake.cells.date_proofs import (
    DAY_FIRST,
    MONTH_FIRST,
    UNKNOWN,
    DateRuns,
    Proofs,
    beside,
    contradicted,
    date_runs,
    proofs_of,
    runs_of_year_first,
)
from energy_assets.intake.cells.dates import TOLERATED_SHARE, DateOrder
from energy_assets.intake.cells.native_dates import NativeVerdict, contiguity, natives_in_order

_NAMES: Final[dict[int, DateOrder | None]] = {
    UNKNOWN: None, DAY_FIRST: "dmy", MONTH_FIRST: "mdy",
}  # fmt: skip
_AGAINST: Final = np.array([UNKNOWN, MONTH_FIRST, DAY_FIRST], dtype=np.int8)
"""By what a number proves, the order in which its run is no date."""

_MONTHLY_DAYS: Final = 3
"""Readings that fall on no more days of the month than these may be taken once a month."""


@dataclass(frozen=True, kw_only=True)
class DateOrders:
    """The order of day and month of every row of a table.

    Attributes:
        file_order: The order of the table, a few stray rows aside; None if nothing decides or it
            changes.
        mixed: Whether both orders are proven.
        refused: A text that can be read both ways, when that holds for most rows and nothing
            decides.
        natives: Whether a spreadsheet swapped day and month of its native dates.
        first_row: Row number of each run's first row.
        run_orders: Order of each run.
    """

    file_order: DateOrder | None
    mixed: bool
    refused: str | None
    natives: NativeVerdict
    first_row: NDArray[np.int64]
    run_orders: NDArray[np.int8]

    def order_of_rows(self, row_numbers: NDArray[np.int64]) -> NDArray[np.int8]:
        """Order of each row: 0 for unknown, 1 for day first, 2 for month first.

        Ambiguous dates of unknown rows are to be refused, and so are dates that the order of their
        row does not allow.
        """
        if not len(self.run_orders):
            return np.zeros(len(row_numbers), dtype=np.int8)
        run = np.searchsorted(self.first_row, row_numbers, side="right") - 1
        return self.run_orders[np.maximum(run, 0)]


def date_orders(
    texts: Sequence[str],
    first_row: NDArray[np.int64],
    rows: NDArray[np.int64],
    *,
    subdaily: bool,
    native: NDArray[np.bool_],
) -> DateOrders:
    """The order of day and month of a table's rows, from all of its dates.

    Args:
        texts: One date text per run, in file order, without its time.
        first_row: Row number of each run's first row, ascending.
        rows: Rows in each run.
        subdaily: Whether a date has several rows per meter.
        native: Whether a run's cells were native dates of a spreadsheet, written as ISO texts.
    """
    codes, uniques = pd.factorize(np.array(texts, dtype=object))
    distinct = [str(text) for text in uniques]
    codes = codes.astype(np.int64)
    natives = natives_in_order(distinct, codes, native)
    doubtful = native if natives != "as_is" else np.zeros(len(codes), dtype=np.bool_)
    runs = date_runs(distinct, codes, rows, doubtful)
    orders, main, mixed = _orders(runs, proofs_of(runs, subdaily=subdaily))
    year_first = runs_of_year_first(distinct, codes, runs, orders)
    if year_first.any():
        main = UNKNOWN
        orders[year_first] = _AGAINST[runs.numbers[year_first]]
    unknown = runs.ambiguous & (orders == UNKNOWN)
    most = 2 * int(rows[unknown].sum()) > int(rows.sum())
    return DateOrders(
        file_order=_NAMES[main],
        mixed=mixed,
        refused=texts[int(np.argmax(unknown))] if most else None,
        natives=natives,
        first_row=first_row,
        run_orders=orders,
    )


def _orders(runs: DateRuns, proofs: Proofs) -> tuple[NDArray[np.int8], int, bool]:
    """Order of each run, order of the table, and whether both orders are proven."""
    day_rows = int(runs.rows[proofs.order == DAY_FIRST].sum())
    month_rows = int(runs.rows[proofs.order == MONTH_FIRST].sum())
    if not day_rows and not month_rows:
        main = _without_proof(runs, subdaily=proofs.subdaily)
        return np.full(len(runs.rows), main, dtype=np.int8), main, False
    main, other = (DAY_FIRST, MONTH_FIRST) if day_rows >= month_rows else (MONTH_FIRST, DAY_FIRST)
    strays = proofs.order == other
    mixed = bool(strays.any())
    few = min(day_rows, month_rows) <= TOLERATED_SHARE * (day_rows + month_rows)
    numbers = bool((runs.numbers[strays] != UNKNOWN).any())
    alone = not numbers or not (strays & beside(strays)).any()
    if few and alone:
        orders = np.full(len(runs.rows), main, dtype=np.int8)
        orders[strays & runs.ambiguous] = UNKNOWN
        orders[beside(strays) & runs.ambiguous & (proofs.order == UNKNOWN)] = UNKNOWN
    else:
        orders, main = _between_proofs(proofs.order), UNKNOWN
    open_runs = runs.ambiguous & (proofs.order == UNKNOWN)
    orders[open_runs & contradicted(runs, proofs, orders)] = UNKNOWN
    return orders, main, mixed


def _between_proofs(proven: NDArray[np.int8]) -> NDArray[np.int8]:
    """Each run by its own proof, or by the proofs before and after it if these agree."""
    at = np.arange(len(proven))
    before = np.maximum.accumulate(np.where(proven != UNKNOWN, at, -1))
    after = np.minimum.accumulate(np.where(proven != UNKNOWN, at, len(proven))[::-1])[::-1]
    padded = np.append(proven, UNKNOWN).astype(np.int8)
    agree = padded[before] == padded[after]
    return np.where(agree, padded[before], UNKNOWN).astype(np.int8)


def _without_proof(runs: DateRuns, *, subdaily: bool) -> int:
    """The order in which the days follow each other and in the other are scattered.

    Days that are scattered regularly, as readings taken once a month are, decide nothing.
    """
    by_day, by_month = runs.by_day[runs.ambiguous], runs.by_month[runs.ambiguous]
    as_day, as_month = contiguity(by_day), contiguity(by_month)
    if as_day >= 0.5 and as_month < 0.25 and (subdaily or not _monthly(by_month)):
        return DAY_FIRST
    if as_month >= 0.5 and as_day < 0.25 and (subdaily or not _monthly(by_day)):
        return MONTH_FIRST
    return UNKNOWN


def _monthly(days: NDArray[np.int64]) -> bool:
    dates = days.astype("datetime64[D]")
    days_of_month = dates - dates.astype("datetime64[M]").astype("datetime64[D]")
    return len(np.unique(days_of_month)) <= _MONTHLY_DAYS
