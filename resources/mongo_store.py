"""The document store on MongoDB. Opened through `stores`.

Only operations that every MongoDB has: no transactions, no aggregation. A time-series collection
has no unique index, so its writers take turns under a lease and insert what is not there yet.
"""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import pandas as pd
from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo import MongoClient
from pymongo.database import Database

from resources.cells import batches, checked
from resources.errors import CellError
from resources.mongo_documents import Document, frame_of_documents, projection, queries
from resources.mongo_lease import Lease
from resources.mongo_writes import (
    create_collection,
    explained,
    index_models,
    insert_absent,
    sorting,
    write_by_key,
)
from resources.tables import Filter, Table

DEFAULT_DATABASE: Final = "load_profiles_db"
"""The database of a URL that names none."""

BATCH_ROWS: Final = 10_000
"""Rows of one write: well below the 30 seconds of a lease."""

PATIENCE: Final[dict[str, Any]] = {
    "serverSelectionTimeoutMS": 5_000,
    "connectTimeoutMS": 5_000,
    "socketTimeoutMS": 120_000,
}
"""How long to wait for the server where the URL does not say. [ms]"""

LEASE_WAIT_SECONDS: Final = 300.0
"""How long to wait for other writers of a time series. [s]"""


class MongoDocumentStore:
    """Collections of documents. See `DocumentStore` for what each method promises."""

    def __init__(self, url: str) -> None:
        self._full_url = url

    @property
    def url(self) -> str:
        """The URL without user and password, for people."""
        return re.sub("//.*@", "//***@", self._full_url)

    @cached_property
    def _client(self) -> MongoClient[Document]:
        lowered = self._full_url.lower()
        patience = {k: v for k, v in PATIENCE.items() if k.lower() not in lowered}
        return MongoClient(self._full_url, appname="energy-assets", **patience)

    @cached_property
    def _database(self) -> Database[Document]:
        # Instants as counted milliseconds: any year, and no datetime object a cell.
        options: CodecOptions[Document] = CodecOptions(
            tz_aware=False, datetime_conversion=DatetimeConversion.DATETIME_MS
        )
        return self._client.get_default_database(DEFAULT_DATABASE, codec_options=options)

    def ensure(self, tables: Sequence[Table]) -> None:
        """Create what is missing of these collections and indexes."""
        with explained(self.url, "creating collections"):
            present = set(self._database.list_collection_names())
            for table in tables:
                if table.name not in present:
                    create_collection(self._database, table)
                if models := index_models(table):
                    self._database[table.name].create_indexes(models)

    def insert_new(self, table: Table, rows: pd.DataFrame) -> int:
        """Insert the rows whose key is not stored yet, and say how many there were."""
        frame = checked(table, rows)
        unique = frame.drop_duplicates(subset=list(table.key), keep="first")
        with explained(self.url, f"writing to {table.name}", table.name):
            collection = self._database[table.name]
            parts = batches(unique, BATCH_ROWS)
            if table.time_series is None:
                return sum(write_by_key(collection, table, part, replace=False) for part in parts)
            lease = Lease(self._database["leases"], table.name, wait_seconds=LEASE_WAIT_SECONDS)
            try:
                return sum(insert_absent(collection, table, part, lease) for part in parts)
            finally:
                lease.release()

    def upsert(self, table: Table, rows: pd.DataFrame) -> None:
        """Insert rows, or replace the given columns of stored ones; of equal keys the last.

        Raises:
            CellError: The table is a time series, whose documents MongoDB cannot replace.
        """
        if table.time_series is not None:
            why = "a time series in MongoDB; add a row under a new key with insert_new"
            raise CellError(table.name, ", ".join(table.key), why)
        unique = rows.drop_duplicates(subset=[k for k in table.key if k in rows], keep="last")
        with explained(self.url, f"writing to {table.name}", table.name):
            for part in batches(checked(table, unique), BATCH_ROWS):
                write_by_key(self._database[table.name], table, part, replace=True)

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
        names = list(columns) if columns is not None else table.names
        asked = queries(table, where)
        # Parts of a long list are sorted together afterwards.
        extra = [n.removeprefix("-") for n in order_by] if len(asked) > 1 else []
        fetched = list(dict.fromkeys([*names, *extra]))
        found: list[pd.DataFrame] = []
        with explained(self.url, f"reading {table.name}", table.name):
            for query in asked if limit != 0 else []:
                cursor = self._database[table.name].find(
                    query,
                    projection(table, fetched),
                    sort=sorting(table, order_by) or None,
                    limit=limit or 0,
                    batch_size=BATCH_ROWS,
                )
                found.append(frame_of_documents(table, fetched, cursor))
        if not found:
            return frame_of_documents(table, names, [])
        if len(found) == 1:
            return found[0]
        return _merged(found, order_by, limit)[names]

    def count(self, table: Table, where: Sequence[Filter] = ()) -> int:
        """How many rows meet every condition."""
        with explained(self.url, f"counting {table.name}", table.name):
            # The count command: count_documents would be an aggregation.
            answers = [
                self._database.command("count", table.name, query=query)
                for query in queries(table, where)
            ]
        return sum(int(answer["n"]) for answer in answers)

    def close(self) -> None:
        """Give back connections."""
        if "_client" in self.__dict__:
            self._client.close()


def _merged(
    found: Sequence[pd.DataFrame], order_by: Sequence[str], limit: int | None
) -> pd.DataFrame:
    """Parts of one answer in one order, cut to the limit; missing values sort as the lowest."""
    frame = pd.concat(found, ignore_index=True)
    for name in reversed(order_by):
        descending = name.startswith("-")
        frame = frame.sort_values(
            name.removeprefix("-"),
            ascending=not descending,
            na_position="last" if descending else "first",
            kind="stable",
        )
    return frame.head(len(frame) if limit is None else limit).reset_index(drop=True)


def open_mongo_store(url: str) -> MongoDocumentStore:
    """The document store of a `mongodb://` or `mongodb+srv://` URL."""
    return MongoDocumentStore(url)
