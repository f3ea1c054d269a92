"""The series store port: points over time, and how one is opened from its URL.

Adapters live in `sql_series` and `influx_store`. A point is identified by its table's key; writing
it again replaces the fields that are given, so a crash is repaired by running again.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import pandas as pd

from resources.errors import StoreUrlError
from resources.tables import Filter, Table

SERIES_STORE_CHOICES: Final = (
    "sqlite:///FILE, postgresql://USER:PASSWORD@HOST/DATABASE, http://HOST:8086 (InfluxDB)"
)
"""The forms of a series store's URL."""


class SeriesStore(Protocol):
    """Tables of points over time. One test-suite holds every adapter to it."""

    def ensure(self, tables: Sequence[Table]) -> None:
        """Make ready for these tables, all of which have a `time_series` layout."""
        ...

    def write(self, table: Table, rows: pd.DataFrame) -> None:
        """Insert points, or replace the given fields of those whose key is stored.

        Args:
            table: Where to.
            rows: Any subset of the table's columns that holds the key; of equal keys the last row
                counts. A missing value leaves the field of the point as it is.

        Raises:
            StoreUnavailableError: The store cannot be reached: points of earlier batches may have
                been written, and writing all of them again does no harm.
        """
        ...

    def read(
        self,
        table: Table,
        where: Sequence[Filter] = (),
        *,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Points that meet every condition, in the order of the table's key.

        Args:
            table: Where from.
            where: Conditions on key columns, all of which hold. An `in` list may have any length.
            columns: Columns wanted; all without it.

        Returns:
            A frame with exactly those columns, in the dtypes of `tables.DTYPES`; no points is an
            empty frame with the same dtypes.

        Raises:
            ValueError: A condition is on a column outside the key.
            StoreUnavailableError: The store cannot be reached: an outage is never "no data".
        """
        ...

    def count(self, table: Table, where: Sequence[Filter] = ()) -> int:
        """How many points meet every condition; unlike in `read`, on any of the table's columns.

        SQL counts where the points are. InfluxDB sends the columns that the conditions are on, so
        name meters and a stretch of time there.

        Raises:
            StoreUnavailableError: The store cannot be reached: an outage is never "no points".
        """
        ...

    def close(self) -> None:
        """Give back connections; the store may not be used afterwards."""
        ...


def open_series_store(url: str, *, options: Mapping[str, str] | None = None) -> SeriesStore:
    """The series store of that URL; nothing is connected before its first use.

    Args:
        url: One of `SERIES_STORE_CHOICES`.
        options: What InfluxDB needs: `token`, `org`, `bucket`.

    Raises:
        StoreUrlError: No adapter understands the URL.
    """
    scheme = url.partition(":")[0]
    if scheme in ("http", "https"):
        from resources.influx_store import open_influx_store

        return open_influx_store(url, options=options or {})
    if scheme.partition("+")[0] in ("sqlite", "postgresql", "postgres"):
        from resources.sql_series import open_sql_series

        return open_sql_series(url)
    raise StoreUrlError(url, SERIES_STORE_CHOICES)
