"""What a table is, for every store: columns, key, indexes, and filters on them.

Tables are described once and stored by any adapter: as SQL columns under `Column.name`, as document
fields under `Column.paths`. No table is defined here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

Kind = Literal["str", "float", "int", "bool", "instant", "json", "bytes"]
"""What a column holds. An `instant` is UTC, to the millisecond; `json` is any JSON value."""

Operator = Literal["=", "in", "<", "<=", ">", ">="]
"""How a filter compares a column with its value."""

DTYPES: Final[dict[Kind, str]] = {
    "str": "str",
    "float": "float64",
    "int": "Int64",
    "bool": "boolean",
    "instant": "datetime64[ms, UTC]",
    "json": "object",
    "bytes": "object",
}
"""The pandas dtype of each kind, in frames that come from and go to a store."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table.

    Attributes:
        name: Column name in frames and SQL.
        kind: What it holds.
        paths: Dotted field paths in a document. The first one is read; all are written. Empty
            means one path, the name.
        nullable: Whether a row may lack it.
        unit: Physical unit, empty for none.
        minimum: Smallest value allowed, inclusive.
        maximum: Largest value allowed, inclusive.
        meaning: One sentence for people.
        absent: What a document or point of an older layout means that lacks it; None for nothing.
        integers: Whether documents of an older layout hold this text as an integer.
    """

    name: str
    kind: Kind
    paths: tuple[str, ...] = ()
    nullable: bool = False
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    meaning: str = ""
    absent: int | None = None
    integers: bool = False

    @property
    def document_paths(self) -> tuple[str, ...]:
        """The dotted paths under which a document holds this column."""
        return self.paths or (self.name,)


@dataclass(frozen=True, kw_only=True)
class TimeSeries:
    """How a document database should lay out a table of measurements over time."""

    time_column: str
    meta_field: str
    granularity: Literal["seconds", "minutes", "hours"]


@dataclass(frozen=True, kw_only=True)
class Index:
    """A secondary index; a column name with a leading `-` is descending."""

    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table or collection: its name, columns, key, indexes and layout.

    Attributes:
        name: Table or collection name.
        columns: All columns, key included.
        key: The columns that identify a row; unique in every adapter.
        indexes: Secondary indexes.
        time_series: Set for measurements over time.
        meaning: One sentence for people.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    indexes: tuple[Index, ...] = ()
    time_series: TimeSeries | None = None
    meaning: str = ""

    def __post_init__(self) -> None:
        missing = set(self.key) - {column.name for column in self.columns}
        if missing:
            raise ValueError(f"table {self.name}: key columns {sorted(missing)} are not defined")

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: There is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name!r}; it has {self.names}")


@dataclass(frozen=True)
class Filter:
    """One condition on a column; the conditions of a query all hold together."""

    column: str
    operator: Operator
    value: object


def empty_frame(table: Table, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """A frame with the table's columns and dtypes and no row."""
    names = list(columns) if columns is not None else table.names
    return pd.DataFrame({n: pd.Series(dtype=DTYPES[table.column(n).kind]) for n in names})
