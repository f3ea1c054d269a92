"""Rows as MongoDB documents and conditions as MongoDB queries: no connection is opened here.

A missing value is an absent field. An instant is a BSON date, and JSON is stored as it is.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, cast

import pandas as pd
from bson.datetime_ms import DatetimeMS

from resources.cells import python_cells, series_of_cells
from resources.operands import listed_operands, operand
from resources.tables import Column, Filter, Operator, Table

Document = dict[str, Any]
"""A document, a query or an update."""

OPERATORS: Final[dict[Operator, str]] = {
    "=": "$eq",
    "in": "$in",
    "<": "$lt",
    "<=": "$lte",
    ">": "$gt",
    ">=": "$gte",
}
"""MongoDB's names of the operators."""

LIST_VALUES: Final = 10_000
"""Values of an `in` list in one query: a longer list is asked for in several."""


def path_of(table: Table, name: str) -> str:
    """The dotted path that is read for a column, and sorted and filtered by."""
    return table.column(name).document_paths[0]


def cells_of(table: Table, frame: pd.DataFrame) -> dict[str, list[Any]]:
    """The columns of a checked frame as values that BSON knows, None where there is none."""
    names = [str(name) for name in frame.columns]
    cells = dict(zip(names, python_cells(table, frame), strict=True))
    for name, values in cells.items():
        kind = table.column(name).kind
        if kind == "instant":
            cells[name] = [None if v is None else DatetimeMS(cast("int", v)) for v in values]
        elif kind == "json":
            cells[name] = [None if v is None else json.loads(cast("str", v)) for v in values]
        elif kind == "float":
            cells[name] = [None if v != v else v for v in values]
    return cells


def documents(table: Table, frame: pd.DataFrame) -> list[Document]:
    """One nested document a row of a checked frame."""
    found: list[Document] = [{} for _ in range(len(frame))]
    for name, values in cells_of(table, frame).items():
        for path in table.column(name).document_paths:
            *parents, leaf = path.split(".")
            for document, value in zip(found, values, strict=True):
                if value is None:
                    continue
                place = document
                for parent in parents:
                    place = place.setdefault(parent, {})
                place[leaf] = value
    return found


def updates(table: Table, frame: pd.DataFrame, *, replace: bool) -> list[tuple[Document, Document]]:
    """The filter by key and the update of each row of a checked frame.

    Args:
        table: Where to.
        frame: The rows.
        replace: Whether a stored document takes the given values, or stays as it is.
    """
    cells = cells_of(table, frame)
    keys = {name: path_of(table, name) for name in table.key}
    others = [
        (path, cells[name])
        for name in cells
        for path in table.column(name).document_paths
        if path not in keys.values()
    ]
    found: list[tuple[Document, Document]] = []
    for row in range(len(frame)):
        where = {path: cells[name][row] for name, path in keys.items()}
        given = {path: values[row] for path, values in others if values[row] is not None}
        gone = {path: "" for path, values in others if values[row] is None}
        if not replace:
            # The key's own fields come from the filter; an update must not be empty.
            found.append((where, {"$setOnInsert": given} if given else {"$set": where}))
            continue
        update: Document = {"$set": given} if given or not gone else {}
        if gone:
            update["$unset"] = gone
        found.append((where, update if update != {"$set": {}} else {"$set": where}))
    return found


def queries(table: Table, where: Sequence[Filter]) -> list[Document]:
    """The conditions as queries whose results together are the answer, without overlap.

    An `in` list of more than `LIST_VALUES` values is cut into several queries.
    """
    for at, each in enumerate(where):
        if each.operator != "in":
            continue
        values = list(dict.fromkeys(listed_operands(table, each)))
        if len(values) > LIST_VALUES:
            parts = (values[i : i + LIST_VALUES] for i in range(0, len(values), LIST_VALUES))
            return [
                query
                for part in parts
                for query in queries(
                    table, [*where[:at], Filter(each.column, "in", part), *where[at + 1 :]]
                )
            ]
    return [_query(table, where)]


def _query(table: Table, where: Sequence[Filter]) -> Document:
    query: Document = {}
    repeated: list[Document] = []
    for each in where:
        value = listed_operands(table, each) if each.operator == "in" else operand(table, each)
        if value is None and each.operator != "=":
            # Nothing compares with a missing value.
            value, operator = [], "$in"
        else:
            operator = OPERATORS[each.operator]
        conditions = query.setdefault(path_of(table, each.column), {})
        if operator in conditions:
            repeated.append({path_of(table, each.column): {operator: value}})
        else:
            conditions[operator] = value
    for path, conditions in query.items():
        if list(conditions) == ["$eq"]:
            query[path] = conditions["$eq"]
    return {**query, "$and": repeated} if repeated else query


def projection(table: Table, columns: Sequence[str]) -> Document:
    """The top fields that a find has to return for these columns, nested ones as a whole."""
    paths = {path_of(table, name).partition(".")[0]: 1 for name in columns}
    return paths if "_id" in paths else {"_id": 0, **paths}


def frame_of_documents(
    table: Table, columns: Sequence[str], found: Iterable[Document]
) -> pd.DataFrame:
    """Documents as a frame in the table's dtypes; an absent field is a missing value."""
    getters = [_getter(table.column(name)) for name in columns]
    cells: list[list[Any]] = [[] for _ in columns]
    for document in found:
        for getter, values in zip(getters, cells, strict=True):
            values.append(getter(document))
    return pd.DataFrame(
        {
            name: series_of_cells(table.column(name).kind, values)
            for name, values in zip(columns, cells, strict=True)
        },
        columns=list(columns),
    )


def _getter(column: Column) -> Callable[[Document], Any]:
    """Takes one column's value out of a document, as `cells.python_cells` would give it."""
    *parents, leaf = column.document_paths[0].split(".")

    def get(document: Document) -> Any:  # noqa: ANN401 - any cell
        place: Any = document
        for parent in parents:
            place = place.get(parent)
            if not isinstance(place, dict):
                return None
        value = cast("Document", place).get(leaf)
        return int(value) if isinstance(value, DatetimeMS) else value

    return get
