"""Headers of wide files: a row for each day, and a column for each part of it.

`00:00`, `00:00-00:30`, `0030`, `H1`, `HE01`, `kWh_1`: which part of a day each column is. What the
cells say is read in `wide`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from energy_assets.intake.file_kind import FileKind, ValueField
from energy_assets.intake.headers import normalised, readings_of
from energy_assets.intake.layouts import UNIT_COLUMN, known_headers
from energy_assets.intake.time_columns import TIME_SPELLINGS
from energy_assets.intake.units import unit_named

DAY: Final = 1440
"""Minutes of a day without a clock change."""

STEPS: Final = (5, 10, 15, 20, 30, 60)
"""Lengths of the parts of a day. [min]"""

MAX_COLUMN: Final = 998
"""Parts of a day stand no further right, counted from 0."""

WHOLE_DAY: Final = "whole day: "
"""How headers begin of columns that belong to no part, such as totals; their cells are not read."""

_CLOCK: Final = r"(?<!\d)(\d{1,2})[:h](\d{2})(?::00)?(?:\s*([ap])\.?m\.?(?![a-z]))?(?!\d)"
_TIME: Final = re.compile(_CLOCK, re.IGNORECASE)
_SPAN: Final = re.compile(rf"{_CLOCK}\s*(?:-|–|—|−|to|bis)\s*{_CLOCK}", re.IGNORECASE)
_COMPACT: Final = re.compile(r"(?<!\d)([0-2]\d)([0-5]\d)(?!\d)")
_NUMBER: Final = re.compile(r"(?<!\d)(\d{1,3})(?!\d)")
_CUBIC: Final = re.compile(r"(?<![a-z])(m|ft)3(?!\d)", re.IGNORECASE)
_AGAIN: Final = re.compile(r"\*|\(2\)|\(?\bDST\b\)?|(?<=:\d\d)\.1$|(?<=\d)x$", re.IGNORECASE)
_WORDS: Final = (
    "h he hh hr hour hours ending end beginning start starting interval period p q qh sp part slot "
    "settlement half quarter time t no value v"
)
_PART_WORDS: Final = frozenset(_WORDS.split())
"""Words beside a time or number that say no more than it does."""


@dataclass(frozen=True, kw_only=True)
class _Label:
    """What a header says of a part of a day; minutes from midnight, or its number."""

    shape: str
    rest: str
    first: int
    last: int = 0
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class WideHeader:
    """How a wide header is read.

    Attributes:
        header: That of the long table: the other columns, then time and value.
        kept: Column numbers of the others.
        date: Column number of the date.
        columns: Column numbers of the parts of a day.
        labels: The time of each part.
        step: Length of a part. [min]
        is_numbered: Whether parts are numbered, so that on days of a clock change it is open which
            part a number means.
        is_unclear: Whether times may be starts or ends.
    """

    header: tuple[str, ...]
    kept: tuple[int, ...]
    date: int
    columns: tuple[int, ...]
    labels: tuple[str, ...]
    step: int
    is_numbered: bool
    is_unclear: bool

    @property
    def full(self) -> int:
        """Parts of a day without a clock change."""
        return DAY // self.step

    @property
    def is_short(self) -> bool:
        """Whether numbered parts are those of a day on which clocks go forward."""
        return self.is_numbered and len(self.columns) < self.full


def wide_header(header: Sequence[str], kind: FileKind) -> WideHeader | None:
    """How a header is read where it is that of a wide file, None where it is not."""
    if len(header) < DAY // max(STEPS):
        return None
    groups: dict[tuple[str, str], list[tuple[int, _Label]]] = {}
    for position, text in enumerate(header[: MAX_COLUMN + 1]):
        label = _label(text)
        if label is not None:
            groups.setdefault((label.shape, label.rest.lower()), []).append((position, label))
    found = [
        each
        for group in groups.values()
        if (each := _of_group(header, kind, group)) is not None
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _label(text: str) -> _Label | None:
    """The part of a day that a header names, None for none."""
    bare = _CUBIC.sub(r"\1³", text.strip())
    plain = _AGAIN.sub("", bare)
    again = plain != bare
    if match := _SPAN.search(plain):
        first, last = _minutes(match.groups()[:3]), _minutes(match.groups()[3:])
        if first is None or last is None:
            return None
        rest = _without(plain, match)
        return _Label(shape="span", rest=rest, first=first, last=last, again=again)
    if match := _TIME.search(plain):
        minutes = _minutes(match.groups())
        if minutes is None:
            return None
        return _Label(shape="clock", rest=_without(plain, match), first=minutes, again=again)
    if match := _COMPACT.search(plain):
        minutes = int(match[1]) * 60 + int(match[2])
        return _Label(shape="compact", rest=_without(plain, match), first=minutes, again=again)
    if match := _NUMBER.search(plain):
        number = int(match[1])
        return _Label(shape="number", rest=_without(plain, match), first=number, again=again)
    return None


def _minutes(parts: Sequence[str | None]) -> int | None:
    """Minutes from midnight, None for no time of day."""
    hour, minute, half = int(parts[0] or 0), int(parts[1] or 0), (parts[2] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    total = hour * 60 + minute
    return total if minute < 60 and total <= DAY else None


def _without(text: str, match: re.Match[str]) -> str:
    """What stands around a match."""
    return f"{text[: match.start()]} {text[match.end() :]}".strip(" _-:.,")


def _of_group(
    header: Sequence[str], kind: FileKind, group: Sequence[tuple[int, _Label]]
) -> WideHeader | None:
    """How the header is read if these columns are the parts of a day."""
    columns = tuple(position for position, _ in group)
    labels = [label for _, label in group]
    timed = _numbered(labels) if labels[0].shape == "number" else _clocked(labels)
    title = _value_title(labels[0].rest, header, kind)
    others = [position for position in range(len(header)) if position not in set(columns)]
    date = _date_column(header, others)
    if timed is None or title is None or date is None:
        return None
    titles = [_title(header[position], kind, is_date=position == date) for position in others]
    long_header = (*titles, timed.title, title)
    if known_headers((titles[others.index(date)], timed.title, title), kind) != 3:
        return None
    return WideHeader(
        header=long_header,
        kept=tuple(others),
        date=date,
        columns=columns,
        labels=tuple(timed.labels),
        step=timed.step,
        is_numbered=timed.is_numbered,
        is_unclear=timed.title == "Time" and kind.label != "start",
    )


@dataclass(frozen=True, kw_only=True)
class _Timed:
    """Times of the parts: title of their column, texts, length [min]."""

    title: str
    labels: list[str]
    step: int
    is_numbered: bool = False


def _numbered(labels: Sequence[_Label]) -> _Timed | None:
    """Times of parts that are numbered without a gap; numbers beyond the day have none."""
    numbers = [label.first for label in labels]
    first, words = numbers[0], set(re.findall(r"[a-z]+", labels[0].rest.lower()))
    if numbers != list(range(first, first + len(numbers))):
        return None
    if (first == 0 and "he" in words) or (first == 1 and "hb" in words) or first not in (0, 1):
        return None
    for step in STEPS:
        full, hour = DAY // step, 60 // step
        if len(numbers) in (full - hour, full, full + hour):
            texts = [clock_text(place * step) for place in range(full)]
            beyond = [unclear_text(place + first) for place in range(full, len(numbers))]
            return _Timed(
                title="Start Time",
                labels=[*texts, *beyond][: len(numbers)],
                step=step,
                is_numbered=True,
            )
    return None


def _clocked(labels: Sequence[_Label]) -> _Timed | None:
    """Times of parts that are named after the clock, in the order of the day.

    A label that stands there twice is the second pass of an hour that occurs twice.
    """
    minutes = [label.first for label in labels]
    title = "Start Time" if labels[0].shape == "span" else "Time"
    if title == "Time" and (DAY in minutes or (minutes[-1] == 0 != minutes[0])):
        title, minutes = "End Time", [each or DAY for each in minutes]
    once = [each for each, label in zip(minutes, labels, strict=True) if not label.again]
    once = list(dict.fromkeys(once))
    steps = {after - before for before, after in pairwise(once)}
    step = min(steps, default=0)
    if step not in STEPS or any(each % step for each in minutes):
        return None
    first = step if title == "End Time" else 0
    is_span = labels[0].shape == "span"
    if is_span and any((label.last - label.first) % DAY != step for label in labels):
        return None
    hour = 60 // step
    allowed = (DAY // step, DAY // step - hour)
    if len(once) not in allowed or once[0] != first or once[-1] != DAY - step + first:
        return None
    if (
        len(minutes) > len(once) + hour
        or steps - {step, step + 60}
        or not set(minutes) <= set(once)
    ):
        return None
    return _Timed(title=title, labels=[clock_text(each) for each in minutes], step=step)


def clock_text(minutes: int) -> str:
    """A time of day: `00:30`, `24:00`."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def unclear_text(number: int) -> str:
    """What stands for the time of a part that has none; it is refused as unreadable."""
    return f"part {number}"


