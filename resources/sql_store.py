"""The document store on SQL: SQLite in one file, or PostgreSQL. Opened through `stores`.

What differs between the two is in `sqlite_access` and `postgres_access`. Writers on SQLite take
turns (`BEGIN IMMEDIATE`); a killed one leaves whole batches behind, and its rows count once.
"""

import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Final, Protocol, TypeVar

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.schema import CreateColumn

from resources.cells import batches, checked
from resources.errors import (
    DuplicateValueError,
    StoreUnavailableError,
    StoreUrlError,
    TableMissingError,
)
from resources.postgres_access import PostgresAccess
from resources.sql_schema import condition, quoted, selection, sql_indexes, sql_table
from resources.sqlite_access import SqliteAccess
from resources.tables import Filter, Table

BATCH_ROWS: Final = 50_000
"""Rows that one transaction writes: other writers get their turn in between."""

RETRY_WAITS_S: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""Waits between attempts that met another writer's lock, after the store's own patience. [s]"""

_T = TypeVar("_T")


class SqlAccess(Protocol):
    """What one kind of SQL database does in its own way."""

    dialect: str

    def engine(self, url: sa.URL) -> sa.Engine:
        """An engine with this database's settings; nothing is connected yet."""
        ...

    def begin_write(self, connection: sa.Connection, table: Table | None) -> None:
        """Start a transaction that writes; without a table, one that changes the schema."""
        ...

    def write(
        self, connection: sa.Connection, table: Table, frame: pd.DataFrame, *, replace: bool
    ) -> int:
        """Write one batch and return how many rows it inserted or replaced."""
        ...

    def read(
        self,
        connection: sa.Connection,
        table: Table,
        columns: Sequence[str],
        statement: sa.Select[Any],
    ) -> pd.DataFrame:
        """The rows of a SELECT of those columns, in the table's dtypes."""
        ...

    def is_contention(self, error: Exception) -> bool:
        """Whether another writer was in the way, so that trying again helps."""
        ...


