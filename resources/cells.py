"""Cells of frames as plain Python values and back, for every document-store adapter.

A frame is checked here once, on its way into a store: known columns, complete keys, UTC instants,
no infinity. NaN, NaT and None are all "no value". Nothing here knows a database.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, cast

import numpy as np
import pandas as pd
import pyarrow as pa

from resources.errors import CellError
from resources.tables import DTYPES, Kind, Table

ARROW_TYPES: Final[dict[Kind, pa.DataType]] = {
    "str": pa.string(),
    "float": pa.float64(),
    "int": pa.int64(),
    "bool": pa.bool_(),
    "instant": pa.timestamp("ms", tz="UTC"),
    "json": pa.string(),
    "bytes": pa.binary(),
}
"""The Arrow type of each kind on its way to a store; JSON travels as text."""


def checked(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows in the table's dtypes, in the table's order of columns.

    Args:
        table: The table that they go to.
        rows: Any subset of its columns that holds the key.

    Raises:
        CellError: A column is unknown, a key incomplete, a number infinite, an instant without
            time zone, or a value of another kind.
    """
    unknown = [str(name) for name in rows.columns if name not in table.names]
    if unknown:
        raise CellError(table.name, ", ".join(unknown), f"unknown; the table has {table.names}")
    absent = [name for name in table.key if name not in rows.columns]
    if absent:
        raise CellError(table.name, ", ".join(absent), "part of the key, and not in the frame")
    frame = pd.DataFrame(
        {
            name: _coerced(table, name, rows[name]).array
            for name in table.names
            if name in rows.columns
        },
        copy=False,
    )
    for name in table.key:
        empty = pd.isna(frame[name].array)
        if empty.any():
            row = int(empty.argmax())
            raise CellError(table.name, name, f"part of the key, and empty in row {row}")
    return frame


def _coerced(table: Table, name: str, series: pd.Series) -> pd.Series:
    """One column in its table's dtype."""
    kind = table.column(name).kind
    if kind in ("json", "bytes"):
        return series.astype("object")
    if kind == "instant" and not isinstance(series.dtype, pd.DatetimeTZDtype):
        series = _aware(table, name, series)
    try:
        coerced = series if str(series.dtype) == DTYPES[kind] else _cast(series, kind)
    except (TypeError, ValueError, OverflowError) as error:
        raise CellError(table.name, name, f"not {kind}: {error}") from error
    if kind == "float" and np.isinf(coerced.to_numpy(dtype="float64")).any():
        raise CellError(table.name, name, "infinite; a measurement is finite or missing")
    if kind == "str" and coerced.str.contains("\0", regex=False).any():
        # PostgreSQL cannot hold a NUL character; every adapter stores the same text instead.
        return coerced.str.replace("\0", "\ufffd", regex=False)
    return coerced


def _cast(series: pd.Series, kind: Kind) -> pd.Series:
    """The series in the dtype of that kind; text must be text already."""
    if kind == "instant":
        return series.dt.tz_convert("UTC").dt.as_unit("ms")
    if kind == "str" and series.dtype == object:
        strangers = [v for v in series if not isinstance(v, str) and not is_missing(v)]
        if strangers:
            raise TypeError(f"{strangers[0]!r} is no text")
    elif kind == "str" and not isinstance(series.dtype, pd.StringDtype | pd.CategoricalDtype):
        if series.isna().all():
            return pd.Series([None] * len(series), index=series.index, dtype="str")
        raise TypeError(f"{series.dtype} is no text")
    return series.astype(pd.api.types.pandas_dtype(DTYPES[kind]))


def _aware(table: Table, name: str, series: pd.Series) -> pd.Series:
    """Instants from datetime objects that name their time zone, or from nothing at all."""
    present = series.dropna()
    naive = [v for v in present if not isinstance(v, datetime) or v.tzinfo is None]
    if naive:
        raise CellError(table.name, name, f"{naive[0]!r} is no instant with a time zone")
    return pd.to_datetime(series, utc=True)


def is_missing(value: object) -> bool:
    """Whether a cell says nothing: None, NaN, NaT or NA."""
    return value is None or value is pd.NA or value is pd.NaT or value != value


def python_cells(table: Table, frame: pd.DataFrame) -> list[list[object]]:
    """The columns of a checked frame as lists of plain values, None where there is none.

    Instants are milliseconds since the epoch, JSON is text, and floats keep their NaN.
    """
    return [_python_cells(table, str(name), frame[name]) for name in frame.columns]