def _value_title(rest: str, header: Sequence[str], kind: FileKind) -> str | None:
    """Header of the value, from what stands beside the times; None where that is another value."""
    value = interval_value(kind)
    if value is None:
        return None
    words = [each for each in re.split(r"[^\w/%³°]+|_", rest) if each]
    words = [each for each in words if each.lower() not in _PART_WORDS]
    unit, words = _unit_among(words)
    names = value.spellings | value.stems | kind.qualifiers
    name = normalised(" ".join(words))
    if name and name not in names:
        return None
    has_column = any(normalised(text) in UNIT_COLUMN for text in header)
    if not unit and not value.unit and not has_column:
        return None
    title = kind.wanted[value.name]
    return f"{title} ({unit})" if unit else title


def _unit_among(words: Sequence[str]) -> tuple[str, list[str]]:
    """The unit that one or two neighbouring words name, and the other words."""
    for count in (2, 1):
        for at in range(len(words) - count + 1):
            unit = " ".join(words[at : at + count])
            if unit_named(unit) is not None:
                return unit, [*words[:at], *words[at + count :]]
    return "", list(words)


def interval_value(kind: FileKind) -> ValueField | None:
    """The value of an interval, which is no register; None where a kind has none."""
    values = (kind.value(name) for name in kind.wanted)
    return next((value for value in values if not value.is_register), None)


def _date_column(header: Sequence[str], others: Sequence[int]) -> int | None:
    """The only column that can hold the date of a row."""
    names = {position: normalised(header[position]) for position in others}
    for wanted in (("date",), ("start_date",), ("datetime", "timestamp", "start_at")):
        found = [at for at, name in names.items() if TIME_SPELLINGS.get(name) in wanted]
        if len(found) == 1:
            return found[0]
        if found:
            return None
    found = [at for at, name in names.items() if name.endswith("date") or name == "datum"]
    return found[0] if len(found) == 1 else None


def _title(text: str, kind: FileKind, *, is_date: bool) -> str:
    """Header of another column in the long table; marked where it belongs to the whole day."""
    if is_date:
        return text if TIME_SPELLINGS.get(normalised(text)) == "date" else "Date"
    owners = {*kind.meter, *UNIT_COLUMN, *(name for names in kind.texts.values() for name in names)}
    if any(reading.name in owners for reading in readings_of(text)):
        return text
    return f"{WHOLE_DAY}{text}" if known_headers([text], kind) else text
