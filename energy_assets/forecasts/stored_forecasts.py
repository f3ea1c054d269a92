"""Issued forecasts of any flow in the document store, read by series and time of issue.

Every flow's rows are shown in one shape, `FORECAST_COLUMNS`. Nothing is forecast here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.contracts.columns import QUANTILE_NAMES
from energy_assets.contracts.ledger import Resolution
from energy_assets.forecasts.issued import DAY, Issue, forecast_rows_of
from energy_assets.forecasts.knowledge import DATA_KNOWN_AT
from energy_assets.forecasts.ladder import LATE
from resources.document_store import DocumentStore
from resources.tables import Filter, Table, empty_frame

FORECAST_COLUMNS: Final[tuple[str, ...]] = (
    "series_key",
    "resolution",
    "issued_at",
    "valid_at",
    "value",
    "mean",
    *QUANTILE_NAMES,
    "register",
    "temperature_c",
    "basis",
    "weather",
    "model_id",
    "imputed_share",
    DATA_KNOWN_AT,
)
"""Columns of forecast rows of any flow. `value` is the median; `register` what a cumulative meter
is expected to show at the end of the interval. What a flow does not forecast is NaN, or `none`."""

RESOLUTIONS: Final[tuple[Resolution, ...]] = ("hourly", "daily")
"""Every resolution of forecast rows."""

BATCH_SERIES: Final = 200
"""Series that one query asks about."""

RECENT: Final = pd.Timedelta(days=7)
"""Issues of so long before an instant are read for many series at once; older ones singly."""


def expected_values(rows: pd.DataFrame) -> pd.Series:
    """Expected value of each forecast row; the median of rows from before means were learned.

    Totals are made of these. Medians are too low where use comes in bursts.
    """
    return rows["mean"].astype(float).fillna(rows["value"].astype(float))


@dataclass(frozen=True, kw_only=True)
class StoredForecasts:
    """Every forecast that a flow issued.

    Attributes:
        documents: Where they are.
        table: Their rows.
        marks: The table that is written last: of a forecast that has no row there, some may lack.
        series: Columns that name a series; its key is their values with `/` between them.
        median: Name of the column of the median.
        register: Name of the column of a cumulative register ahead; none without it.
        ends: Name of the column by which rows are indexed in time, ends of intervals; none without.
    """

    documents: DocumentStore
    table: Table
    marks: Table
    series: tuple[str, ...]
    median: str
    register: str | None = None
    ends: str | None = None

    def newest(self, keys: Sequence[str], *, until: pd.Timestamp) -> dict[str, pd.Timestamp]:
        """When the newest forecast of each series was issued, by an instant; others are left out.

        Raises:
            StoreUnavailableError: The store cannot be reached.
        """
        found: dict[str, pd.Timestamp] = {}
        by_then = Filter("issued_at", "<=", until)
        recent = [by_then, Filter("issued_at", ">", until - RECENT)]
        if self.ends is not None and self.marks is self.table:
            # No forecast begins longer before its issue than this.
            recent.append(Filter(self.ends, ">", until - RECENT - LATE))
        columns = [*self.series, "issued_at"]
        for where in self._where(keys):
            rows = self.documents.read(self.marks, [*where, *recent], columns=columns)
            for key, own in rows["issued_at"].groupby(self.keys_of(rows)):
                found[str(key)] = own.max()
        for key in keys:
            if key not in found:
                (where,) = self._where([key])
                rows = self.documents.read(
                    self.marks, [*where, by_then], columns=columns, order_by=["-issued_at"], limit=1
                )
                found |= dict(zip(self.keys_of(rows), rows["issued_at"], strict=True))
        return found

    def rows(self, issues: Mapping[str, pd.Timestamp], table: Table | None = None) -> pd.DataFrame:
        """Rows of some forecasts, columns of the flow's table, by series and time.

        Args:
            issues: When each was issued, by key of its series.
            table: Another table of the flow with rows by series and issue.
        """
        table = table or self.table
        together: dict[pd.Timestamp, list[str]] = {}
        for key, issued_at in issues.items():
            together.setdefault(issued_at, []).append(key)
        rows = joined(
            table,
            [
                self.documents.read(table, [*where, *of, Filter("issued_at", "=", issued_at)])
                for issued_at, keys in together.items()
                for where in self._where(keys)
                for of in _resolutions(table)
            ],
        )
        order = [name for name in table.key if name != "issued_at"]
        return rows.sort_values(order, kind="stable", ignore_index=True)

    def by_series(self, rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
        """Rows of the flow's tables by key of their series."""
        groups = rows.groupby(self.keys_of(rows), sort=False)
        return {str(key): own.reset_index(drop=True) for key, own in groups}

    def keys_of(self, rows: pd.DataFrame) -> pd.Series:
        """Key of the series of each row of the flow's tables."""
        first, *others = (rows[name].astype(str) for name in self.series)
        for other in others:
            first = first + "/" + other
        return first.rename("series_key")

    def plain(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows of the flow's table as every flow shows them, columns `FORECAST_COLUMNS`."""
        names = {self.median: "value"}
        if self.register is not None:
            names[self.register] = "register"
        shown = rows.rename(columns=names)
        lacking = {
            "resolution": "hourly",
            "weather": "none",
            "temperature_c": np.nan,
            "register": np.nan,
        }
        absent = {name: value for name, value in lacking.items() if name not in shown}
        return shown.assign(series_key=self.keys_of(rows), **absent)[list(FORECAST_COLUMNS)]

    def over_after(
        self, keys: Sequence[str], *, ended_after: pd.Timestamp, now: pd.Timestamp, days: int
    ) -> list[Issue]:
        """The forecasts with a lead day that ended after an instant, and perhaps some more.

        Args:
            keys: Of which series.
            ended_after: The instant.
            now: Rows that start later are left out.
            days: How far ahead the flow forecasts. [d]
        """
        when = [
            Filter("issued_at", ">", ended_after - (days + 2) * DAY),
            Filter("valid_at", "<=", now),
        ]
        if self.ends is not None:
            # One that began within the first day of two is read in part only, and ended before.
            when.append(Filter(self.ends, ">", ended_after - 2 * DAY))
        found = [
            self.documents.read(self.table, [*where, *of, *when])
            for where in self._where(keys)
            for of in _resolutions(self.table)
        ]
        rows = self.plain(joined(self.table, found)).sort_values("valid_at", kind="stable")
        return [issue_of(own) for _, own in rows.groupby(["series_key", "issued_at"])]

    def _where(self, keys: Sequence[str]) -> Iterator[list[Filter]]:
        """Conditions that pick series, one list a query."""
        together: dict[tuple[str, ...], list[str]] = {}
        for key in keys:
            *parts, last = key.split("/", len(self.series) - 1)
            together.setdefault(tuple(parts), []).append(last)
        for parts, names in together.items():
            same = [
                Filter(column, "=", part)
                for column, part in zip(self.series[:-1], parts, strict=True)
            ]
            for start in range(0, len(names), BATCH_SERIES):
                batch = names[start : start + BATCH_SERIES]
                yield [*same, Filter(self.series[-1], "in", batch)]


def _resolutions(table: Table) -> list[list[Filter]]:
    """Conditions that read a table along its key, which has the resolution before the issue."""
    if "resolution" not in table.names:
        return [[]]
    return [[Filter("resolution", "=", resolution)] for resolution in RESOLUTIONS]


def joined(table: Table, parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Rows of a table one after the other."""
    filled = [rows for rows in parts if len(rows)]
    return pd.concat(filled, ignore_index=True) if filled else empty_frame(table)


def issue_of(rows: pd.DataFrame) -> Issue:
    """One forecast of one series from its rows in time order, columns `FORECAST_COLUMNS`."""
    return Issue(
        series_key=str(rows["series_key"].iloc[0]),
        issued_at=pd.Timestamp(rows["issued_at"].iloc[0]),
        model_id=str(rows["model_id"].iloc[0]),
        rows={
            resolution: forecast_rows_of(own)
            for resolution in RESOLUTIONS
            if len(own := rows[rows["resolution"] == resolution])
        },
    )