def _python_cells(table: Table, name: str, series: pd.Series) -> list[object]:
    kind = table.column(name).kind
    if kind == "float":
        return series.to_numpy().tolist()
    if kind == "str":
        return pa.array(series, from_pandas=True).to_pylist()
    if kind == "json":
        return [json_text(table, name, value) for value in series]
    if kind == "bytes":
        return [None if is_missing(value) else bytes(value) for value in series]
    missing = series.isna().to_numpy()
    if kind == "instant":
        values: list[object] = series.to_numpy(dtype="datetime64[ms]").astype("int64").tolist()
    else:
        dtype = "int64" if kind == "int" else "bool"
        values = series.array.fillna(0 if kind == "int" else False).to_numpy(dtype=dtype).tolist()
    if missing.any():
        for row in np.flatnonzero(missing).tolist():
            values[row] = None
    return values


def json_text(table: Table, name: str, value: object) -> str | None:
    """A JSON value as text, None for none; a NaN inside becomes null.

    Raises:
        CellError: It holds infinity, or something that JSON cannot say.
    """
    if not isinstance(value, list | dict | tuple | np.ndarray) and is_missing(value):
        return None
    try:
        return json.dumps(plain_json(value), allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise CellError(table.name, name, f"not JSON: {error}") from error


def plain_json(value: object) -> object:
    """The value with numpy's types unwrapped, tuples as lists, and NaN as None."""
    if isinstance(value, dict):
        return {str(k): plain_json(v) for k, v in cast("dict[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [plain_json(v) for v in cast("Sequence[object]", value)]
    if isinstance(value, np.ndarray | np.generic):
        return plain_json(value.tolist())
    if isinstance(value, float) and value != value:
        return None
    return value


def _instants(values: Sequence[Any]) -> pd.Series:
    numbers = pd.Series(values, dtype="Int64")
    missing = numbers.isna().to_numpy()
    stamps = numbers.fillna(0).to_numpy(dtype="int64").astype("datetime64[ms]")
    stamps[missing] = np.datetime64("NaT")
    return pd.Series(pd.DatetimeIndex(stamps).tz_localize("UTC"))


def _parsed(values: Sequence[Any]) -> list[object]:
    return [None if v is None else json.loads(v) for v in values]


def _bytes_values(values: Sequence[Any]) -> pd.Series:
    cells = [None if v is None else bytes(v) for v in values]
    return pd.Series(cells, dtype="object")


_FROM_CELLS: Final[dict[Kind, Callable[[Sequence[Any]], pd.Series]]] = {
    "str": lambda values: pd.Series(pa.array(values, pa.string()).to_pandas(), dtype="str"),
    "float": lambda values: pd.Series(np.array(values, dtype="float64")),
    "int": lambda values: pd.Series(values, dtype="Int64"),
    "bool": lambda values: pd.Series(
        [None if v is None else bool(v) for v in values], dtype="boolean"
    ),
    "instant": _instants,
    "json": lambda values: pd.Series(list(values), dtype="object"),
    "bytes": _bytes_values,
}


def series_of_cells(kind: Kind, values: Sequence[Any]) -> pd.Series:
    """Plain values of one kind, None for none, as a series of its dtype; JSON is parsed."""
    return _FROM_CELLS[kind](values)


def frame_of_rows(
    table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> pd.DataFrame:
    """Rows of plain values, as `python_cells` makes them, as a frame in the table's dtypes."""
    if not rows:
        cells: list[Sequence[Any]] = [[] for _ in columns]
    else:
        cells = list(zip(*rows, strict=True))
    columns_of_values: dict[str, pd.Series] = {}
    for name, values in zip(columns, cells, strict=True):
        kind = table.column(name).kind
        plain = _parsed(values) if kind == "json" else values
        columns_of_values[name] = series_of_cells(kind, plain)
    return pd.DataFrame(columns_of_values, columns=list(columns))


def frame_of_arrow(table: Table, found: pa.Table) -> pd.DataFrame:
    """Arrow columns of `ARROW_TYPES` as a frame in the table's dtypes."""
    columns: dict[str, pd.Series] = {}
    for name in found.column_names:
        kind = table.column(name).kind
        array = found.column(name)
        if kind == "json":
            columns[name] = series_of_cells(kind, _parsed(array.to_pylist()))
        elif kind in ("bytes", "bool"):
            columns[name] = series_of_cells(kind, array.to_pylist())
        elif kind == "int":
            columns[name] = array.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
        else:
            columns[name] = array.to_pandas().astype(DTYPES[kind])
    return pd.DataFrame(columns, columns=found.column_names)


def batches(frame: pd.DataFrame, size: int) -> list[pd.DataFrame]:
    """The frame in slices of at most that many rows, none for an empty frame."""
    return [frame.iloc[at : at + size] for at in range(0, len(frame), size)]