class SqlDocumentStore:
    """Tables of rows in SQLite or PostgreSQL. See `DocumentStore` for what each method promises."""

    def __init__(self, url: sa.URL, access: SqlAccess) -> None:
        self._access = access
        self._url = url
        self._tables: dict[str, tuple[Table, sa.Table]] = {}

    @property
    def url(self) -> str:
        """The URL without its password, for people."""
        return self._url.render_as_string(hide_password=True)

    @cached_property
    def _engine(self) -> sa.Engine:
        return self._access.engine(self._url)

    def ensure(self, tables: Sequence[Table]) -> None:
        """Create what is missing of these tables, columns and indexes."""

        def create(connection: sa.Connection) -> None:
            self._access.begin_write(connection, None)
            for table in tables:
                target = self._target(table)
                target.create(connection, checkfirst=True)
                present = {c["name"] for c in sa.inspect(connection).get_columns(table.name)}
                for column in target.columns:
                    if column.name not in present:
                        _add_column(connection, target, column)
                for index in sql_indexes(table, target):
                    index.create(connection, checkfirst=True)

        self._attempt("creating tables", create)

    def insert_new(self, table: Table, rows: pd.DataFrame) -> int:
        """Insert the rows whose key is not stored yet, and say how many there were."""
        return sum(self._write(table, rows, replace=False))

    def upsert(self, table: Table, rows: pd.DataFrame) -> None:
        """Insert rows, or replace the given columns of stored ones; of equal keys the last."""
        unique = rows.drop_duplicates(subset=[k for k in table.key if k in rows], keep="last")
        self._write(table, unique, replace=True)

    def _write(self, table: Table, rows: pd.DataFrame, *, replace: bool) -> list[int]:
        frame = checked(table, rows)

        def writer(batch: pd.DataFrame) -> Callable[[sa.Connection], int]:
            def write(connection: sa.Connection) -> int:
                self._access.begin_write(connection, table)
                return self._access.write(connection, table, batch, replace=replace)

            return write

        doing = f"writing to {table.name}"
        return [self._attempt(doing, writer(batch)) for batch in batches(frame, BATCH_ROWS)]

    def read(
        self,
        table: Table,
        where: Sequence[Filter] = (),
        *,
        columns: Sequence[str] | None = None,
        order_by: Sequence[str] = (),
        limit: int | None = None,
    ) -> pd.DataFrame:
        """Rows that meet every condition."""
        target = self._target(table)
        names = list(columns) if columns is not None else table.names
        statement = selection(table, target, columns=names, order_by=order_by, limit=limit)
        statement = statement.where(*self._conditions(table, where))
        return self._attempt(
            f"reading {table.name}",
            lambda connection: self._access.read(connection, table, names, statement),
        )

    def count(self, table: Table, where: Sequence[Filter] = ()) -> int:
        """How many rows meet every condition."""
        statement = sa.select(sa.func.count()).select_from(self._target(table))
        statement = statement.where(*self._conditions(table, where))
        return self._attempt(
            f"counting {table.name}", lambda connection: connection.scalar(statement) or 0
        )

    def close(self) -> None:
        """Give back connections."""
        if "_engine" in self.__dict__:
            self._engine.dispose()

    def _target(self, table: Table) -> sa.Table:
        known = self._tables.get(table.name)
        if known is None or known[0] != table:
            known = (table, sql_table(table, self._access.dialect))
            self._tables[table.name] = known
        return known[1]

    def _conditions(self, table: Table, where: Sequence[Filter]) -> list[sa.ColumnElement[bool]]:
        target = self._target(table)
        return [condition(table, target, each, self._access.dialect) for each in where]

    def _attempt(self, doing: str, work: Callable[[sa.Connection], _T]) -> _T:
        """Run the work in one transaction, again where another writer was in the way."""
        for wait_s in (*RETRY_WAITS_S, None):
            try:
                with self._engine.begin() as connection:
                    return work(connection)
            except self._driver_errors as error:
                if wait_s is None or not self._access.is_contention(error):
                    raise self._named(doing, error) from error
            time.sleep(wait_s)
        raise AssertionError  # the last round either returned or raised

    @cached_property
    def _driver_errors(self) -> tuple[type[Exception], ...]:
        # Raw cursors raise the driver's own errors, statements SQLAlchemy's.
        return (exc.DBAPIError, exc.TimeoutError, self._engine.dialect.loaded_dbapi.Error)

    def _named(self, doing: str, error: Exception) -> Exception:
        """The error in the words of stores."""
        cause = " ".join(str(getattr(error, "orig", None) or error).split())
        driver = self._engine.dialect.loaded_dbapi
        original = getattr(error, "orig", None) or error
        if "no such table" in cause or "no such column" in cause or "UndefinedTable" in repr(error):
            return TableMissingError(doing.split()[-1], self.url, cause)
        if isinstance(original, driver.IntegrityError):
            return DuplicateValueError(doing.split()[-1], cause)
        if isinstance(original, driver.ProgrammingError | driver.DataError):
            return ValueError(f"{self.url}, {doing}: {cause}")
        return StoreUnavailableError(self.url, doing, cause)


def _add_column(connection: sa.Connection, target: sa.Table, column: sa.Column[Any]) -> None:
    """Give a table of an older version a column that it lacks; its rows have no value there."""
    declared = str(CreateColumn(column).compile(connection)).replace(" NOT NULL", "")
    connection.exec_driver_sql(f"ALTER TABLE {quoted(target.name)} ADD COLUMN {declared}")


def open_sql_store(url: str) -> SqlDocumentStore:
    """The document store of a `sqlite:///` or `postgresql://` URL.

    Raises:
        StoreUrlError: The URL cannot be read.
    """
    try:
        parsed = sa.make_url(url)
    except exc.ArgumentError as error:
        raise StoreUrlError(url, "sqlite:///FILE, postgresql://USER@HOST/DATABASE") from error
    if parsed.get_backend_name() == "sqlite":
        return SqlDocumentStore(parsed.set(drivername="sqlite+pysqlite"), SqliteAccess())
    return SqlDocumentStore(parsed.set(drivername="postgresql+psycopg2"), PostgresAccess())
