"""What every adapter of the document store finds, in which order, and how many."""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from energy_assets_tests.resources.shelf import NOTES, PAIRS, READINGS, TABLES, frame, readings
from resources.document_store import DocumentStore
from resources.errors import CellError
from resources.tables import Filter, Operator


@pytest.fixture(autouse=True)
def tables(store: DocumentStore) -> None:
    store.ensure(TABLES)


def instant(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


@pytest.mark.parametrize(
    ("where", "names"),
    [
        (Filter("rank", "=", 2), "b"),
        (Filter("rank", "=", np.int64(2)), "b"),
        (Filter("rank", "<", 2), "a"),
        (Filter("rank", "<=", 2), "ab"),
        (Filter("rank", ">", 2), "c"),
        (Filter("rank", ">=", 2), "bc"),
        (Filter("rank", "in", [3, 1, 7]), "ac"),
        (Filter("rank", "in", pd.Series([3, None], dtype="Int64")), "c"),
        (Filter("rank", "in", []), ""),
        (Filter("rank", "=", None), "d"),
        (Filter("rank", "<", None), ""),
        (Filter("text", "in", ["x", "ü"]), "ac"),
        (Filter("text", ">", "x"), "c"),
        (Filter("score", ">=", 0.5), "bc"),
        (Filter("done", "=", True), "b"),
        (Filter("done", "in", [False]), "a"),
        (Filter("seen_at", "=", datetime(2026, 1, 2, tzinfo=UTC)), "b"),
        (Filter("seen_at", ">", pd.Timestamp("2026-01-02", tz="UTC")), "c"),
        (Filter("seen_at", "<=", pd.Timestamp("2026-01-02 05:30", tz="Asia/Kolkata")), "ab"),
    ],
)
def test_a_filter_finds_the_rows_it_names(store: DocumentStore, where: Filter, names: str):
    store.insert_new(
        NOTES,
        frame(
            NOTES,
            name=["a", "b", "c", "d"],
            text=["x", "X", "ü", None],
            score=[0.25, 0.5, 0.75, None],
            rank=[1, 2, 3, None],
            done=[False, True, None, None],
            seen_at=[*(instant(f"2026-01-0{day}") for day in (1, 2, 3)), None],
        ),
    )
    assert "".join(store.read(NOTES, [where], order_by=["name"])["name"]) == names
    assert store.count(NOTES, [where]) == len(names)


def test_an_instant_between_two_milliseconds_is_compared_as_it_stands(
    store: DocumentStore, nx_lies: Callable[[str], None]
):
    nx_lies("compares instants as text, where 00:00:00 comes after 00:00:00.001")
    days = [instant("2026-01-01"), instant("2026-01-02"), instant("2026-01-03")]
    store.insert_new(NOTES, frame(NOTES, name=["a", "b", "c"], seen_at=days))
    between = pd.Timestamp("2026-01-02 00:00:00.0005", tz="UTC")
    operators: list[Operator] = ["<", "<=", ">", ">="]
    found = {
        operator: "".join(store.read(NOTES, [Filter("seen_at", operator, between)])["name"])
        for operator in operators
    }
    assert found == {"<": "ab", "<=": "ab", ">": "c", ">=": "c"}


def test_conditions_hold_together(store: DocumentStore):
    store.insert_new(READINGS, readings(serials=3, slots=10))
    first = instant("2026-03-01")
    where = [
        Filter("serial", "in", ["m0", "m2"]),
        Filter("at", ">=", first + pd.Timedelta(minutes=15)),
        Filter("at", ">=", first + pd.Timedelta(minutes=30)),
        Filter("at", "<", first + pd.Timedelta(minutes=60)),
    ]
    found = store.read(READINGS, where, order_by=["-serial", "-at"], columns=["energy_kwh"])
    assert found["energy_kwh"].tolist() == [0.75, 0.5, 0.75, 0.5]


def test_a_filter_of_another_kind_is_refused(store: DocumentStore):
    for where in (
        Filter("rank", "=", "2"),
        Filter("rank", "=", True),
        Filter("text", "<", 2),
        Filter("text", "in", "text"),
        Filter("seen_at", ">", datetime(2026, 1, 1)),  # noqa: DTZ001 - the point
        Filter("extra", "=", "{}"),
    ):
        with pytest.raises(CellError, match=f"column {where.column}"):
            store.read(NOTES, [where])


def test_an_unknown_column_is_named(store: DocumentStore):
    with pytest.raises(KeyError, match="colour"):
        store.read(NOTES, columns=["colour"])
    with pytest.raises(KeyError, match="colour"):
        store.read(NOTES, [Filter("colour", "=", "red")])


def test_a_list_of_25000_values_finds_each_row_once(store: DocumentStore):
    store.insert_new(PAIRS, frame(PAIRS, left=["n7", "n24999", "x"], right=[1, 2, 3]))
    names = [f"n{number}" for number in range(25_000)] + ["n7"]
    where = [Filter("left", "in", names)]
    assert store.read(PAIRS, where, order_by=["-right"])["right"].tolist() == [2, 1]
    assert store.read(PAIRS, where, order_by=["-right"], limit=1)["right"].tolist() == [2]
    assert store.read(PAIRS, where, columns=["left"], order_by=["right"])["left"].tolist() == [
        "n7",
        "n24999",
    ]
    assert store.count(PAIRS, where) == 2


def test_text_is_sorted_byte_by_byte(store: DocumentStore):
    names: list[object] = ["b", "B", "ü", "a b", "a-b", "", "Z", "😀"]
    store.insert_new(NOTES, frame(NOTES, name=names))
    found = store.read(NOTES, order_by=["name"])["name"].tolist()
    assert found == ["", "B", "Z", "a b", "a-b", "b", "ü", "😀"]


def test_missing_values_sort_as_the_lowest(store: DocumentStore):
    store.insert_new(NOTES, frame(NOTES, name=["a", "b", "c"], rank=[2, None, 1]))
    assert "".join(store.read(NOTES, order_by=["rank"])["name"]) == "bca"
    assert "".join(store.read(NOTES, order_by=["-rank"])["name"]) == "acb"


def test_a_limit_cuts_after_sorting(store: DocumentStore):
    store.insert_new(READINGS, readings(serials=2, slots=5))
    found = store.read(READINGS, order_by=["-at", "serial"], limit=3, columns=["serial", "at"])
    assert found["serial"].tolist() == ["m0", "m1", "m0"]
    assert list(found.columns) == ["serial", "at"]
    assert len(store.read(READINGS, limit=0)) == 0
