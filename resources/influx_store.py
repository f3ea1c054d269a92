"""The series store on InfluxDB 2. Opened through `series_store`.

A table is a measurement, its key the time and tags, its other columns fields. Points are sent as
line protocol and read with Flux, both through InfluxDB's own client.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

import pandas as pd
import pyarrow as pa

from resources.cells import ARROW_TYPES, batches, checked, frame_of_arrow
from resources.errors import CellError, StoreUrlError
from resources.flux_conditions import meeting, plan_read
from resources.flux_query import TIME
from resources.influx_errors import SeriesOptionsError
from resources.influx_points import Layout, layout_of, of_tag_texts, plain_text, point_lines
from resources.influx_requests import InfluxRequests, Patience
from resources.sql_series import refuse_fields
from resources.tables import Filter, Kind, Table

BATCH_POINTS: Final = 5_000
"""Points of one request, some 700 kB: a third less work a point than in requests of 1,000, while
larger ones save little more (`benchmarks/series.py`) and keep a busy server longer at one thing."""

FRAME_ROWS: Final = 200_000
"""Rows that are made into lines at once: some 30 MB."""

OPTIONS: Final = ("token", "org", "bucket")
"""What InfluxDB needs besides its URL."""


class InfluxSeriesStore:
    """Points in one bucket. See `SeriesStore` for what each method promises."""

    def __init__(
        self, url: str, *, token: str, org: str, bucket: str, patience: Patience | None = None
    ) -> None:
        self._requests = InfluxRequests(
            url, token=token, org=org, bucket=bucket, patience=patience or Patience()
        )

    @property
    def url(self) -> str:
        """The URL, which holds no secret."""
        return self._requests.url

    def ensure(self, tables: Sequence[Table]) -> None:
        """See that the bucket is there, create it where that is allowed; tables need nothing.

        Raises:
            CellError: InfluxDB has no place for a table.
            SeriesBucketError: The bucket is not there and could not be created.
            SeriesAccessError: The token is refused.
        """
        for table in tables:
            layout_of(table)
        self._requests.ensure_bucket()

    def write(self, table: Table, rows: pd.DataFrame) -> None:
        """Insert points, or replace the given fields of stored ones.

        Raises:
            CellError: A value or an instant is one that InfluxDB cannot hold.
            SeriesRefusedError: InfluxDB does not take the points.
        """
        layout = layout_of(table)
        frame = checked(table, rows).drop_duplicates(subset=list(table.key), keep="last")
        blocks = [point_lines(layout, part) for part in batches(frame, FRAME_ROWS)]
        for block in blocks:
            for lines in _requests_of(block):
                self._requests.write(f"writing to {table.name}", lines)

    def read(
        self,
        table: Table,
        where: Sequence[Filter] = (),
        *,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Points that meet every condition, in the order of the key."""
        refuse_fields(table, where)
        layout = layout_of(table)
        names = list(columns) if columns is not None else table.names
        fetched = list(dict.fromkeys([*table.key, *names]))
        queries, left = plan_read(layout, where, bucket=self._requests.bucket, columns=fetched)
        doing = f"reading {table.name}"
        wanted = set(queries[0].fields) | {TIME, *layout.tags.values()} if queries else set[str]()
        answers = [
            part
            for query in queries
            for part in self._requests.points(doing, query.text, wanted=wanted)
        ]
        parts = [_typed(layout, part, fetched) for part in _by_schema(answers)]
        empty = _schema(layout, fetched).empty_table()
        found = pa.concat_tables([empty, *parts]).combine_chunks()
        ordered = found.sort_by([(name, "ascending") for name in table.key])
        frame = meeting(table, frame_of_arrow(table, ordered), left)
        return frame[names].reset_index(drop=True)

    def count(self, table: Table, where: Sequence[Filter] = ()) -> int:
        """How many points meet every condition; those on fields are held against what was read."""
        of_key = [each for each in where if each.column in table.key]
        of_fields = [each for each in where if each.column not in table.key]
        names = list(dict.fromkeys(each.column for each in of_fields))
        found = self.read(table, of_key, columns=names or list(table.key))
        return len(meeting(table, found, of_fields))

    def close(self) -> None:
        """Give back connections."""
        self._requests.close()


