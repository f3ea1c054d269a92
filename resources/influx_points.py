"""Points as InfluxDB holds them: which column is tag or field, texts without traps, line protocol.

A tag cannot be empty or end in a backslash, and CSV answers lose carriage returns and tell empty
from null in nothing; so every stored text is written by `stored_text` and read by `plain_text`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from resources.errors import CellError
from resources.tables import Column, Kind, Table

MARKER: Final = "is_point"
"""Boolean field of points that lack their table's witness: it alone says that they exist."""

FIRST_INSTANT: Final = pd.Timestamp("1677-09-22", tz="UTC")
"""The first instant taken; InfluxDB's own limit lies in the afternoon before."""

END_OF_TIME: Final = pd.Timestamp("2262-04-11", tz="UTC")
"""The first instant refused; InfluxDB's own limit lies in that night."""

RESERVED: Final = frozenset({"time", "result", "table", "error", "reference", MARKER})
"""Names that InfluxDB, its answers or this adapter use; those with a first `_` are taken too."""

TAG_KINDS: Final = frozenset[Kind]({"str", "int", "bool", "instant"})
"""Kinds that can identify a series; a float has no exact text."""

FIELD_KINDS: Final = frozenset[Kind]({"str", "int", "bool", "instant", "float"})
"""Kinds of measured values."""

LAST_WRITTEN_YEAR: Final = np.datetime64("9999-12-31T23:59:59.999", "ms")
"""The last instant whose text sorts with others."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where each column of a table lies in InfluxDB.

    Attributes:
        table: The table; its name is the measurement.
        time: The column that is the point's time.
        tags: Tag names by key column.
        fields: Field names by other column.
        witness: A column that every complete row has, None where all may be missing.
    """

    table: Table
    time: str
    tags: dict[str, str]
    fields: dict[str, str]
    witness: str | None

    @property
    def witnesses(self) -> list[str]:
        """Fields of which every point has one, unless it has the marker.

        Where points of an older layout are read too, these are known by what they measured.
        """
        older = any(column.absent is not None for column in self.table.columns)
        measured = [n for n in self.fields if older and self.table.column(n).kind == "float"]
        certain = [] if self.witness is None else [self.witness]
        return [self.fields[name] for name in [*certain, *measured]]


@lru_cache(maxsize=64)
def layout_of(table: Table) -> Layout:
    """Where each column of a table lies in InfluxDB.

    Raises:
        CellError: It is no time series with its time in the key, or a column has a kind or a name
            that InfluxDB has no place for.
    """
    time = table.time_series.time_column if table.time_series else ""
    if time not in table.key:
        raise CellError(table.name, time or "(none)", "no time column in the key of a time series")
    tags: dict[str, str] = {}
    fields: dict[str, str] = {}
    for column in table.columns:
        if column.name == time:
            continue
        is_tag = column.name in table.key
        (tags if is_tag else fields)[column.name] = _checked_name(table, column, is_tag=is_tag)
    names = [*tags.values(), *fields.values()]
    if len(set(names)) < len(names):
        raise CellError(table.name, ", ".join(sorted(names)), "two columns of one name in InfluxDB")
    certain = [name for name in fields if not table.column(name).nullable]
    witness = certain[0] if certain else None
    return Layout(table=table, time=time, tags=tags, fields=fields, witness=witness)


def _checked_name(table: Table, column: Column, *, is_tag: bool) -> str:
    """The name of a column's tag or field."""
    if column.kind not in (TAG_KINDS if is_tag else FIELD_KINDS):
        place = "tag" if is_tag else "field"
        raise CellError(table.name, column.name, f"{column.kind} can be no {place} in InfluxDB")
    name = column.document_paths[0]
    if name in RESERVED or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.]*", name):
        raise CellError(table.name, column.name, f"{name!r} can be no name in InfluxDB")
    return name


def stored_text(text: str) -> str:
    """A text without control characters, backslashes and emptiness; most texts stay as they are.

    Percent signs, backslashes and control characters become `%` and two hexadecimal digits, the
    empty text a lone `%`.
    """
    if not text:
        return "%"
    return re.sub(r"[%\\\x00-\x1f\x7f]", lambda found: f"%{ord(found[0]):02X}", text)


def plain_text(stored: str) -> str:
    """The text that `stored_text` was given; text of other writers stays as it is."""
    if stored == "%":
        return ""
    return re.sub(r"%(25|5C|[01][0-9A-F]|7F)", lambda found: chr(int(found[1], base=16)), stored)


def tag_texts(kind: Kind, series: pd.Series) -> pd.Series:
    """Values of a key column as tag values. Those of instants sort as the instants do."""
    if kind == "instant":
        instants = series.to_numpy(dtype="datetime64[ms]")
        return pd.Series(np.datetime_as_string(instants, unit="ms")) + "Z"
    if kind == "str":
        return series.map(stored_text)
    texts = series.astype("str")
    return texts.str.lower() if kind == "bool" else texts


