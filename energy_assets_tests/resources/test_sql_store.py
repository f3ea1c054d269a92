"""What only the SQL adapter does: layout, batches, older tables."""

import sqlite3
from pathlib import Path

import pandas as pd
import psycopg2
import pytest

from energy_assets.contracts.readings import MEASUREMENTS
from energy_assets_tests.resources.shelf import NOTES, READINGS, TABLES, frame, readings
from resources import sql_store, sqlite_access
from resources.document_store import DocumentStore
from resources.stores import open_document_store
from resources.tables import Column, Index, Table


def sqlite_rows(url: str, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    rows = connection.execute(query).fetchall()
    connection.close()
    return rows


def test_an_instant_is_integer_milliseconds_in_sqlite(sqlite_url: str):
    store = open_document_store(sqlite_url)
    store.ensure(TABLES)
    at = pd.Timestamp("1970-01-02 00:00:00.007", tz="UTC")
    store.insert_new(NOTES, frame(NOTES, name=["a"], seen_at=[at], done=[True], extra=[[1, "x"]]))
    store.close()
    query = "SELECT seen_at, typeof(seen_at), done, extra, typeof(score) FROM notes"
    # 1970-01-02 is 86,400 seconds after the epoch.
    assert sqlite_rows(sqlite_url, query) == [(86_400_007, "integer", 1, '[1,"x"]', "null")]


def test_an_instant_is_a_timestamp_with_time_zone_in_postgresql(postgres_url: str):
    store = open_document_store(postgres_url)
    store.ensure(TABLES)
    at = pd.Timestamp("1970-01-02 00:00:00.007", tz="UTC")
    store.insert_new(NOTES, frame(NOTES, name=["a"], seen_at=[at], extra=[{"b": 2}]))
    store.close()
    connection = psycopg2.connect(postgres_url)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_typeof(seen_at)::text, extract(epoch from seen_at), extra->>'b' FROM notes"
        )
        kind, seconds, b = cursor.fetchone() or ()
    connection.close()
    assert (kind, float(seconds), b) == ("timestamp with time zone", 86_400.007, "2")


def test_a_time_series_of_sqlite_is_kept_in_key_order_without_a_second_copy_of_the_key(
    sqlite_url: str,
):
    store = open_document_store(sqlite_url)
    store.ensure([MEASUREMENTS])
    store.close()
    made = sqlite_rows(sqlite_url, "SELECT type, name, sql FROM sqlite_master")
    assert [(kind, name) for kind, name, _ in made] == [("table", "measurements")]
    assert "WITHOUT ROWID" in str(made[0][2])


def test_a_secondary_index_serves_its_query(sqlite_url: str):
    store = open_document_store(sqlite_url)
    store.ensure(TABLES)
    store.close()
    plan = sqlite_rows(sqlite_url, "EXPLAIN QUERY PLAN SELECT * FROM notes WHERE rank = 1")
    assert "USING INDEX ix_notes_rank" in str(plan)


def test_a_table_of_an_older_version_gets_the_columns_it_lacks(document_store: DocumentStore):
    old = Table(
        name="notes",
        columns=tuple(c for c in NOTES.columns if c.name not in ("rank", "extra", "seen_at")),
        key=NOTES.key,
    )
    document_store.ensure([old])
    document_store.insert_new(old, frame(old, name=["a"], text=["kept"]))
    document_store.ensure([NOTES])
    document_store.upsert(NOTES, frame(NOTES, name=["b"], rank=[3], extra=[[]]))
    found = document_store.read(NOTES, order_by=["name"], columns=["name", "text", "rank"])
    pd.testing.assert_frame_equal(
        found, frame(NOTES, name=["a", "b"], text=["kept", None], rank=[None, 3])
    )


def test_a_large_frame_is_written_in_parts_that_are_counted_together(
    document_store: DocumentStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sql_store, "BATCH_ROWS", 7)
    document_store.ensure(TABLES)
    rows = readings(serials=3, slots=10)
    assert document_store.insert_new(READINGS, rows.iloc[5:20]) == 15
    assert document_store.insert_new(READINGS, rows) == 15
    found = document_store.read(READINGS, order_by=["serial", "at"])
    pd.testing.assert_frame_equal(found, rows)


def test_names_that_are_words_of_sql_are_only_names(document_store: DocumentStore):
    table = Table(
        name="order",
        columns=(
            Column(name="select", kind="str"),
            Column(name='semi; drop table "x"', kind="float"),
            Column(name="100 %", kind="int"),
        ),
        key=("select",),
        indexes=(Index(columns=("-100 %",)),),
    )
    document_store.ensure([table])
    rows = pd.DataFrame(
        {
            "select": pd.Series(["%s %(x)s :y ? '"], dtype="str"),
            'semi; drop table "x"': [1.5],
            "100 %": pd.Series([1], dtype="Int64"),
        }
    )
    document_store.upsert(table, rows)
    document_store.upsert(table, rows)
    found = document_store.read(table, order_by=["-100 %"])
    pd.testing.assert_frame_equal(found, rows)


def test_the_folder_of_a_new_sqlite_file_is_created(tmp_path: Path):
    store = open_document_store(f"sqlite:///{tmp_path}/a/b/c.db")
    store.ensure(TABLES)
    assert (tmp_path / "a" / "b" / "c.db").exists()
    store.close()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("text", 'it\'s ? :x %s -- \\ "quoted"\n'),
        ("text", ""),
        ("text", None),
        ("score", 0.1),
        ("score", 3.0),
        ("score", -4e300),
        ("score", None),
        ("rank", -(2**63)),
        ("rank", None),
        ("done", True),
        ("done", False),
        ("seen_at", pd.Timestamp("1950-01-01 00:00:00.001", tz="UTC")),
        ("extra", {"a": [1]}),
        ("blob", b"\x00'"),
    ],
)
@pytest.mark.parametrize("odd_one", [None, 0, 70, 149])
def test_a_column_that_says_one_thing_is_stored_like_any_other(
    document_store: DocumentStore, column: str, value: object, odd_one: int | None
):
    document_store.ensure(TABLES)
    values = [value] * 150
    if odd_one is not None:
        values[odd_one] = None
    rows = frame(NOTES, name=[f"n{number:03d}" for number in range(150)], **{column: values})
    assert document_store.insert_new(NOTES, rows) == 150
    found = document_store.read(NOTES, order_by=["name"], columns=["name", column])
    pd.testing.assert_frame_equal(found, rows)


def test_many_rows_are_read_in_parts(
    document_store: DocumentStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sqlite_access, "FETCHED_ROWS", 7)
    document_store.ensure(TABLES)
    rows = readings(serials=2, slots=20)
    document_store.insert_new(READINGS, rows)
    found = document_store.read(READINGS, order_by=["serial", "at"])
    pd.testing.assert_frame_equal(found, rows)
