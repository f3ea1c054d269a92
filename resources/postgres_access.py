"""PostgreSQL for the SQL document store: rows go in and come out by COPY, as CSV through Arrow."""

from collections.abc import Sequence
from contextlib import closing
from io import BytesIO
from typing import Any, Final, cast

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pv
import sqlalchemy as sa

from resources.cells import ARROW_TYPES, frame_of_arrow, json_text
from resources.sql_schema import insert_text, quoted
from resources.tables import Kind, Table

CONNECT_TIMEOUT_S: Final = 10
"""How long to wait for the server's first answer, unless the URL says otherwise. [s]"""

SCHEMA_LOCK: Final = 7_263_512
"""The advisory lock under which one process at a time changes the schema."""

CONTENTION: Final = ("deadlock detected", "could not serialize", "lock timeout")
"""Parts of messages that ask to try again."""


class PostgresAccess:
    """How PostgreSQL connects, writes and reads."""

    dialect = "postgresql"

    def engine(self, url: sa.URL) -> sa.Engine:
        """An engine that checks a connection before it lends it."""
        arguments: dict[str, object] = {"options": "-c timezone=UTC", "application_name": "energy"}
        if "connect_timeout" not in url.query:
            arguments["connect_timeout"] = CONNECT_TIMEOUT_S
        return sa.create_engine(url, connect_args=arguments, pool_pre_ping=True)

    def begin_write(self, connection: sa.Connection, table: Table | None) -> None:
        """Nothing for rows, whose keys decide; one schema change at a time."""
        if table is None:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SCHEMA_LOCK)))

    def write(
        self, connection: sa.Connection, table: Table, frame: pd.DataFrame, *, replace: bool
    ) -> int:
        """Write one batch and return how many rows it inserted or replaced.

        Rows are inserted in the order of their keys, so that two writers cannot deadlock.
        """
        names = [str(name) for name in frame.columns]
        head, tail = insert_text(table, names, replace=replace)
        listed = ", ".join(quoted(name) for name in names)
        key = ", ".join(quoted(name) for name in table.key)
        # Every name below is quoted, and comes from a table's description.
        staging = f"SELECT {listed} FROM {quoted(table.name)} WITH NO DATA"  # noqa: S608
        insert = f"{head} SELECT {listed} FROM incoming ORDER BY {key} {tail}"  # noqa: S608
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS {staging}")
            copy = cast("Any", cursor).copy_expert
            copy(f"COPY incoming ({listed}) FROM STDIN (FORMAT csv)", _csv(table, frame))
            cursor.execute(insert)
            return cursor.rowcount

    def read(
        self,
        connection: sa.Connection,
        table: Table,
        columns: Sequence[str],
        statement: sa.Select[Any],
    ) -> pd.DataFrame:
        """The rows of a SELECT of those columns, in the table's dtypes."""
        compiled = statement.compile(connection, compile_kwargs={"render_postcompile": True})
        out = BytesIO()
        with closing(connection.connection.cursor()) as cursor:
            raw = cast("Any", cursor)
            # Without parameters the driver leaves doubled percent signs as they are.
            text = str(compiled)
            query = (
                raw.mogrify(text, compiled.params).decode()
                if compiled.params
                else text.replace("%%", "%")
            )
            raw.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT csv, FORCE_QUOTE *)", out)
        return frame_of_arrow(table, _arrow(table, columns, out.getbuffer()))

    def is_contention(self, error: Exception) -> bool:
        """Whether another transaction was in the way."""
        return any(part in str(error) for part in CONTENTION)


def _csv(table: Table, frame: pd.DataFrame) -> BytesIO:
    """A checked frame as CSV: values quoted, missing ones empty without quotes."""
    arrays = [_csv_column(table, str(name), frame[name]) for name in frame]
    out = BytesIO()
    pv.write_csv(
        pa.table(arrays, names=[str(name) for name in frame.columns]),
        out,
        pv.WriteOptions(include_header=False, quoting_style="all_valid"),
    )
    out.seek(0)
    return out


def _csv_column(table: Table, name: str, series: pd.Series) -> pa.Array | pa.ChunkedArray:
    kind = table.column(name).kind
    if kind == "json":
        return pa.array([json_text(table, name, value) for value in series], pa.string())
    if kind == "bytes":
        texts = [None if value is None else "\\x" + bytes(value).hex() for value in series]
        return pa.array(texts, pa.string())
    return pa.array(series, ARROW_TYPES[kind], from_pandas=True)


def _arrow(table: Table, columns: Sequence[str], text: memoryview) -> pa.Table:
    """What COPY wrote, typed; an empty field without quotes is a missing value."""
    kinds: dict[str, Kind] = {name: table.column(name).kind for name in columns}
    if not text:
        return pa.table({name: pa.array([], ARROW_TYPES[kinds[name]]) for name in columns})
    found = pv.read_csv(
        pa.BufferReader(text),
        # One value may be as long as the whole text, so the text is one block.
        pv.ReadOptions(column_names=list(columns), use_threads=False, block_size=len(text) + 1),
        pv.ParseOptions(newlines_in_values=True),
        pv.ConvertOptions(
            column_types={
                name: pa.string() if kind == "bytes" else ARROW_TYPES[kind]
                for name, kind in kinds.items()
            },
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
        ),
    )
    for at, (name, kind) in enumerate(kinds.items()):
        if kind == "bytes":
            texts = found.column(at).to_pylist()
            cells = [None if t is None else bytes.fromhex(t[2:]) for t in texts]
            found = found.set_column(at, name, pa.array(cells, pa.binary()))
    return found