def of_tag_texts(kind: Kind, texts: pa.StringArray) -> pa.Array:
    """Tag values as the values of their kind.

    Raises:
        pa.ArrowInvalid: Another writer's tag value has another kind.
    """
    if kind == "str":
        return pa.array([plain_text(text) for text in texts.to_pylist()], pa.string())
    if kind == "instant":
        return texts.cast(pa.timestamp("ms", tz="UTC"))
    return texts.cast(pa.int64() if kind == "int" else pa.bool_())


def point_lines(layout: Layout, frame: pd.DataFrame) -> pa.StringArray:
    """One line of line protocol, its newline included, for each row of a checked frame.

    Raises:
        CellError: An instant is one that InfluxDB cannot hold.
    """
    tags = sorted((tag, name) for name, tag in layout.tags.items())
    prefix = _escaped(layout.table.name)
    parts: list[Any] = [pa.scalar(prefix)]
    parts += [_tag_part(layout.table, tag, name, frame[name]) for tag, name in tags]
    times = _nanoseconds(layout, frame[layout.time])
    parts += [pa.scalar(" "), _fields_part(layout, frame), pa.scalar(" "), times, pa.scalar("\n")]
    return _joined(*parts)


def _escaped(name: str) -> str:
    """A measurement, tag name or tag value between the signs of line protocol."""
    return re.sub(r"([,= ])", r"\\\1", name)


def _each_once(series: pd.Series, text_of: Callable[[pd.Series], list[str]]) -> pa.Array:
    """The text of every value, worked out once for each distinct one; null where missing."""
    codes, distinct = pd.factorize(series)
    texts = pa.array(text_of(pd.Series(distinct)), pa.string())
    missing = codes < 0
    return texts.take(pa.array(codes, mask=missing if missing.any() else None))


def _tag_part(table: Table, tag: str, name: str, series: pd.Series) -> pa.Array:
    kind = table.column(name).kind
    if kind == "instant" and (series.to_numpy(dtype="datetime64[ms]") > LAST_WRITTEN_YEAR).any():
        raise CellError(table.name, name, "later than the year 9999")
    return _each_once(
        series, lambda some: [f",{tag}={_escaped(text)}" for text in tag_texts(kind, some)]
    )


def _nanoseconds(layout: Layout, series: pd.Series) -> pa.Array:
    if len(series) and (series.min() < FIRST_INSTANT or series.max() >= END_OF_TIME):
        far = series.min() if series.min() < FIRST_INSTANT else series.max()
        why = f"{far.isoformat()} is outside of [{FIRST_INSTANT.date()}, {END_OF_TIME.date()})"
        raise CellError(layout.table.name, layout.time, f"{why}, which InfluxDB can hold")
    milliseconds = series.to_numpy(dtype="datetime64[ms]").astype("int64")
    return pa.array(milliseconds * 1_000_000).cast(pa.string())


def _fields_part(layout: Layout, frame: pd.DataFrame) -> pa.Array:
    """The fields of each row that have a value; the marker where the witness has none."""
    given = [name for name in layout.fields if name in frame.columns]
    parts = [_field_part(layout, name, frame[name]) for name in given]
    marker = pa.array([f"{MARKER}=true"])
    if layout.witness in given:
        witnessed = frame[layout.witness].notna().to_numpy()
        if not witnessed.all():
            parts.append(marker.take(pa.array(np.zeros(len(frame), "int64"), mask=witnessed)))
    else:
        parts.append(marker.take(pa.array(np.zeros(len(frame), "int64"))))
    return _joined(*parts, sign=",", null_handling="skip")


def _field_part(layout: Layout, name: str, series: pd.Series) -> pa.Array:
    """`field=value` where there is a value, null elsewhere."""
    kind = layout.table.column(name).kind
    head = f"{layout.fields[name]}="
    if kind == "str":
        return _each_once(series, lambda some: [f'{head}"{_quotable(t)}"' for t in some])
    missing = series.isna().to_numpy()
    tail = "i" if kind in ("int", "instant") else ""
    if kind == "instant":
        values = pa.array(series.to_numpy(dtype="datetime64[ms]").astype("int64"), mask=missing)
    else:
        values = pa.array(series, from_pandas=True)
    return _joined(pa.scalar(head), values.cast(pa.string()), pa.scalar(tail))


def _quotable(text: str) -> str:
    return stored_text(text).replace('"', '\\"')


def _joined(
    *parts: pa.Array | pa.Scalar,
    sign: str = "",
    null_handling: Literal["emit_null", "skip"] = "emit_null",
) -> pa.Array:
    """Texts of each row, put together with a sign between them."""
    options = pc.JoinOptions(null_handling=null_handling)
    return pc.call_function("binary_join_element_wise", [*parts, pa.scalar(sign)], options)
