"""Rows as MongoDB documents and conditions as MongoDB queries: no connection is opened here.

A missing value is an absent field. An instant is a BSON date, and JSON is stored as it is.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from operator import ge, gt, le, lt
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
        path = path_of(table, each.column)
        operator, value = _asked(table, each)
        if operator in MEETS and _is_met_by_absence(table.column(each.column), operator, value):
            repeated.append({"$or": [{path: {operator: value}}, {path: None}]})
            continue
        conditions = query.setdefault(path, {})
        if operator in conditions:
            repeated.append({path: {operator: value}})
        else:
            conditions[operator] = value
    for path, conditions in query.items():
        if list(conditions) == ["$eq"]:
            query[path] = conditions["$eq"]
    return {**query, "$and": repeated} if repeated else query


MEETS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "$lt": lt, "$lte": le, "$gt": gt, "$gte": ge,
}  # fmt: skip
"""Whether a value meets a condition of MongoDB's name."""


def _is_met_by_absence(column: Column, operator: str, value: object) -> bool:
    return column.absent is not None and MEETS[operator](column.absent, value)


def _asked(table: Table, where: Filter) -> tuple[str, Any]:
    """A condition in MongoDB's words, with every form in which documents may hold its values."""
    column = table.column(where.column)
    if where.operator == "in":
        return "$in", _forms(column, listed_operands(table, where))
    value = operand(table, where)
    if where.operator != "=":
        # Nothing compares with a missing value.
        return ("$in", []) if value is None else (OPERATORS[where.operator], value)
    if value is None:
        return ("$eq", None) if column.absent is None else ("$in", [])
    forms = _forms(column, [value])
    return ("$eq", value) if len(forms) == 1 else ("$in", forms)


def _forms(column: Column, values: Sequence[object]) -> list[object]:
    """The values, and what older documents hold in their place."""
    forms = list(values)
    if column.integers:
        forms += [number for value in values if (number := integer_of(value)) is not None]
    if column.absent is not None and column.absent in forms:
        forms.append(None)
    return forms


def integer_of(text: object) -> int | None:
    """The integer that older documents hold in place of a text; None where they cannot.

    A text with a leading zero or a sign is no integer's.
    """
    if not isinstance(text, str) or not re.fullmatch(r"0|[1-9]\d{0,18}", text):
        return None
    number = int(text)
    return number if number < 1 << 63 else None


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
                return column.absent
        value = cast("Document", place).get(leaf)
        if value is None:
            return column.absent
        if column.integers and isinstance(value, int | float) and value == int(value):
            return str(int(value))
        return int(value) if isinstance(value, DatetimeMS) else value

    return get
