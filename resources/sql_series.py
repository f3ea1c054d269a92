"""The series store on SQL: SQLite in one file, or PostgreSQL, through the same adapter family."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from resources.cells import checked
from resources.document_store import DocumentStore
from resources.tables import Filter, Table


class SqlSeriesStore:
    """Points as rows of SQL tables. See `SeriesStore` for what each method promises."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents

    def ensure(self, tables: Sequence[Table]) -> None:
        """Create what is missing of these tables."""
        self._documents.ensure(tables)

    def write(self, table: Table, rows: pd.DataFrame) -> None:
        """Insert points, or replace the given fields of stored ones."""
        frame = checked(table, rows).drop_duplicates(subset=list(table.key), keep="last")
        for part in _equally_filled(table, frame):
            self._documents.upsert(table, part)

    def read(
        self,
        table: Table,
        where: Sequence[Filter] = (),
        *,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Points that meet every condition, in the order of the key."""
        refuse_fields(table, where)
        return self._documents.read(table, where, columns=columns, order_by=table.key)

    def count(self, table: Table, where: Sequence[Filter] = ()) -> int:
        """How many points meet every condition."""
        return self._documents.count(table, where)

    def close(self) -> None:
        """Give back connections."""
        self._documents.close()


def _equally_filled(table: Table, frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rows in parts that lack the same values, each part without those columns.

    An upsert of a column replaces it also with nothing; a point keeps a field that is not given.
    """
    fields = [str(name) for name in frame.columns if name not in table.key]
    missing = np.column_stack([frame[name].isna() for name in fields]) if fields else None
    if missing is None or not missing.any():
        yield frame
        return
    patterns, of_row = np.unique(missing, axis=0, return_inverse=True)
    for at, pattern in enumerate(patterns):
        absent = [name for name, gone in zip(fields, pattern, strict=True) if gone]
        yield frame[of_row.reshape(-1) == at].drop(columns=absent)


def refuse_fields(table: Table, where: Sequence[Filter]) -> None:
    """Stop at a condition that not every series store can answer.

    Raises:
        ValueError: It is on a column outside the key.
    """
    for each in where:
        if each.column not in table.key:
            raise ValueError(
                f"table {table.name}: a condition on {each.column!r} is no condition on the key "
                f"{list(table.key)}. Read the points and filter the frame."
            )


def open_sql_series(url: str) -> SqlSeriesStore:
    """The series store in that SQL database; nothing is connected before its first use."""
    from resources.sql_store import open_sql_store

    return SqlSeriesStore(open_sql_store(url))
