"""Runs of dates in file order, and what each run proves about the order of day and month.

A number above 12 proves the order of its run. Days that follow each other prove it as well, where
one date has many rows. What a whole table makes of the proofs is decided in `date_order`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.intake.cells.dates import read_date

UNKNOWN: Final = 0
"""Nothing decides the order of a run."""

DAY_FIRST: Final = 1
"""The order of a run is day, month, year."""

MONTH_FIRST: Final = 2
"""The order of a run is month, day, year."""

_EPOCH_ORDINAL: Final = 719_163
_NO_DAY: Final = np.int64(-10_000_000)
_SHORT: Final = re.compile(r"(\d{2})([-/.])(\d{1,2})\2(\d{1,2})")
_HEAVY: Final = 4
"""A run of so many times fewer rows than its neighbour does not contradict it."""

_STEPS: Final = 3
_DAILY_SHARE: Final = 0.5


@dataclass(frozen=True, kw_only=True)
class DateRuns:
    """Runs of rows with the same date, in file order. Days are counted from 1970.

    Attributes:
        by_day: Day of each run if the day comes first, or whatever order it proves.
        by_month: Day of each run if the month comes first, or whatever order it proves.
        ambiguous: Whether both orders give a day, and not the same.
        numbers: The order that a number above 12 proves, else `UNKNOWN`.
        rows: Rows of each run.
    """

    by_day: NDArray[np.int64]
    by_month: NDArray[np.int64]
    ambiguous: NDArray[np.bool_]
    numbers: NDArray[np.int8]
    rows: NDArray[np.int64]

    def day_in(self, order: NDArray[np.int8]) -> NDArray[np.int64]:
        """Day of each run in an order of its own; far away where it is not known."""
        unread = self.ambiguous & (order == UNKNOWN)
        return np.where(unread, _NO_DAY, np.where(order == MONTH_FIRST, self.by_month, self.by_day))


@dataclass(frozen=True, kw_only=True)
class Proofs:
    """What runs and their neighbours prove.

    Attributes:
        order: The order that each run proves, else `UNKNOWN`.
        subdaily: Whether a date has several rows per meter.
        day_by_day: Whether the table goes from one day to the next.
    """

    order: NDArray[np.int8]
    subdaily: bool
    day_by_day: bool


def date_runs(
    distinct: Sequence[str],
    codes: NDArray[np.int64],
    rows: NDArray[np.int64],
    doubtful: NDArray[np.bool_],
) -> DateRuns:
    """Runs from their distinct texts.

    Args:
        distinct: Distinct date texts.
        codes: Which of them each run has.
        rows: Rows of each run.
        doubtful: Runs whose day is not to be believed: they prove nothing and have no neighbours.
    """
    readings = [read_date(text) for text in distinct]
    by_day = np.array([_day(r.certain or r.day_first or r.month_first) for r in readings])
    by_month = np.array([_day(r.certain or r.month_first or r.day_first) for r in readings])
    ambiguous = np.array([r.is_ambiguous for r in readings], dtype=np.bool_)
    numbers = np.array(
        [
            DAY_FIRST
            if r.day_first and not r.month_first
            else MONTH_FIRST
            if r.month_first and not r.day_first
            else UNKNOWN
            for r in readings
        ],
        dtype=np.int8,
    )
    return DateRuns(
        by_day=np.where(doubtful, _NO_DAY, by_day[codes]),
        by_month=np.where(doubtful, _NO_DAY, by_month[codes]),
        ambiguous=ambiguous[codes],
        numbers=np.where(doubtful, UNKNOWN, numbers[codes]).astype(np.int8),
        rows=rows,
    )


def _day(day: date | None) -> np.int64:
    return _NO_DAY if day is None else np.int64(day.toordinal() - _EPOCH_ORDINAL)


def proofs_of(runs: DateRuns, *, subdaily: bool) -> Proofs:
    """What numbers above 12 prove, and neighbours where the table goes day by day.

    Neighbours prove an order in which, and only in which, they are a day apart. Where numbers prove
    anything, such neighbours count only in a chain that leads to a number of their order: the
    first days of March and April are neighbours as well. Where no number does, they count only if
    a date has several rows per meter.
    """
    order, numbers = runs.numbers.copy(), bool(runs.numbers.any())
    day_by_day = subdaily or _goes_day_by_day(runs)
    if subdaily or (numbers and day_by_day):
        by_day, by_month = _a_day_apart(runs.by_day), _a_day_apart(runs.by_month)
        only = {DAY_FIRST: by_day & ~by_month, MONTH_FIRST: by_month & ~by_day}
        for one, other in ((DAY_FIRST, MONTH_FIRST), (MONTH_FIRST, DAY_FIRST)):
            proven = runs.ambiguous & _either_side(only[one]) & ~_either_side(only[other])
            if numbers:
                proven &= _chained(only[one], runs.numbers == one)
            order[proven] = one
    return Proofs(order=order, subdaily=subdaily, day_by_day=day_by_day)


def _chained(linked: NDArray[np.bool_], anchors: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Runs that links between neighbours join to an anchor."""
    chain = np.concatenate(([0], np.cumsum(~linked))) if len(anchors) else np.zeros(0, np.int64)
    return np.isin(chain, chain[anchors])


