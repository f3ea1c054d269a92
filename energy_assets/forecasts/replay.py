"""An issued forecast made again from the stores, and where the two differ: nowhere, it should be.

Made again with the version of the program and the libraries that issued it, on the same kind of
machine, a forecast is the same to the bit.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.forecasting.family import Model
from energy_assets.forecasting.naive import BASELINES
from energy_assets.forecasts.flow import ForecastFlow
from energy_assets.forecasts.knowledge import DATA_KNOWN_AT
from resources.tables import Table, empty_frame

GIVEN: Final = ("issued_at", "generated_at", DATA_KNOWN_AT)
"""Columns that a replay is given rather than works out."""

OF_MEANS: Final = ("mean", "predicted_import_kwh")
"""Columns that are not compared where no mean was issued: registers went by medians then."""


@dataclass(frozen=True, kw_only=True)
class IssuedForecast:
    """Which forecast is to be made again.

    Attributes:
        flow: Whose it is, with its stores.
        key: Of the series: a customer reference, or a meter key.
        issued_at: When it was issued, UTC.
    """

    flow: ForecastFlow
    key: str
    issued_at: pd.Timestamp


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A column in which a forecast made again is another.

    Attributes:
        column: Which column.
        rows: In how many rows.
        first: The key of the first of them, as text.
        issued: What was issued there.
        again: What it is now.
        largest: Largest absolute difference of a number; NaN for anything else.
    """

    column: str
    rows: int
    first: str
    issued: object
    again: object
    largest: float = float("nan")

    def __str__(self) -> str:
        """One line for people."""
        return (
            f"{self.column} differs in {self.rows} rows, first at {self.first}: "
            f"{self.issued} was issued, {self.again} is made again"
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Replayed:
    """A forecast made again.

    Attributes:
        rows: Its rows, columns of the flow's table; none where it could not be made.
        differences: Where it is another than was issued.
        problem: Why it could not be made again; empty where it could.
    """

    rows: pd.DataFrame
    differences: Sequence[Difference] = field(default_factory=list[Difference])
    problem: str = ""

    @property
    def is_equal(self) -> bool:
        """Whether it was made again, and is what was issued, to the bit."""
        return not self.problem and not self.differences


class NotIssuedError(LookupError):
    """No forecast was issued at that instant."""

    def __init__(self, question: IssuedForecast) -> None:
        super().__init__(
            f"{question.key}: no forecast was issued at {question.issued_at.isoformat()}. Take "
            f"`issued_at` from a row of {question.flow.forecasts.table.name}."
        )


def replay(question: IssuedForecast) -> Replayed:
    """Make an issued forecast again from what was known, and compare every value.

    Readings are as they were known at the forecast's `data_known_at` (at `issued_at` where rows of
    an earlier version have none): later corrections, and files that were read later, are not used.
    Weather is as it was known at `issued_at`, and the model is the one that the rows name, so
    neither a newer model nor another choice among models matters.

    Of these things the stores keep only the present, so a change of them since shows as a
    difference: which meters are whose, where they are, their interval and whether they are
    registers; zone and country of a location; and the settings (zone, length of the history,
    preferred weather provider). What had been stored of a file that was being read at that very
    instant, and whether a weather answer of that very moment was written in time, cannot be told.

    Raises:
        NotIssuedError: There is no such forecast.
        StoreUnavailableError: A store cannot be reached.
    """
    flow, issued_at = question.flow, question.issued_at
    issued = flow.forecasts.rows({question.key: issued_at})
    if issued.empty:
        raise NotIssuedError(question)
    model_id, noted = str(issued["model_id"].iloc[0]), issued[DATA_KNOWN_AT].iloc[0]
    model, problem = _model(flow, model_id)
    if model is None:
        return Replayed(rows=issued.iloc[:0], problem=f"{question.key}: {problem}")
    known_at = issued_at if pd.isna(noted) else noted
    rows = again(flow, question.key, model, known_at=known_at, issued_at=issued_at)
    if rows.empty:
        problem = f"{question.key}: no reading is stored that was known at {known_at.isoformat()}"
        return Replayed(rows=issued.iloc[:0], problem=problem)
    return Replayed(rows=rows, differences=differences(flow.forecasts.table, issued, rows))


def again(
    flow: ForecastFlow,
    key: str,
    model: Model,
    *,
    known_at: pd.Timestamp,
    issued_at: pd.Timestamp,
) -> pd.DataFrame:
    """The rows that a model issues from what was known.

    Args:
        flow: Whose series.
        key: Which series.
        model: What made the forecast.
        known_at: Readings as they were known then.
        issued_at: Everything else as it was known then.

    Returns:
        Rows of the flow's table; none where no reading of the series was known.
    """
    measured = flow.measured(key, known_at=known_at)
    if measured is None:
        return empty_frame(flow.forecasts.table)
    return flow.predicted(measured, [model], issued_at=issued_at)


def _model(flow: ForecastFlow, model_id: str) -> tuple[Model | None, str]:
    """The model of that name, or why there is none."""
    naive = BASELINES.get(model_id)
    if naive is not None:
        return naive, ""
    try:
        model = flow.model(model_id)
    except ValueError as error:
        return None, f"the model {model_id} cannot be read: {error}"
    return model, "" if model is not None else f"the model {model_id} is not stored any more"


def differences(table: Table, issued: pd.DataFrame, again: pd.DataFrame) -> list[Difference]:
    """Where rows of a forecast table made again differ from those that were issued.

    Args:
        table: Their table; rows are matched by its key.
        issued: Rows of one forecast.
        again: The same, made again.

    Returns:
        One difference a column, floats compared bit by bit but for the sign of zero; none where
        all is equal. Rows of which only one side has a partner are a difference of their key.
    """
    key = [name for name in table.key if name not in GIVEN]
    before, after = (rows.set_index(key).sort_index() for rows in (issued, again))
    found = _unmatched(before.index, after.index)
    without_means = before["mean"].isna().all()
    both = before.index.intersection(after.index)
    for name in table.names:
        if name in key or name in GIVEN or (without_means and name in OF_MEANS):
            continue
        found.extend(_column(name, before.loc[both, name], after.loc[both, name]))
    return found


def _unmatched(before: pd.Index, after: pd.Index) -> list[Difference]:
    gone, new = before.difference(after), after.difference(before)
    if not len(gone) and not len(new):
        return []
    first = _words((gone if len(gone) else new)[0])
    return [
        Difference(
            column="key",
            rows=len(gone) + len(new),
            first=first,
            issued=f"{len(before)} rows",
            again=f"{len(after)} rows",
        )
    ]


def _column(name: str, before: pd.Series, after: pd.Series) -> list[Difference]:
    unknown = (before.isna() & after.isna()).to_numpy(dtype=np.bool_)
    same = (before.array == after.array) | unknown
    odd = ~np.asarray(same, dtype=np.bool_)
    if not odd.any():
        return []
    at = int(np.argmax(odd))
    largest = float("nan")
    if before.dtype.kind == "f":
        gaps = np.abs(before.to_numpy(np.float64)[odd] - after.to_numpy(np.float64)[odd])
        largest = float(np.max(gaps))
    return [
        Difference(
            column=name,
            rows=int(odd.sum()),
            first=_words(before.index[at]),
            issued=before.iloc[at],
            again=after.iloc[at],
            largest=largest,
        )
    ]


def _words(key: Hashable) -> str:
    """The key of a row as people read it."""
    parts = key if isinstance(key, tuple) else (key,)
    return " ".join(str(part) for part in parts)
