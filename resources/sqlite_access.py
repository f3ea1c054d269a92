"""SQLite for the SQL document store: one file, many processes, one writer at a time.

WAL lets readers go on while one process writes. Nothing that was acknowledged is lost when a
process is killed; a power cut may take the last transactions, never the file.
"""

from collections.abc import Sequence
from contextlib import closing
from itertools import islice, repeat
from pathlib import Path
from typing import Any, Final, cast

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import event

from resources.cells import frame_of_rows, python_cells
from resources.errors import StoreUnavailableError
from resources.sql_schema import insert_text
from resources.tables import Table

BUSY_TIMEOUT_MS: Final = 30_000
"""How long a writer waits for the one before it, at each attempt."""

PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA page_size = 8192",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA wal_autocheckpoint = 4000",
)
"""Set on every connection; the page size counts only when the file is new."""

FETCHED_ROWS: Final = 10_000
"""Rows turned into columns at a time."""

EXACT_INTEGERS: Final = 2.0**53
"""Below it every whole number is a float."""

CONSTANT_ROWS: Final = 100
"""From this many rows on, a column that says one thing is written into the statement."""


class SqliteAccess:
    """How SQLite connects, writes and reads."""

    dialect = "sqlite"

    def engine(self, url: sa.URL) -> sa.Engine:
        """An engine on the file, whose folder is created."""
        if url.database and url.database != ":memory:":
            folder = Path(url.database).expanduser().absolute().parent
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                doing = f"creating its folder {folder}"
                raise StoreUnavailableError(str(url), doing, str(error)) from error
        engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
        event.listen(engine, "connect", _prepare)
        return engine

    def begin_write(self, connection: sa.Connection, table: Table | None) -> None:
        """Take the write lock first, so that no reader's snapshot has to be upgraded."""
        del table
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def write(
        self, connection: sa.Connection, table: Table, frame: pd.DataFrame, *, replace: bool
    ) -> int:
        """Write one batch and return how many rows it inserted or replaced."""
        names = [str(name) for name in frame.columns]
        fixed = {name: text for name in names if (text := _constant(table, name, frame[name]))}
        marks = ", ".join(fixed.get(name, "?") for name in names)
        head, tail = insert_text(table, names, replace=replace)
        bound = frame[[name for name in names if name not in fixed]]
        # The driver's own cursor takes a generator: no list of 50,000 tuples, 30 % less CPU time.
        # SQLite stores a NaN as NULL by itself, so floats go in as they are.
        cells = zip(*python_cells(table, bound), strict=True) if len(bound.columns) else repeat(())
        with closing(connection.connection.cursor()) as cursor:
            cast("Any", cursor).executemany(
                f"{head} VALUES ({marks}) {tail}", islice(cells, len(frame))
            )
            return cursor.rowcount

    def read(
        self,
        connection: sa.Connection,
        table: Table,
        columns: Sequence[str],
        statement: sa.Select[Any],
    ) -> pd.DataFrame:
        """The rows of a SELECT of those columns, in the table's dtypes."""
        # The driver's own cursor: SQLAlchemy's rows would cost as much again as the query. In
        # parts, because a million small objects at a time keep the garbage collector busy.
        cursor = connection.execute(statement).cursor
        parts: list[pd.DataFrame] = []
        while cursor is not None and (rows := cursor.fetchmany(FETCHED_ROWS)):
            parts.append(frame_of_rows(table, columns, rows))
        if len(parts) > 1:
            return pd.concat(parts, ignore_index=True)
        return parts[0] if parts else frame_of_rows(table, columns, [])

    def is_contention(self, error: Exception) -> bool:
        """Whether another connection held the lock for longer than the busy timeout."""
        return "database is locked" in str(error) or "table is locked" in str(error)


def _prepare(connection: Any, record: object) -> None:  # noqa: ANN401 - a driver's connection
    del record
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _constant(table: Table, name: str, series: pd.Series) -> str | None:
    """The SQL literal of a column that holds one value in every row, if it is worth it.

    A file's rows share their file, their customer and often a whole phase. Each column that need
    not be bound row by row saves 4 % of the insert. Fractions stay bound: SQLite does not promise
    to read the last digit of a decimal fraction.
    """
    if len(series) < CONSTANT_ROWS or table.column(name).kind in ("json", "bytes"):
        return None
    missing = pd.isna(series.array)
    if missing[0] or missing[-1]:
        return "NULL" if missing.all() else None
    if series.iloc[0] != series.iloc[-1] or missing.any():
        return None
    if not (series.array == series.iloc[0]).all():
        return None
    ((value,),) = python_cells(table, series.iloc[:1].to_frame(name))
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, float) and not (value.is_integer() and abs(value) < EXACT_INTEGERS):
        return None
    return repr(int(value) if isinstance(value, bool) else value)