def _goes_day_by_day(runs: DateRuns) -> bool:
    """Whether most dates with one reading are a day from the next."""
    known = ~runs.ambiguous & (runs.by_day != _NO_DAY)
    pairs = known[1:] & known[:-1]
    apart = _a_day_apart(runs.by_day)[pairs]
    return len(apart) >= _STEPS and float(apart.mean()) >= _DAILY_SHARE


def contradicted(runs: DateRuns, proofs: Proofs, orders: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Ambiguous runs that follow their neighbours day by day in the other order only.

    Args:
        runs: Runs of a table.
        proofs: What they prove; a table that does not go day by day contradicts nothing.
        orders: The order that each run is to have.
    """
    if not proofs.day_by_day:
        return np.zeros(len(orders), dtype=np.bool_)
    month_first = orders == MONTH_FIRST
    by_day, by_month = (_either_side(_a_day_apart(d)) for d in (runs.by_day, runs.by_month))
    own, other = np.where(month_first, by_month, by_day), np.where(month_first, by_day, by_month)
    days, turned = runs.day_in(orders), np.where(month_first, runs.by_day, runs.by_month)
    fits = _fits_beside(days, days, runs.rows * 0)
    turned_fits = _fits_beside(turned, days, runs.rows)
    return runs.ambiguous & ((other & ~own) | (turned_fits & ~fits & ~own))


def _fits_beside(
    days: NDArray[np.int64], neighbours: NDArray[np.int64], rows: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether a run of this day would be at most a day from the run before or after it.

    A neighbour of far fewer rows, such as one odd row, says nothing.
    """
    fits = np.zeros(len(days), dtype=np.bool_)
    heavy_before, heavy_after = _HEAVY * rows[:-1] >= rows[1:], _HEAVY * rows[1:] >= rows[:-1]
    fits[1:] |= (np.abs(days[1:] - neighbours[:-1]) <= 1) & heavy_before
    fits[:-1] |= (np.abs(days[:-1] - neighbours[1:]) <= 1) & heavy_after
    return fits & (days != _NO_DAY)


def runs_of_year_first(
    distinct: Sequence[str],
    codes: NDArray[np.int64],
    runs: DateRuns,
    orders: NDArray[np.int8],
) -> NDArray[np.bool_]:
    """Runs of two-digit years that are days apart only if the year comes first: `25/06/01`."""
    nothing = np.zeros(len(codes), dtype=np.bool_)
    matches = [_SHORT.fullmatch(text.strip()) for text in distinct]
    readings = [
        read_date(f"20{m[1]}-{m[3]}-{m[4]}").certain if m and len(m[4]) == 2 else None
        for m in matches
    ]
    if not any(readings):
        return nothing
    by_year = np.array([_day(day) for day in readings])[codes]
    days = np.where(by_year == _NO_DAY, _NO_DAY, runs.day_in(orders))
    more_steps = _a_day_apart(by_year).sum() > _a_day_apart(days).sum()
    return (by_year != _NO_DAY) if more_steps else nothing


def beside(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Runs directly before or after one of these."""
    found = np.zeros(len(mask), dtype=np.bool_)
    found[1:] |= mask[:-1]
    found[:-1] |= mask[1:]
    return found


def _a_day_apart(days: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each run is one day from the next."""
    return np.abs(np.diff(days)) == 1


def _either_side(steps: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Runs that a step leads to or from."""
    found = np.zeros(len(steps) + 1, dtype=np.bool_)
    found[1:] |= steps
    found[:-1] |= steps
    return found
