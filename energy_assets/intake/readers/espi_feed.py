"""Green Button documents (ESPI, NAESB REQ.21) as series of readings, parsed in bounded memory.

An Atom feed links meter readings, reading types and interval blocks by address; without addresses
they belong together in the order in which they stand. Which series are read is decided in `espi`.
"""

import re
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from energy_assets.intake.errors import DamagedFileError, DecompressionLimitError, MeterFileError

MAX_XML_BYTES: Final = 256 << 20
"""Largest document, unpacked: a year of minutes has about a third of this."""

MAX_DEPTH: Final = 40
"""Elements of a document lie no deeper in each other."""

MAX_TEXT: Final = 1_000
"""Characters that are kept of one element."""

NO_TIME: Final = -(1 << 62)
"""Stands for a start that is no whole number of seconds."""

_LATEST: Final = 1 << 33
"""No reading starts later, in seconds since 1970: the year 2242."""

_MARKS: Final = ("naesb.org/espi", "<IntervalBlock", ":IntervalBlock", "<UsagePoint", ":UsagePoint")
_METER_READING: Final = re.compile(r"(.*/MeterReading/[^/]+)(/IntervalBlock.*)?")
_USAGE_POINT: Final = re.compile(r"(.*/UsagePoint/[^/]+).*")
_PARTS: Final = ("UsagePoint", "MeterReading", "ReadingType", "IntervalBlock")


class EntityError(MeterFileError):
    """A document declares entities, which no export of readings does."""

    def __init__(self, object_key: str) -> None:
        super().__init__(
            object_key,
            "the document has a DOCTYPE, which could hide entities that grow without bounds.",
            "Remove it, or download the file again from the utility.",
        )


@dataclass(kw_only=True)
class Series:
    """Readings of one meter reading, in the order of the document.

    Attributes:
        usage_point: Address of its usage point; empty where none is known.
        numbers: Each reading's place among all readings of the document, 1 first.
        starts: Start in seconds since 1970, `NO_TIME` where it cannot be read.
        values: As they stand there.
        odd_starts: What stands there instead of a start, by position.
    """

    usage_point: str = ""
    numbers: "array[int]" = field(default_factory=lambda: array("q"))
    starts: "array[int]" = field(default_factory=lambda: array("q"))
    values: list[str] = field(default_factory=list[str])
    odd_starts: dict[int, str] = field(default_factory=dict[int, str])

    def add(self, number: int, start: str, value: str) -> None:
        """Add a reading."""
        seconds = int(start) if re.fullmatch(r"\d{1,10}", start) else NO_TIME
        if not 0 <= seconds < _LATEST:
            seconds, self.odd_starts[len(self.starts)] = NO_TIME, start
        self.numbers.append(number)
        self.starts.append(seconds)
        self.values.append(value)

    def extend(self, other: "Series") -> None:
        """Add the readings of another one."""
        before = len(self.starts)
        self.odd_starts |= {before + at: text for at, text in other.odd_starts.items()}
        self.numbers.extend(other.numbers)
        self.starts.extend(other.starts)
        self.values.extend(other.values)
        self.usage_point = self.usage_point or other.usage_point


@dataclass(kw_only=True)
class _Entry:
    """One entry of a feed, or what stands outside of entries."""

    own: str = ""
    up: str = ""
    related: list[str] = field(default_factory=list[str])
    parts: set[str] = field(default_factory=set[str])
    facts: dict[str, str] = field(default_factory=dict[str, str])
    readings: Series = field(default_factory=Series)


def is_espi(head: bytes) -> bool:
    """Whether a document begins as those of Green Button do."""
    text = head.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    return text.startswith("<") and any(mark in text for mark in _MARKS)


