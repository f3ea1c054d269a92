"""Writes to MongoDB collections, and its errors in the words of stores."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final, cast

import pandas as pd
from bson.errors import InvalidDocument
from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne, errors
from pymongo.collection import Collection
from pymongo.database import Database

from resources.errors import CellError, DuplicateValueError, StoreUnavailableError
from resources.mongo_documents import (
    Document,
    documents,
    frame_of_documents,
    integer_of,
    path_of,
    projection,
    queries,
    updates,
)
from resources.mongo_lease import Lease, LeaseTimeoutError
from resources.tables import Filter, Index, Table

DUPLICATE_KEY: Final = 11000
NAMESPACE_EXISTS: Final = 48
REFUSED: Final = (13, 18)
"""Codes of a server that does not let us in: unauthorized, authentication failed."""


def create_collection(database: Database[Document], table: Table) -> None:
    """Create a collection, as a time series where the table is one; harmless if it exists."""
    options: dict[str, Any] = {}
    if table.time_series is not None:
        options["timeseries"] = {
            "timeField": path_of(table, table.time_series.time_column),
            "metaField": table.time_series.meta_field,
            "granularity": table.time_series.granularity,
        }
    try:
        database.create_collection(table.name, check_exists=False, **options)
    except errors.OperationFailure as error:
        if error.code != NAMESPACE_EXISTS:
            raise


def index_models(table: Table) -> list[IndexModel]:
    """The unique index of the key, unless it is `_id` or a time series, and the others."""
    indexes = list(table.indexes)
    key_paths = [path_of(table, name) for name in table.key]
    if table.time_series is None and key_paths != ["_id"]:
        indexes.insert(0, Index(columns=table.key, unique=True))
    models: list[IndexModel] = []
    for index in indexes:
        keys = sorting(table, index.columns)
        models.append(IndexModel(keys, unique=True) if index.unique else IndexModel(keys))
    return models


def sorting(table: Table, columns: Sequence[str]) -> list[tuple[str, int]]:
    """Paths and directions of column names, descending with a leading `-`."""
    return [
        (path_of(table, name.removeprefix("-")), DESCENDING if name[0] == "-" else ASCENDING)
        for name in columns
    ]


def write_by_key(
    collection: Collection[Document], table: Table, frame: pd.DataFrame, *, replace: bool
) -> int:
    """Upsert a checked frame by its keys, and say how many rows were new.

    Two writers of one new key can meet: the server then refuses one of them, whose row is there.

    Raises:
        DuplicateValueError: A unique index other than the key's refused a row.
    """
    pairs = _by_stored_key(collection, table, updates(table, frame, replace=replace))
    inserted = 0
    # A refused replacement is tried once more: its row exists by now.
    for _ in range(2):
        operations = [UpdateOne(where, update, upsert=True) for where, update in pairs]
        try:
            return inserted + collection.bulk_write(operations, ordered=False).upserted_count
        except errors.BulkWriteError as error:
            details = cast("dict[str, Any]", error.details)
            inserted += int(details["nUpserted"])
            failed = cast("list[dict[str, Any]]", details["writeErrors"])
            if not failed or not all(_is_key_conflict(table, each) for each in failed):
                raise
            if not replace:
                return inserted
            pairs = [pairs[each["index"]] for each in failed]
    raise DuplicateValueError(table.name, "a key was written by somebody else again and again")


def _by_stored_key(
    collection: Collection[Document], table: Table, pairs: list[tuple[Document, Document]]
) -> list[tuple[Document, Document]]:
    """The pairs of filter and update, where a key is stored as an integer under the integer."""
    paths = [path_of(table, name) for name in table.key if table.column(name).integers]
    if paths != ["_id"]:
        return pairs
    numbers = {each: integer_of(each) for each in (where["_id"] for where, _ in pairs)}
    asked = [number for number in numbers.values() if number is not None]
    if not asked:
        return pairs
    stored = {found["_id"] for found in collection.find({"_id": {"$in": asked}}, {"_id": 1})}
    found: list[tuple[Document, Document]] = []
    for where, update in pairs:
        number = numbers[where["_id"]]
        if number in stored:
            kept = {"_id": number}
            found.append((kept, update if update != {"$set": where} else {"$set": kept}))
        else:
            found.append((where, update))
    return found


def _is_key_conflict(table: Table, failure: dict[str, Any]) -> bool:
    if failure.get("code") != DUPLICATE_KEY:
        return False
    pattern = failure.get("keyPattern")
    return pattern is None or list(pattern) == [path_of(table, name) for name in table.key]


def insert_absent(
    collection: Collection[Document], table: Table, frame: pd.DataFrame, lease: Lease
) -> int:
    """Insert the rows of a checked frame whose key a time series does not hold yet.

    The lease is renewed just before the write; if it was lost meanwhile, everything is looked at
    again.

    Raises:
        LeaseTimeoutError: Other writers did not let go of the collection.
    """
    keys = list(table.key)
    wanted = pd.MultiIndex.from_frame(frame[keys])
    while True:
        lease.hold()
        stored = pd.MultiIndex.from_frame(_stored_keys(collection, table, frame))
        new = frame[~wanted.isin(stored)]
        if new.empty:
            return 0
        if lease.renewed():
            answer = collection.insert_many(documents(table, new), ordered=False)
            return len(answer.inserted_ids)


def _stored_keys(
    collection: Collection[Document], table: Table, frame: pd.DataFrame
) -> pd.DataFrame:
    """Keys that are stored for the series of a frame, between its first and last instant."""
    layout = table.time_series
    if layout is None:
        raise CellError(table.name, ", ".join(table.key), "no time series")
    meta = [n for n in table.key if path_of(table, n).split(".")[0] == layout.meta_field]
    times = frame[layout.time_column]
    where = [
        *(Filter(name, "in", list(pd.unique(frame[name]))) for name in meta),
        Filter(layout.time_column, ">=", times.min()),
        Filter(layout.time_column, "<=", times.max()),
    ]
    keys = list(table.key)
    parts = [
        frame_of_documents(table, keys, collection.find(query, projection(table, keys)))
        for query in queries(table, where)
    ]
    return pd.concat(parts, ignore_index=True)


@contextmanager
def explained(url: str, doing: str, table: str = "") -> Generator[None]:
    """Errors of pymongo in the words of stores."""
    try:
        yield
    except errors.BulkWriteError as error:
        details = cast("dict[str, Any]", error.details)
        failures = cast("list[dict[str, Any]]", details.get("writeErrors") or [])
        if not failures:
            # Written, but not by as many servers as were asked for: it may yet be rolled back.
            raise StoreUnavailableError(url, doing, _cause(error)) from error
        cause = str(failures[0].get("errmsg"))
        if failures[0].get("code") == DUPLICATE_KEY:
            raise DuplicateValueError(table, cause) from error
        raise CellError(table, "all", f"refused by MongoDB: {cause}") from error
    except (
        errors.ConnectionFailure,
        errors.ConfigurationError,
        errors.WTimeoutError,
        LeaseTimeoutError,
    ) as error:
        raise StoreUnavailableError(url, doing, _cause(error)) from error
    except (InvalidDocument, errors.DocumentTooLarge, OverflowError) as error:
        raise CellError(table, "all", f"no BSON: {error}") from error
    except errors.OperationFailure as error:
        if error.code not in REFUSED and not isinstance(error, errors.ExecutionTimeout):
            raise
        raise StoreUnavailableError(url, doing, _cause(error)) from error


def _cause(error: Exception) -> str:
    """What happened, without pymongo's description of the whole topology."""
    return str(error).partition(", Timeout:")[0].partition(", full error:")[0]