def _requests_of(block: pa.StringArray) -> Iterator[bytes]:
    """Lines in stretches of `BATCH_POINTS`, cut out of the one buffer that holds them."""
    _, offsets, data = block.buffers()
    text = memoryview(data) if data is not None else memoryview(b"")
    at = memoryview(offsets).cast("i")
    for start in range(0, len(block), BATCH_POINTS):
        end = min(start + BATCH_POINTS, len(block))
        yield bytes(text[at[block.offset + start] : at[block.offset + end]])


def _by_schema(answers: Sequence[pa.Table]) -> list[pa.Table]:
    """Tables of the same columns put together: answers change columns from series to series."""
    alike: dict[tuple[tuple[str, str], ...], list[pa.Table]] = {}
    for each in answers:
        alike.setdefault(tuple((f.name, str(f.type)) for f in each.schema), []).append(each)
    return [pa.concat_tables(tables) for tables in alike.values()]


def _schema(layout: Layout, names: Sequence[str]) -> pa.Schema:
    return pa.schema([(name, ARROW_TYPES[layout.table.column(name).kind]) for name in names])


def _typed(layout: Layout, part: pa.Table, names: Sequence[str]) -> pa.Table:
    """Rows of an answer in the table's columns and types.

    Raises:
        CellError: Somebody else wrote values of another kind under these names.
    """
    schema = _schema(layout, names)
    columns: list[pa.Array | pa.ChunkedArray] = []
    for name in names:
        kind = layout.table.column(name).kind
        try:
            column = _column(layout, part, name, kind)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise CellError(layout.table.name, name, f"not {kind} in InfluxDB: {error}") from error
        columns.append(column.cast(schema.field(name).type))
    return pa.table(columns, schema=schema)


def _column(layout: Layout, part: pa.Table, name: str, kind: Kind) -> pa.ChunkedArray:
    """One column of an answer; nulls where the answer has none."""
    if name == layout.time:
        return part.column(TIME).cast(pa.timestamp("ms", tz="UTC"), safe=False)
    stored = layout.tags.get(name) or layout.fields[name]
    if stored not in part.column_names:
        found = pa.chunked_array([pa.nulls(len(part), ARROW_TYPES[kind])])
        return _filled(layout, name, found)
    column = part.column(stored)
    if name in layout.tags:
        found = _of_each_once(column, lambda texts: of_tag_texts(kind, texts))
        return _filled(layout, name, found)
    if kind == "str":
        return _of_each_once(
            column, lambda texts: pa.array([plain_text(t) for t in texts.to_pylist()], pa.string())
        )
    if kind == "instant":
        return column.cast(pa.int64()).cast(pa.timestamp("ms", tz="UTC"))
    return column.cast(ARROW_TYPES[kind])


def _filled(layout: Layout, name: str, found: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column with what a point of an older layout means that lacks the tag."""
    absent = layout.table.column(name).absent
    return found if absent is None else found.fill_null(absent)


def _of_each_once(
    column: pa.ChunkedArray, of: Callable[[pa.StringArray], pa.Array]
) -> pa.ChunkedArray:
    """Stored texts as values, worked out once for each distinct one."""
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    return pa.chunked_array([of(encoded.dictionary).take(encoded.indices)])


def open_influx_store(url: str, *, options: Mapping[str, str]) -> InfluxSeriesStore:
    """The series store in one bucket of an InfluxDB; nothing is connected before its first use.

    Args:
        url: `http://HOST:8086` or `https://HOST`.
        options: `token`, `org` and `bucket`, all of them.

    Raises:
        StoreUrlError: The URL has no host, or holds a user or a password.
        SeriesOptionsError: An option is missing.
    """
    parts = urlsplit(url)
    if not parts.hostname or parts.username is not None or parts.query or parts.fragment:
        raise StoreUrlError(url, "http://HOST:8086, with the token in INFLUXDB_TOKEN")
    missing = [name for name in OPTIONS if not options.get(name)]
    if missing:
        raise SeriesOptionsError(url, missing)
    return InfluxSeriesStore(
        url.rstrip("/"), token=options["token"], org=options["org"], bucket=options["bucket"]
    )
