"""Meter clocks: from the wall time in a file to UTC, and what happens when clocks change.

Wall times and instants are milliseconds since 1970. Which of two equal wall times comes first is
decided in `clock_changes`.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from energy_assets.intake.cells.dates import MS_PER_DAY
from energy_assets.intake.errors import ClockError

LOAD_PROFILE_CLOCK: Final = "standard:+05:30"
"""Wall clock of the load-profile export."""

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - the zero of wall times, which have no zone
_STANDARD: Final = re.compile(r"standard:([+-])(\d{2}):?(\d{2})")


@dataclass(frozen=True, kw_only=True)
class ClockChange:
    """One change of a local clock.

    Attributes:
        wall_start_ms: First wall time that occurs twice, or not at all.
        wall_end_ms: First wall time after them.
        before_ms: UTC offset before the change.
        after_ms: UTC offset after it.
    """

    wall_start_ms: int
    wall_end_ms: int
    before_ms: int
    after_ms: int

    @property
    def repeats(self) -> bool:
        """Whether wall times occur twice; otherwise they are skipped."""
        return self.after_ms < self.before_ms


@dataclass(frozen=True, kw_only=True)
class WallTimes:
    """Wall times turned into instants.

    Attributes:
        utc_ms: Instants; of a repeated wall time the first one.
        repeated: Wall times that occur twice.
        skipped: Wall times that do not exist.
    """

    utc_ms: NDArray[np.int64]
    repeated: NDArray[np.bool_]
    skipped: NDArray[np.bool_]


@dataclass(frozen=True)
class MeterClock:
    """A clock setting: `utc`, `standard:<offset>` or `local:<zone>`."""

    text: str
    offset_ms: int = 0
    zone: ZoneInfo | None = field(default=None)

    @classmethod
    def parse(cls, text: str) -> "MeterClock":
        """The clock that a setting names.

        Raises:
            ClockError: It names none.
        """
        if text == "utc":
            return cls(text)
        if match := _STANDARD.fullmatch(text):
            size = (int(match[2]) * 60 + int(match[3])) * 60_000
            return cls(text, offset_ms=-size if match[1] == "-" else size)
        if text.startswith("local:"):
            try:
                return cls(text, zone=ZoneInfo(text.removeprefix("local:")))
            except (ZoneInfoNotFoundError, ValueError, OSError) as error:
                raise ClockError(text) from error
        raise ClockError(text)

    def to_utc(self, wall_ms: NDArray[np.int64]) -> WallTimes:
        """Instants of wall times."""
        none = np.zeros(len(wall_ms), dtype=np.bool_)
        if self.zone is None:
            return WallTimes(utc_ms=wall_ms - self.offset_ms, repeated=none, skipped=none)
        days, inverse = np.unique(wall_ms // MS_PER_DAY, return_inverse=True)
        first = np.array([_offset_at_midnight(self.zone, int(day)) for day in days], dtype=np.int64)
        utc_ms = wall_ms - first[inverse]
        repeated, skipped = none.copy(), none.copy()
        for index, day in enumerate(days):
            change = clock_change(self.zone, int(day))
            if change is None:
                continue
            rows = np.flatnonzero(inverse == index)
            wall = wall_ms[rows]
            inside = (wall >= change.wall_start_ms) & (wall < change.wall_end_ms)
            after = wall >= change.wall_end_ms
            utc_ms[rows] = wall - np.where(after, change.after_ms, change.before_ms)
            (repeated if change.repeats else skipped)[rows] = inside
        return WallTimes(utc_ms=utc_ms, repeated=repeated, skipped=skipped)


@lru_cache(maxsize=4096)
def clock_change(zone: ZoneInfo, day: int) -> ClockChange | None:
    """The change of a zone's clock on a day (days since 1970), if there is one."""
    before, after = _offset_at_midnight(zone, day), _offset_at_midnight(zone, day + 1)
    if before == after:
        return None
    low, high = day * MS_PER_DAY - before, (day + 1) * MS_PER_DAY - after
    if _offset_ms(zone, low) == after:
        high = low
    while high - low > 60_000:
        middle = (low + high) // 120_000 * 60_000
        low, high = (low, middle) if _offset_ms(zone, middle) == after else (middle, high)
    return ClockChange(
        wall_start_ms=high + min(before, after),
        wall_end_ms=high + max(before, after),
        before_ms=before,
        after_ms=after,
    )


def _offset_ms(zone: ZoneInfo, utc_ms: int) -> int:
    moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=utc_ms)
    offset = moment.astimezone(zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds() * 1_000)


@lru_cache(maxsize=16_384)
def _offset_at_midnight(zone: ZoneInfo, day: int) -> int:
    """UTC offset at a local midnight; of a repeated midnight the first."""
    moment = (_EPOCH + timedelta(days=day)).replace(tzinfo=zone)
    offset = moment.utcoffset()
    return 0 if offset is None else round(offset.total_seconds() * 1_000)
