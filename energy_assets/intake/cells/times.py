"""Times of day as text, and the UTC offset that a time may state.

Which clock a time without an offset shows is decided in `clocks`.
"""

import re
from typing import Final

MS_PER_DAY: Final = 86_400_000
"""Milliseconds of a day."""

ZONE_OFFSETS_MIN: Final = {
    "Z": 0, "UTC": 0, "UT": 0, "GMT": 0,
    "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "MEZ": 60, "MESZ": 120, "EET": 120, "EEST": 180,
    "SAST": 120, "JST": 540, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780,
}  # fmt: skip
"""Abbreviations that mean one UTC offset wherever they are written. [min]

Left out because two places use them for different offsets: BST (Britain, Bangladesh), IST (India,
Israel, Ireland), CST (Chicago, China, Cuba), CDT (Chicago, Cuba), EST and EDT (New York, eastern
Australia), PST and PDT (Los Angeles, Philippines, Pakistan, Pitcairn), MST and MDT (Denver,
Malaysia, Myanmar, Moscow).
"""

_MINUTES_PER_DAY: Final = 1_440
_TIME: Final = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?\s?[Mm]\.?(?![A-Za-z]))?\s*(\S.*)?"
)
_BARE_HOUR: Final = re.compile(r"(\d{1,2})()()()\s*([AaPp]\.?\s?[Mm]\.?)\s*(\S.*)?")
_DAY_SHARE: Final = re.compile(r"[01](?:\.\d+)?(?:[eE]-\d+)?")
_DOTTED: Final = re.compile(r"[01]\.[0-5]\d")
_EXACT_SHARES: Final = ("0.25", "0.75")
_OFFSET: Final = re.compile(
    r"(?:([+\-−])(\d{2})(?::?(\d{2}))?|(?:UTC|GMT)\s*([+\-−])(\d{1,2})(?::?(\d{2}))?)(?:\[[\w/+-]+\])?"
)
_ZONE: Final = re.compile(r"\(?([A-Z]{1,5})\)?(?:\[[\w/+-]+\])?|[a-z]{3,4}")
_REGION: Final = re.compile(r"\(?[A-Z][A-Za-z]+(?:/[A-Z][\w+-]+)+\)?")
_HOUR_NUMBER: Final = re.compile(r"(?:(?:HE|HB|H|HR|Hour)[ _-]?)?(\d{1,2})(?:\.0*)?", re.IGNORECASE)
_SPAN: Final = re.compile(r"(\d{1,2}):(\d{2})\s*[-−](\d{2}):(\d{2})")


def read_time(text: str) -> tuple[int, int | None] | None:
    """Milliseconds since midnight and UTC offset in minutes of a time text; None if it is none.

    `24:00:00` is the midnight that ends the day. The offset is None when the text has none. A
    spreadsheet's share of a day (0.375) is a time as well.
    """
    ms, offset_min, reason = time_of(text)
    return None if reason else (ms, offset_min)


def time_of(text: str) -> tuple[int, int | None, str]:
    """Milliseconds since midnight, stated UTC offset [min], and why it is no time, if so.

    The reason is ``unknown_zone`` where the time can be read and its zone cannot, else
    ``unreadable_time``. `0.30` is refused: half past midnight, or three tenths of a day.
    """
    bare = text.strip()
    match = _TIME.fullmatch(bare) or _BARE_HOUR.fullmatch(bare)
    if match is None:
        return _time_of_share(bare)
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if match[5]:
        if not 1 <= hour <= 12:
            return 0, None, "unreadable_time"
        hour = hour % 12 + (12 if match[5][0] in "Pp" else 0)
    ms = ((hour * 60 + minute) * 60 + second) * 1_000 + int((match[4] or "0")[:3].ljust(3, "0"))
    if minute > 59 or second > 59 or ms > MS_PER_DAY:
        return 0, None, "unreadable_time"
    if match[6] is None:
        return ms, None, ""
    offset_min, reason = _zone_of(match[6])
    return (0, None, reason) if reason else (ms, offset_min, "")


def _time_of_share(bare: str) -> tuple[int, int | None, str]:
    readable = _DAY_SHARE.fullmatch(bare) and float(bare) <= 1
    if not readable or (_DOTTED.fullmatch(bare) and bare not in _EXACT_SHARES):
        return 0, None, "unreadable_time"
    return round(float(bare) * 86_400) * 1_000, None, ""


def _zone_of(text: str) -> tuple[int, str]:
    """The UTC offset that stands behind a time [min], or a reason code."""
    if match := _OFFSET.fullmatch(text):
        sign, hours, minutes = match[1] or match[4], match[2] or match[5], match[3] or match[6]
        size = int(hours) * 60 + int(minutes or 0)
        if int(minutes or 0) > 59 or size > 14 * 60:
            return 0, "unreadable_time"
        return (size if sign == "+" else -size), ""
    if match := _ZONE.fullmatch(text):
        offset_min = ZONE_OFFSETS_MIN.get((match[1] or text).upper())
        return (0, "unknown_zone") if offset_min is None else (offset_min, "")
    return 0, "unknown_zone" if _REGION.fullmatch(text) else "unreadable_time"


def hour_number_ms(text: str) -> int | None:
    """Milliseconds from midnight to a numbered hour, None if the text numbers none.

    `7`, `07`, `7.0`, `HE07`, `H7` and `Hour 7` are 7 h. Where hours run from 1 to 24 the number is
    the end of its hour, where they run from 0 to 23 its start; a column as a whole shows which.
    """
    match = _HOUR_NUMBER.fullmatch(text.strip())
    if match is None or int(match[1]) > 24:
        return None
    return int(match[1]) * 3_600_000


def is_hour_25(text: str) -> bool:
    """Whether a text numbers the hour that a day has only where clocks go back."""
    match = _HOUR_NUMBER.fullmatch(text.strip())
    return match is not None and int(match[1]) == 25


def is_span(text: str) -> bool:
    """Whether a text can be the start and end of an interval up to an hour: `05:00-06:00`.

    Six o'clock at the offset -06:00 looks like that as well, but only once a day.
    """
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        return False
    start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    return 0 < (end - start) % _MINUTES_PER_DAY <= 60


def has_negative_offset(text: str) -> bool:
    """Whether a text has the shape of `05:00-06:00`: a time and a negative offset, or a span."""
    return _SPAN.fullmatch(text.strip()) is not None
