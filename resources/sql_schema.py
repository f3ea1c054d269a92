"""Tables as SQLAlchemy sees them, and conditions as SQL: no connection is opened here.

SQLite holds an instant as integer milliseconds since 1970 UTC, a bool as 0 or 1 and JSON as text;
PostgreSQL has `timestamptz(3)`, `boolean` and `json`, and compares text byte by byte (`"C"`).
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from resources.operands import EPOCH, listed_operands, operand
from resources.tables import Filter, Kind, Table

SQLITE_TYPES: Final[dict[Kind, sa.types.TypeEngine[Any]]] = {
    "str": sa.Text(),
    "float": sa.REAL(),
    "int": sa.BigInteger(),
    "bool": sa.Integer(),
    "instant": sa.BigInteger(),
    "json": sa.Text(),
    "bytes": sa.LargeBinary(),
}
"""What each kind is in SQLite."""

POSTGRES_TYPES: Final[dict[Kind, sa.types.TypeEngine[Any]]] = {
    "str": sa.Text(collation="C"),
    "float": sa.Double(),
    "int": sa.BigInteger(),
    "bool": sa.Boolean(),
    "instant": postgresql.TIMESTAMP(timezone=True, precision=3),
    # json and not jsonb: jsonb refuses the NUL escapes of a broken file's quarantined rows.
    "json": postgresql.JSON(),
    "bytes": sa.LargeBinary(),
}
"""What each kind is in PostgreSQL."""


def sql_table(table: Table, dialect: str) -> sa.Table:
    """The table with its primary key, without secondary indexes.

    A time series of SQLite is stored in key order (WITHOUT ROWID): the key is held once, and the
    readings of one meter lie together.
    """
    types = SQLITE_TYPES if dialect == "sqlite" else POSTGRES_TYPES
    return sa.Table(
        table.name,
        sa.MetaData(),
        *(
            sa.Column(column.name, types[column.kind], nullable=column.name not in table.key)
            for column in table.columns
        ),
        sa.PrimaryKeyConstraint(*table.key),
        sqlite_with_rowid=table.time_series is None,
    )


def sql_indexes(table: Table, target: sa.Table) -> list[sa.Index]:
    """The secondary indexes that the key does not serve already, read forwards or backwards."""
    indexes: list[sa.Index] = []
    for index in table.indexes:
        names = tuple(name.removeprefix("-") for name in index.columns)
        if not index.unique and names == table.key[: len(names)]:
            continue
        columns = [
            target.c[name.removeprefix("-")].desc() if name.startswith("-") else target.c[name]
            for name in index.columns
        ]
        title = "_".join(("uq" if index.unique else "ix", table.name, *names))
        indexes.append(sa.Index(title, *columns, unique=index.unique))
    return indexes


def condition(
    table: Table, target: sa.Table, where: Filter, dialect: str
) -> sa.ColumnElement[bool]:
    """One filter as SQL; `=` with None asks for rows that have no value.

    Raises:
        CellError: The value is of another kind than the column.
    """
    field = target.c[table.column(where.column).name]
    if where.operator == "in":
        values = [_sql_value(value, dialect) for value in listed_operands(table, where)]
        if dialect != "sqlite":
            return field == sa.any_(sa.cast(values, postgresql.ARRAY(field.type)))
        # One text parameter however long the list is; the key's index still serves it.
        element = sa.func.json_each(json.dumps(values)).table_valued("value")
        return field.in_(sa.select(element.c.value))
    value = operand(table, where)
    if value is None:
        return field.is_(None) if where.operator == "=" else sa.false()
    return field.op(where.operator, is_comparison=True)(_sql_value(value, dialect))


def _sql_value(value: object, dialect: str) -> object:
    """An operand as SQLite holds it; PostgreSQL takes it as it is."""
    if dialect == "sqlite" and isinstance(value, datetime):
        return (value - EPOCH) // timedelta(milliseconds=1)
    return value


def selection(
    table: Table,
    target: sa.Table,
    *,
    columns: Sequence[str],
    order_by: Sequence[str] = (),
    limit: int | None = None,
) -> sa.Select[Any]:
    """The SELECT of those columns, without conditions. Nulls come first, descending last."""
    statement = sa.select(*(target.c[table.column(name).name] for name in columns))
    for name in order_by:
        column = table.column(name.removeprefix("-"))
        order = target.c[column.name].desc() if name.startswith("-") else target.c[column.name]
        if column.name not in table.key:
            order = sa.nulls_last(order) if name.startswith("-") else sa.nulls_first(order)
        statement = statement.order_by(order)
    return statement if limit is None else statement.limit(limit)


def quoted(name: str) -> str:
    """A name as SQL's identifier, for text that goes to a driver's cursor without parameters."""
    return '"' + name.replace('"', '""') + '"'


def insert_text(table: Table, names: Sequence[str], *, replace: bool) -> tuple[str, str]:
    """The beginning of an INSERT of those columns, and its ON CONFLICT clause.

    Args:
        table: Where to.
        names: The columns given.
        replace: Whether a stored row takes the given values, or stays as it is.
    """
    listed = ", ".join(quoted(name) for name in names)
    key = ", ".join(quoted(name) for name in table.key)
    changed = [quoted(name) for name in names if name not in table.key]
    action = "DO NOTHING"
    if replace and changed:
        action = "DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in changed)
    return f"INSERT INTO {quoted(table.name)} ({listed})", f"ON CONFLICT ({key}) {action}"
