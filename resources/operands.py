"""Values of filters, checked against the kind of their column, for every adapter."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, cast

import numpy as np
import pandas as pd

from resources.cells import is_missing
from resources.errors import CellError
from resources.tables import Column, Filter, Table

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Where counted milliseconds start."""


def operand(table: Table, where: Filter) -> object:
    """The value of a filter as str, float, int, bool or UTC datetime; None for no value.

    An instant between two milliseconds is moved so that the comparison stays right.

    Raises:
        CellError: The value is of another kind than the column.
    """
    column = table.column(where.column)
    if not isinstance(where.value, list | dict) and is_missing(where.value):
        return None
    upwards = where.operator in ("<", ">=")
    return _typed(table, column, where.value, upwards=upwards)


def listed_operands(table: Table, where: Filter) -> list[object]:
    """The values of an `in` filter, without missing ones.

    Raises:
        CellError: It is no list, or one of its values is of another kind than the column.
    """
    column = table.column(where.column)
    if isinstance(where.value, str | bytes) or not isinstance(where.value, Iterable):
        raise CellError(table.name, column.name, f"`in` needs a list, not {where.value!r}")
    values = [v for v in cast("Iterable[object]", where.value) if not is_missing(v)]
    return [_typed(table, column, value) for value in values]


def _typed(table: Table, column: Column, value: object, *, upwards: bool = False) -> object:
    plain = value.item() if isinstance(value, np.generic) else value
    if column.kind == "str" and isinstance(plain, str):
        return plain.replace("\0", "\ufffd")
    if column.kind == "bool" and isinstance(plain, bool):
        return plain
    if column.kind == "int" and isinstance(plain, int) and not isinstance(plain, bool):
        return plain
    if column.kind == "float" and isinstance(plain, int | float):
        return float(plain)
    if column.kind == "instant" and isinstance(plain, datetime) and plain.tzinfo is not None:
        stamp = pd.Timestamp(plain).tz_convert("UTC").to_datetime64()
        microseconds = int(stamp.astype("datetime64[us]").astype("int64"))
        milliseconds = -(-microseconds // 1000) if upwards else microseconds // 1000
        return EPOCH + timedelta(milliseconds=milliseconds)
    raise CellError(table.name, column.name, f"cannot be compared with {value!r}")
