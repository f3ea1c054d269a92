"""What the MongoDB adapter says on the wire, word for word; the documents are written by hand."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pymongo
import pytest
from bson.datetime_ms import DatetimeMS
from pymongo import monitoring

from energy_assets.contracts.customers import CUSTOMERS
from energy_assets.contracts.meter_files import PROCESSED_FILES
from energy_assets.contracts.readings import MEASUREMENTS
from energy_assets_tests.resources.shelf import READINGS, frame, readings
from resources import mongo_documents
from resources.errors import CellError, StoreUnavailableError
from resources.mongo_store import MongoDocumentStore
from resources.stores import open_document_store
from resources.tables import Filter, Table

ENVELOPE = {"$db", "lsid", "txnNumber", "$readPreference", "$clusterTime", "apiVersion"}

MARCH = 1_772_323_200_000
"""2026-03-01T00:00:00Z in milliseconds since 1970: 20,513 days."""


class Recorder(monitoring.CommandListener):
    """Keeps every command, without what each of them carries."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.commands.append({k: v for k, v in event.command.items() if k not in ENVELOPE})

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...

    def about(self, collection: str, *names: str) -> list[dict[str, Any]]:
        """The commands of these names on a collection."""
        return [c for c in self.commands if any(c.get(name) == collection for name in names)]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def store(nx_url: str, recorder: Recorder) -> Iterator[MongoDocumentStore]:
    store = MongoDocumentStore(nx_url)
    client = pymongo.MongoClient[dict[str, Any]](nx_url, event_listeners=[recorder])
    store.__dict__["_client"] = client
    yield store
    store.close()


def customer(*, email: str | None) -> pd.DataFrame:
    at = pd.Timestamp("2026-03-01", tz="UTC")
    return frame(CUSTOMERS, customer_ref=["c1"], email=[email], created_at=[at])


def test_measurements_are_created_as_a_time_series(store: MongoDocumentStore, recorder: Recorder):
    store.ensure([MEASUREMENTS])
    assert recorder.about("measurements", "create") == [
        {
            "create": "measurements",
            "timeseries": {
                "timeField": "timestamp",
                "metaField": "metadata",
                "granularity": "minutes",
            },
        }
    ]
    assert recorder.about("measurements", "createIndexes") == [
        {
            "createIndexes": "measurements",
            "indexes": [
                {"name": "metadata.serial_1", "key": {"metadata.serial": 1}},
                {
                    "name": "metadata.serial_1_timestamp_-1",
                    "key": {"metadata.serial": 1, "timestamp": -1},
                },
            ],
        }
    ]


def test_a_key_other_than_the_id_gets_a_unique_index(store: MongoDocumentStore, recorder: Recorder):
    store.ensure([PROCESSED_FILES, CUSTOMERS])
    assert recorder.about("processed_files", "create", "createIndexes") == [
        {"create": "processed_files"},
        {
            "createIndexes": "processed_files",
            "indexes": [
                {"name": "fileName_1", "key": {"fileName": 1}, "unique": True},
                {"name": "objectKey_1", "key": {"objectKey": 1}},
                {"name": "processedAt_1", "key": {"processedAt": 1}},
                {"name": "content_1", "key": {"content": 1}},
            ],
        },
    ]
    assert recorder.about("customers", "createIndexes") == [
        {
            "createIndexes": "customers",
            "indexes": [
                {"name": "email_1", "key": {"email": 1}},
                {"name": "updatedAt_1", "key": {"updatedAt": 1}},
            ],
        }
    ]


def test_a_new_row_is_written_only_where_its_key_is_absent(
    store: MongoDocumentStore, recorder: Recorder
):
    store.ensure([CUSTOMERS])
    store.insert_new(CUSTOMERS, customer(email=None))
    assert recorder.about("customers", "update") == [
        {
            "update": "customers",
            "ordered": False,
            "updates": [
                {
                    "q": {"_id": "c1"},
                    "u": {"$setOnInsert": {"customerRef": "c1", "createdAt": DatetimeMS(MARCH)}},
                    "multi": False,
                    "upsert": True,
                }
            ],
        }
    ]


def test_an_upsert_sets_what_is_given_and_removes_what_is_missing(
    store: MongoDocumentStore, recorder: Recorder
):
    store.ensure([CUSTOMERS])
    store.upsert(CUSTOMERS, customer(email=None))
    (command,) = recorder.about("customers", "update")
    assert command["updates"] == [
        {
            "q": {"_id": "c1"},
            "u": {
                "$set": {"customerRef": "c1", "createdAt": DatetimeMS(MARCH)},
                "$unset": {"email": ""},
            },
            "multi": False,
            "upsert": True,
        }
    ]


