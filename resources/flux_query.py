"""Flux text from typed parts: the only place where Flux is written.

Every text goes through `text_literal`, every instant through `time_literal`; nothing else of a
query varies but the names of tags and fields, which are text literals too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from resources.operands import EPOCH

TIME: Final = "_time"
"""The column of a point's time."""


@dataclass(frozen=True)
class Compared:
    """A condition on a text: a tag compared with a value."""

    tag: str
    operator: Literal["=", "<", "<=", ">", ">="]
    value: str


@dataclass(frozen=True)
class OneOf:
    """A condition: a tag, or the time, has one of the values. Times are milliseconds."""

    tag: str
    values: Sequence[str] | Sequence[int]


@dataclass(frozen=True, kw_only=True)
class FluxQuery:
    """One read of some fields of some series, one row a point.

    Attributes:
        bucket: Name of the bucket.
        measurement: Name of the measurement.
        start_ms: First millisecond since 1970 UTC.
        stop_ms: The millisecond after the last.
        conditions: Conditions on tags and times, which all hold.
        fields: Fields wanted, at least one.
    """

    bucket: str
    measurement: str
    start_ms: int
    stop_ms: int
    conditions: tuple[Compared | OneOf, ...]
    fields: tuple[str, ...]

    @property
    def text(self) -> str:
        """The query in Flux."""
        start, stop = time_literal(self.start_ms), time_literal(self.stop_ms)
        lines = [
            f"from(bucket: {text_literal(self.bucket)})",
            f"range(start: {start}, stop: {stop})",
            _filter(Compared("_measurement", "=", self.measurement)),
            *(_filter(condition) for condition in self.conditions),
            _filter(OneOf("_field", self.fields)),
            'pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")',
            'drop(columns: ["_start", "_stop", "_measurement"])',
        ]
        return "\n  |> ".join(lines)


def text_literal(text: str) -> str:
    r"""A text as Flux writes it: no quote, backslash, control character or dollar gets through.

    Every dollar is written as a number: `${` would interpolate, and InfluxData's compiler does not
    understand a dollar before a backslash.
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f$]", lambda c: f"\\x{ord(c[0]):02x}", escaped) + '"'


def time_literal(milliseconds: int) -> str:
    """An instant as Flux writes it: RFC 3339 in UTC.

    Args:
        milliseconds: Since 1970 UTC.
    """
    return rfc3339(EPOCH + timedelta(milliseconds=milliseconds))


def rfc3339(instant: datetime) -> str:
    """A UTC instant to the millisecond, always as many characters: texts sort as instants do."""
    return instant.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _filter(condition: Compared | OneOf) -> str:
    if isinstance(condition, Compared):
        operator = "==" if condition.operator == "=" else condition.operator
        test = f"{_member(condition.tag)} {operator} {text_literal(condition.value)}"
    else:
        test = _any([f"{_member(condition.tag)} == {_literal(v)}" for v in condition.values])
    return f"filter(fn: (r) => {test})"


def _member(tag: str) -> str:
    return f"r[{text_literal(tag)}]"


def _literal(value: str | int) -> str:
    return text_literal(value) if isinstance(value, str) else time_literal(value)


def _any(tests: Sequence[str]) -> str:
    """Tests joined by `or` as a shallow tree: Flux refuses a chain of some 170 as too deep."""
    if len(tests) == 1:
        return tests[0]
    half = len(tests) // 2
    return f"({_any(tests[:half])} or {_any(tests[half:])})"
