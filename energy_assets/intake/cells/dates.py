"""Dates and times as text: what a spelling means, and whether the day or the month comes first.

Works on distinct texts only; spreading results over rows is done in `instants`. Time zones are
not decided here, see `meter_clock`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal

DateOrder = Literal["dmy", "mdy"]
"""Whether the day or the month comes first, where the year comes last."""

MS_PER_DAY: Final = 86_400_000
"""Milliseconds of a day."""

EXCEL_EPOCH: Final = date(1899, 12, 30)
"""Day 0 of a spreadsheet's date numbers, right for every date after February 1900."""

TOLERATED_SHARE: Final = 0.1
"""Dates that contradict the rest are row faults up to this share; beyond it they are a pattern."""

_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_YEAR_LAST: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_COMPACT: Final = re.compile(r"((?:19|20|21)\d{2})(\d{2})(\d{2})")
_NAMED: Final = re.compile(r"(\d{1,2})[-/ .]([A-Za-z]{3,9})[-/ .,]+(\d{4})")
_EXCEL_DAY: Final = re.compile(r"(\d{5})(?:\.(\d+))?")
_MIDNIGHT: Final = re.compile(r"[T ]+0{1,2}:00(?::00(?:\.0+)?)?")
_TIME: Final = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?[Mm]\.?)?"
    r"\s*(Z|UTC|[+-]\d{2}:?\d{2})?"
)
_DAY_SHARE: Final = re.compile(r"[01](?:\.\d+)?(?:[eE]-\d+)?")
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


def read_date(text: str) -> DateReading:
    """All readings of a date text; an empty reading when it is no date.

    Year first, spreadsheet day numbers and named months are certain; `03/04/2025` is not. A
    midnight behind the date is ignored.
    """
    bare = _MIDNIGHT.sub("", text.strip(), count=1) if ":" in text else text.strip()
    if match := _YEAR_FIRST.fullmatch(bare) or _COMPACT.fullmatch(bare):
        return DateReading(certain=_date(match[1], match[2], match[3]))
    if match := _YEAR_LAST.fullmatch(bare):
        return DateReading(
            day_first=_date(match[3], match[2], match[1]),
            month_first=_date(match[3], match[1], match[2]),
        )
    if (match := _NAMED.fullmatch(bare)) and match[2][:3].lower() in _MONTHS:
        month = _MONTHS[match[2][:3].lower()]
        return DateReading(certain=_date(match[3], str(month), match[1]))
    if (match := _EXCEL_DAY.fullmatch(bare)) and not (match[2] or "").strip("0"):
        return DateReading(certain=EXCEL_EPOCH + timedelta(days=int(match[1])))
    return DateReading()


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
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


def read_time(text: str) -> tuple[int, int | None] | None:
    """Milliseconds since midnight and UTC offset in minutes of a time text; None if it is none.

    `24:00:00` is the midnight that ends the day. The offset is None when the text has none. A
    spreadsheet's share of a day (0.375) is a time as well.
    """
    bare = text.strip()
    if match := _TIME.fullmatch(bare):
        hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
        if match[5]:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if match[5][0] in "Pp" else 0)
        ms = ((hour * 60 + minute) * 60 + second) * 1_000 + int((match[4] or "0")[:3].ljust(3, "0"))
        if minute > 59 or second > 59 or ms > MS_PER_DAY:
            return None
        return ms, _offset_minutes(match[6])
    if _DAY_SHARE.fullmatch(bare) and float(bare) <= 1:
        return round(float(bare) * 86_400) * 1_000, None
    return None


def _offset_minutes(text: str | None) -> int | None:
    if text is None:
        return None
    if text in ("Z", "UTC"):
        return 0
    size = int(text[1:3]) * 60 + int(text[-2:])
    return -size if text[0] == "-" else size


def split_instant(text: str) -> tuple[str, str]:
    """Date part and time part of a text that holds both, also of a spreadsheet's day number."""
    bare = text.strip()
    match = _EXCEL_DAY.fullmatch(bare)
    if match:
        return match[1], f"0.{match[2] or 0}"
    parts = re.split(r"[T\s]+", bare, maxsplit=1)
    return parts[0], parts[1] if len(parts) > 1 else ""


@dataclass(frozen=True, kw_only=True)
class OrderEvidence:
    """What a collection of date texts says about the order of day and month.

    Attributes:
        order: The order, when the dates decide.
        refused: A text that could be read both ways, when most texts are like that and nothing
            decides.
    """

    order: DateOrder | None = None
    refused: str | None = None


def order_evidence(texts: Mapping[str, int]) -> OrderEvidence:
    """Whether the day or the month comes first in these dates, given with their numbers of rows.

    A number above 12 decides. Failing that, dates that follow each other day by day in one reading
    and are scattered over months in the other decide. A few contradicting rows are row faults.
    """
    readings = {text: read_date(text) for text in texts}
    ambiguous = {text: r for text, r in readings.items() if r.is_ambiguous}
    day_first = sum(texts[t] for t, r in readings.items() if r.day_first and not r.month_first)
    month_first = sum(texts[t] for t, r in readings.items() if r.month_first and not r.day_first)
    total = day_first + month_first
    if total and month_first <= TOLERATED_SHARE * total:
        return OrderEvidence(order="dmy")
    if total and day_first <= TOLERATED_SHARE * total:
        return OrderEvidence(order="mdy")
    if total or not ambiguous:
        return OrderEvidence()
    by_day = _contiguity([r.day_first for r in ambiguous.values() if r.day_first])
    by_month = _contiguity([r.month_first for r in ambiguous.values() if r.month_first])
    if by_day >= 0.5 and by_month < 0.25:
        return OrderEvidence(order="dmy")
    if by_month >= 0.5 and by_day < 0.25:
        return OrderEvidence(order="mdy")
    if sum(texts[text] for text in ambiguous) > TOLERATED_SHARE * sum(texts.values()):
        return OrderEvidence(refused=min(ambiguous))
    return OrderEvidence()


def _contiguity(days: Sequence[date]) -> float:
    """Share of the days between first and last that occur."""
    if len(days) < 2:
        return 0.0
    return len(set(days)) / ((max(days) - min(days)).days + 1)
