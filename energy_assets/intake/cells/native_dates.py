"""Native dates of a spreadsheet that read day/month texts in the other order.

It turns 01/06 into 6 January and leaves 13/06 as text, because there is no thirteenth month. The
texts that are left prove the order of all, and the days show whether the native dates were swapped.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from energy_assets.intake.cells.dates import DateReading, read_date

NativeVerdict = Literal["swapped", "as_is", "unknown"]
"""Whether native dates have day and month swapped; rows of ``unknown`` ones are refused."""

_FILLED: Final = 0.5
_CLEARLY_LESS: Final = 0.6
_FEW: Final = 0.1
_PROVING_STEPS: Final = 3


def contiguity(days: NDArray[np.int64]) -> float:
    """Share of the days between first and last that occur; 0 for fewer than two days."""
    if len(days) < 2:
        return 0.0
    return len(np.unique(days)) / int(days.max() - days.min() + 1)


def with_day_and_month_swapped(day: date) -> date:
    """The 6th of January for the 1st of June.

    Raises:
        ValueError: The day is above 12.
    """
    return date(day.year, day.day, day.month)


def swapped_natives(
    native_days: Iterable[date], text_days_of_proven_order: Iterable[date]
) -> NativeVerdict:
    """Whether the native dates of a column were swapped, from the days that are there.

    Swapped only where that fills the gaps between the days of the texts and the dates as they are
    do not. A native date with a day above 12, or no text of a proven order, shows that the
    spreadsheet swapped nothing.

    Args:
        native_days: Native dates of the column.
        text_days_of_proven_order: Days of its day/month texts, read in the order that those with a
            number above 12 prove.
    """
    natives, texts = set(native_days), {day.toordinal() for day in text_days_of_proven_order}
    if not natives or not texts or any(day.day > 12 for day in natives):
        return "as_is"
    as_is = contiguity(np.array([*texts, *(day.toordinal() for day in natives)]))
    swapped_days = (with_day_and_month_swapped(day).toordinal() for day in natives)
    swapped = contiguity(np.array([*texts, *swapped_days]))
    if swapped >= _FILLED and as_is <= _CLEARLY_LESS * swapped:
        return "swapped"
    if as_is >= _FILLED and swapped <= _CLEARLY_LESS * as_is:
        return "as_is"
    return "unknown"


def natives_in_order(
    distinct: Sequence[str], codes: NDArray[np.int64], native: NDArray[np.bool_]
) -> NativeVerdict:
    """The verdict of `swapped_natives`, and of the order of the rows where the days do not decide.

    Over whole years the days are the same, swapped or not; their order is not.

    Args:
        distinct: Distinct date texts.
        codes: Which of them each run has, in file order.
        native: Whether a run's cells were native dates.
    """
    if not native.any():
        return "as_is"
    readings = [read_date(text) for text in distinct]
    texts = [readings[code] for code in np.unique(codes[~native]).tolist()]
    if not any(reading.day_first or reading.month_first for reading in texts):
        return "as_is"
    day_first = any(r.day_first and not r.month_first for r in texts)
    month_first = any(r.month_first and not r.day_first for r in texts)
    natives = [r.certain for r in (readings[c] for c in np.unique(codes[native])) if r.certain]
    if day_first == month_first:
        return "as_is" if any(day.day > 12 for day in natives) and not day_first else "unknown"
    days = [r.day_first if day_first else r.month_first for r in texts]
    by_days = swapped_natives(natives, [day for day in days if day])
    by_steps = _by_steps(readings, codes, native, day_first=day_first)
    if by_days == "unknown":
        return by_steps
    return by_days if by_steps in (by_days, "unknown") else "unknown"


def _by_steps(
    readings: Sequence[DateReading],
    codes: NDArray[np.int64],
    native: NDArray[np.bool_],
    *,
    day_first: bool,
) -> NativeVerdict:
    """The verdict of the steps from row to row, where the texts go from day to day."""
    unread = np.iinfo(np.int32).min
    plain = np.full(len(readings), unread, dtype=np.int64)
    swapped = plain.copy()
    for index, reading in enumerate(readings):
        day = reading.certain or (reading.day_first if day_first else reading.month_first)
        if day is not None:
            plain[index] = swapped[index] = day.toordinal()
            if reading.certain and day.day <= 12:
                swapped[index] = with_day_and_month_swapped(day).toordinal()
    as_is = np.abs(np.diff(plain[codes])) == 1
    turned = np.abs(np.diff(np.where(native, swapped[codes], plain[codes]))) == 1
    among_texts = ~native[1:] & ~native[:-1]
    daily = as_is[among_texts]
    if daily.sum() < _PROVING_STEPS or daily.mean() < _FILLED:
        return "unknown"
    for_turned, for_as_is = int((turned & ~as_is).sum()), int((as_is & ~turned).sum())
    if for_turned >= _PROVING_STEPS and for_as_is <= _FEW * for_turned:
        return "swapped"
    if for_as_is >= _PROVING_STEPS and for_turned <= _FEW * for_as_is:
        return "as_is"
    return "unknown"