class EspiFeed:
    """The content of a document.

    Args:
        blocks: Its bytes.
        object_key: Which file.

    Attributes:
        series: Readings by the address of their meter reading.
        reading_types: What the numbers of a reading type mean, by address.
        usage_points: Addresses of all usage points, in order.

    Raises:
        MeterFileError: It is cut off, no XML, too large, or declares entities.
    """

    def __init__(self, blocks: Iterable[bytes], *, object_key: str) -> None:
        self.series: dict[str, Series] = {}
        self.reading_types: dict[str, Mapping[str, str]] = {}
        self.usage_points: dict[str, None] = {}
        self._type_links: dict[str, list[str]] = {}
        self._object_key = object_key
        self._stack: list[str] = []
        self._text: list[str] = []
        self._length = 0
        self._reading: dict[str, str] = {}
        self._count = self._parts = 0
        self._entry = _Entry()
        self._newest = dict.fromkeys(_PARTS, "")
        self._parse(blocks)

    def type_of(self, meter_reading: str) -> Mapping[str, str]:
        """What the numbers of a meter reading mean; nothing where no reading type says so."""
        links = self._type_links.get(meter_reading, [])
        found = [self.reading_types[link] for link in links if link in self.reading_types]
        if not found and len(self.reading_types) == 1:
            found = list(self.reading_types.values())
        return found[0] if len(found) == 1 else {}

    def _parse(self, blocks: Iterable[bytes]) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        size = 0
        try:
            for block in blocks:
                piece = block if size else block.removeprefix(b"\xef\xbb\xbf").lstrip()
                size += len(block)
                if size > MAX_XML_BYTES:
                    facts = f"the document has more than {MAX_XML_BYTES >> 20} MiB"
                    raise DecompressionLimitError(self._object_key, facts)
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise DamagedFileError(self._object_key, str(error)) from error
        self._close_entry()

    def _refuse_doctype(self, *_: object) -> None:
        raise EntityError(self._object_key)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        self._stack.append(local)
        if len(self._stack) > MAX_DEPTH:
            raise DamagedFileError(self._object_key, "elements lie too deep in each other")
        self._text, self._length = [], 0
        if local == "entry":
            self._close_entry()
        elif local == "link":
            self._link(attributes.get("rel", ""), attributes.get("href", "").rstrip("/"))
        elif local in _PARTS:
            self._open_part(local)
        elif local == "IntervalReading":
            self._reading = {}

    def _link(self, relation: str, address: str) -> None:
        if relation == "self":
            self._entry.own = address
        elif relation == "up":
            self._entry.up = address
        elif relation == "related":
            self._entry.related.append(address)

    def _open_part(self, part: str) -> None:
        """Begin a part; without entries the next one of its kind ends the one before."""
        entry = self._entry
        if not self._is_in_entry and part in entry.parts and part != "IntervalBlock":
            self._close_entry()
        self._entry.parts.add(part)

    @property
    def _is_in_entry(self) -> bool:
        return "entry" in self._stack

    def _characters(self, text: str) -> None:
        if self._length < MAX_TEXT:
            self._text.append(text)
            self._length += len(text)

    def _end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        text = "".join(self._text).strip()
        self._text, self._length = [], 0
        self._stack.pop()
        parent = self._stack[-1] if self._stack else ""
        if parent == "ReadingType":
            self._entry.facts[local] = text
        elif (
            (parent == "IntervalReading" and local == "value")
            or (parent == "timePeriod" and "IntervalReading" in self._stack)
            or (parent == "ReadingQuality" and local == "quality")
        ):
            self._reading[local] = text
        elif local == "IntervalReading":
            self._add_reading()
        elif local == "entry":
            self._close_entry()

    def _add_reading(self) -> None:
        self._count += 1
        found = self._reading
        self._entry.readings.add(self._count, found.get("start", ""), found.get("value", ""))

    def _close_entry(self) -> None:
        """Settle what an entry holds, and what it belongs to."""
        entry, self._entry = self._entry, _Entry()
        for part in _PARTS:
            if part in entry.parts and part != "IntervalBlock":
                self._parts += 1
                self._newest[part] = entry.own or f"{part}/{self._parts}"
        if "UsagePoint" in entry.parts:
            self.usage_points[self._newest["UsagePoint"]] = None
        if "MeterReading" in entry.parts:
            self._type_links.setdefault(self._newest["MeterReading"], []).extend(entry.related)
        if "ReadingType" in entry.parts:
            address = self._newest["ReadingType"]
            self.reading_types[address] = entry.facts
            if not entry.own:
                self._type_links.setdefault(self._newest["MeterReading"], []).append(address)
        if len(entry.readings.values):
            self._keep(entry)

    def _keep(self, entry: _Entry) -> None:
        links = (_METER_READING.fullmatch(each) for each in (entry.own, entry.up))
        address = next((link[1] for link in links if link), self._newest["MeterReading"])
        point = _USAGE_POINT.fullmatch(address)
        entry.readings.usage_point = point[1] if point else self._newest["UsagePoint"]
        self.series.setdefault(address, Series()).extend(entry.readings)
