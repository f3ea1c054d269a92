"""What a header of times says beside its name: `DateTime (UTC)`, `Timestamp (interval end)`.

Notes of other things, such as `(DD/MM/YYYY)`, say nothing here.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.cells.times import ZONE_OFFSETS_MIN
from energy_assets.intake.errors import ClockError, ContradictingClockError
from energy_assets.intake.file_kind import IntervalLabel

_OFFSET: Final = re.compile(r"(?:UTC|GMT)?\s*([+\-−])\s*(\d{1,2})(?::?(\d{2}))?")
_UTC: Final = re.compile(r"UTC|UT|GMT|Z|ZULU|(?:UTC|GMT)?\s*[+\-−±]\s*0{1,2}(?::?00)?")
_REGION: Final = re.compile(r"[A-Z][A-Za-z]+(?:/[A-Z][\w+-]+)+")
_ABBREVIATION: Final = re.compile(
    r"[ECMPAH][SD]?T|AK[SD]T|NZ[SD]T|A[CEW][SD]T|[WCE]ES?T|MES?Z|SAST|IST|BST|MSK|JST|KST|PKT|SGT|HKT"
)
_STANDARD_OFFSETS_MIN: Final = {
    **ZONE_OFFSETS_MIN, "IST": 330, "EST": -300, "CST": -360, "MST": -420, "PST": -480, "HST": -600,
    "PKT": 300, "SGT": 480, "HKT": 480, "KST": 540, "MSK": 180, "AWST": 480,
}  # fmt: skip
"""Offsets of clocks that never change, where the setting agrees. [min]"""

_SIDE: Final = re.compile(
    r"(?:(?:of|at)\s+)?(?:(?:interval|period|hour)s?\s*)?(end|ending|ended|start|starting|begin|"
    r"beginning)(?:\s+of\s+(?:the\s+)?(?:interval|period|hour)|\s+time)?",
    re.IGNORECASE,
)


def side_noted(notes: Iterable[str]) -> IntervalLabel | None:
    """The end of its interval that a time marks, as a note says; None where none does."""
    for note in notes:
        if match := _SIDE.fullmatch(note.strip()):
            return "end" if match[1].lower().startswith("end") else "start"
    return None


def clock_noted(notes: Iterable[str], setting: MeterClock, *, object_key: str) -> MeterClock:
    """The clock that notes say times show; the one that is set where they say nothing.

    Raises:
        ContradictingClockError: They name a clock that is not known, or not the one that is set.
    """
    found: dict[str, MeterClock] = {}
    for note in map(str.strip, notes):
        clock = _clock(note, setting, object_key)
        if clock is not None:
            found[clock.text] = clock
    if len(found) > 1:
        raise ContradictingClockError(object_key, " and ".join(found), setting.text)
    return next(iter(found.values()), setting)


def _clock(note: str, setting: MeterClock, key: str) -> MeterClock | None:
    if _UTC.fullmatch(note.upper()):
        return MeterClock.parse("utc")
    if match := _OFFSET.fullmatch(note.upper()):
        sign = "+" if match[1] == "+" else "-"
        return MeterClock.parse(f"standard:{sign}{int(match[2]):02d}:{match[3] or '00'}")
    if _REGION.fullmatch(note):
        try:
            return MeterClock.parse(f"local:{note}")
        except ClockError as error:
            raise ContradictingClockError(key, note, setting.text) from error
    if _ABBREVIATION.fullmatch(note) and not _is_shown_by(setting, note):
        raise ContradictingClockError(key, note, setting.text)
    return None


def _is_shown_by(clock: MeterClock, abbreviation: str) -> bool:
    """Whether a clock shows the time of a zone's abbreviation, at least for a part of the year."""
    if clock.zone is None:
        offset_min = _STANDARD_OFFSETS_MIN.get(abbreviation)
        return offset_min is not None and offset_min * 60_000 == clock.offset_ms
    names = {datetime(2025, m, 1, tzinfo=UTC).astimezone(clock.zone).tzname() for m in (1, 7)}
    names |= {re.sub(r"[SD]T$", "T", name or "") for name in names}
    return abbreviation in names or (abbreviation in ("MEZ", "MESZ") and "CET" in names)
