"""Times of the parts of each day where parts are numbered: days of clock changes are other."""

from collections.abc import Iterable
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from energy_assets.intake.cells.clocks import ClockChange, MeterClock, clock_change
from energy_assets.intake.cells.dates import MS_PER_DAY, DateOrder, day_of, read_date
from energy_assets.intake.readers.wide_headers import WideHeader, clock_text, unclear_text

_EPOCH_ORDINAL: Final = 719_163
_MINUTE_MS: Final = 60_000


class DayLabels:
    """Finds the time of each part of a day.

    Args:
        wide: The columns.
        clock: The clock that they show.
        dates: All dates of the table, which decide whether day or month comes first.
    """

    def __init__(self, wide: WideHeader, clock: MeterClock, dates: Iterable[str]) -> None:
        self._wide, self._clock = wide, clock
        self._is_plain = clock.zone is None or not wide.is_numbered
        self._order: DateOrder | None = None if self._is_plain else _proven(dates)

    def of_rows(
        self, dates: pa.Array, filled: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int32], list[str]]:
        """For each row and part the number of a text, and the texts; the usual ones come first.

        Args:
            dates: Date of each row, dictionary-encoded.
            filled: Which parts of each row are filled.
        """
        labels = list(self._wide.labels)
        codes = np.tile(np.arange(len(labels), dtype=np.int32), (len(filled), 1))
        if self._is_plain:
            return codes, labels
        known = {text: self._changes(text) for text in dates.dictionary.to_pylist()}
        for row, text in enumerate(dates.to_pylist()):
            changes = known.get(text) or []
            if not changes and not self._wide.is_short:
                continue
            own = self._labels(changes[0] if len(changes) == 1 else None, filled[row])
            codes[row] = np.arange(len(labels), len(labels) + len(own))
            labels.extend(own)
        return codes, labels

    def _changes(self, text: str) -> list[ClockChange | None]:
        """The change of clocks on a day; both, or none of them, where the day is not certain."""
        day, fault = day_of(text, order=self._order)
        reading = read_date(text)
        days = [day] if day else [reading.day_first, reading.month_first] if fault else []
        found = [self._change(each) for each in days]
        return found if any(found) else []

    def _change(self, day: date | None) -> ClockChange | None:
        if day is None or self._clock.zone is None:
            return None
        return clock_change(self._clock.zone, day.toordinal() - _EPOCH_ORDINAL)

    def _labels(self, change: ClockChange | None, filled: NDArray[np.bool_]) -> list[str]:
        """Times of the parts of a day on which clocks change, from the cells that are empty."""
        wide, count = self._wide, len(filled)
        unclear = [unclear_text(place + 1) for place in range(count)]
        if change is None:
            return unclear
        minutes = change.wall_start_ms % MS_PER_DAY // _MINUTE_MS
        first = minutes // wide.step
        size = (change.wall_end_ms - change.wall_start_ms) // _MINUTE_MS // wide.step
        usual = [clock_text(place * wide.step) for place in range(wide.full)]
        if change.repeats:
            is_elapsed = filled[wide.full :].any()
            passes = [
                f"{text}{_offset(offset_ms)}"
                for offset_ms in (change.before_ms, change.after_ms)
                for text in usual[first : first + size]
            ]
            elapsed = [*usual[:first], *passes, *usual[first + size :]]
            return elapsed if is_elapsed and count == len(elapsed) else [
                *usual[:first], *unclear[first:]
            ]  # fmt: skip
        elapsed = [*usual[:first], *usual[first + size :], *unclear[wide.full - size :]]
        if count == wide.full - size:
            return elapsed
        in_gap = bool(filled[first : first + size].any())
        in_tail = bool(filled[wide.full - size : wide.full].any())
        if in_gap == in_tail:
            return [*usual[:first], *unclear[first:]]
        return elapsed if in_gap else [*usual, *unclear[wide.full :]]


def _offset(offset_ms: int) -> str:
    minutes = abs(offset_ms) // _MINUTE_MS
    return f"{'-' if offset_ms < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


def _proven(dates: Iterable[str]) -> DateOrder | None:
    """Day or month first, where dates prove one of them."""
    found: set[DateOrder] = set()
    for text in set(dates):
        reading = read_date(text)
        if reading.day_first and not reading.month_first:
            found.add("dmy")
        if reading.month_first and not reading.day_first:
            found.add("mdy")
    return found.pop() if len(found) == 1 else None
