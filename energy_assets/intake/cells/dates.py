"""Dates as text: what a spelling means in each order of day and month.

Works on distinct texts only; spreading results over rows is done in `instants`, times of day are in
`times`. Which order a file has is decided in `date_order`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal

from energy_assets.intake.cells.times import MS_PER_DAY as MS_PER_DAY
from energy_assets.intake.cells.times import read_time as read_time

DateOrder = Literal["dmy", "mdy"]
"""Whether the day or the month comes first, where the year comes last."""

EXCEL_EPOCH: Final = date(1899, 12, 30)
"""Day 0 of a spreadsheet's date numbers, right for every date after February 1900."""

TOLERATED_SHARE: Final = 0.1
"""Dates that contradict the rest are row faults up to this share; beyond it they are a pattern."""

_WEEKDAY: Final = re.compile(
    r"(?:mon|tues?|wed|thu|thur|thurs|fri|sat|sun)(?:day|nesday|rsday|urday)?[,.]?\s+",
    re.IGNORECASE,
)
_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_YEAR_LAST: Final = re.compile(r"(\d{1,2})([-/.])(\d{1,2})(?:[-/.](\d{4})|\2(\d{2}))")
_COMPACT: Final = re.compile(r"((?:19|20|21)\d{2})(\d{2})(\d{2})")
_MONTH: Final = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY: Final = r"(\d{1,2})(?:st|nd|rd|th)?"
_DAY_NAMED: Final = rf"{_DAY}[-/ .]+{_MONTH}[-/ .,]*(\d{{4}}|\d{{2}})"
_MONTH_NAMED: Final = rf"{_MONTH}[-/ ]*{_DAY}(?:[-/ ,]+(\d{{4}})|, *(\d{{2}}))"
_YEAR_NAMED: Final = rf"(\d{{4}})[-/ .]+{_MONTH}[-/ .]+{_DAY}"
_NAMED: Final = re.compile(
    rf"(?:{_DAY_NAMED}|{_MONTH_NAMED}|{_YEAR_NAMED})(?![\d:])", re.IGNORECASE
)
_EXCEL_DAY: Final = re.compile(r"(\d{5})(?:\.(\d+))?")
_UNIX: Final = re.compile(r"(\d{10})(\d{3})?(?:\.(\d{1,9}))?")
_UNIX_YEARS_S: Final = (946_684_800, 4_102_444_800)
_UNIX_OR_COMPACT: Final = re.compile(r"20\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-4])")
_MIDNIGHT: Final = re.compile(r"[T ]+0{1,2}:00(?::00(?:\.0+)?)?")
_SPLIT: Final = re.compile(r"(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})(?:[T\s,]+(\S.*))?")
_GAP: Final = re.compile(r"(?<=\d)T(?=\d)|,?\s+")
_MONTHS: Final = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def epoch_ms(moment: datetime) -> int:
    """Whole milliseconds from 1970 to an instant."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True)
class DateReading:
    """What one date text can mean.

    Attributes:
        certain: The date, when only one reading exists whatever the order.
        day_first: The date when the day comes first; None if that is no date.
        month_first: The date when the month comes first; None if that is no date.
    """

    certain: date | None = None
    day_first: date | None = None
    month_first: date | None = None

    @property
    def is_ambiguous(self) -> bool:
        """Whether both orders give a date, and not the same one."""
        return (
            self.day_first is not None
            and self.month_first is not None
            and self.day_first != self.month_first
        )


def _without_weekday(text: str) -> str:
    return _WEEKDAY.sub("", text, count=1)


def read_date(text: str) -> DateReading:
    """All readings of a date text; an empty reading when it is no date.

    Year first, spreadsheet day numbers and named months are certain; `03/04/2025` is not. A year of
    two digits never comes first; 00 to 69 lie in this century, 70 to 99 in the last. A midnight
    behind the date is ignored.
    """
    bare = _without_weekday(text.strip())
    bare = _MIDNIGHT.sub("", bare, count=1) if ":" in text else bare
    if match := _YEAR_FIRST.fullmatch(bare) or _COMPACT.fullmatch(bare):
        return DateReading(certain=_date(match[1], match[2], match[3]))
    if match := _YEAR_LAST.fullmatch(bare):
        year = match[4] or match[5]
        return DateReading(
            day_first=_date(year, match[3], match[1]),
            month_first=_date(year, match[1], match[3]),
        )
    if match := _NAMED.fullmatch(bare):
        day, month = match[1] or match[5] or match[10], match[2] or match[4] or match[9]
        year = match[3] or match[6] or match[7] or match[8]
        return DateReading(certain=_date(year, str(_MONTHS[month[:3].lower()]), day))
    if (match := _EXCEL_DAY.fullmatch(bare)) and not (match[2] or "").strip("0"):
        return DateReading(certain=EXCEL_EPOCH + timedelta(days=int(match[1])))
    return DateReading()


def _date(year: str, month: str, day: str) -> date | None:
    century = 0 if len(year) == 4 else 2000 if year < "70" else 1900
    try:
        return date(century + int(year), int(month), int(day))
    except ValueError:
        return None


def day_of(text: str, *, order: DateOrder | None) -> tuple[date | None, str]:
    """The date that a text means in a file of this order, or the reason why none.

    Without an order, only dates with a single reading are taken.
    """
    reading = read_date(text)
    if reading.certain is not None:
        return reading.certain, ""
    if reading.day_first is None and reading.month_first is None:
        return None, "unreadable_date"
    if order is None and reading.is_ambiguous:
        return None, "ambiguous_date"
    if order is None:
        return reading.day_first or reading.month_first, ""
    chosen = reading.day_first if order == "dmy" else reading.month_first
    return (chosen, "") if chosen is not None else (None, "mixed_date_order")


def split_instant(text: str) -> tuple[str, str]:
    """Date part and time part of a text that holds both, in whatever way.

    A spreadsheet's day number gives its share of a day as the time. Seconds or milliseconds since
    1970 (10 or 13 digits, years 2000 to 2099) give an ISO date and a time that ends in `Z`, unless
    the digits may be a year, month, day and hour.
    """
    bare = _without_weekday(text.strip())
    if match := _SPLIT.fullmatch(bare):
        return match[1], match[2] or ""
    if match := _EXCEL_DAY.fullmatch(bare):
        return match[1], f"0.{(match[2] or '').rstrip('0') or 0}"
    if match := _UNIX.fullmatch(bare):
        return _split_unix(bare, match)
    if match := _NAMED.match(bare):
        return match[0], bare[match.end() :].lstrip("T ,\t")
    parts = _GAP.split(bare, maxsplit=1)
    return parts[0], parts[1] if len(parts) > 1 else ""


def _split_unix(bare: str, match: re.Match[str]) -> tuple[str, str]:
    seconds, milliseconds = int(match[1]), match[2] or (match[3] or "")[:3].ljust(3, "0")
    first, end = _UNIX_YEARS_S
    if not first <= seconds < end or (not match[2] and _UNIX_OR_COMPACT.fullmatch(match[1])):
        return bare, ""
    moment = _EPOCH + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%d}", f"{moment:%H:%M:%S}.{milliseconds}Z"
