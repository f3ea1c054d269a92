"""What every adapter of the document store promises."""

import multiprocessing
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from energy_assets_tests.resources.shelf import NOTES, PAIRS, READINGS, TABLES, frame, readings
from resources.cells import batches
from resources.document_store import DocumentStore
from resources.errors import CellError, DuplicateValueError
from resources.stores import open_document_store
from resources.tables import DTYPES, Column, Filter, Table


@pytest.fixture(autouse=True)
def tables(request: pytest.FixtureRequest) -> None:
    if "store" in request.fixturenames:
        request.getfixturevalue("store").ensure(TABLES)


def instant(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def test_a_row_of_every_kind_comes_back_as_it_went_in(store: DocumentStore):
    rows = frame(
        NOTES,
        name=["full", "empty"],
        text=["line one\nline \"two\"; 'three', \\N \\. \t €😀", None],
        score=[0.1, None],
        rank=[-(2**63), None],
        done=[False, None],
        seen_at=[instant("2026-10-25 00:59:59.999"), None],
        extra=[{"a.b": [1, 2.5, None, "ü"], "$c": {"d": True}}, None],
        blob=[bytes(range(256)), None],
    )
    assert store.insert_new(NOTES, rows) == 2
    found = store.read(NOTES, order_by=["-name"])
    pd.testing.assert_frame_equal(found, rows)


def test_numbers_keep_their_last_bit(store: DocumentStore):
    scores = [0.1 + 0.2, 5e-324, 1.7976931348623157e308, -1 / 3, 0.0]
    ranks = [2**63 - 1, -(2**63), 2**53 + 1, 0, 1]
    names = ["a", "b", "c", "d", "e"]
    store.insert_new(NOTES, frame(NOTES, name=names, score=scores, rank=ranks))
    found = store.read(NOTES, order_by=["name"])
    assert found["score"].tolist() == scores
    assert found["rank"].tolist() == ranks


def test_instants_of_1900_and_2200_are_kept_to_the_millisecond(store: DocumentStore):
    instants = [instant("1900-01-01 00:00:00.001"), instant("2200-12-31 23:59:59.999")]
    store.insert_new(NOTES, frame(NOTES, name=["old", "new"], seen_at=instants))
    assert store.read(NOTES, order_by=["seen_at"])["seen_at"].tolist() == instants


def test_an_instant_of_another_zone_is_stored_in_utc(store: DocumentStore):
    local = pd.Series([pd.Timestamp("2026-07-01 12:00", tz="Asia/Kolkata")])
    store.insert_new(NOTES, pd.DataFrame({"name": ["a"], "seen_at": local}))
    assert store.read(NOTES)["seen_at"][0] == instant("2026-07-01 06:30")


def test_an_empty_text_is_not_a_missing_one(store: DocumentStore):
    store.insert_new(NOTES, frame(NOTES, name=["a", "b"], text=["", None], blob=[b"", None]))
    found = store.read(NOTES, order_by=["name"])
    assert found["text"].isna().tolist() == [False, True]
    assert found["blob"].tolist() == [b"", None]


def test_a_nul_character_becomes_the_replacement_character(store: DocumentStore):
    store.insert_new(NOTES, frame(NOTES, name=["a\0b"], text=["\0"], extra=[{"k": "\0"}]))
    found = store.read(NOTES, [Filter("name", "=", "a\0b")])
    assert found["name"].tolist() == ["a\ufffdb"]
    assert found["text"].tolist() == ["\ufffd"]
    assert found["extra"].tolist() == [{"k": "\0"}]


def test_nan_inside_json_is_null(store: DocumentStore):
    extra: list[object] = [{"mse": float("nan"), "n": np.int64(3), "list": np.array([1.5])}]
    store.insert_new(NOTES, frame(NOTES, name=["a"], extra=extra))
    assert store.read(NOTES)["extra"][0] == {"mse": None, "n": 3, "list": [1.5]}


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("score", [float("inf")], "infinite"),
        ("score", [float("-inf")], "infinite"),
        ("extra", [{"a": float("inf")}], "not JSON"),
        ("extra", [{"a": {1, 2}}], "not JSON"),
        ("seen_at", pd.Series([datetime(2026, 1, 1)]), "no instant with a time zone"),  # noqa: DTZ001 - the point
        ("text", [3], "no text"),
        ("rank", ["x"], "not int"),
        ("rank", [0.5], "not int"),
        ("colour", ["red"], "unknown"),
    ],
)
def test_a_value_that_a_table_cannot_hold_is_refused_by_column(
    store: DocumentStore, column: str, value: list[Any], words: str
):
    with pytest.raises(CellError, match=f"column {column}: .*{words}"):
        store.insert_new(NOTES, pd.DataFrame({"name": ["a"], column: value}))
    assert store.count(NOTES) == 0


def test_a_row_without_its_whole_key_is_refused(store: DocumentStore):
    with pytest.raises(CellError, match=r"column right: part of the key, and empty in row 1"):
        store.insert_new(PAIRS, frame(PAIRS, left=["a", "b"], right=[1, None]))
    with pytest.raises(CellError, match=r"column right: part of the key, and not in the frame"):
        store.upsert(PAIRS, frame(PAIRS, left=["a"]))
    assert store.count(PAIRS) == 0


def test_no_rows_are_no_work(store: DocumentStore):
    assert store.insert_new(READINGS, readings(serials=0, slots=0)) == 0
    store.upsert(NOTES, frame(NOTES, name=[]))
    assert store.count(NOTES) == 0


def test_nothing_found_is_an_empty_frame_with_the_tables_dtypes(store: DocumentStore):
    found = store.read(NOTES, [Filter("name", "=", "nobody")])
    assert {name: str(dtype) for name, dtype in found.dtypes.items()} == {
        column.name: DTYPES[column.kind] for column in NOTES.columns
    }
    assert len(found) == 0