def test_new_readings_are_nested_and_inserted_under_a_lease(
    store: MongoDocumentStore, recorder: Recorder
):
    store.ensure([READINGS])
    rows = readings(serials=1, slots=2).assign(current=[None, 7.5])
    assert store.insert_new(READINGS, rows) == 2
    order = [name for c in recorder.commands for name in [next(iter(c))] if name != "hello"]
    # Looked for, taken, read what is there, renewed, written, given back.
    assert order[-7:] == ["update", "update", "insert", "find", "update", "insert", "delete"]
    (find,) = recorder.about("readings", "find")
    assert find["filter"] == {
        "metadata.serial": {"$in": ["m0"]},
        "timestamp": {
            "$gte": pd.Timestamp("2026-03-01", tz="UTC"),
            "$lte": pd.Timestamp("2026-03-01 00:15", tz="UTC"),
        },
    }
    assert find["projection"] == {"_id": 0, "metadata": 1, "timestamp": 1, "version": 1}
    (insert,) = recorder.about("readings", "insert")
    assert insert["ordered"] is False
    assert [{k: v for k, v in each.items() if k != "_id"} for each in insert["documents"]] == [
        {
            "metadata": {"serial": "m0"},
            "timestamp": DatetimeMS(MARCH),
            "version": 1,
            "energy_kwh": 0.0,
        },
        {
            "metadata": {"serial": "m0"},
            "timestamp": DatetimeMS(MARCH + 15 * 60_000),
            "version": 1,
            "energy_kwh": 0.25,
            "phases": {"A": {"current": 7.5}},
        },
    ]


def test_readings_that_are_all_stored_are_not_sent_again(
    store: MongoDocumentStore, recorder: Recorder
):
    store.ensure([READINGS])
    store.insert_new(READINGS, readings(serials=2, slots=2))
    recorder.commands.clear()
    assert store.insert_new(READINGS, readings(serials=2, slots=2)) == 0
    assert recorder.about("readings", "insert") == []


def test_a_find_filters_sorts_and_limits_on_the_server(
    store: MongoDocumentStore, recorder: Recorder
):
    where = [
        Filter("serial", "=", "m0"),
        Filter("at", ">=", pd.Timestamp("2026-03-01", tz="UTC")),
        Filter("current", "=", None),
    ]
    store.read(READINGS, where, columns=["at", "current"], order_by=["-at", "serial"], limit=5)
    assert recorder.about("readings", "find") == [
        {
            "find": "readings",
            "filter": {
                "metadata.serial": "m0",
                "timestamp": {"$gte": pd.Timestamp("2026-03-01", tz="UTC")},
                "phases.A.current": None,
            },
            "projection": {"_id": 0, "timestamp": 1, "phases": 1},
            "sort": {"timestamp": -1, "metadata.serial": 1},
            "limit": 5,
            "batchSize": 10_000,
        }
    ]


def test_a_count_needs_no_aggregation(store: MongoDocumentStore, recorder: Recorder):
    store.count(READINGS, [Filter("version", ">", 1), Filter("version", ">", 2)])
    assert [c for c in recorder.commands if "count" in c] == [
        {
            "count": "readings",
            "query": {"version": {"$gt": 1}, "$and": [{"version": {"$gt": 2}}]},
        }
    ]
    assert not [c for c in recorder.commands if "aggregate" in c]


def test_a_long_list_is_asked_for_in_parts(
    store: MongoDocumentStore, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(mongo_documents, "LIST_VALUES", 2)
    store.read(READINGS, [Filter("version", "in", [1, 2, 3, 2]), Filter("serial", "=", "m")])
    assert [find["filter"] for find in recorder.about("readings", "find")] == [
        {"version": {"$in": [1, 2]}, "metadata.serial": "m"},
        {"version": {"$in": [3]}, "metadata.serial": "m"},
    ]


def test_a_time_series_is_never_replaced_in_place(store: MongoDocumentStore):
    with pytest.raises(CellError, match="a time series in MongoDB"):
        store.upsert(READINGS, readings(serials=1, slots=1))


def test_a_url_without_a_database_means_the_default_one():
    store = open_document_store("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=1")
    with pytest.raises(StoreUnavailableError):
        store.count(CUSTOMERS)
    assert isinstance(store, MongoDocumentStore)
    assert store._database.name == "load_profiles_db"
    store.close()


def test_patience_of_the_url_counts_more_than_the_default():
    stated = MongoDocumentStore("mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=7")
    silent = MongoDocumentStore("mongodb://127.0.0.1:1/x")
    assert stated._client.options.server_selection_timeout == 0.007
    assert silent._client.options.server_selection_timeout == 5
    stated.close()
    silent.close()


@pytest.mark.xfail(strict=True, reason="nx-27017 says ok and makes an ordinary collection")
def test_nx_27017_really_makes_a_time_series(store: MongoDocumentStore):
    store.ensure([READINGS])
    (made,) = store._database.list_collections(filter={"name": "readings"})
    assert made["type"] == "timeseries"


@pytest.mark.xfail(strict=True, reason="nx-27017 takes a document without its time field")
def test_nx_27017_refuses_a_reading_without_its_time(store: MongoDocumentStore):
    store.ensure([READINGS])
    with pytest.raises(pymongo.errors.OperationFailure):
        store._database["readings"].insert_one({"metadata": {"serial": "m0"}})


def test_a_table_description_names_each_field_once_for_reading(table: Table = READINGS):
    assert [mongo_documents.path_of(table, name) for name in table.names] == [
        "metadata.serial",
        "timestamp",
        "version",
        "energy_kwh",
        "phases.A.current",
    ]
