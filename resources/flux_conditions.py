"""Filters of a read as Flux queries, and what is left of them for the frame.

Flux compares texts, so order counts there only where texts sort as their values do: instants. Text
and number ranges on tags are held against the points that were read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any, Final, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resources.cells import series_of_cells
from resources.flux_query import TIME, Compared, FluxQuery, OneOf
from resources.influx_points import END_OF_TIME, FIRST_INSTANT, MARKER, Layout, tag_texts
from resources.operands import EPOCH, listed_operands, operand
from resources.tables import Filter, Kind, Table

LIST_VALUES: Final = 500
"""Values of an `in` list in one query: a longer list is asked for in several."""

START_MS: Final = int(FIRST_INSTANT.timestamp()) * 1000
"""Where a read without a first instant starts. [ms]"""

STOP_MS: Final = int(END_OF_TIME.timestamp()) * 1000
"""Where a read without a last instant stops. [ms]"""


@dataclass(kw_only=True)
class _Plan:
    """A read as it is put together, condition by condition."""

    start_ms: int = START_MS
    stop_ms: int = STOP_MS
    compared: list[Compared] = field(default_factory=list[Compared])
    lists: list[OneOf] = field(default_factory=list[OneOf])
    left: list[Filter] = field(default_factory=list[Filter])
    is_empty: bool = False


def plan_read(
    layout: Layout, where: Sequence[Filter], *, bucket: str, columns: Sequence[str]
) -> tuple[list[FluxQuery], list[Filter]]:
    """The queries whose answers together hold the points, without overlap, and what is left.

    Args:
        layout: Where the columns lie.
        where: Conditions on key columns.
        bucket: Name of the bucket.
        columns: Columns wanted.

    Returns:
        Queries, none where nothing can meet the conditions, and the conditions that the frame of
        their points still has to meet.

    Raises:
        CellError: A value is of another kind than its column.
    """
    plan = _Plan()
    for each in where:
        if each.column == layout.time:
            _add_time(plan, layout, each)
        else:
            _add_tag(plan, layout, each)
    if plan.is_empty or plan.start_ms >= plan.stop_ms:
        return [], []
    wanted = [layout.fields[n] for n in columns if n in layout.fields]
    witness = layout.witnesses
    whole = FluxQuery(
        bucket=bucket,
        measurement=layout.table.name,
        start_ms=plan.start_ms,
        stop_ms=plan.stop_ms,
        conditions=tuple(plan.compared),
        fields=tuple(dict.fromkeys([*wanted, *witness, MARKER])),
    )
    return list(_parts(whole, plan.lists)), plan.left


def _parts(whole: FluxQuery, lists: Sequence[OneOf]) -> Iterator[FluxQuery]:
    """The query once for every combination of parts of its lists."""
    for parts in product(*(_chunks(each) for each in lists)):
        yield replace(whole, conditions=(*whole.conditions, *parts))


def _chunks(one_of: OneOf) -> list[OneOf]:
    values = one_of.values
    starts = range(0, len(values), LIST_VALUES)
    return [OneOf(one_of.tag, values[at : at + LIST_VALUES]) for at in starts]


def _add_time(plan: _Plan, layout: Layout, where: Filter) -> None:
    if where.operator == "in":
        listed = cast("list[datetime]", listed_operands(layout.table, where))
        times = sorted({_milliseconds(value) for value in listed})
        times = [each for each in times if START_MS <= each < STOP_MS]
        plan.is_empty |= not times
        if times:
            plan.lists.append(OneOf(TIME, times))
            _narrow(plan, times[0], times[-1] + 1)
        return
    value = cast("datetime | None", operand(layout.table, where))
    if value is None:
        plan.is_empty = True
        return
    at = _milliseconds(value)
    starts = {"=": at, ">=": at, ">": at + 1}.get(where.operator, START_MS)
    stops = {"=": at + 1, "<=": at + 1, "<": at}.get(where.operator, STOP_MS)
    _narrow(plan, starts, stops)


def _narrow(plan: _Plan, start_ms: int, stop_ms: int) -> None:
    plan.start_ms = max(plan.start_ms, start_ms)
    plan.stop_ms = min(plan.stop_ms, stop_ms)


def _milliseconds(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(milliseconds=1)


def _add_tag(plan: _Plan, layout: Layout, where: Filter) -> None:
    kind = layout.table.column(where.column).kind
    tag = layout.tags[where.column]
    if layout.table.column(where.column).absent is not None:
        # Flux would leave out the points that lack the tag.
        plan.left.append(where)
        return
    if where.operator == "in":
        texts = _texts(kind, listed_operands(layout.table, where))
        plan.is_empty |= not texts
        plan.lists.append(OneOf(tag, list(dict.fromkeys(texts))))
        return
    value = operand(layout.table, where)
    if value is None:
        plan.is_empty = True
    elif where.operator == "=" or kind == "instant":
        plan.compared.append(Compared(tag, where.operator, _texts(kind, [value])[0]))
    else:
        plan.left.append(where)


def _texts(kind: Kind, values: Sequence[object]) -> list[str]:
    """Operands as tag values."""
    if kind == "instant":
        values = [_milliseconds(cast("datetime", value)) for value in values]
    return tag_texts(kind, series_of_cells(kind, values)).tolist() if values else []


def meeting(table: Table, frame: pd.DataFrame, left: Sequence[Filter]) -> pd.DataFrame:
    """The rows that meet the conditions that Flux did not check; a missing value meets none.

    Raises:
        CellError: A value is of another kind than its column.
    """
    for each in left:
        frame = frame[_meets(table, frame[each.column], each)]
    return frame


def _meets(table: Table, column: pd.Series, where: Filter) -> NDArray[np.bool_]:
    """Which values meet a condition; `=` with None asks for those that are missing."""
    if where.operator == "in":
        return column.isin(listed_operands(table, where)).to_numpy(dtype="bool")
    value = operand(table, where)
    if value is None:
        missing = column.isna().to_numpy(dtype="bool")
        return missing if where.operator == "=" else np.zeros(len(column), dtype=np.bool_)
    compare = {"=": column.eq, "<": column.lt, "<=": column.le, ">": column.gt, ">=": column.ge}
    return compare[where.operator](cast("Any", value)).to_numpy(dtype="bool", na_value=False)
