"""The document store port: what every adapter can do, and how one is opened from its URL.

Adapters live in `sql_store` and `mongo_store`. Nothing here needs a transaction or server-side
aggregation: repeating a write changes nothing, so a crash is repaired by running again.
"""

from collections.abc import Sequence
from typing import Protocol

import pandas as pd

from resources.tables import Filter, Table


class DocumentStore(Protocol):
    """Tables of rows, identified by their key. One test-suite holds every adapter to it."""

    def ensure(self, tables: Sequence[Table]) -> None:
        """Create what is missing of these tables and indexes; running it again is harmless."""
        ...

    def insert_new(self, table: Table, rows: pd.DataFrame) -> int:
        """Insert the rows whose key is not stored yet; leave stored rows as they are.

        Args:
            table: Where to.
            rows: Any subset of the table's columns that holds the key; absent columns become null.
                A key occurs once.

        Returns:
            How many rows this call inserted. Fewer than `len(rows)` means that some keys were there
            before, or were written by somebody else meanwhile; a row is never stored twice.

        Raises:
            StoreUnavailableError: The store cannot be reached.
        """
        ...

    def upsert(self, table: Table, rows: pd.DataFrame) -> None:
        """Insert rows, or replace the given columns of those whose key is stored.

        Raises:
            StoreUnavailableError: The store cannot be reached.
        """
        ...

    def read(
        self,
        table: Table,
        where: Sequence[Filter] = (),
        *,
        columns: Sequence[str] | None = None,
        order_by: Sequence[str] = (),
        limit: int | None = None,
    ) -> pd.DataFrame:
        """Rows that meet every condition.

        Args:
            table: Where from.
            where: Conditions, all of which hold. An `in` list may have any length.
            columns: Columns wanted; all without it.
            order_by: Column names, descending with a leading `-`. Unordered without it.
            limit: At most that many rows.

        Returns:
            A frame with exactly those columns, in the dtypes of `tables.DTYPES`; no rows is an
            empty frame with the same dtypes.

        Raises:
            StoreUnavailableError: The store cannot be reached: an outage is never "no data".
        """
        ...

    def count(self, table: Table, where: Sequence[Filter] = ()) -> int:
        """How many rows meet every condition."""
        ...

    def close(self) -> None:
        """Give back connections; the store may not be used afterwards."""
        ...