def test_inserting_again_inserts_nothing_and_changes_nothing(store: DocumentStore):
    rows = readings(serials=2, slots=3)
    assert store.insert_new(READINGS, rows) == 6
    assert store.insert_new(READINGS, rows.assign(energy_kwh=99.0)) == 0
    found = store.read(READINGS, order_by=["serial", "at"])
    pd.testing.assert_frame_equal(found, rows)


def test_only_rows_with_a_new_key_are_counted(store: DocumentStore):
    store.insert_new(READINGS, readings(serials=1, slots=4))
    assert store.insert_new(READINGS, readings(serials=2, slots=4, first=1)) == 1 + 4
    assert store.count(READINGS) == 9


def test_another_version_of_a_reading_is_another_row(store: DocumentStore):
    rows = readings(serials=1, slots=2)
    store.insert_new(READINGS, rows)
    assert store.insert_new(READINGS, rows.assign(version=2)) == 2


def test_of_equal_keys_in_one_frame_the_first_is_inserted_and_the_last_replaces(
    store: DocumentStore,
):
    twice = frame(PAIRS, left=["a", "a"], right=[1, 1], size=[1.0, 2.0])
    assert store.insert_new(PAIRS, twice) == 1
    assert store.read(PAIRS)["size"].tolist() == [1.0]
    store.upsert(PAIRS, twice)
    assert store.read(PAIRS)["size"].tolist() == [2.0]


def test_an_upsert_replaces_the_given_columns_and_keeps_the_others(store: DocumentStore):
    store.insert_new(NOTES, frame(NOTES, name=["a"], text=["old"], score=[1.0], rank=[1]))
    store.upsert(NOTES, frame(NOTES, name=["a", "b"], score=[None, 5.0], rank=[2, 3]))
    expected = frame(NOTES, name=["a", "b"], text=["old", None], score=[None, 5.0], rank=[2, 3])
    found = store.read(NOTES, columns=["name", "text", "score", "rank"], order_by=["name"])
    pd.testing.assert_frame_equal(found, expected)


def test_a_row_of_nothing_but_its_key_can_be_stored_twice_over(store: DocumentStore):
    for name in ("a", "a"):
        store.upsert(NOTES, frame(NOTES, name=[name]))
        store.insert_new(NOTES, frame(NOTES, name=[name]))
        store.upsert(PAIRS, frame(PAIRS, left=[name], right=[1], badge=[None]))
    assert (store.count(NOTES), store.count(PAIRS)) == (1, 1)


def test_nested_fields_of_an_upsert_are_read_back(
    store: DocumentStore, nx_lies: Callable[[str], None]
):
    nx_lies("takes a dotted path of an update for the name of a field")
    nested = Table(
        name="nested",
        columns=(
            Column(name="name", kind="str"),
            Column(name="depth_m", kind="float", paths=("where.depth", "depthMetres")),
        ),
        key=("name",),
    )
    store.ensure([nested])
    store.insert_new(nested, frame(nested, name=["a"], depth_m=[2.5]))
    store.upsert(nested, frame(nested, name=["a", "b"], depth_m=[3.5, 4.5]))
    assert store.read(nested, order_by=["name"])["depth_m"].tolist() == [3.5, 4.5]


def test_creating_tables_again_keeps_their_rows(store: DocumentStore):
    store.insert_new(READINGS, readings(serials=1, slots=2))
    store.ensure(TABLES)
    store.ensure(TABLES)
    assert store.count(READINGS) == 2


def test_a_value_that_a_unique_index_holds_already_is_refused(store: DocumentStore):
    store.insert_new(PAIRS, frame(PAIRS, left=["a"], right=[1], badge=["gold"]))
    with pytest.raises(DuplicateValueError, match="pairs"):
        store.upsert(PAIRS, frame(PAIRS, left=["b"], right=[2], badge=["gold"]))
    assert store.count(PAIRS) == 1


def test_four_processes_that_insert_the_same_keys_store_each_once(store_url: str):
    keys = {"slots": 50, "serials": 4}
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        counts = pool.starmap(insert_overlapping, [(store_url, at, keys) for at in range(4)])
    store = open_document_store(store_url)
    # Process `at` starts at slot 10 * at: slots 0 to 79 of four meters in all.
    assert sum(count for count, _ in counts) == 80 * 4
    assert sum(count for _, count in counts) == 200
    assert store.count(READINGS) == 80 * 4
    assert not store.read(READINGS).duplicated(subset=list(READINGS.key)).any()
    sizes = store.read(PAIRS, [Filter("size", "<", 1000.0)])["size"].tolist()
    assert sorted(sizes) == [float(n) for n in range(20)]
    store.close()


def insert_overlapping(url: str, at: int, keys: dict[str, int]) -> tuple[int, int]:
    """In a process of its own: readings and pairs that others insert too, in small parts."""
    store = open_document_store(url)
    store.ensure(TABLES)
    rows = readings(**keys, first=10 * at).sample(frac=1, random_state=at)
    inserted = sum(store.insert_new(READINGS, part) for part in batches(rows, 50))
    numbers = list(range(20))
    names: list[object] = [f"q{n}" for n in range(200)]
    rows = frame(PAIRS, left=names, right=[0] * 200, size=[1000.0] * 200)
    raced = sum(store.insert_new(PAIRS, part) for part in batches(rows, 5))
    pairs = frame(PAIRS, left=[f"p{n}" for n in numbers], right=numbers, size=numbers)
    store.upsert(PAIRS, pairs.sample(frac=1, random_state=at))
    store.insert_new(PAIRS, pairs.assign(size=-1.0))
    store.close()
    return inserted, raced
